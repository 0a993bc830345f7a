"""What students run into: an interrupt, a lost kernel, a busy one, the same answer twice, a lesson opened again."""

import nbformat
import psutil
import pytest
from playwright.sync_api import expect

CELLS = (
    "import os, time\nfrom gossipkit.lab import KnowledgeCheck, Panel, Prediction, Slider, Stage, figures\n"
    "from gossipkit.systems import Dynamo",
    "def run(high):\n    if high == 7:\n        time.sleep(20)\n"
    "    return {'x²': [x * x for x in range(high + 1)]}\n\n"
    "Panel('Squares', run=run, draw=lambda run: figures.curves(run, title='Squares'),\n"
    "      controls=[Slider('high', 1, 9, 1, value=3)])",
    "KnowledgeCheck('01_epidemic_spread', 'growth')",
    "Prediction('How many rounds?', low=1, high=60, unit='rounds')",
    "stage = Stage(Dynamo, nodes=6, seed=1)\nstage",
)
AGAIN = "was restarted or shut down: run th"
KERNEL = "window.jupyterapp.shell.currentWidget.sessionContext.session.kernel"


class Lesson:
    """A notebook with one of each, open."""

    def __init__(self, jupyter, page):
        self.jupyter, self.page = jupyter, page
        self.notebook = jupyter.write("notebooks/alive.ipynb", *CELLS, heading="# A lesson\n\n## Its stage")
        jupyter.open(page, self.notebook)
        self.panel, self.check = page.locator(".gk-panel").first, page.locator(".gk-check")
        self.bet, self.stage = page.locator(".gk-prediction"), page.locator(".gk-live")

    def run(self):
        """Make each thing anew, so that nothing is left of what was done to it."""
        self.page.keyboard.press("Escape")  # that its kernel died is said in a dialog
        self.page.wait_for_function(f"() => {KERNEL}.status === 'idle'", timeout=60_000)
        self.jupyter.again(self.page)
        expect(self.stage.locator(".gk-nodes button").first).to_be_visible()

    def move(self, position):
        """Put the panel's slider there."""
        slider = self.panel.get_by_role("slider")
        slider.evaluate(
            "(input, value) => { input.value = value; for (const name of ['input', 'change']) input.dispatchEvent(new Event(name, { bubbles: true })); }",
            position - 1,
        )

    def answered(self):
        """Answer the check with its third option, which is wrong."""
        self.check.get_by_role("radio").nth(2).check()
        self.check.get_by_role("button", name="Check").click()


# what happens between a widget and its kernel is the same code in both: Notebook 7 is tried where the page itself takes part
IN_LAB = pytest.mark.parametrize("jupyter", ["lab/tree"], indirect=True)


@pytest.fixture(scope="module")
def opened(jupyter, shared):
    """All tests share it: each would load a page, start a kernel and import the course."""
    return Lesson(jupyter, shared)


@pytest.fixture
def lesson(opened):
    opened.run()
    return opened


@IN_LAB
def test_the_same_answer_is_told_again(lesson):
    for _ in range(2):
        lesson.answered()
        expect(lesson.check.locator(".gk-verdict")).to_have_text("Not this one.")
        expect(lesson.check.locator(".gk-why strong")).to_have_count(1)
        lesson.check.get_by_role("button", name="Try again").click()
        expect(lesson.check.locator(".gk-verdict")).to_be_empty()


@pytest.fixture
def late(opened):
    """The same where the page is so busy that no model starts within the time that anywidget gives it."""
    opened.page.evaluate(
        """() => {
            const timeout = AbortSignal.timeout;
            window.late = 0;
            window.inTime = () => { AbortSignal.timeout = timeout; };
            AbortSignal.timeout = (ms) => {
                if (ms !== 2000) return timeout.call(AbortSignal, ms);
                const late = new AbortController();
                setTimeout(() => { window.late += 1; late.abort(); });
                return late.signal;
            };
        }"""
    )
    opened.run()
    assert opened.page.evaluate("() => window.late") >= 4
    yield opened
    opened.page.evaluate("() => window.inTime()")


@IN_LAB
def test_who_started_late_is_answered_all_the_same(late):
    late.answered()
    expect(late.check.locator(".gk-verdict")).to_have_text("Not this one.")
    late.move(5)
    expect(late.panel.locator(".gk-summary")).to_contain_text("25")
    late.stage.get_by_role("button", name="Heal", exact=True).click()
    expect(late.stage.locator("summary").filter(has_text="Steps of the scenario (1)")).to_have_count(1)


@IN_LAB
def test_after_an_interrupt_the_next_move_works(lesson):
    lesson.move(7)
    expect(lesson.panel.locator(".gk-busy")).to_have_text("The kernel is working …")
    lesson.page.evaluate(f"() => {KERNEL}.interrupt()")
    expect(lesson.panel.locator(".gk-error")).to_contain_text("The kernel was interrupted", timeout=10_000)
    expect(lesson.panel.locator(".gk-busy")).to_be_empty()
    lesson.move(2)
    expect(lesson.panel.locator(".gk-error")).to_be_empty()
    expect(lesson.panel.locator(".gk-summary")).to_contain_text("4")


def test_a_restarted_kernel_is_said_by_each_thing_and_the_cell_run_again_lives(lesson):
    page = lesson.page
    page.evaluate(f"() => {KERNEL}.restart()")
    lesson.move(5)
    expect(lesson.panel.locator(".gk-busy")).to_contain_text(AGAIN, timeout=15_000)
    lesson.answered()
    expect(lesson.check.locator(".gk-busy")).to_contain_text(AGAIN)
    lesson.bet.locator("input[type=number]").fill("9")
    lesson.bet.get_by_role("button", name="Lock in").click()
    expect(lesson.bet.locator(".gk-status")).to_contain_text(AGAIN)
    # a stage doesn't wait to be asked
    expect(lesson.stage.locator(".gk-error").first).to_contain_text(AGAIN)
    heal = lesson.stage.get_by_role("button", name="Heal", exact=True)
    expect(heal).to_have_attribute("aria-disabled", "true")
    lesson.jupyter.again(page)
    lesson.move(5)
    expect(page.locator(".gk-panel .gk-summary").first).to_contain_text("25")
    page.locator(".gk-live").get_by_role("button", name="Heal", exact=True).click()
    expect(page.locator(".gk-live summary").filter(has_text="Steps of the scenario (1)")).to_have_count(1)


@IN_LAB
def test_a_kernel_that_is_busy_with_another_cell_is_said_to_everybody(lesson):
    lesson.page.evaluate(f"() => {{ {KERNEL}.requestExecute({{ code: 'time.sleep(6)' }}); }}")
    lesson.move(4)
    lesson.stage.get_by_role("button", name="Heal", exact=True).click()
    # messages to widgets may be handled beside the cell: then the new numbers come at once
    expect(lesson.panel.locator(".gk-busy").or_(lesson.panel.locator(".gk-summary"))).not_to_have_text(
        [""], timeout=3000
    )
    expect(lesson.panel.locator(".gk-summary")).to_contain_text("16", timeout=20_000)
    expect(lesson.panel.locator(".gk-busy")).to_be_empty()
    expect(lesson.stage.locator("summary").filter(has_text="Steps of the scenario (1)")).to_have_count(1)


IN_NOTEBOOK_7 = pytest.mark.parametrize("jupyter", ["notebooks"], indirect=True)


# in JupyterLab axe looks at more things, in test_axe.py
@IN_NOTEBOOK_7
def test_axe_finds_nothing(lesson, axe):
    things = (".gk-panel", ".gk-check", ".gk-prediction", ".gk-live")
    for thing in things:
        expect(lesson.page.locator(thing)).to_have_count(1)
    assert axe(lesson.page, *things) == []


# in JupyterLab a chart that is opened again is looked at in test_chart.py
@IN_NOTEBOOK_7
def test_a_lesson_that_is_opened_again_shows_what_lies_in_its_file(lesson):
    page = lesson.page
    page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    page.wait_for_timeout(1000)
    page.evaluate("async () => { await window.jupyterapp.shell.currentWidget.sessionContext.shutdown(); }")
    lesson.jupyter.open(page, lesson.notebook)
    still = page.locator(".gk-still")
    expect(still).to_have_count(4)
    for face in still.all():
        expect(face).to_be_visible()
        expect(face).to_contain_text("Run the")  # cell or notebook, to make it live
    expect(page.get_by_text("Error displaying widget")).to_have_count(0)
    expect(page.get_by_text("model not found")).to_have_count(0)
    stored = nbformat.read(lesson.jupyter.course / lesson.notebook, 4)
    assert "widgets" not in stored.metadata


@IN_LAB
def test_a_kernel_that_dies_under_a_run_is_said(lesson):
    process = int(lesson.jupyter.told(lesson.page, "print(os.getpid())"))
    lesson.move(7)
    expect(lesson.panel.locator(".gk-busy")).to_have_text("The kernel is working …")
    psutil.Process(process).kill()
    expect(lesson.panel.locator(".gk-busy")).to_contain_text("run th", timeout=30_000)
