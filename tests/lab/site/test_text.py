"""A notebook's cells as the text of a page."""

import nbformat
import pytest

from gossipkit.lab.built import BuildError
from gossipkit.lab.site import text
from gossipkit.lab.site.course import Course

V4 = nbformat.v4


def code(source, *outputs, **metadata):
    return V4.new_code_cell(source, outputs=list(outputs), metadata=metadata)


def shown(**faces):
    return V4.new_output("display_data", {kind.replace("_", "/"): face for kind, face in faces.items()})


def test_the_order_is_the_notebooks(lesson):
    course, page = lesson("Promise", code("1 + 1"), "Then")
    made = text.notebook(page, course)
    assert made.startswith("# First: who tells whom\n\n")
    assert "\n\nPromise\n\n```python\n1 + 1\n```\n\nThen\n" in made


def test_a_lesson_says_once_what_needs_a_kernel_and_where_there_is_one(lesson):
    course, page = lesson("Promise")
    made = text.notebook(page, course)
    assert made.count("Nothing runs behind this page") == 1
    for address in (
        "https://mybinder.org/",
        "https://colab.research.google.com/",
        '"00_first.ipynb" download',
    ):
        assert address in made
    assert 'href="../start.html"' in made
    exercise = text.notebook(course.exercises[0], course)
    assert 'href="../../start.html"' in exercise and "https://mybinder.org/" in exercise
    assert "colab" not in exercise  # no cell of it installs the course there
    assert "open the notebook" not in text.notebook(course.glossary, course)


@pytest.mark.parametrize(
    ("output", "stands"),
    [
        (V4.new_output("stream", text="a  b\n"), "```{code-block} text\n:class: gk-printed\na  b\n```"),
        (
            shown(text_html="<b>x</b>", text_plain="x"),
            '```{raw} html\n<div class="gk-output"><b>x</b></div>\n```',
        ),
        (shown(text_markdown="| a |\n|---|", text_plain="a"), "| a |\n|---|"),
        (shown(text_markdown="[a](glossary.ipynb)", text_plain="a"), "[a](glossary.md)"),
        (shown(text_plain="42"), "```{code-block} text\n:class: gk-printed\n42\n```"),
    ],
)
def test_the_richest_face_of_an_output_stands(lesson, output, stands):
    course, page = lesson(code("run()", output))
    assert text.notebook(page, course).endswith(f"```python\nrun()\n```\n\n{stands}\n")


def test_the_promise_comes_first_and_then_where_the_page_can_be_run(root):
    made = text.notebook(Course(root).lessons[0], Course(root))
    assert made.startswith('# First: who tells whom\n\nIt begins.\n\n```{raw} html\n<p class="gk-open">')


def test_what_a_live_view_leaves_stored_is_not_shown(lesson):
    course, page = lesson(code("run()", shown(text_plain="")), code("quiet()"))
    assert text.notebook(page, course).endswith("```python\nrun()\n```\n\n```python\nquiet()\n```\n")


def test_a_fence_is_longer_than_any_that_it_holds(lesson):
    course, page = lesson(code('print("````")', V4.new_output("stream", text="````\n")))
    made = text.notebook(page, course)
    assert '`````python\nprint("````")\n`````' in made
    assert made.endswith("`````{code-block} text\n:class: gk-printed\n````\n`````\n")


def test_a_cell_that_only_installs_is_left_out(lesson):
    course, page = lesson(code("install()", tags=["install", "remove-cell"]), "Then")
    assert "install()" not in text.notebook(page, course)


def test_the_front_page_has_the_readmes_promise_and_lessons_and_no_badges(root):
    made = text.front(Course(root))
    assert made.startswith("# A course\n\nIt is about [rumours](notebooks/00_first.md).\n\n")
    assert "| 00 | [First](notebooks/00_first.md) | [one](exercises/one/one.md) |" in made
    assert "badge.svg" not in made
    assert ">Begin with lesson 00, First<" in made
    assert "\n\n**You need** to read. The lessons take about 2 hours, the exercises 1.\n\n" in made
    assert "00 First <notebooks/00_first>\nGlossary <notebooks/glossary>\n" in made


def test_the_readmes_other_sections_have_their_pages(root):
    course = Course(root)
    assert [line for line in text.start(course).splitlines() if line.startswith("#")] == [
        "# Run it yourself",
        "## Start",
        "## For students",
    ]
    assert "Mark it." in text.instructors(course)
    assert "Write more" in text.instructors(course)


def test_a_readme_without_a_section_is_named(root):
    readme = root / "README.md"
    readme.write_text(readme.read_text(encoding="utf-8").replace("## Start", "## Begin"), encoding="utf-8")
    with pytest.raises(BuildError, match=r"README\.md has no section 'Start'"):
        text.start(Course(root))


def test_exercises_come_in_the_order_of_their_numbers(root):
    for name, number in (("ten", 10), ("two", 2)):
        folder = root / "exercises" / name
        folder.mkdir()
        nbformat.write(
            V4.new_notebook(cells=[V4.new_markdown_cell(f"# Exercise {number}")]), folder / f"{name}.ipynb"
        )
    assert [page.title for page in Course(root).exercises] == ["Exercise 1: one", "Exercise 2", "Exercise 10"]


def test_a_folder_that_is_no_course_is_refused(tmp_path):
    with pytest.raises(BuildError, match="run this in the course's top folder"):
        Course(tmp_path)


@pytest.mark.parametrize(
    ("opening", "says"),
    [
        ("**90 minutes**", r"00_first\.ipynb: .* \*\*You need\*\*"),
        ("**You need** sleep.", "how many minutes"),
    ],
)
def test_a_first_lesson_that_asks_nothing_or_takes_no_time_is_named(root, opening, says):
    path = root / "notebooks" / "00_first.ipynb"
    nbformat.write(V4.new_notebook(cells=[V4.new_markdown_cell(f"# First\n\n{opening}")]), path)
    with pytest.raises(BuildError, match=says):
        text.front(Course(root))
