"""The first lesson as a student meets it: opened in JupyterLab, run, and used with the keyboard alone."""

from playwright.sync_api import expect


def test_the_first_lesson_is_used_by_keyboard(lab, page):
    lab.run(page, "notebooks/00_start_here.ipynb")
    assert page.locator(".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.stderr']").count() == 0

    panel = page.get_by_role("group", name="A rumour among 60 members")
    fanout = panel.get_by_role("slider", name="Fanout")
    picture, numbers = panel.get_by_role("img"), panel.locator(".gk-summary")
    lines = picture.locator("path[data-of$=line][clip-path]")
    seen = picture.get_attribute("aria-label"), numbers.inner_text(), lines.last.get_attribute("d")
    fanout.focus()
    page.keyboard.press("ArrowRight")
    expect(fanout).to_have_attribute("aria-valuetext", "3 members told per round")
    expect(picture).not_to_have_attribute("aria-label", seen[0])
    expect(numbers).not_to_have_text(seen[1])
    expect(lines.last).not_to_have_attribute("d", seen[2])
    assert picture.evaluate("image => image.clientWidth") > 600

    # the setting before stays, faint, until it is cleared; values are read by keyboard
    expect(panel.get_by_role("button", name="Pin 1 Fanout: 2 members told per round")).to_have_count(1)
    expect(lines).to_have_count(2)
    panel.get_by_role("group", name="Chart").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(panel.locator(".gk-readout")).to_contain_text("earlier 1 share informed")
    panel.get_by_role("button", name="Clear").click()
    expect(lines).to_have_count(1)
    expect(panel.get_by_role("group", name="Chart")).to_be_focused()

    check = page.get_by_role("group", name="A colleague says")
    options = check.get_by_role("radio")
    options.first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")  # to the third option, which is wrong
    expect(options.nth(2)).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    check_widget = page.locator(".gk-check", has=check)
    expect(check_widget.locator(".gk-verdict")).to_have_text("Not this one.")
    expect(check_widget.get_by_role("button", name="Check")).to_be_focused()
    # only the wrong choice is explained
    expect(check.locator(".gk-why strong")).to_have_count(1)

    page.keyboard.press("Enter")  # the same answer once more is answered once more
    expect(check_widget.locator(".gk-verdict")).to_have_text("Not this one.")
    options.first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")  # to the second, which is right
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(check_widget.locator(".gk-verdict")).to_have_text("Right.")
    expect(check).to_contain_text("This separates the job from the machinery around it")
