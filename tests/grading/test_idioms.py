"""What students write in notebooks does in the grader what it does in a kernel: the same cells run in both and are compared.

Addresses, times and the names of temporary files differ between any two runs, and are left out.
"""

import json
import re
import threading

import nbformat
import pytest
from nbclient import NotebookClient

from gossipkit.grading.sandbox import Confined, Limits

SAME = {
    "inline": "%matplotlib inline",
    "figure formats": "%config InlineBackend.figure_format = 'retina'",
    "autosave": "%autosave 60",
    "no autosave": "%autosave 0",
    "precision": "%precision 3\n3.14159265",
    "precision back": "%precision",
    "xmode": "%xmode Minimal",
    "time": "%time summed = sum(range(10))",
    "timed cell": "%%time\ntimed = 1",
    "timeit": "%timeit -n 1 -r 1 pass",
    "captured": "%%capture told\nprint('hidden')\nkept = 2",
    "what was captured": "told.stdout",
    "autoreload": "%load_ext autoreload\n%autoreload 2",
    "store": "%store",
    "environment": "%env COURSE=gossip\nimport os\nos.environ['COURSE'], os.environ['MPLBACKEND'], os.environ['TERM']",
    "folder": "before = os.getcwd() != ''\n%pwd\nbefore",
    "ints": "%who_ls bool",
    "streams": "import sys\nsys.stdout.encoding, sys.stdout.isatty(), sys.stdout.name, type(sys.stderr).__name__, sys.stdout.errors",
    "what write gives": "sys.stdout.write('three')",
    "write of a number": "sys.stdout.write(3)",
    "no buffer": "sys.stdout.buffer",
    "flush": "print('now', end='', flush=True)\nsys.stderr.write(' and then\\n');",
    "redirected": "import contextlib, io\nwith contextlib.redirect_stdout(io.StringIO()) as told:\n    print('away')\ntold.getvalue()",
    "which shell": "shell = type(get_ipython())\nshell.__name__, shell.__module__, 'IPKernelApp' in get_ipython().config",
    "shell in words": "get_ipython().__class__, get_ipython().user_ns is globals(), hasattr(get_ipython(), 'kernel')",
    "kind of shell": "from ipykernel.zmqshell import ZMQInteractiveShell\nfrom IPython import InteractiveShell\n[isinstance(get_ipython(), kind) for kind in (ZMQInteractiveShell, InteractiveShell, int)]",
    "run a magic": "get_ipython().run_line_magic('time', '1')",
    "user": "import getpass\nisinstance(getpass.getuser(), str)",
    "who": "import pwd\n(lambda me: (me.pw_uid == os.getuid(), bool(me.pw_name), os.path.expanduser('~' + me.pw_name) == me.pw_dir))(pwd.getpwuid(os.getuid()))",
    "group": "import grp\nbool(grp.getgrgid(os.getgid()).gr_name)",
    "display": "from IPython.display import HTML, Markdown, display\ndisplay(HTML('<b>x</b>'), Markdown('*x*'), 3, {'a': [1]})",
    "display at hand": "del display\ndisplay('a text')\nHTML('<i>y</i>')",
    "clear": "from IPython.display import clear_output\nprint('before')\nclear_output()\nprint('after')",
    "update": "handle = display(1, display_id=True)\nNone",
    "widget": "import ipywidgets as widgets\nslider = widgets.IntSlider(value=3, max=9)\ndisplay(slider)\nslider.value",
    "observed": "seen = []\nslider.observe(lambda change: seen.append(change['new']), 'value')\nslider.value = 4\nseen",
    "interact": "chosen = widgets.interactive(lambda x: seen.append(x), x=(0, 8))\nchosen.update()\nseen, chosen.kwargs",
    "tqdm": "from tqdm.notebook import tqdm\ntotal = 0\nfor one in tqdm(range(3)):\n    total += one\ntotal",
    "tqdm auto": "from tqdm.auto import trange\ntype(trange(1)).__name__",
    "file": "%%writefile helper_of_mine.py\nvalue = 7\nprint('ran')",
    "run a file": "%run helper_of_mine.py\nvalue",
    "import of a file": "import helper_of_mine as mine\nmine.value",
    "figure": "import matplotlib.pyplot as plt\nfigure, axes = plt.subplots()\naxes.set_title('x')\nplt.show()",
    "figure at the end": "lines = plt.plot([1, 2])",
    "figure shown twice": "figure",
    "no figures left": "plt.get_fignums()",
    "await": "import asyncio\nslept = await asyncio.sleep(0, 'slept')\nasyncio.get_running_loop().is_running(), slept",
    "task": "async def later():\n    return 5\ntask = asyncio.create_task(later())",
    "task done": "await task",
    "a loop runs already": "given = later()\ntry:\n    asyncio.run(given)\nfinally:\n    given.close()",
    "values": "1 + 1",
    "last values": "_ + 1, Out[max(Out)]",
    "cells before": "In[-2]",
    "quiet": "40 + 2;",
    "annotations": "from __future__ import annotations\ndef typed(x: Nowhere): ...\ntyped.__annotations__",
    "shell line": "!echo hello",
    "shell line kept": "said = !echo a b\nsaid",
    "shell line with a name": "word = 'gossip'\n!echo {word} $word",
    "shell line that fails": "!exit 3\n_exit_code",
    "bash": "%%bash\necho from bash",
    "bash that fails": "%%bash\nexit 1",
    "html": "%%html\n<b>hi</b>",
    "help": "len?",
    "error": "1 / 0",
    "error in a function": "def fails():\n    raise KeyError('x')\nfails()",
    "syntax": "def broken(:",
    "names after an error": "bound = 1\nunknown\nunbound = 2",
    "exit status": "sys.exit(3)",
    "logging": "import logging\nlogging.basicConfig(format='%(message)s')\nlogging.warning('once')",
    "logging later": "logging.warning('twice')",
    "thread": "import threading\nthread = threading.Thread(target=print, args=('from a thread',))\nthread.start()\nthread.join()",
    "dataclass": "from dataclasses import dataclass\n@dataclass\nclass Point:\n    x: int = 1\nPoint(), Point.__module__",
    "main": "__name__, '__file__' in globals()",
    "all values": "from IPython.core.interactiveshell import InteractiveShell\nInteractiveShell.ast_node_interactivity = 'all'",
    "both values": "1\n2",
    "last value again": "InteractiveShell.ast_node_interactivity = 'last_expr'",
}
# in a kernel these end their cells; here they are skipped in words, and what follows them in the cell runs
SKIPPED = {
    "%nosuchmagic 1": "there is no such magic here",
    "%load_ext nosuchextension": "No module named 'nosuchextension'",
    "%%nosuchmagic": "there is no such magic here; its cell runs as Python",
    "%pip install nosuchpackage": "the grader installs nothing",
    "!pip install nosuchpackage": "the grader installs nothing",
    "import nosuchmodule": "the grader lacks the module 'nosuchmodule', or none has that name",
    "from nosuchmodule.inside import something": "the grader lacks the module 'nosuchmodule', or none has that name",
    "input('sure? ')": "the grader has nobody who could answer input()",
    "getpass.getpass()": "the grader has nobody who could answer input()",
    "breakpoint()": "nobody is there to debug",
    "%matplotlib widget": "there are no windows and no widgets here: figures stay in the notebook",
}
NAMES = """
print('@@' + __import__('json').dumps({
    name: repr(value)[:300] for name, value in dict(globals()).items()
    if not name.startswith('_') and name not in ('In', 'Out', 'exit', 'quit', 'open')}))
"""
ALIKE = (
    (r"0x[0-9A-Fa-f]+|display_id=\w+", "ADDRESS"),
    (r"[\d.e+]+ (ns|[µμ]s|ms|s|min [\d.]+ s)\b", "TIME"),
    (r"\S*ipykernel_\S*?\.py|<ipython-input-[^>]*>", "CELL"),
    (r"Task-\d+|Thread-\d+|stopped \d+|\d\d:\d\d", "NUMBER"),
    (r"from '[^']*helper_of_mine.py'", "FILE"),
    (r"\r\n", "\n"),
)
TRACE = re.compile(r'^(In \[\d+\], line|  File ")', re.MULTILINE)


def alike(text):
    for pattern, word in ALIKE:
        text = re.sub(pattern, word, text)
    return text.strip()


def bound(texts):
    """The names that each cell bound anew, from what is printed after each."""
    before = {}
    for text in texts:
        names = json.JSONDecoder().raw_decode(text.partition("@@")[2])[0]
        yield {name: alike(value) for name, value in names.items() if before.get(name) != value}
        before = names


def printed(outputs):
    for output in outputs:
        if output.output_type == "stream":
            yield output.text
        elif output.output_type in ("display_data", "execute_result"):
            yield output.data.get("text/plain", "") + "\n"


@pytest.fixture(scope="module")
def in_a_kernel(tmp_path_factory):
    """Of each cell: what it printed, its error's name, and what it bound."""
    cells = [nbformat.v4.new_code_cell(source) for cell in SAME.values() for source in (cell, NAMES)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    where = {"metadata": {"path": str(tmp_path_factory.mktemp("kernel"))}}
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PYTEST_CURRENT_TEST")  # for which ipykernel leaves out what processes print
        NotebookClient(notebook, timeout=300, allow_errors=True, resources=where).execute()
    said = ["".join(printed(cell.outputs)) for cell in notebook.cells]
    errors = [[one.ename for one in cell.outputs if one.output_type == "error"] for cell in notebook.cells]
    return dict(
        zip(SAME, zip(map(alike, said[::2]), errors[::2], bound(said[1::2]), strict=True), strict=True)
    )


@pytest.fixture(scope="module")
def student(sandbox):
    with Confined("gossipkit.grading.student", Limits(), True, threading.Event()) as process:
        yield process


def cell(student, source):
    return student.ask({"do": "cell", "source": source})


@pytest.fixture(scope="module")
def in_the_grader(student):
    said, errors, names = [], [], []
    for source in SAME.values():
        told = cell(student, source)
        said.append(alike(TRACE.split(told["output"])[0] if told["raised"] else told["output"]))
        errors.append([told["raised"]["name"]] if told["raised"] else [])
        names.append(cell(student, NAMES)["output"])
    return dict(zip(SAME, zip(said, errors, bound(names), strict=True), strict=True))


@pytest.mark.parametrize("idiom", SAME)
def test_an_idiom_prints_and_binds_what_it_does_in_a_kernel(idiom, in_a_kernel, in_the_grader):
    assert in_the_grader[idiom] == in_a_kernel[idiom]


@pytest.mark.parametrize("source", SKIPPED)
def test_what_cannot_work_here_is_skipped_in_words_and_the_rest_of_its_cell_runs(source, student):
    told = cell(
        student,
        f"import getpass\nfollowing = 0\n{source}\nfollowing = 1"
        if "%%" not in source
        else f"{source}\nfollowing = 1",
    )
    assert told["raised"] is None, told
    assert f"Skipped: {source}" in told["output"].replace('"', "'") and SKIPPED[source] in told["output"]
    assert student.ask({"do": "names", "names": ["following"]})["values"] == {"following": 1}
    assert cell(student, "following = 0")["raised"] is None


def test_what_processes_print_is_kept_in_its_order(student):
    # in a kernel it comes by another way, sooner or later
    told = cell(
        student,
        "import os, subprocess\nfrom multiprocessing import get_context\nprint('first')\nos.system('echo second')\n"
        "print('third')\nsubprocess.run(['echo', 'fourth'])\nwith get_context('fork').Pool(1) as pool:\n"
        "    pool.map(print, ['fifth'])\nprint('last')",
    )
    assert told["output"].split() == ["first", "second", "third", "fourth", "fifth", "last"], told


def test_nothing_is_left_by_exit(student):
    for word in ("exit", "quit()"):
        assert "the cells that follow run as well" in cell(student, word)["output"]


def test_a_cell_of_another_language_is_skipped_whole(student):
    for magic in ("%%sql", "%%R", "%%nosuchlanguage"):
        told = cell(student, f"{magic}\nSELECT x FROM t")
        assert told["raised"] is None and f"Skipped: {magic}, with its cell" in told["output"]


def test_an_unknown_magic_of_a_cell_passes_its_error_on(student):
    assert cell(student, "%%nosuchmagic\n1 / 0")["raised"]["name"] == "ZeroDivisionError"


def test_an_error_says_in_which_line_it_was(student):
    told = cell(student, "def divides():\n    return 1 / 0\n\ndivides()")
    assert re.search(
        r"In \[\d+\], line 4: divides\(\)\nIn \[\d+\], line 2: return 1 / 0\nZeroDivisionError",
        told["output"],
    )
