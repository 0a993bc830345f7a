"""A stored lesson as a page without a kernel, opened from the disk: its stages play, its charts are read, its questions answer."""

import json
import re
import zlib
from base64 import b64decode

import nbformat
import pytest
from playwright.sync_api import expect

from gossipkit.gossip import overlays, spread
from gossipkit.lab import Choice, Panel, Slider, SpreadPlayer, Stage, Toggle, figures, page, widget
from gossipkit.lab.export import LivePage
from gossipkit.sim import Scenario
from gossipkit.systems import Consul

LESSON = "notebooks/00_start_here.ipynb"
KINDS = {"stage", "chart", "panel", "prediction", "verdict", "check"}
NEEDS_A_KERNEL = ("Crash", "Partition", "Undo", "Reset", "30 s more", "Edit as text", "Delete step 1")


def outputs_of(made):
    """What a cell that shows this stores, but for the picture's own bytes."""
    stored = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            widget,
            "display",
            lambda data, metadata=None, raw=False: stored.append(
                nbformat.v4.new_output(
                    "display_data",
                    {face: data[face] for face in data if face != "image/png"},
                    metadata=metadata or {},
                )
            ),
        )
        made._ipython_display_()
    return stored[:1]  # the live view beside it is not stored


@pytest.fixture(scope="module")
def lesson(root, tmp_path_factory):
    """The html of the stored lesson, with a player at its end; nothing is run."""
    notebook = nbformat.read(root / LESSON, as_version=4)
    ring = overlays.ring(12)
    player = SpreadPlayer(ring, spread(12, overlay=ring, fanout=1, seed=1, track=True))
    notebook.cells.append(nbformat.v4.new_code_cell("player", outputs=outputs_of(player)))
    html, _ = LivePage().from_notebook_node(notebook)
    path = tmp_path_factory.mktemp("page") / "lesson.html"
    path.write_text(html, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def opened(browser, lesson):
    """Opens the page, or another one, with such wishes; it reaches nothing but the disk, and no script may fail."""
    contexts, errors = [], []

    def blocked(route):
        local = route.request.url.startswith(("file:", "data:", "blob:"))
        return route.continue_() if local else route.abort()

    def open_page(path=lesson, alive=True, **wishes):
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **wishes})
        contexts.append(context)
        context.route("**/*", blocked)
        found = context.new_page()
        found.on("pageerror", lambda error: errors.append(str(error)))
        found.goto(path.as_uri(), wait_until="domcontentloaded")
        if alive:
            expect(found.locator(".gk-place[data-kind]:not([data-alive])")).to_have_count(0)
        return found

    yield open_page
    for context in contexts:
        context.close()
    # nbconvert's own page asks another host for what it loads
    assert [error for error in errors if "require" not in error and "MathJax" not in error] == []


@pytest.fixture(scope="module")
def live(opened):
    """One page for all tests that leave nothing behind that others meet."""
    return opened()


def stage(found):
    return found.locator(".gk-place[data-kind=stage] .gk-live").first


def inspect(one):
    return one.evaluate("root => root.inspect()")


def go_to(one, at_s):
    one.locator(".gk-scrubber").evaluate(
        "(scrub, t) => { scrub.value = t; scrub.dispatchEvent(new Event('input')); }", at_s * 1e6
    )


def broken():
    """The stage of the lesson, with the steps of its example."""
    example = Scenario([(5, "crash", {"name": "agent-2"})])
    return Stage(Consul, agents=6, servers=3, seed=1, scenario=example)


def test_each_stored_thing_lives_in_its_still_face_s_place(live):
    places = live.locator(".gk-place[data-kind]")
    assert {place.get_attribute("data-kind") for place in places.all()} == KINDS
    for place in places.all():
        expect(place.locator(".gk-still")).to_be_hidden()
        expect(place.locator(".gk").first).to_be_visible()


def test_a_stored_stage_plays_and_stops(live):
    one = stage(live)
    before = inspect(one)["at_s"]
    one.get_by_role("button", name="Play", exact=True).click()
    live.wait_for_function(
        "before => document.querySelector('.gk-live').inspect().at_s > before + 0.3", arg=before
    )
    one.get_by_role("button", name="Stop").click()
    stopped = inspect(one)
    assert not stopped["playing"] and stopped["frames"] > 0


def test_one_moves_along_it_by_keyboard_and_by_pointer(live):
    one = stage(live)
    one.locator(".gk-scrubber").focus()
    live.keyboard.press("Home")
    for _ in range(5):
        live.keyboard.press("ArrowRight")
    assert inspect(one)["at_s"] == pytest.approx(0.25)
    box = one.locator(".gk-lanes").bounding_box()
    live.mouse.click(box["x"] + box["width"] / 2, box["y"] + 20)
    assert inspect(one)["at_s"] == pytest.approx(15, abs=0.1)
    one.get_by_role("button", name="Back to the event before").click()
    assert inspect(one)["at_s"] < 15
    one.get_by_label("Speed").select_option("3")


def test_a_node_tells_what_it_knows_by_pointer_and_by_keyboard(live):
    one = stage(live)
    go_to(one, 12)
    nodes, card = one.locator(".gk-nodes button"), one.locator(".gk-node-card")
    nodes.nth(5).click()
    expect(card).to_contain_text("As of 12.00 s")
    card.locator("summary").get_by_text("What it believes").click()
    found = card.get_by_role("group", name="What it believes").locator("tbody tr")
    told = [row.locator("th, td").all_inner_texts() for row in found.all()]
    kernels = {each["title"]: each for each in broken().ask("agent-3", 12.0)}
    assert told == [row for row in kernels["What it believes"]["rows"] if row[0] != "agent-3"]
    assert len(told) == 8
    card.get_by_role("button", name="Close").click()
    live.keyboard.press("Home")
    live.keyboard.press("Enter")
    expect(card.locator("h4")).to_have_text("server-1")
    expect(card).to_contain_text("Messages under way")
    expect(card).to_contain_text("run the notebook to see them")
    card.get_by_role("button", name="Close").click()


def test_a_message_tells_what_it_was(live):
    one = stage(live)
    go_to(one, 12)
    one.scroll_into_view_if_needed()

    def free(drawn):
        return [
            each
            for each in drawn
            if not any(each["at"] == other["at"] for other in drawn if other is not each)
        ]

    at_s = 12.0
    while not (under_way := free(inspect(one)["drawn"])):
        at_s += 0.05
        go_to(one, at_s)
    names = one.locator(".gk-nodes button").evaluate_all("nodes => nodes.map(node => node.dataset.name)")
    said = one.locator(".gk-said")
    box = one.locator(".gk-field").bounding_box()
    for each in under_way:
        x, y = each["at"]
        live.mouse.click(box["x"] + x, box["y"] + y)
        if re.match(rf"{names[each['from']]} to {names[each['to']]}: ", said.inner_text()):
            break
    expect(said).to_have_text(
        re.compile(
            rf"{names[each['from']]} to {names[each['to']]}: .+, sent at 1[12]\.\d+ s, arrived after 0\.\d+ s\."
        )
    )


def test_what_needs_a_kernel_is_not_offered_and_it_is_said(live):
    one = stage(live)
    expect(one.locator(".gk-notes")).to_contain_text(
        "Run the notebook to break it or to move its sliders (here "
    )
    one.locator("summary").get_by_text("Steps of the scenario").click()
    for name in NEEDS_A_KERNEL:
        expect(one.get_by_role("button", name=name, exact=True)).to_have_count(0)
    first, other = (one.locator(".gk-nodes button").nth(at).bounding_box() for at in (0, 5))
    live.mouse.move(first["x"] + 10, first["y"] + 10)
    live.mouse.down()
    live.mouse.move(other["x"] + 10, other["y"] + 10, steps=4)
    live.mouse.up()
    expect(one.locator(".gk-error:visible")).to_have_count(0)
    panel = live.locator(".gk-place[data-kind=panel]").first
    expect(panel).to_contain_text("Run the notebook to set the rest.")


def test_a_panel_without_other_settings_holds_its_controls(opened, lesson, tmp_path):
    html = lesson.read_text(encoding="utf-8")
    squares = Panel(
        "Squares",
        run=lambda high, odd, kind: {"x²": [x * x for x in range(odd, high + 1)]},
        draw=lambda run: figures.curves(run, title="Squares"),
        controls=[Slider("high", 1, 9, 1, value=3), Toggle("odd", True), Choice("kind", ["one", "two"])],
    )
    (output,) = outputs_of(squares)
    path = tmp_path / "held.html"
    path.write_text(html.replace("</main>", f"{page.place(output)}</main>", 1), encoding="utf-8")
    panel = opened(path).locator(".gk-panel").last
    expect(panel).to_contain_text("Run the notebook to move the controls.")
    inputs = panel.locator(".gk-controls").locator("input, select")
    assert [each.is_disabled() for each in inputs.all()] == [True] * 3
    expect(panel.locator(".gk-value").first).to_have_text("3")
    expect(panel.get_by_role("button", name="Reset")).to_be_hidden()


def test_a_panel_s_controls_go_where_it_was_stored_one_at_a_time(opened):
    found = opened()
    panel = found.locator(".gk-place[data-kind=panel] .gk-panel").first
    fanout, loss, churn = panel.get_by_role("slider").all()
    shown = panel.locator(".gk-value").all_inner_texts
    start, numbers = shown(), panel.locator(".gk-summary").inner_text()
    loss.focus()
    found.keyboard.press("ArrowRight")
    lossy = shown()
    assert lossy[0] == start[0] and lossy[1].startswith("0.9 ") and lossy[2] == start[2]
    assert panel.locator(".gk-summary").inner_text() != numbers
    expect(panel.locator(".gk-earlier")).to_contain_text(f"Loss: {start[1]}")
    # the next control begins at the start
    fanout.focus()
    found.keyboard.press("End")
    assert shown()[0] != start[0] and shown()[1:] == start[1:]
    panel.get_by_role("button", name="Reset").click()
    assert shown() == start and panel.locator(".gk-summary").inner_text() == numbers
    assert churn.get_attribute("max") == "1"


def test_two_stages_stand_beside_each_other_with_one_time(live):
    pair = live.locator(".gk-pair .gk-live")
    expect(pair).to_have_count(2)
    one, other = pair.all()
    go_to(one, 7)
    live.wait_for_function(
        "() => [...document.querySelectorAll('.gk-pair .gk-live')].every(each => Math.abs(each.inspect().at_s - 7) < 0.01)"
    )
    assert one.bounding_box()["y"] == other.bounding_box()["y"]


def test_a_chart_is_read_by_keyboard_by_pointer_and_as_a_table(live):
    chart = live.locator(".gk-place[data-kind=panel] .gk-chart").first
    board, readout = chart.locator(".gk-board"), chart.locator(".gk-readout")
    board.focus()
    live.keyboard.press("ArrowRight")
    live.keyboard.press("ArrowRight")
    first = readout.inner_text()
    assert first.startswith("round ") and re.search(r"\d %", first)
    box = board.bounding_box()
    live.mouse.move(box["x"] + box["width"] * 0.7, box["y"] + box["height"] / 2)
    assert readout.inner_text() != first
    alone = live.locator(".gk-place[data-kind=chart]").first
    alone.locator(".gk summary").click()
    expect(alone.locator(".gk table")).to_be_visible()


def test_a_spread_is_watched_round_by_round(live):
    player = live.locator(".gk-player")
    player.get_by_role("button", name="One round on").click()
    expect(player.locator(".gk-status")).to_contain_text("round 1: 2 of 12 informed")
    player.get_by_label("Speed").select_option("fast")
    player.get_by_role("button", name="Play").click()
    expect(player.locator(".gk-status")).to_contain_text("12 of 12 informed", timeout=30_000)


def test_a_question_is_answered_and_a_bet_meets_its_run(opened):
    found = opened()
    check = found.locator(".gk-check").first
    check.get_by_role("button", name="Check").click()
    expect(check.locator(".gk-error")).to_have_text("Choose an option first.")
    verdict, options = check.locator(".gk-verdict"), check.get_by_role("radio")
    said = set()
    for option in options.all():
        option.check()
        check.get_by_role("button", name="Check").click()
        expect(verdict).not_to_be_empty()
        said.add(verdict.inner_text())
    assert said == {"Right.", "Not this one."}
    run = found.locator(".gk-verdict-box")
    expect(run).to_contain_text("Place your bet above")
    bet = found.locator(".gk-prediction")
    bet.get_by_role("spinbutton").fill("12")
    bet.get_by_role("button", name="Lock in").click()
    expect(bet.locator(".gk-status")).to_contain_text("Your bet: 12 rounds.")
    expect(run).to_contain_text(re.compile(r"You predicted 12 rounds; the run gave \d+ rounds?\."))
    expect(run.get_by_role("button")).to_be_hidden()


def test_without_a_bet_the_run_s_number_is_shown_on_demand(live):
    run = live.locator(".gk-verdict-box")
    run.get_by_role("button", name="Show it without a bet").click()
    expect(run).to_contain_text(re.compile(r"^The run gave \d+ rounds?\."))


THEME = "dark => { document.body.style.background = dark ? '#101214' : '#fff'; document.body.dataset.theme = dark; }"


def test_it_follows_the_page_s_theme_fits_a_phone_and_axe_finds_nothing(opened, axe):
    found = opened()
    stage(found).locator(".gk-nodes button").nth(3).click()
    expect(stage(found).locator(".gk-node-card")).to_contain_text("As of")
    for part in found.locator(".gk-place .gk summary").all():
        part.click()
    # the whole page follows: nbconvert's own ground lies between
    found.add_style_tag(content="main, main *:not(.gk-place *) { background: none !important }")
    for dark in (False, True):
        found.evaluate(THEME, dark)
        expect(
            found.locator(f".gk-place[data-jp-theme-light={json.dumps(str(not dark).lower())}]").first
        ).to_be_visible()
        ground = stage(found).evaluate("root => getComputedStyle(root).backgroundColor")
        assert (int(re.findall(r"\d+", ground)[0]) < 128) == dark
        assert axe(found, ".gk-place") == []
    found.set_viewport_size({"width": 360, "height": 900})
    expect(found.locator(".gk-pair .gk-live").first).to_have_css("width", re.compile(r"^[23]\d\d(\.|px)"))
    assert found.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_without_a_script_the_still_faces_stand(opened):
    found = opened(alive=False, java_script_enabled=False)
    for still in found.locator(".gk-place[data-kind] .gk-still").all():
        expect(still).to_be_visible()
    expect(found.locator(".gk-place[data-kind] .gk")).to_have_count(0)
    expect(found.locator(".gk-place img").first).to_be_visible()


def test_what_cannot_be_read_keeps_its_still_face_and_the_rest_lives(opened, lesson, tmp_path):
    html = lesson.read_text(encoding="utf-8")
    broken = tmp_path / "broken.html"
    broken.write_text(
        html.replace('<script type="application/gossipkit">', '<script type="application/gossipkit">?', 1)
    )
    found = opened(broken, alive=False)
    expect(found.locator(".gk-place[data-kind]:not([data-alive])")).to_have_count(1)
    expect(found.locator(".gk-place[data-kind]").first.locator(".gk-still")).to_be_visible()
    expect(found.locator(".gk-place[data-kind]").first.locator(".gk")).to_have_count(0)


def test_on_paper_a_chart_is_its_picture(opened):
    found = opened()
    found.emulate_media(media="print")
    chart = found.locator(".gk-place[data-kind=chart]").first
    expect(chart.get_by_role("img", include_hidden=False).first).to_be_visible()
    expect(chart.locator(".gk-still")).to_be_visible()
    expect(chart.locator(".gk-alone")).to_be_hidden()
    expect(found.locator(".gk-place[data-kind=panel] .gk-still").first).to_be_hidden()


def test_the_stored_lesson_holds_what_its_stage_recorded(root):
    notebook = nbformat.read(root / LESSON, as_version=4)
    (cell,) = (cell for cell in notebook.cells if cell.id == "see-stage")
    (view,) = cell.outputs[0].metadata["gossipkit"]["views"]
    stage = broken()
    whole = zlib.decompress(b64decode(view))
    length = int.from_bytes(whole[:4], "little")
    assert whole[4 + length :] == stage.data
    assert json.loads(whole[4 : 4 + length]) == json.loads(json.dumps(stage.recorded()[0]))
    assert page.place(cell.outputs[1]) == ""
