"""What comes out of a grading: marks that no spreadsheet computes, and pages on which nothing of a student's runs."""

import csv
import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from gossipkit.grading import classpage
from gossipkit.grading.classpage import class_page
from gossipkit.grading.course import assignments
from gossipkit.grading.report import feedback_page, write_feedback, write_marks
from gossipkit.grading.results import GRADED, UNGRADED, WAITING, Mark, Result
from gossipkit.grading.teaching import teaching

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\"' onload='x' {{ 7*7 }} Ærøskøbing 基"
VOID = {"meta", "img", "br"}


class Page(HTMLParser):
    """The elements of a page; a page whose elements aren't closed in order doesn't parse."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.open, self.text = [], [], ""
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data

    def all(self, tag):
        return [attrs for name, attrs in self.elements if name == tag]


def marks(student, reason=HOSTILE):
    def mark(task, points, maximum, status, why, **answers):
        return Mark(student, "epidemics", task, points, maximum, status, why, answers)

    return (
        mark("1-one-round-tells", 2.0, 2.0, GRADED, ""),
        mark("2-explained", 0.0, 1.0, GRADED, reason, reason="'C'"),
        mark("2-measured", None, 3.0, UNGRADED, "the test took too long"),
        mark("4-advice", None, 4.0, WAITING, "a written answer, for a person to mark"),
    )


@pytest.fixture(scope="module")
def chosen(root):
    return assignments(root, ["epidemics"])


@pytest.fixture(scope="module")
def told(chosen):
    return {one.name: teaching(one) for one in chosen}


@pytest.fixture
def results():
    return [
        Result(
            "ada",
            "epidemics",
            "ada.ipynb",
            "0",
            (HOSTILE,),
            marks("ada"),
            {"4-advice": HOSTILE + "x" * 10**6},
            tests="t",
        ),
        Result(
            "bob",
            "epidemics",
            "bob.ipynb",
            "1",
            (),
            marks("bob", "it is 2"),
            {"4-advice": "short"},
            False,
            "t",
        ),
        Result("../eve", "", "eve", "2", (), (Mark("../eve", "", "", None, 0.0, UNGRADED, HOSTILE),)),
    ]


@pytest.fixture
def written(tmp_path, results, chosen, told):
    write_feedback(tmp_path / "feedback", results, told)
    class_page(tmp_path / "class.html", results, chosen, told)
    named = {feedback_page(name): f"{name}.html" for name in ("ada", "bob", "../eve")}
    return {named.get(path.name, path.name): path.read_text("utf-8") for path in tmp_path.rglob("*.html")}


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_a_spreadsheet_computes_nothing_that_a_student_wrote(tmp_path, begin):
    hostile = begin + '1+cmd|" /C calc"!A0'
    write_marks(
        tmp_path / "marks.csv",
        [Result("s", "a", "f", "0", (), (Mark(hostile, "a", "t", -1.0, 2.0, GRADED, hostile),))],
    )
    with (tmp_path / "marks.csv").open(newline="", encoding="utf-8-sig") as file:
        (row,) = csv.DictReader(file)
    assert row["reason"] == row["student"] == "'" + hostile
    assert row["points"] == "-1.0"


def test_marks_without_points_are_empty_and_not_zero(tmp_path, results):
    write_marks(tmp_path / "marks.csv", results)
    with (tmp_path / "marks.csv").open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert [row["points"] for row in rows] == ["2.0", "0.0", "", ""] * 2 + [""]


def test_a_page_for_each_student_whose_submission_has_an_assignment(written):
    assert set(written) == {"ada.html", "bob.html", "class.html"}


def test_nothing_of_a_student_runs_on_a_page(written):
    for text in written.values():
        page = Page(text)
        assert {tag for tag, _ in page.elements}.isdisjoint(
            {"script", "iframe", "object", "form", "base", "link"}
        )
        assert not [name for _, attrs in page.elements for name in attrs if name.startswith("on")]
        (policy,) = [
            meta["content"]
            for meta in page.all("meta")
            if meta.get("http-equiv") == "Content-Security-Policy"
        ]
        assert policy.startswith("default-src 'none';") and "script-src" not in policy
        assert all(image["src"].startswith("data:image/png;base64,") for image in page.all("img"))
    assert "<script>alert(1)</script>" in Page(written["ada.html"]).text  # it is shown, as text
    assert "{{ 7*7 }}" in Page(written["ada.html"]).text


def test_pages_have_a_language_headings_in_order_and_named_columns(written):
    for text in written.values():
        page = Page(text)
        assert page.all("html")[0]["lang"] == "en" and text.count("<h1>") == 1
        levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
        assert levels[0] == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))
        assert all("scope" in attrs for attrs in page.all("th"))


def test_every_plot_says_in_words_what_it_shows(written):
    first, second = (image["alt"] for image in Page(written["class.html"]).all("img"))
    assert "2 graded students" in first
    assert "2-explained, 2 of 2" in second


@pytest.mark.parametrize("students", [1, 2, 3, 7])
def test_no_axis_counts_half_students(tmp_path, chosen, told, monkeypatch, students):
    drawn = []
    monkeypatch.setattr(classpage, "_png", lambda figure: drawn.append(figure) or "data:image/png;base64,")
    results = [
        Result(name, "epidemics", name, "0", (), marks(name), tests="t") for name in map(str, range(students))
    ]
    class_page(tmp_path / "class.html", results, chosen, told)
    outcomes, totals = (figure.axes[0] for figure in drawn)
    for ticks in (totals.get_yticks(), outcomes.get_xticks()):
        assert len(ticks) > 1 and all(tick == int(tick) for tick in ticks)


def test_long_texts_are_cut(written):
    assert len(written["ada.html"]) < 20_000
    assert "1,000,0" in written["class.html"] and len(written["class.html"]) < 400_000


def test_a_student_reads_what_failed_and_where_it_is_taught_and_no_zero_for_what_was_not_graded(written):
    text = " ".join(Page(written["bob.html"]).text.split())
    assert "2 of 10 points so far" in text
    assert "it is 2" in text and "“When members stop talking”" in text
    assert "– of 3 not graded the test took too long" in text
    assert "– of 4 waits" in text


def test_the_instructor_reads_misconceptions_and_rubric_and_what_ran_without_a_sandbox(written):
    text = " ".join(Page(written["class.html"]).text.split())
    assert "1 submission ran without a sandbox" in text
    assert "Averaging is taken for improvement" in text and "reason = 'C'" in text
    assert "Sample B, 2 of 4" in text and "Reference answer:" in text
    assert text.index("Ungraded, with the reason") < text.index("Task by task")


def test_a_page_that_is_no_longer_right_is_replaced(tmp_path, results, told):
    write_feedback(tmp_path, results, told)
    write_feedback(tmp_path, [Result("ada", "epidemics", "f", "9", (), marks("ada", "something new"))], told)
    page = (tmp_path / feedback_page("ada")).read_text("utf-8")
    assert "something new" in page and "alert" not in page


def test_text_has_the_contrast_that_wcag_aa_asks_for(written):
    def luminance(colour):
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    themes = [
        dict(re.findall(r"--(\w+): (#\w{6})", block))
        for block in re.findall(r":root \{(.*?)\}", written["ada.html"], re.DOTALL)
    ]
    assert len(themes) == 2
    for theme in themes:
        for ink in ("ink", "quiet", "link", "good", "bad", "open"):
            for paper in ("paper", "box"):
                dark, light = sorted([luminance(theme[ink]), luminance(theme[paper])])
                assert (light + 0.05) / (dark + 0.05) >= 4.5, (ink, paper)
