"""What the authors of an assignment say about its tasks."""

import json
import shutil

import nbformat
import pytest

from gossipkit.grading.course import Assignment, GradingError, assignments
from gossipkit.grading.results import GRADED, UNGRADED, Mark
from gossipkit.grading.teaching import teaching


@pytest.fixture
def copy(root, tmp_path):
    """Epidemics, with what the authors say changed by a function."""

    def make(change):
        shutil.copytree(root / "solutions" / "epidemics", tmp_path / "epidemics")
        path = tmp_path / "epidemics" / "teaching.json"
        said = json.loads(path.read_text("utf-8"))
        path.write_text(json.dumps(change(said) or said), "utf-8")
        return Assignment("epidemics", tmp_path / "epidemics" / "epidemics.ipynb")

    return make


def test_every_task_is_taught_under_a_heading_that_exists(root):
    for assignment in assignments(root):
        for name, task in teaching(assignment).tasks.items():
            lesson = nbformat.read(root / "notebooks" / task.lesson, as_version=4)
            lines = "\n".join(
                cell.source for cell in lesson.cells if cell.cell_type == "markdown"
            ).splitlines()
            headings = {line.lstrip("#").strip() for line in lines if line.startswith("#")}
            assert task.section in headings, (assignment.name, name)


@pytest.mark.parametrize(
    ("points", "status", "answer", "expected"),
    [
        (0.0, GRADED, "'C'", "Averaging"),
        (1.0, GRADED, "'C'", ""),
        (None, UNGRADED, "'C'", ""),
        (0.0, GRADED, "'Z'", ""),
    ],
)
def test_only_a_wrong_answer_that_is_known_points_to_a_misconception(root, points, status, answer, expected):
    told = teaching(assignments(root, ["epidemics"])[0])
    shown = told.shown_by(Mark("s", "epidemics", "2-explained", points, 1.0, status, "", {"reason": answer}))
    assert shown.startswith(expected) and bool(shown) == bool(expected)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda said: said["tasks"].pop("2-explained") and None, "it must name"),
        (lambda said: said["tasks"]["2-explained"].pop("title") and None, "title"),
        (lambda said: [1], "can't be read"),
        (lambda said: said["misconceptions"][0].update(task="9-none"), "9-none"),
        (lambda said: said["misconceptions"][0].update(answers={"a": "1"}), "either answers or a reason"),
    ],
)
def test_a_file_that_says_something_else_is_refused_by_name(copy, change, says):
    with pytest.raises(GradingError, match=r"teaching\.json") as raised:
        teaching(copy(change))
    assert says in str(raised.value)


def test_a_missing_file_is_named(copy):
    assignment = copy(lambda said: None)
    assignment.source.with_name("teaching.json").unlink()
    with pytest.raises(GradingError, match=r"teaching\.json is missing"):
        teaching(assignment)
