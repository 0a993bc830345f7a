"""Refreshing notebooks: what is stored, and what is not."""

import zlib
from base64 import b64decode

import nbformat
import pytest
from nbclient.exceptions import CellExecutionError

from gossipkit.lab import refresh
from gossipkit.lab.refresh import WIDGET_VIEW

PANEL = """
from gossipkit.lab import Panel, Slider, figures
Panel("Lines", run=lambda top: {"x": list(range(top))}, draw=lambda r: figures.curves(r, title="Lines"),
      controls=[Slider("top", 2, 5, 1)])
"""


def notebook(path, *sources):
    cells = [nbformat.v4.new_code_cell(source, id=f"cell-{number}") for number, source in enumerate(sources)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


def test_normalise_drops_what_carries_nothing():
    output = nbformat.v4.new_output(
        "display_data",
        {WIDGET_VIEW: {"model_id": "a1"}, "text/plain": "kept", "image/png": "kept"},
        metadata={WIDGET_VIEW: {"x": 1}, "image/png": {"alt": "kept"}},
    )
    cell = nbformat.v4.new_code_cell("1", outputs=[output, nbformat.v4.new_output("stream", text="kept")])
    cell.metadata = nbformat.from_dict({"execution": {"iopub.status.busy": "2024"}, "tags": ["kept"]})
    made = nbformat.v4.new_notebook(cells=[cell, nbformat.v4.new_markdown_cell("# kept")])
    made.metadata.update(
        nbformat.from_dict(
            {"widgets": {"state": {}}, "language_info": {"version": "3.11.9"}, "title": "kept"}
        )
    )
    once = refresh.normalise(made)
    assert once is made
    assert once.metadata == {
        "kernelspec": refresh.KERNEL,
        "language_info": refresh.LANGUAGE,
        "title": "kept",
    }
    assert once.cells[0].metadata == {"tags": ["kept"]}
    shown, streamed = once.cells[0].outputs
    assert shown.data == {"text/plain": "kept", "image/png": "kept"}
    assert shown.metadata == {"image/png": {"alt": "kept"}} and streamed.text == "kept"
    written = nbformat.writes(once)
    assert nbformat.writes(refresh.normalise(once)) == written


def test_a_second_run_changes_no_byte(tmp_path, capsys):
    path = notebook(tmp_path / "lesson.ipynb", PANEL, "print('a')\nprint('b')")
    assert refresh.main([str(path), "--check"]) == 1
    first = path.read_bytes()
    assert refresh.main([str(path), "--check"]) == 0
    assert path.read_bytes() == first
    assert capsys.readouterr().out.split() == ["changed", str(path), "unchanged", str(path)]

    stored = nbformat.reads(first.decode(), 4)
    nbformat.validate(stored)
    (panel, live), (printed,) = (cell.outputs for cell in stored.cells)
    assert live.data == {"text/plain": ""}  # of the live view nothing is left
    assert set(panel.data) == {"text/html", "image/png", "text/plain"}
    assert printed.text == "a\nb\n"
    assert b"widget" not in first.split(b'"image/png"')[0].split(b'"outputs"')[1] and b"model_id" not in first
    # the panel's other end is stored for readers, since refresh says so to the kernel
    (view,) = panel.metadata["gossipkit"]["views"]
    assert b'"positions":[3]' in zlib.decompress(b64decode(view))
    assert first.endswith(b"}\n") and not first.endswith(b"\n\n")


def test_a_cell_runs_in_its_notebook_s_folder_and_a_raising_one_writes_nothing(tmp_path):
    (tmp_path / "beside.txt").write_text("here")
    path = notebook(tmp_path / "lesson.ipynb", "print(open('beside.txt').read())", "1 / 0")
    before = path.read_bytes()
    with pytest.raises(CellExecutionError, match="ZeroDivisionError") as raised:
        refresh.refresh(path)
    assert path.read_bytes() == before
    assert "beside" not in str(raised.value)


def test_a_warning_of_ours_is_an_error_and_a_library_s_is_not(tmp_path):
    library = "import warnings\nwarnings.warn_explicit('as it likes', UserWarning, 'there.py', 1, module='matplotlib.axes')"
    path = notebook(tmp_path / "lesson.ipynb", library, "warnings.warn('ours', DeprecationWarning)")
    before = path.read_bytes()
    with pytest.raises(CellExecutionError) as raised:
        refresh.refresh(path)
    assert (raised.value.ename, raised.value.evalue) == ("DeprecationWarning", "ours")
    assert path.read_bytes() == before


def test_course_notebooks_come_in_the_order_of_the_course(tmp_path):
    for name in ("notebooks/01_b.ipynb", "notebooks/00_a.ipynb", "solutions/ex1/x.ipynb", "notebooks/n.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = [path.relative_to(tmp_path).as_posix() for path in refresh.course_notebooks(tmp_path)]
    assert found == ["notebooks/00_a.ipynb", "notebooks/01_b.ipynb", "solutions/ex1/x.ipynb"]


def test_no_notebooks_is_an_error_and_so_is_a_missing_one(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit):
        refresh.main([])
    assert "top folder" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        refresh.main(["gone.ipynb"])
    assert "no such notebook: gone.ipynb" in capsys.readouterr().err
