"""The glossary: every term once, in order, explained, used, and linked where a lesson first uses it."""

import itertools
import re
from pathlib import Path

import nbformat
import pytest

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
GLOSSARY = nbformat.read(FOLDER / "glossary.ipynb", as_version=4)
LESSONS = sorted(FOLDER.glob("[0-9]*.ipynb"))
LINK = re.compile(r"\[([^\]]*)\]\(glossary\.ipynb#([^)]*)\)")

# what is no prose, in the order in which it is taken out
NOT_PROSE = [
    re.compile(r"^(```|~~~).*?^\1[^\n]*$", re.DOTALL | re.MULTILINE),  # code in fences
    re.compile(r"^ {0,3}#{1,6} .*$", re.MULTILINE),  # headings
    re.compile(
        r"^ {0,3}</?[a-zA-Z!].*?(?=^\s*$|\Z)", re.DOTALL | re.MULTILINE
    ),  # html up to the next empty line
    re.compile(r"(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL),  # code in a line
    re.compile(r"\$\$.+?\$\$", re.DOTALL),  # formulas
    re.compile(r"\$(?=\S)[^$\n]+?(?<=\S)\$"),
    re.compile(r"!?\[(?:[^\[\]]|\[[^\[\]]*\])*\]\([^()]*(?:\([^()]*\)[^()]*)*\)"),  # links and pictures
    re.compile(r"</?[a-zA-Z!][^>]*>|<?https?://[^\s>)]+>?"),  # tags and addresses in a line
]


def terms(lesson):
    """(name, forms) of the terms that mean in `lesson` what the glossary says."""
    for cell in GLOSSARY.cells:
        said = cell.metadata.get("glossary")
        if said and lesson in said.get("lessons", [lesson]):
            yield cell.source.splitlines()[0].removeprefix("### "), said["forms"]


def anchor(name):
    """What JupyterLab calls a heading."""
    return name.replace(" ", "-")


def without(source):
    """`source` with all that is no prose blanked out, each character by one, so that places stay what they are."""
    for pattern in NOT_PROSE:
        source = pattern.sub(lambda found: re.sub(r"[^\n]", "\x00", found.group()), source)
    return source


def finder(lesson):
    """A pattern for every form of every term, the longest first, and the term of each form."""
    names = {form: name for name, forms in terms(lesson) for form in forms}
    forms = sorted(names, key=len, reverse=True)
    # a sentence may begin with a term, so its first letter may be a capital one
    either = [f"(?i:{re.escape(form[0])}){re.escape(form[1:])}" for form in forms]
    words = "|".join(each.replace(r"\ ", r"\s+") for each in either)
    return re.compile(rf"(?<![\w/.\-])(?:{words})(?![\w/\-]|\.\w)"), names


def named(found, names):
    """The term that a match is a form of."""
    text = " ".join(found.split())
    return names.get(text) or names.get(text[0].lower() + text[1:]) or names[text[0].upper() + text[1:]]


def first_uses(path):
    """{term: (cell, start, end, linked)} of the first use of each term in the lesson's prose, links to the glossary included."""
    pattern, names = finder(path.stem)
    anchors = {anchor(name): name for name in names.values()}
    found = {}
    for at, cell in enumerate(nbformat.read(path, as_version=4).cells):
        if cell.cell_type != "markdown":
            continue
        uses = [
            (m.start(), m.end(), named(m.group(), names), False)
            for m in pattern.finditer(without(cell.source))
        ]
        uses += [(m.start(), m.end(), anchors.get(m[2]), True) for m in LINK.finditer(cell.source)]
        for start, end, name, linked in sorted(uses):
            found.setdefault(name, (at, start, end, linked))
    return found


def shown(path):
    """What the cells of a lesson print, and the text faces of what they show."""
    outputs = [
        output for cell in nbformat.read(path, as_version=4).cells for output in cell.get("outputs", [])
    ]
    return "\n".join(each.get("text", "") or each.get("data", {}).get("text/plain", "") for each in outputs)


lessons = pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)


def test_terms_are_sorted_and_each_is_there_once():
    names = [
        cell.source.splitlines()[0].removeprefix("### ")
        for cell in GLOSSARY.cells
        if "glossary" in cell.metadata
    ]
    assert names == sorted(names, key=str.casefold)
    assert len({name.casefold() for name in names}) == len(names) > 60


@lessons
def test_a_form_belongs_to_one_term(path):
    forms = [form for _, forms in terms(path.stem) for form in forms]
    assert len(set(forms)) == len(forms)
    # a form at the beginning of a sentence must not be another term's
    lowered = [form[0].lower() + form[1:] for form in forms]
    assert len(set(lowered)) == len(lowered)


def test_each_term_stands_under_its_letter_with_a_sentence_and_a_lesson():
    letter = ""
    for cell in GLOSSARY.cells[1:]:
        heading, *body = cell.source.splitlines()
        if "glossary" not in cell.metadata:
            letter = heading.removeprefix("## ")
            continue
        assert heading[4].upper() == letter
        definition, told = (line for line in body if line)
        assert definition.endswith((".", ".)")) and len(definition.split()) >= 5, heading
        assert re.match(r"In full: \[lesson 0\d.*\]\(0\d_\w+\.ipynb.*\)\.", told), heading


@pytest.mark.parametrize("path", [*LESSONS, FOLDER / "glossary.ipynb"], ids=lambda path: path.stem)
def test_links_to_headings_of_notebooks_lead_somewhere(path):
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "markdown":
            for target, fragment in re.findall(r"\]\((\w*(?:\.ipynb)?)#([^)]+)\)", cell.source):
                there = nbformat.read(FOLDER / (target or path.name), as_version=4)
                headings = re.findall(
                    r"^#+ +(.+?)\s*$", "\n".join(each.source for each in there.cells), re.MULTILINE
                )
                assert fragment in {anchor(heading) for heading in headings}, (target, fragment)


def test_each_term_is_used_in_some_lesson():
    used = set(itertools.chain.from_iterable(map(first_uses, LESSONS)))
    for path in LESSONS:
        pattern, names = finder(path.stem)
        used |= {named(found, names) for found in pattern.findall(shown(path))}
    everything = {name for path in LESSONS for name, _ in terms(path.stem)}
    assert everything - used == set()


@lessons
def test_the_first_use_of_a_term_in_a_lesson_is_linked_to_it(path):
    cells = nbformat.read(path, as_version=4).cells
    uses = first_uses(path)
    assert None not in uses, "a link leads to a term that means something else in this lesson"
    bare = {
        name: cells[at].source[start:end] for name, (at, start, end, linked) in uses.items() if not linked
    }
    assert bare == {}


@lessons
def test_each_lesson_leads_to_the_glossary_at_its_end(path):
    assert "](glossary.ipynb)" in nbformat.read(path, as_version=4).cells[-1].source


def test_prose_is_all_but_code_headings_links_formulas_and_html():
    source = (
        "# A ring\n\nThe *ring* has `ring` and [a ring](x.md) and ![ring](y(1).png), $ring$.\n\n```\nring\n```\n"
        '\n<details><summary>ring</summary>\n\nOne more ring, <b title="ring">ring</b> https://ring.org/ring.\n'
    )
    blanked = without(source)
    assert len(blanked) == len(source)
    assert [source[m.start() - 5 : m.end()] for m in re.finditer("ring", blanked)] == [
        "The *ring",
        "more ring",
        'ing">ring',
    ]
