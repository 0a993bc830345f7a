"""The charts in the browser: their logic under Node and in a browser, and the page that comes of it."""

import json
import re
import runpy
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import expect

from gossipkit.lab import figures, style, widget
from gossipkit.lab.layout import Drawing

HERE = Path(__file__).parent
CASES = (HERE / "chart_cases.js").read_text(encoding="utf-8")
COURSE = runpy.run_path(str(HERE / "test_faces.py"))
CODE = style.javascript() + widget.script("dom.js", "layout.js", "chart.js")
DARK = "--jp-layout-color1: #111; --jp-ui-font-color0: #eee; --jp-border-color2: #444"


@pytest.mark.skipif(not shutil.which("node"), reason="the charts' JavaScript under Node: install node")
def test_the_cases_hold_under_node(tmp_path):
    runner = tmp_path / "cases.test.mjs"
    runner.write_text(
        f'import test from "node:test";\n{CODE}\n{CASES}\nfor (const [name, run] of CASES) test(name, run);\n',
        encoding="utf-8",
    )
    done = subprocess.run(["node", "--test", str(runner)], capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout[-5000:]
    passed = re.search(r"pass (\d+)", done.stdout)
    assert passed and int(passed[1]) >= CASES.count("\n  [")


def test_the_cases_hold_in_a_browser(browser):
    page = browser.new_page()
    failed = page.evaluate(
        f"""() => {{ {CODE}\n{CASES}
        return CASES.flatMap(([name, run]) => {{
            try {{ run(); return []; }} catch (error) {{ return [`${{name}}: ${{error.message}}`]; }}
        }}); }}"""
    )
    page.close()
    assert failed == []


@pytest.fixture(scope="module")
def board(browser):
    """A page on which charts are shown one after the other, in the lab's style; it remembers errors."""
    page = browser.new_page(viewport={"width": 900, "height": 900})
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.set_content(
        f"<style>{widget.LabWidget._css}</style><main class='gk' style='width: 760px; padding: 0; border: 0'></main>"
    )
    page.add_script_tag(
        content=f"{CODE}\nconst fresh = () => {{ window.live?.stop(); window.live = makeChart();"
        " document.querySelector('main').replaceChildren(window.live.element); };"
    )
    yield page
    assert errors == []
    page.close()


def show(page, chart, setting=(("Fanout", "2"),), afresh=True):
    page.evaluate(
        "([chart, alt, setting, afresh]) => { if (afresh) fresh(); live.show(chart, alt, setting); }",
        [chart.describe(), chart.alt, setting, afresh],
    )
    page.wait_for_function("() => document.querySelector('main svg').childElementCount > 1")


@pytest.mark.parametrize("name", sorted(COURSE["FIGURES"]))
def test_every_figure_of_the_course_is_drawn_in_the_browser(board, name):
    chart = COURSE["draw"](name)
    show(board, chart)
    width = board.evaluate("() => Number(document.querySelector('main svg').getAttribute('width'))")
    texts = board.evaluate(
        "() => [...document.querySelectorAll('main svg text')].map((each) => each.textContent)"
    )
    asked = list(needed(chart, width))
    measured = board.evaluate(
        """(asked) => {
            const measure = textWidth(getComputedStyle(live.element).fontFamily);
            return asked.map(([text, size, bold]) => measure(text, size, bold));
        }""",
        asked,
    )
    sizes = dict(zip(asked, measured, strict=True))
    drawing = Drawing(chart.describe(), width, lambda text, size, bold: sizes[text, size, bold])
    words = [shape["text"] for shape in drawing.shapes if shape["shape"] == "words"]
    assert texts == words
    kinds = board.evaluate(
        "() => [...document.querySelectorAll('main svg [data-of]')].map((each) => each.dataset.of)"
    )
    assert kinds == [shape["of"] for shape in drawing.shapes]
    assert board.get_by_role("img").get_attribute("aria-label") == chart.alt
    for line in chart.note:
        expect(board.locator(".gk-note")).to_contain_text(line)


def needed(chart, width):
    """The texts whose width a layout asks for."""
    asked = set()

    def measure(text, size, bold):
        asked.add((text, size, bold))
        return len(text) * size * 0.55

    for rough in (width, width * 0.9):
        Drawing(chart.describe(), rough, measure)
    return asked


def test_what_a_label_holds_is_text_and_never_markup(board):
    label = '<img src=x onerror="window.bad = 1"> & "more"'
    chart = figures.curves({label: [1, 2]}, title=label, x=label, y=label)
    show(board, chart, setting=((label, label),))
    assert board.locator("main img[src]").count() == 0 and board.evaluate("() => window.bad") is None
    assert label in board.locator("main svg").text_content()


def test_values_are_read_and_spoken_by_key_and_shown_to_the_pointer(board):
    show(board, figures.curves({"copies": [1, 4, 9]}, title="Squares", x="round", y="copies"))
    readout = board.locator(".gk-readout")
    board.locator(".gk-board").focus()
    board.keyboard.press("End")
    board.keyboard.press("End")
    expect(readout).to_have_text("round 2: copies 9")
    expect(readout).to_have_attribute("aria-live", "polite")
    place = board.locator("main svg").bounding_box()
    board.mouse.move(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    expect(readout).to_have_text("round 1: copies 4")
    expect(readout).to_have_attribute("aria-live", "off")
    assert board.locator(".gk-cursor").get_attribute("d")


def test_earlier_settings_stay_until_they_are_cleared(board):
    for fanout in (2, 3, 4):
        chart = figures.curves({"copies": [1, fanout, fanout**2]}, title="Copies")
        show(board, chart, setting=(("Fanout", str(fanout)),), afresh=fanout == 2)
    lines = board.locator("main svg path[data-of$=line][clip-path]")
    expect(lines).to_have_count(3)
    expect(board.locator(".gk-ghost")).to_have_text(["1  Fanout: 3Pin", "2  Fanout: 2Pin"])
    pin = board.get_by_role("button", name="Pin 2 Fanout: 2")
    pin.click()
    expect(pin).to_have_attribute("aria-pressed", "true")
    board.get_by_role("button", name="Clear").click()
    expect(lines).to_have_count(1)
    expect(board.locator(".gk-ghost")).to_have_count(0)


def test_a_chart_follows_width_and_keeps_the_size_of_its_labels(board):
    show(board, COURSE["draw"]("epidemic"))

    def seen():
        return board.evaluate(
            """() => { const svg = document.querySelector('main svg');
            return [svg.clientWidth, svg.clientHeight, getComputedStyle(svg.querySelector('text')).fontSize]; }"""
        )

    wide = seen()
    board.evaluate("() => { document.querySelector('main').style.width = '320px'; }")
    board.wait_for_function("() => document.querySelector('main svg').clientWidth === 320")
    narrow = seen()
    board.evaluate("() => { document.querySelector('main').style.width = '760px'; }")
    assert wide[0] == 760 and narrow[1] > wide[1] and narrow[2] == wide[2] == "13px"


def test_a_chart_scrolls_on_a_page_that_is_narrower_than_its_narrowest(board):
    show(board, replace(figures.three_parts(), narrowest=700))
    board.evaluate("() => { document.querySelector('main').style.width = '320px'; }")
    board.wait_for_function("() => document.querySelector('.gk-board').clientWidth === 320")
    assert board.evaluate("() => document.querySelector('.gk-board').scrollWidth") >= 700
    show(board, figures.three_parts())
    assert board.evaluate("() => document.querySelector('.gk-board').scrollWidth") == 320
    board.evaluate("() => { document.querySelector('main').style.width = '760px'; }")


def test_colours_follow_the_theme_and_forced_colours(board):
    show(board, COURSE["draw"]("spread_curves"))
    colour = "() => getComputedStyle(document.querySelector('main svg path[data-of=axis]')).stroke"
    light = board.evaluate(colour)
    board.evaluate(
        "(dark) => { document.body.dataset.jpThemeLight = 'false'; document.body.style = dark; }", DARK
    )
    dark = board.evaluate(colour)
    board.emulate_media(forced_colors="active")
    forced = board.evaluate(colour)
    board.emulate_media(forced_colors="none")
    board.evaluate("() => { delete document.body.dataset.jpThemeLight; document.body.style = ''; }")
    assert (light, dark, forced) == ("rgb(31, 41, 51)", "rgb(228, 231, 235)", "rgb(0, 0, 0)")


def test_nothing_moves_by_itself(board):
    show(board, COURSE["draw"]("epidemic"))
    assert board.evaluate("() => document.getAnimations().length") == 0


def test_the_page_s_colours_and_shapes_are_those_of_the_stored_picture(board):
    look = board.evaluate("() => LOOK")
    assert look == json.loads(style.javascript().removeprefix("const LOOK = ").rstrip(";\n"))
    root = "() => getComputedStyle(document.querySelector('main')).getPropertyValue('--gk-%d').trim()"
    assert [board.evaluate(root % number) for number in range(8)] == [each.colour for each in style.STYLES]
