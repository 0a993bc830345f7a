"""What is made once: confined processes find gossipkit's byte-code and the list of fonts, and can change neither."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from matplotlib import font_manager

from gossipkit.grading import ready
from gossipkit.grading.sandbox import Confined, Limits


@pytest.fixture
def ran(sandbox):
    """``ran(source)``: what a cell printed in the sandbox."""

    def of(source):
        with Confined("gossipkit.grading.student", Limits(), True, threading.Event()) as student:
            return student.ask({"do": "cell", "source": source})["output"].strip()

    return of


def fonts_made():
    made_anew = ready.fonts.__wrapped__()
    return {Path(font.fname) for font in font_manager.json_load(made_anew).ttflist}


def test_byte_code_is_found_that_nobody_in_there_can_write(ran):
    source = """
import importlib.util, os
for name in ("gossipkit.gossip.epidemic", "gossipkit.grading.student"):
    cached = importlib.util.find_spec(name).cached
    try:
        open(cached, "ab")
    except OSError as error:
        print(os.path.exists(cached), type(error).__name__, error.strerror)
"""
    assert ran(source).splitlines() == ["True OSError Read-only file system"] * 2


def test_byte_code_is_made_of_libraries_that_have_none_and_once(tmp_path, monkeypatch):
    (tmp_path / "a_library.py").write_text("import a_part\n")
    (tmp_path / "a_part.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setattr(ready, "LIBRARIES", ("a_library",))
    ready.compile_libraries()
    made = {path.name.partition(".")[0] for path in tmp_path.rglob("*.pyc")}
    assert made == {"a_library", "a_part"}
    monkeypatch.setattr(subprocess, "run", None)  # whoever runs it again fails
    ready.compile_libraries()


def test_what_is_held_back_from_students_is_not_in_there(ran):
    source = "import importlib.util\nprint([importlib.util.find_spec(f'gossipkit.reading.{name}') is None for name in ('loop', 'unseen')])"
    assert ran(source) == "[False, True]"


def test_it_is_made_once_and_gone_with_the_command():
    source = """
from concurrent.futures import ThreadPoolExecutor
from gossipkit.grading import ready
with ThreadPoolExecutor(4) as pool:
    (made,) = set(pool.map(lambda one: ready.package(), range(4)))
print(made, (made / "grading" / "ready.py").exists())
"""
    said = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True).stdout
    made, there = said.split()
    assert there == "True" and not Path(made).parent.exists()


def test_matplotlib_looks_for_no_fonts(ran):
    said = ran(
        "import logging\nlogging.basicConfig()\nlogging.getLogger('matplotlib').setLevel(logging.DEBUG)\n"
        "import matplotlib.font_manager"
    )
    assert "Using fontManager instance from /tmp/.cache/matplotlib" in said
    assert "generated new fontManager" not in said


def test_only_fonts_are_named_that_can_be_seen(ran, monkeypatch):
    before = fonts_made()
    assert before and ran(f"import os\nprint(all(map(os.path.exists, {[*map(str, before)]})))") == "True"
    mine = font_manager.FontEntry(fname=os.path.expanduser("~/.fonts/mine.ttf"), name="Mine")
    more = [*font_manager.fontManager.ttflist, mine]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", more)
    assert fonts_made() == before
