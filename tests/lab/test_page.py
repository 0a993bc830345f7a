"""Outputs of stored notebooks on a page without a kernel: the html of each, and what it is judged by there."""

import itertools
import json
import random
import re
import shutil
import subprocess
import zlib
from base64 import b64decode

import nbformat
import pytest

from gossipkit.gossip import disseminate
from gossipkit.lab import KnowledgeCheck, Panel, Prediction, Stage, figures, page, questions, stored
from gossipkit.lab.export import LivePage
from gossipkit.lab.live import LiveChart
from gossipkit.lab.widget import LabWidget, script
from gossipkit.progress import LESSONS

CHECKS = [(lesson, name) for lesson in LESSONS for name in questions.names(lesson)]
MOST_ANSWERS = 30  # of a question


def shown(data, metadata=None):
    return nbformat.v4.new_output("display_data", data, metadata=metadata or {})


LIVE = {"text/html": '<div class="gk-still">here</div>', "text/plain": "here"}


def test_what_is_not_ours_is_left_to_its_own_faces():
    assert page.place(shown({"text/html": "<p>x</p>", "text/plain": "x"})) is None
    assert page.place(nbformat.v4.new_output("stream", text="x")) is None
    assert page.place(nbformat.v4.new_output("error", ename="E", evalue="x", traceback=[])) is None
    # a later version's kind, and a notebook stored before there were any
    assert page.place(shown(LIVE, {"gossipkit": {"kind": "hologram", "views": ["x"]}})) is None
    assert page.place(shown(LIVE)) is None


@pytest.mark.parametrize("nothing", ["", [""], []])
def test_what_is_left_of_a_live_view_is_not_shown(nothing):
    assert page.place({"output_type": "display_data", "data": {"text/plain": nothing}, "metadata": {}}) == ""


def test_a_place_holds_the_still_face_and_each_view():
    kept = stored.metadata("stage", ({"a": 1}, b"x"), ({"a": 2}, b"y"))
    html = page.place(shown(LIVE, kept))
    # a notebook's JSON has its texts in lines
    assert (
        page.place({"data": {"text/html": ['<div class="gk-still">', "here</div>"]}, "metadata": kept})
        == html
    )
    assert html.startswith('<div class="gk-place" data-kind="stage"><div class="gk-still">here</div>')
    assert (
        re.findall(r'<script type="application/gossipkit">(.*?)</script>', html) == kept["gossipkit"]["views"]
    )
    assert len(kept["gossipkit"]["views"]) == 2


def test_a_lab_question_follows_the_page_s_theme_too(root):
    notebook = nbformat.read(root / "notebooks/00_start_here.ipynb", as_version=4)
    (asked,) = (cell.outputs[-1] for cell in notebook.cells if "LabQuestion(" in cell.source)
    html = asked.data["text/html"]
    assert "<details>" in html and page.place(asked) == f'<div class="gk-place">{html}</div>'


def test_each_thing_that_stores_its_state_has_its_script():
    def below(kind):
        return {kind}.union(*map(below, kind.__subclasses__()))

    kinds = {
        made.page_kind: made
        for made in below(LabWidget)
        if made.page_kind and made.__module__.startswith("gossipkit")
    }
    assert set(kinds) == set(page.SCRIPTS) and {"chart", "panel", "stage", "check"} <= set(kinds)
    code = page.files()["gossipkit-live.js"]
    for kind in kinds:
        assert f"\n{kind}: () => {{" in code.replace("const KINDS = {", "")


def test_the_files_name_no_other_host():
    for name, text in page.files().items():
        assert set(re.findall(r"https?://[^\s\"'`)]+", text)) <= {"http://www.w3.org/2000/svg"}, name
        assert not re.search(r"\bimport\b[^;]*from|@import|url\((?!#)", text), name
        assert "</script" not in text and "</style" not in text


def answers_to(check, dice):
    """Answers of a question's form: all of them, or so many at random."""
    count, kind = len(check.options), check.kind
    if kind == "single":
        every = [[number] for number in range(1, count + 1)]
    elif kind == "multiple":
        numbers = range(1, count + 1)
        every = [list(some) for size in range(count + 1) for some in itertools.combinations(numbers, size)]
    elif kind == "order":
        every = [list(order) for order in itertools.permutations(check.choices)]
    else:
        every = [list(given) for given in itertools.product(check.choices, repeat=count)]
    return dice.sample(every, min(MOST_ANSWERS, len(every)))


JUDGE = """
const given = JSON.parse(require("fs").readFileSync(0, "utf8"));
const told = given.map(({ state, requests }) => {
  const model = storedModel(state, null);
  ANSWERS.check(model);
  return requests.map((request) => {
    model.send({ id: "x", ...request });
    return JSON.parse(JSON.stringify(model.get("feedback")));
  });
});
console.log(JSON.stringify(told));
"""


@pytest.mark.skipif(
    not shutil.which("node"), reason="checks on a page without a kernel under Node: install Node 20"
)
def test_a_page_judges_each_answer_as_the_kernel_does():
    dice, given, expected = random.Random(1), [], []
    for lesson, name in CHECKS:
        check = KnowledgeCheck(lesson, name)
        answers = answers_to(check, dice)
        state, _ = check.recorded()
        # answered, shown without another word, answered again, and a new reader who has it shown at once
        given.append(
            {
                "state": state,
                "requests": [{"answer": one} for one in answers] + [{"show": True}, {"answer": answers[0]}],
            }
        )
        feedback = []
        for one in answers:
            check.answer(*one)
            feedback.append(dict(check.feedback))
        check.show()
        feedback.append(dict(check.feedback))
        check.answer(*answers[0])
        expected.append([*feedback, dict(check.feedback)])
        fresh = KnowledgeCheck(lesson, name)
        given.append({"state": fresh.recorded()[0], "requests": [{"seen": True}, {"show": True}]})
        fresh.show()
        expected.append([{}, dict(fresh.feedback)])
    done = subprocess.run(
        ["node", "-e", script("dom.js", "answers.js") + JUDGE],
        input=json.dumps(given),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout)
    assert len(CHECKS) > 30
    for told, right, (lesson, name) in zip(
        found[::2] + found[1::2], expected[::2] + expected[1::2], CHECKS * 2, strict=True
    ):
        assert told == right, (lesson, name)


FRESH = {
    "chart": lambda: LiveChart(state=figures.three_parts().state()),
    "panel": lambda: Panel("One", run=lambda: {"x": [1]}, draw=lambda run: figures.curves(run, title="One")),
    "stage": lambda: Stage(disseminate, nodes=6, seconds=2.0),
    "check": lambda: KnowledgeCheck("01_epidemic_spread", "growth"),
    "prediction": lambda: Prediction("?", low=1, high=9),
    "verdict": lambda: Prediction("?", low=1, high=9).score(3),
}


@pytest.mark.parametrize("lesson", LESSONS)
def test_what_a_lesson_stores_is_what_its_scripts_take(root, lesson):
    notebook = nbformat.read(root / f"notebooks/{lesson}.ipynb", as_version=4)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    kept = [output.metadata["gossipkit"] for output in outputs if "gossipkit" in output.get("metadata", {})]
    # a lesson whose outputs are older stores nothing; one that stores something stores it of each live thing but its progress
    lives = sum(page.place(output) == "" for output in outputs)
    assert len(kept) in (0, lives - sum("Progress(" in cell.source for cell in notebook.cells))
    for each in kept:
        fresh, _ = FRESH[each["kind"]]().recorded()
        for view in each["views"]:
            whole = zlib.decompress(b64decode(view))
            state = json.loads(whole[4 : 4 + int.from_bytes(whole[:4], "little")])
            assert set(state) == set(fresh)
            if each["kind"] == "stage":
                assert set(state["meta"]) == set(fresh["meta"])


def test_a_recorded_question_is_open_again():
    check = KnowledgeCheck("01_epidemic_spread", "growth")
    before = stored.packed(*check.recorded())
    check.answer(1)
    assert stored.packed(*check.recorded()) == before


def test_an_exported_notebook_stays_as_it_was():
    kept = stored.metadata("chart", ({"state": {}}, b""))
    cell = nbformat.v4.new_code_cell(
        "x", outputs=[shown(LIVE | {"image/png": "aGVyZQ=="}, kept), shown({"text/plain": ""})]
    )
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# A lesson"), cell])
    before = nbformat.writes(notebook)
    html, _ = LivePage().from_notebook_node(notebook)
    assert nbformat.writes(notebook) == before
    assert page.place(cell.outputs[0]) in html and html.count('<div class="gk-place"') == 1
    files = page.files()
    assert files["gossipkit-live.js"] in html and files["gossipkit-live.css"] in html
    assert html.rstrip().endswith("</html>") and html.count("</body>") == 1
