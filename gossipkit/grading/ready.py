"""What a command makes once for the sandbox: byte-code, a copy of gossipkit, the list of fonts, and who is there.

A process in there could make byte-code and list by itself, but it can write nowhere where the next one would find them.
"""

from __future__ import annotations

import atexit
import compileall
import functools
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from copy import copy
from pathlib import Path

from .course import HELD_BACK
from .view import places

PACKAGE = Path(__file__).resolve().parents[1]
LIBRARIES = ("IPython.core.interactiveshell", "numpy.random", "networkx", "matplotlib.pyplot")
"""What students' notebooks import, with all that these import."""
_MAKING = threading.Lock()


def _once(make: Callable[[], Path]) -> Callable[[], Path]:
    """Make it when it is first asked for; of several threads that start processes, all but one wait."""
    made = functools.cache(make)

    @functools.wraps(make)
    def waiting() -> Path:
        with _MAKING:
            return made()

    return waiting


def _folder() -> Path:
    """A folder that is there as long as this process."""
    folder = tempfile.mkdtemp(prefix="gossipkit-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


@_once
def package() -> Path:
    """A copy of gossipkit, compiled, without what is held back from students."""
    held_back = PACKAGE.parent / HELD_BACK
    copied = shutil.copytree(
        PACKAGE,
        _folder() / PACKAGE.name,
        ignore=lambda folder, names: [name for name in names if Path(folder, name) == held_back],
    )
    compileall.compile_dir(copied, quiet=2)
    compile_libraries()
    return copied


def compile_libraries() -> None:
    """Have byte-code made of what students import, if there is none yet.

    ``pip install --no-compile`` makes none, and Python makes it when something is imported; in the sandbox it can't.
    """
    lacking = [name for name in LIBRARIES if not Path(importlib.util.find_spec(name).cached).exists()]
    if lacking:
        environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "", "MPLBACKEND": "agg"}
        # what can't be imported is said by the cell that imports it
        subprocess.run(
            [sys.executable, "-c", f"import {', '.join(lacking)}"], env=environment, stderr=subprocess.DEVNULL
        )


@_once
def fonts() -> Path:
    """Matplotlib's list of the fonts that the sandbox shows, named as Matplotlib looks for it.

    matplotlib.font_manager, _load_fontmanager: without a list it asks ``fc-list`` and opens every font, which takes
    seconds.
    """
    from matplotlib import font_manager  # it takes its time, and is asked for only where there is a sandbox

    kept = copy(font_manager.fontManager)
    for kind in ("ttflist", "afmlist"):
        setattr(kept, kind, [font for font in getattr(kept, kind) if places(Path(font.fname))])
    path = _folder() / f"fontlist-v{font_manager.FontManager.__version__}.json"
    font_manager.json_dump(kept, path)
    return path


@_once
def people() -> Path:
    """A folder with ``passwd`` and ``group``, in which there is one student, whose home is the sandbox's."""
    folder, me, mine = _folder(), os.getuid(), os.getgid()
    (folder / "passwd").write_text(f"student:x:{me}:{mine}:student:/tmp:/bin/sh\n")
    (folder / "group").write_text(f"student:x:{mine}:\n")
    return folder
