"""The readings that students do not receive, and what their exercise asks."""

import ast
from pathlib import Path

import pytest

import gossipkit
from gossipkit.reading import QUESTIONS, compare
from gossipkit.reading.unseen import UNSEEN, exercise

ENGINE = Path(gossipkit.__file__).parent


@pytest.mark.parametrize("system", UNSEEN)
def test_a_system_is_read_in_full_with_sources(system):
    reading = UNSEEN[system]
    assert reading.system == system
    for answer in reading.answers.values():
        assert len(answer.text.split()) >= 10, answer.text
        # a repository with a file or an issue, a document or a site
        assert all("/" in source or "." in source or " " in source for source in answer.sources)


def test_all_are_compared_question_by_question():
    table = compare(UNSEEN.values()).splitlines()
    assert len(table) == 2 + len(QUESTIONS)
    assert all(line.count("|") == len(UNSEEN) + 2 for line in table[:1] + table[2:])


def test_nothing_that_students_have_needs_what_is_held_back():
    for path in ENGINE.rglob("*.py"):
        if "unseen" in path.relative_to(ENGINE).parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import | ast.ImportFrom):
                named = [alias.name for alias in node.names] + [getattr(node, "module", None) or ""]
                assert not any("unseen" in name.split(".") for name in named), path


@pytest.mark.parametrize("system", exercise.PARTS)
def test_each_part_answers_for_something_in_each_system(system):
    answers = [statement.answer for statement in exercise.PARTS[system]]
    assert set(answers) == {"gossip", "authority", "repair", "none"}
    assert all(answers.count(answer) == 2 for answer in answers)


def test_statements_hold_and_give_way_and_metrics_differ():
    assert {statement.answer for statement in exercise.TRUST} == {"holds", "gives way"}
    named = [statement.answer for statement in exercise.METRICS]
    assert len(set(named)) == len(named)
    for statement in (*exercise.TRUST, *exercise.METRICS, *sum(exercise.PARTS.values(), ())):
        assert statement.because.strip()
