"""What is kept of a student's work between sessions, and what a re-run must not show of it."""

import json

import pytest

from gossipkit.lab import KnowledgeCheck, Prediction, Progress
from gossipkit.lab.progress import ASKS
from gossipkit.progress import FILE, LESSONS, ProgressFile, note_check

LESSON = "01_epidemic_spread"


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """A folder of notebooks of one's own."""
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path / "notebooks")
    return tmp_path / "notebooks"


def bet():
    return Prediction("Rounds?", low=1, high=60, unit="rounds", keep=(LESSON, "rounds"))


def check():
    return KnowledgeCheck(LESSON, "growth")


def test_running_alone_writes_nothing(here):
    for made in (bet(), check(), Progress(), Progress(LESSON)):
        made._repr_mimebundle_()
    placed = bet()
    placed.lock(7)
    placed.score(8)
    answered = check()
    answered.answer(1)
    assert not list(here.iterdir())


def test_a_bet_is_there_in_the_next_session(browser_sends):
    first = bet()
    browser_sends(first, {"value": 7})
    later = bet()
    verdict = later.score(7)
    assert later.value is None and verdict.covered
    browser_sends(later, {"seen": True})
    assert later.value == 7 and not verdict.covered
    assert ProgressFile().lesson(LESSON)["bets"] == {"rounds": {"value": 7, "points": 1.0}}


def test_points_are_kept_when_the_run_is_made_after_the_bet(browser_sends):
    first = bet()
    browser_sends(first, {"value": 7})
    assert ProgressFile().lesson(LESSON)["bets"]["rounds"]["points"] is None
    first.score(7)
    assert ProgressFile().lesson(LESSON)["bets"]["rounds"]["points"] == 1


@pytest.mark.parametrize("lesson", [None, LESSON])
def test_it_says_so_where_nothing_can_be_kept_and_no_longer_once_it_can(here, browser_sends, lesson):
    (here / FILE).mkdir()  # what can't be written for anybody
    page = Progress(lesson)
    browser_sends(page, {"seen": True})
    assert (
        page.lines[-1]
        == f"It is not kept for the next time: {here / FILE} can't be written (Is a directory)."
    )
    (here / FILE).rmdir()
    browser_sends(page, {"seen": True})
    assert "not kept" not in " ".join(page.lines)
    assert (here / FILE).is_file()


@pytest.mark.parametrize("shown", [False, True])
def test_an_answer_is_there_in_the_next_session(browser_sends, shown):
    first = check()
    browser_sends(first, {"answer": [1]})
    if shown:
        browser_sends(first, {"show": True})
    later = check()
    assert later.feedback == {} and later.score is None
    browser_sends(later, {"seen": True})
    assert later.feedback == first.feedback and later.score == first.score


def test_a_wrong_request_keeps_nothing(browser_sends, here):
    assert browser_sends(check(), {"answer": [99]})["error"]
    assert browser_sends(bet(), {"value": 99})["error"]
    assert not (here / FILE).exists()


@pytest.mark.parametrize("kept", [{"given": [99], "score": 1, "shown": False}, {"given": "x"}, {}])
def test_what_somebody_else_wrote_into_the_file_is_no_answer(browser_sends, kept):
    ProgressFile().note(LESSON, "checks", "growth", **kept)
    made = check()
    assert browser_sends(made, {"seen": True})["error"] == ""
    assert made.feedback == {} and made.score is None


@pytest.mark.parametrize("made", [bet, check, Progress, lambda: Progress(LESSON)])
def test_the_stored_faces_do_not_depend_on_what_was_done(made, browser_sends):
    before = made().still()
    browser_sends(bet(), {"value": 7})
    browser_sends(check(), {"answer": [1]})
    assert made().still() == before


def test_a_lesson_s_line_follows_what_is_done(browser_sends):
    line = Progress(LESSON)
    browser_sends(line, {"seen": True})
    assert line.lines == ["Your progress here: 0 bets placed, 0.00 points; 0 of 5 checks right."]
    placed = bet()
    browser_sends(placed, {"value": 7})
    placed.score(7)
    answered = check()
    browser_sends(answered, {"answer": [2]})
    assert answered.score == 1
    assert line.lines == ["Your progress here: 1 bet placed, 1.00 points; 1 of 5 checks right."]


def test_the_page_sums_points_and_names_all_lessons(browser_sends, here):
    exercise = here.parent / "exercises" / "epidemics"
    exercise.mkdir(parents=True)
    cells = [
        {
            "metadata": {"nbgrader": {"solution": True}},
            "source": [f"# {ASKS[0]}\n", "raise NotImplementedError()"],
        },
        {"metadata": {"nbgrader": {"solution": True}}, "source": ["settings = {}"]},
        {"metadata": {}, "source": ["1"]},
    ]
    (exercise / "epidemics.ipynb").write_text(json.dumps({"cells": cells}))
    page = Progress()
    browser_sends(Progress(LESSON), {"seen": True})
    for name, value in (("one", 7), ("two", 60)):
        placed = Prediction("?", low=1, high=60, keep=(LESSON, name))
        browser_sends(placed, {"value": value})
        placed.score(7)
    browser_sends(page, {"seen": True})
    assert page.lines == ["2 bets placed, 1.00 points of 2 that were scored."]
    assert [row[0] for row in page.rows] == list(LESSONS)
    assert page.rows[1] == [LESSON, "yes", "2", "1.00", "0 of 5", "1 of 2 answers"]
    assert page.rows[0][1] == "yes"  # the page itself stands in lesson 00
    assert page.rows[2][1] == "no"


def test_the_check_before_handing_in_is_kept_and_said_to_be_old_once_the_notebook_changes(
    browser_sends, here
):
    notebook = here.parent / "exercises" / "epidemics" / "epidemics.ipynb"
    notebook.parent.mkdir(parents=True)

    def write(source, outputs=()):
        cells = [{"cell_type": "code", "metadata": {"nbgrader": {"solution": True}}, "source": source}]
        notebook.write_text(json.dumps({"cells": [cells[0] | {"outputs": list(outputs)}]}))

    def said():
        page, line = Progress(), Progress(LESSON)
        browser_sends(page, {"seen": True})
        browser_sends(line, {"seen": True})
        assert page.rows[1][-1] in line.lines[0].replace("answers of the exercise written", "answers")
        return page.rows[1][-1]

    write("x = 1")
    assert said() == "1 of 1 answers"
    note_check(notebook, done=7, tasks=9)
    assert said() == "1 of 1 answers; 7 of 9 tasks done when last checked"
    write("x = 1", outputs=["run again"])
    assert said() == "1 of 1 answers; 7 of 9 tasks done when last checked"
    write("x = 2")
    assert said() == "1 of 1 answers; 7 of 9 tasks done when last checked, and changed since"


def test_a_check_elsewhere_keeps_nothing(here, tmp_path):
    for path in (tmp_path / "mine.ipynb", here / "epidemics.ipynb", tmp_path / "exercises" / "x" / "x.ipynb"):
        note_check(path, done=1, tasks=2)
    assert not list(tmp_path.rglob(FILE))


def test_reset_forgets_but_loses_nothing(browser_sends, here):
    browser_sends(bet(), {"value": 7})
    kept = (here / FILE).read_bytes()
    page = Progress()
    browser_sends(page, {"reset": True})
    assert ProgressFile().lessons() == {} and page.rows[1][2] == "0"
    assert (here / "progress-old-1.json").read_bytes() == kept
    browser_sends(bet(), {"value": 8})
    browser_sends(page, {"reset": True})
    assert len(list(here.glob("progress-old-*.json"))) == 2


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"01": 3}', b"\xff"])
def test_a_file_that_cannot_be_read_is_set_aside(content, browser_sends, here):
    (here / FILE).write_bytes(content)
    browser_sends(bet(), {"value": 7})
    assert ProgressFile().lesson(LESSON)["bets"]["rounds"]["value"] == 7
    assert (here / "progress-old-1.json").read_bytes() == content


def test_a_folder_that_cannot_be_written_stops_nobody(browser_sends, monkeypatch):
    def refuse(*_):
        raise PermissionError("read-only file system")

    monkeypatch.setattr("os.replace", refuse)
    placed = bet()
    assert browser_sends(placed, {"value": 7})["error"] == "" and placed.value == 7


def test_an_unknown_lesson_is_refused():
    with pytest.raises(ValueError, match="no lesson '99': it must be one of 00_start_here"):
        Progress("99")


def test_every_lesson_is_listed(root):
    assert list(LESSONS) == sorted(path.stem for path in (root / "notebooks").glob("0*.ipynb"))
