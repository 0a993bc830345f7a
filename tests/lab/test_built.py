"""The folder that a build is written to."""

import shutil

import pytest

from gossipkit.lab import built
from gossipkit.lab.built import BuildError

LIST = "list.txt"


def write(folder, **files):
    for name, content in files.items():
        path = folder / name.replace("_", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return folder


def held(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()
    }


@pytest.fixture
def root(tmp_path):
    return write(tmp_path / "course", notebooks_lesson="of a course")


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


def build(out, root, **files):
    made = write(out.with_name("made"), **files)
    try:
        return built.replace(out, made, built.earlier(out, root, LIST), LIST)
    finally:
        shutil.rmtree(made)


def test_a_build_goes_where_nothing_is(root, out):
    assert build(out, root, a="1", b_c="2") == {"a", "b/c"}
    assert held(out) == {"a": "1", "b/c": "2", LIST: f"a\nb/c\n{LIST}"}
    empty = out.with_name("empty")
    empty.mkdir()
    build(empty, root, a="1", b_c="2")
    assert held(empty) == held(out)


def test_the_next_one_leaves_nothing_of_the_one_before(root, out):
    build(out, root, a="1", b_c="2", b_d="3")
    build(out, root, a="4", e="5")
    assert held(out) == {"a": "4", "e": "5", LIST: f"a\ne\n{LIST}"}
    assert not (out / "b").exists()


def test_one_that_was_stopped_is_replaced_too(root, out, monkeypatch):
    build(out, root, a="1", b="2")

    def half(made, out, **_):
        shutil.copy(made / "c", out)
        raise OSError("the disk is full")

    with monkeypatch.context() as disk:
        disk.setattr(built.shutil, "copytree", half)
        with pytest.raises(OSError, match="full"):
            build(out, root, c="3", d="4")
    build(out, root, d="5")
    assert held(out) == {"d": "5", LIST: f"d\n{LIST}"}


@pytest.mark.parametrize(
    ("place", "says"),
    [
        ("course", "must lie outside of the course's folder"),
        ("course/notebooks/new", "must lie outside of the course's folder"),
        ("thesis", r"must be new, empty or an earlier build: .* holds other files, such as chapter/one"),
        ("thesis/chapter/one", "must be a folder: .* is a file"),
        ("thesis/chapter/one/new", "must be a folder: .*one is a file"),
        (".", "holds other files"),
    ],
)
def test_a_folder_of_somebody_else_is_refused(root, tmp_path, place, says):
    write(tmp_path / "thesis", chapter_one="years of work")
    with pytest.raises(BuildError, match=says):
        built.earlier((tmp_path / place).resolve(), root, LIST)


def test_so_is_an_earlier_build_with_a_file_of_somebody_else(root, out):
    build(out, root, a="1")
    write(out, CNAME="example.org")
    with pytest.raises(BuildError, match="such as CNAME"):
        built.earlier(out, root, LIST)


def test_a_list_that_names_a_file_outside_of_the_folder_takes_nothing_away(root, out):
    build(out, root, page="one")
    mine = out.parent / "mine"
    mine.write_text("kept")
    with (out / LIST).open("a") as listed:
        listed.write("\n../mine")
    build(out, root, page="two")
    assert mine.read_text() == "kept"
