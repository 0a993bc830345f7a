"""Lab questions and hints: how their data is checked, what they hold, and that they work without a script."""

import json

import numpy as np
import pytest

from gossipkit.lab import Hints, LabQuestion, questions
from gossipkit.lab.labquestion import DEBRIEF, STEPS

HINTED = {
    "question": "Put *Loss* at `0.5`.\n\nWhat <moves>?",
    "nudge": "Look at the *median*.",
    "pointer": "The line under `rounds_to`.",
    "worked": "Half of the messages arrive.",
    "debrief": "From {before:.1f} to {after:.1f} rounds & no further.",
}
BARE = {"question": "Move it.", "debrief": "{who} wins by {margin:,d}."}
CASES = [(lesson, key) for lesson in questions.lessons() for key in questions.lab_keys(lesson)]
TASKS = [
    (path.stem.removeprefix("exercise_"), task)
    for path in sorted(questions.FOLDER.glob("exercise_*.json"))
    for task in json.loads(path.read_text(encoding="utf-8"))
]


@pytest.fixture
def folder(tmp_path):
    """Puts data of its own where a lesson's and an exercise's questions stand."""

    def write(hinted=HINTED, bare=BARE, task=None):
        file = {"lab": {"hinted": hinted, "bare": bare}}
        (tmp_path / "lesson.json").write_text(json.dumps(file), encoding="utf-8")
        steps = {name: HINTED[name] for name in questions.HINTS}
        file = {"1-first": task or steps}
        (tmp_path / "exercise_own.json").write_text(json.dumps(file), encoding="utf-8")
        return tmp_path

    return write


def test_the_debrief_is_filled_with_the_numbers_of_the_run(folder):
    asked = LabQuestion("lesson", "hinted", folder=folder(), before=np.float64(5.25), after=8)
    assert asked.debrief == "From 5.2 to 8.0 rounds & no further."
    asked = LabQuestion("lesson", "bare", folder=folder(), who="pull", margin=np.int64(1200))
    assert asked.debrief == "pull wins by 1,200."


def test_the_text_face_holds_question_and_numbers_and_no_hint(folder):
    asked = LabQuestion("lesson", "hinted", folder=folder(), before=5, after=8)
    text = asked._repr_mimebundle_()["text/plain"]
    assert text == f"{HINTED['question']}\n\n{DEBRIEF}: From 5.0 to 8.0 rounds & no further."
    assert repr(asked) == text


def test_each_hint_opens_inside_the_one_before_and_the_debrief_apart(folder, page):
    html = LabQuestion("lesson", "hinted", folder=folder(), before=5, after=8)._repr_mimebundle_()[
        "text/html"
    ]
    parsed = page(html)
    assert parsed.tags <= {"div", "p", "em", "code", "details", "summary"}
    words = [each for each in parsed.words if each.strip()]
    nudge, pointer, worked, debrief = (words.index(each) for each in [*STEPS, DEBRIEF])
    assert nudge < words.index("median") < pointer < worked < debrief
    # the three are closed together, before the debrief opens
    assert html.index("</details></details></details>") < html.index(DEBRIEF)
    assert html.count("<details>") == 4 and "open" not in html
    assert html.count("<summary") == html.count('<summary data-lm-suppress-shortcuts="true">')


def test_a_question_without_hints_shows_none(folder):
    html = LabQuestion("lesson", "bare", folder=folder(), who="push", margin=2)._repr_mimebundle_()[
        "text/html"
    ]
    assert html.count("<details>") == 1 and "Hint" not in html


def test_marks_become_elements_and_everything_else_stays_text(folder):
    html = LabQuestion("lesson", "hinted", folder=folder(), before=5, after=8)._repr_mimebundle_()[
        "text/html"
    ]
    assert "<p>Put <em>Loss</em> at <code>0.5</code>.</p><p>What &lt;moves&gt;?</p>" in html
    bare = BARE | {"question": "Is R * W * N in `a*b*c` **more**?"}
    html = LabQuestion("lesson", "bare", folder=folder(bare=bare), who="push", margin=2)._repr_mimebundle_()[
        "text/html"
    ]
    assert "<p>Is R * W * N in <code>a*b*c</code> <strong>more</strong>?</p>" in html


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ({"before": 5}, "hinted: the debrief needs the number 'after'"),
        ({"before": 5, "after": 8, "mean": 1}, "hinted: the debrief has no field 'mean': .* after, before"),
        ({"before": 5, "after": float("nan")}, "after is nan: it must be finite"),
        ({"before": np.float64("inf"), "after": 8}, "before is .*inf.*: it must be finite"),
        ({"before": "soon", "after": 8}, "can't be filled"),
        ({"before": None, "after": 8}, "can't be filled"),
    ],
)
def test_numbers_that_do_not_fit_are_named(numbers, said, folder):
    with pytest.raises(ValueError, match=said):
        LabQuestion("lesson", "hinted", folder=folder(), **numbers)


def test_fields_may_be_parts_of_what_is_given_and_formats_may_have_fields(folder):
    bare = BARE | {"debrief": "{pair[0]} of {pair[1]:{width}}, {{so}}"}
    asked = LabQuestion("lesson", "bare", folder=folder(bare=bare), pair=[1, 2], width=3)
    assert asked.debrief == "1 of   2, {so}"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda q: q.pop("debrief"), "lesson.json, lab, hinted: the fields are"),
        (lambda q: q.pop("pointer"), "the fields are"),
        (lambda q: q.update(hint="x"), "the fields are"),
        (lambda q: q.update(nudge="  "), "nudge is '  ': it must be a text"),
        (lambda q: q.update(worked=3), "worked is 3: it must be a text"),
        (lambda q: q.update(question="the `loss\n\nof `all"), "question has a ` without its second"),
        (lambda q: q.update(debrief="{before:.1f} {after"), "the debrief's fields can't be read"),
        (lambda q: q.update(debrief="{} {before} {after}"), "has a field named '': it must be a name"),
        (lambda q: q.update(debrief="{0} {before} {after}"), "has a field named '0': it must be a name"),
    ],
)
def test_data_that_breaks_the_rules_is_refused(change, said, folder):
    hinted = dict(HINTED)
    change(hinted)
    with pytest.raises(ValueError, match=said):
        LabQuestion("lesson", "hinted", folder=folder(hinted), before=5, after=8)


def test_unknown_keys_and_lessons_are_refused_by_name(folder):
    with pytest.raises(ValueError, match="no lab question 'other': it must be one of hinted, bare"):
        LabQuestion("lesson", "other", folder=folder())
    with pytest.raises(ValueError, match="no questions for lesson 'none': it must be one of lesson"):
        LabQuestion("none", "hinted", folder=folder())
    with pytest.raises(ValueError, match="no questions for lesson 'exercise_own'"):
        LabQuestion("exercise_own", "1-first", folder=folder())


def test_lab_questions_are_no_checks(folder):
    assert questions.names("lesson", folder()) == ()
    with pytest.raises(ValueError, match="no question 'lab'"):
        questions.load("lesson", "lab", folder())


def test_hints_for_a_task_open_one_inside_the_other(folder, page):
    hints = Hints("own", "1-first", folder=folder())
    data = hints._repr_mimebundle_()
    assert page(data["text/html"]).tags <= {"div", "p", "em", "code", "details", "summary"}
    assert data["text/html"].endswith("</details></details></details></div>")
    assert not any(HINTED[name] in data["text/plain"] for name in questions.HINTS)


def test_unknown_tasks_and_broken_hints_are_refused(folder):
    with pytest.raises(ValueError, match="no task '2': it must be one of 1-first"):
        Hints("own", "2", folder=folder())
    with pytest.raises(ValueError, match="no hints for exercise 'consol': it must be one of own"):
        Hints("consol", "1", folder=folder())
    with pytest.raises(ValueError, match=r"exercise_own\.json, 1-first: the fields are nudge"):
        Hints("own", "1-first", folder=folder(task={"nudge": "x"}))


# the questions and hints of the course


@pytest.mark.parametrize(("lesson", "key"), CASES)
def test_each_lab_question_is_well_made(lesson, key):
    asked = questions.lab(lesson, key)
    # the steps help more each time, and the debrief tells what was seen, with at least one number
    assert len({asked.question, *asked.hints, asked.debrief}) == 2 + len(asked.hints)
    assert "{" in asked.debrief


@pytest.mark.parametrize(("exercise", "task"), TASKS)
def test_each_hint_is_well_made(exercise, task):
    steps = questions.hints(exercise, task)
    assert len(set(steps)) == 3 and all(len(step.split()) >= 4 for step in steps)
