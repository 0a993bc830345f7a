"""What fails a notebook that is compared: warnings of the course's own code and what it prints on stderr; not a library's."""

import re
import shutil
import subprocess
import sys

import nbformat
import pytest

# of the right ones the stored output is stderr's, or none
RIGHT = {
    "a library's warnings": """
import warnings
for category in (DeprecationWarning, RuntimeWarning, UserWarning):
    warnings.warn_explicit("as it likes", category, "there.py", 1, module="matplotlib.axes")
del warnings
""",
    "a library's log": "import logging\nlogging.getLogger('matplotlib.font_manager').warning('no such font')",
    "stderr as stored": "import sys\nprint('as stored', file=sys.stderr)",
    "names of its own": "assert 'warnings' not in dir() and 're' not in dir() and not [name for name in dir() if 'ours' in name]",
}
WRONG = {
    "stderr": "print('unheard of', file=sys.stderr)",
    "a log": "logging.getLogger('gossipkit.sim').warning('unheard of')",
    "a cell": "import warnings\nwarnings.warn('unheard of', DeprecationWarning)",
    "the compiler": "1 is 1\n0",
    "the engine": "import gossipkit.sim\nexec('import warnings\\nwarnings.warn(\"unheard of\")', vars(gossipkit.sim))",
    "numpy": "import numpy as np\nnp.array([1.0]) / 0",
    "numpy in numpy": "np.mean([])",
    "a file": "open(__import__('os').devnull) and None",
}


@pytest.fixture(scope="module")
def told(root, tmp_path_factory):
    """What pytest says of each of these cells, run under the course's own settings."""
    course = tmp_path_factory.mktemp("course")
    (course / "tests").mkdir()
    for name in ("conftest.py", "pyproject.toml", "tests/nbval.cfg"):
        shutil.copy(root / name, course / name)
    cells = [
        nbformat.v4.new_code_cell(source, id=f"cell-{number}", execution_count=1)
        for number, source in enumerate([*RIGHT.values(), *WRONG.values()])
    ]
    cells[2].outputs = [nbformat.v4.new_output("stream", name="stderr", text="as stored\n")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), course / "scratch.ipynb")
    command = [sys.executable, "-m", "pytest", "-n0", "-rA", "--color=no", "scratch.ipynb"]
    done = subprocess.run(command, cwd=course, capture_output=True, text=True)
    ends = {
        int(cell): end for end, cell in re.findall(r"^(PASSED|FAILED) \S+::Cell (\d+)", done.stdout, re.M)
    }
    assert len(ends) == len(cells), done.stdout + done.stderr
    return dict(
        zip([*RIGHT, *WRONG], (ends[number] for number in range(len(cells))), strict=True)
    ), done.stdout


@pytest.mark.parametrize("what", RIGHT)
def test_a_library_s_warning_and_stderr_as_stored_pass(told, what):
    assert told[0][what] == "PASSED", told[1]


@pytest.mark.parametrize("what", WRONG)
def test_a_warning_of_ours_and_other_words_on_stderr_fail(told, what):
    assert told[0][what] == "FAILED", told[1]


def test_it_is_said_what_came_on_stderr(told):
    assert re.search(r"stderr of the cell -+\nunheard of\n", told[1])
