"""What is written into OUT, and what OUT must not be."""

import base64
import io

import nbformat
import pytest
from PIL import Image

from gossipkit.lab.built import BuildError
from gossipkit.lab.site import __main__ as command
from gossipkit.lab.site.build import build


def files(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


@pytest.fixture
def out(tmp_path):
    return tmp_path / "site"


def test_a_second_build_gives_the_same_bytes_and_takes_away_what_is_gone(root, out):
    assert build(root, out) == 6 + 1  # the front page, two of the README, three notebooks and the search
    before = files(out)
    assert {
        "index.html",
        "notebooks/00_first.html",
        "notebooks/00_first.ipynb",
        "exercises/one/one.html",
    } <= set(before)
    other = out.with_name("other")
    build(root, other)
    assert files(other) == before

    two = root / "exercises" / "two" / "two.ipynb"
    two.parent.mkdir()
    nbformat.write(
        nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Exercise 2, 60 minutes")]), two
    )
    build(root, out)
    assert (out / "exercises" / "two" / "two.html").is_file()
    two.unlink()
    build(root, out)
    assert files(out) == before
    assert not (out / "exercises" / "two").exists()


def test_a_picture_in_a_page_becomes_a_file_with_its_size_and_words(root, out, lesson):
    png = io.BytesIO()
    Image.new("P", (60, 30)).save(png, "png")
    source = base64.b64encode(png.getvalue()).decode()
    html = f'<figure><img src="data:image/png;base64,{source}" alt="A line, &quot;up&quot;" width="30" style="x"></figure>'
    output = nbformat.v4.new_output("display_data", {"text/html": html, "text/plain": "A line"})
    lesson(nbformat.v4.new_code_cell("draw()", outputs=[output, output]))
    build(root, out)
    (picture,) = (out / "pictures").iterdir()
    assert picture.read_bytes() == png.getvalue()
    page = (out / "notebooks" / "00_first.html").read_text(encoding="utf-8")
    img = f'<img src="../pictures/{picture.name}" alt="A line, &quot;up&quot;" width="30" height="15" loading="lazy" style="x">'
    assert page.count(img) == 2


def refused(root, out, match):
    before = files(out) if out.is_dir() else None
    with pytest.raises(BuildError, match=match):
        build(root, out)
    assert (files(out) if out.is_dir() else None) == before


def test_a_folder_in_the_course_is_refused(root):
    refused(root, root / "notebooks", "must lie outside of the course's folder")


@pytest.mark.parametrize(
    ("cell", "says"),
    [("[a](02_none.ipynb)", "leads to nothing"), ("[a](glossary.ipynb#no-such-term)", "no-such-term")],
)
def test_a_link_that_leads_nowhere_stops_the_build(root, out, lesson, cell, says):
    lesson(cell)
    refused(root, out, says)
    assert not out.exists()


@pytest.fixture
def says(root, capsys, monkeypatch):
    """What the command says to an author in the course's folder, and its status."""
    monkeypatch.chdir(root)

    def said(*arguments):
        with pytest.raises(SystemExit) as stopped:
            command.main([*map(str, arguments)])
        return stopped.value.code, capsys.readouterr().err

    return said


def test_the_command_refuses_in_a_sentence(says, root):
    status, error = says(root)
    assert status == 2
    assert error.endswith(f"error: OUT must lie outside of the course's folder {root}: {root} does not\n")


def test_the_command_names_what_is_not_installed(says, out, monkeypatch):
    monkeypatch.setattr(command, "NEEDS", ("sphinx", "a_theme"))
    status, error = says(out)
    assert status == 2
    assert "error: a_theme not installed: pip install" in error
    assert not out.exists()
