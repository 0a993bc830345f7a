"""What students write in notebooks: magics, modules that the grader lacks, values of other types, answers in other places.

Most of it is odd and right. What is wrong here is honest, and says what happened; what can't be judged says why.
"""

import nbformat

from . import ROUND, WRITTEN, cell_of, code, edited, harm
from .right import ROUND as HELPER

ROUNDS = frozenset(ROUND)
MEASURED = frozenset({"2-measured"})
TUNED = frozenset({"3-coverage", "3-speed", "3-cost"})
WITH_HELPER = HELPER.format(name="helper")
MEASURE = """from gossipkit.gossip import spread, theory

def share(n):
    run = spread(n, fanout=3, loss=0.5, retransmit=theory.retransmit_limit(4, n) / 3, trials=2000, seed=1)
    return 1 - float(run.coverage.mean())

"""
NEVER_TOLD = MEASURE + "never_told = {n: share(n) for n in (64, 1024)}\n"
SETTINGS = 'settings = {"mode": "push", "fanout": 5, "copies": 8}\n'
ADVICE = "Measured anew: fanout 5 with 8 copies. Gossip spreads the announcement; a release key decides; epochs are compared."


def answers(name, answers, **expected):
    """Some cells are answered in another way."""
    return harm(name, answers=answers, **expected)


def measured(name, before="", after="", **expected):
    """The measurement, with something before and after it in its cell."""
    return answers(name, {"measurement": before + NEVER_TOLD + after}, **expected)


def tuned(name, source, **expected):
    return answers(name, {"settings": source}, **expected)


def one_round(name, after, **expected):
    return answers(name, {"one-round": WITH_HELPER + after}, **expected)


def beside(name, *cells, answer="YOUR ANSWER HERE", place=1, **expected):
    """The written answer holds ``answer``, and other cells stand above (0) or below (1) it."""

    def edit(notebook):
        cell = cell_of(notebook, WRITTEN)
        cell.source = answer
        at = notebook.cells.index(cell) + place
        notebook.cells[at:at] = cells

    return edited(name, edit, **expected)


def text(source):
    return nbformat.v4.new_markdown_cell(source)


def split(notebook):
    """Half of an answer in its cell, half in a copy of that cell."""
    cell = cell_of(notebook, WRITTEN)
    cell.source = "Copy the reasoning, measure the parameters."
    notebook.cells.append(text("And a key decides; epochs are compared."))
    notebook.cells[-1].metadata = cell.metadata


def in_the_task(notebook):
    """An answer below the task's text, in the course's own cell."""
    cell_of(notebook, "task-4").source += f"\n\n{ADVICE}"
    cell_of(notebook, WRITTEN).source = "YOUR ANSWER HERE"


def far_away(words):
    def edit(notebook):
        notebook.cells.insert(1, text(words))
        cell_of(notebook, WRITTEN).source = "YOUR ANSWER HERE"

    return edit


MAGICS = [
    measured("odd-inline", "%matplotlib inline\n"),
    measured(
        "odd-settings",
        "%autosave 60\n%config InlineBackend.figure_format = 'retina'\n%precision 4\n%xmode Minimal\n",
    ),
    measured("odd-no-such-magic", "%load_ext lab_black\n%nosuchmagic 3\n%matplotlib widget\n%gui qt\n"),
    measured(
        "odd-installs",
        "%pip install -q polars\n!pip install polars\n!python -m pip install polars\n%conda install polars\n",
    ),
    measured("odd-timed", "%%time\n"),
    measured("odd-no-such-cell-magic", "%%memit -r 1\n"),
    measured("odd-captured", "%%capture told\n"),
    answers("odd-time", {"measurement": MEASURE + "%time never_told = {n: share(n) for n in (64, 1024)}"}),
    measured(
        "odd-streams",
        "import sys, getpass\nsys.stdout.encoding.lower(), sys.stdout.isatty(), getpass.getuser(), sys.stderr.flush()\n",
    ),
    measured(
        "odd-pause", "input('Press Enter to go on')\nbreakpoint()\n", "name = input('your name? ')\nexit\n"
    ),
    measured(
        "odd-logging",
        "import logging, warnings\nlogging.basicConfig()\nlogging.warning('begins')\nwarnings.warn('careful')\n",
    ),
    measured(
        "odd-shell", "!echo begins\nfiles = !ls /\nassert 'usr' in files\nimport os\nos.system('echo done')\n"
    ),
    answers(
        "odd-tqdm",
        {
            "measurement": "from tqdm.notebook import tqdm\nfrom tqdm.auto import trange\n"
            + MEASURE
            + "never_told = {n: share(n) for n in tqdm((64, 1024))}"
        },
    ),
    answers(
        "odd-await",
        {
            "measurement": "import asyncio\n"
            + MEASURE
            + "async def told(n):\n    await asyncio.sleep(0)\n    return n, share(n)\n"
            + "task = asyncio.create_task(told(64))\nnever_told = dict([await task, await told(1024)])"
        },
    ),
    tuned(
        "odd-widgets",
        "import ipywidgets as widgets\nfrom IPython.display import HTML, display\n"
        + SETTINGS
        + "slider = widgets.IntSlider(value=5, max=6)\ndisplay(slider, HTML('<b>fanout</b>'))\n"
        "@widgets.interact(fanout=(1, 6))\ndef choose(fanout=5):\n    settings['fanout'] = fanout\n",
    ),
    one_round(
        "odd-display-in-a-function",
        "def one_round(knows, calls, mode):\n    display(len(knows))\n    get_ipython()\n    return helper(knows, calls, mode)",
    ),
    answers(
        "odd-written-file",
        {
            "one-round": f"%%writefile rounds.py\n{HELPER.format(name='one_round')}",
            "prediction": "from rounds import one_round\nprediction = 'smaller'",
        },
    ),
    tuned(
        "odd-figure",
        "import matplotlib.pyplot as plt\n%matplotlib inline\nplt.plot([1, 2])\nplt.show()\n" + SETTINGS,
    ),
]

LACKING = [
    tuned(
        "odd-unused-import",
        "import polars\nimport os, seaborn as sns, json\nfrom sklearn.linear_model import Ridge\n" + SETTINGS,
    ),
    one_round(
        "odd-unused-import-inside",
        "def one_round(knows, calls, mode):\n    import polars as pd\n    from scipy.stats import norm\n"
        "    return helper(knows, calls, mode)",
    ),
    tuned(
        "odd-import-expected",
        "try:\n    import polars\nexcept ImportError:\n    polars = None\nassert polars is None\n" + SETTINGS,
    ),
    tuned(
        "odd-used-elsewhere",
        "import polars as pd\ntable = pd.DataFrame({'n': [1]})\ntable.plot()\n" + SETTINGS,
    ),
    answers(
        "lacks-a-module",
        {
            "measurement": MEASURE
            + "import polars as pd\nshares = pd.Series({n: share(n) for n in (64, 1024)})\nnever_told = shares.to_dict()"
        },
        ungraded=MEASURED,
        reason="the grader lacks the module 'polars'",
    ),
    answers(
        "lacks-a-module-halfway",
        {
            "measurement": MEASURE + "import polars as pd\nnever_told = {64: 0.0, 1024: 0.0}\n"
            "for row in pd.DataFrame([[n, share(n)] for n in (64, 1024)]).itertuples():\n    never_told[row[1]] = row[2]"
        },
        ungraded=MEASURED,
        reason="the grader lacks the module 'polars'",
    ),
    one_round(
        "lacks-a-module-inside",
        "import polars as pd\ndef one_round(knows, calls, mode):\n    table = pd.DataFrame(calls)\n    return helper(knows, calls, mode)",
        ungraded=ROUNDS,
        reason="the grader lacks the module 'polars'",
    ),
    tuned(
        "lacks-a-misspelt-module",
        "import nunpy as np\nsettings = dict(mode='push', fanout=int(np.ceil(4.5)), copies=8)",
        ungraded=TUNED,
        reason="the grader lacks the module 'nunpy', or none has that name",
    ),
    tuned(
        "lacks-an-answer",
        "fanout = int(input('fanout? '))\nsettings = dict(mode='push', fanout=fanout, copies=8)",
        ungraded=TUNED,
        reason="nobody who could answer input()",
    ),
    tuned(
        "lacks-a-star",
        "from my_helpers import *\nsettings = make_settings()",
        ungraded=TUNED,
        reason="the grader lacks the module 'my_helpers'",
    ),
    tuned(
        "lacks-a-file",
        "%run my_helpers.py\nsettings = make_settings()",
        ungraded=TUNED,
        reason="the grader lacks the file that %run names: my_helpers.py",
    ),
    # the course's own modules are there: what is not in them is the student's mistake
    tuned(
        "wrong-import-of-the-course",
        "from gossipkit.gosip import spread\n" + SETTINGS,
        lost=TUNED,
        why="gossipkit.gosip",
    ),
    # a lack elsewhere is no excuse
    answers(
        "wrong-beside-a-lack",
        {
            "measurement": "import polars as pd\n" + NEVER_TOLD + "pd.Series(never_told)",
            "reason": "reason = 'C'",
        },
        lost=frozenset({"2-explained"}),
        why="the reason explains the measurement",
    ),
]

VALUES = [
    measured(
        "odd-fractions",
        after="from fractions import Fraction\nnever_told = {Fraction(n): Fraction(x) for n, x in never_told.items()}",
    ),
    measured(
        "odd-decimals",
        after="from decimal import Decimal\nnever_told = {n: Decimal(str(x)) for n, x in never_told.items()}",
    ),
    measured(
        "odd-float32",
        after="import numpy as np\nnever_told = {np.int16(n): np.float32(x) for n, x in never_told.items()}",
    ),
    measured(
        "odd-0-d", after="import numpy as np\nnever_told = {n: np.array(x) for n, x in never_told.items()}"
    ),
    measured(
        "odd-counter",
        after="from collections import Counter, OrderedDict\nnever_told = Counter(OrderedDict(never_told))",
    ),
    measured(
        "odd-mapping", after="from types import MappingProxyType\nnever_told = MappingProxyType(never_told)"
    ),
    measured(
        "odd-subclasses",
        after="class Share(float):\n    pass\nclass Told(dict):\n    pass\nnever_told = Told({n: Share(x) for n, x in never_told.items()})",
    ),
    tuned(
        "odd-enums",
        "from enum import Enum, IntEnum\nclass Mode(str, Enum):\n    PUSH = 'push'\nclass Number(IntEnum):\n    FANOUT = 5\n"
        "settings = dict(mode=Mode.PUSH, fanout=Number.FANOUT, copies=8)",
    ),
    tuned(
        "odd-exact-numbers",
        "from fractions import Fraction\nfrom decimal import Decimal\nsettings = dict(mode='push', fanout=Fraction(10, 2), copies=Decimal(8))",
    ),
    answers(
        "odd-numpy-text",
        {
            "reason": "import numpy as np\nreason = np.str_('B')",
            "prediction": "import numpy as np\nprediction = np.array(['smaller'])[0]",
        },
    ),
    one_round(
        "odd-views",
        "def one_round(knows, calls, mode):\n    after, messages = helper(knows, calls, mode)\n    return [dict.fromkeys(after).keys(), messages]",
    ),
    one_round(
        "odd-deque",
        "from collections import deque, namedtuple\nRound = namedtuple('Round', 'knows messages')\n"
        "class Names(set):\n    def __repr__(self):\n        return 'names'\n"
        "def one_round(knows, calls, mode):\n    after, messages = helper(knows, calls, mode)\n    return Round(Names(after), messages) if mode == 'push' else deque([after, messages])",
    ),
    one_round(
        "odd-array",
        "import numpy as np\ndef one_round(knows, calls, mode):\n    after, messages = helper(knows, calls, mode)\n    return after, np.array(messages)",
    ),
    one_round(
        "unread-operators",
        "class Names(set):\n    def __add__(self, other):\n        return Names(self | {other})\n"
        "def one_round(knows, calls, mode):\n    after, messages = helper(knows, calls, mode)\n    return Names(after), messages",
        ungraded=frozenset({"1-one-round-tells", "1-one-round-synchronous"}),
        reason="'Names'",
    ),
    one_round(
        "unread-generator",
        "def one_round(knows, calls, mode):\n    return (part for part in helper(knows, calls, mode))",
        ungraded=ROUNDS,
        reason="'generator'",
    ),
    tuned(
        "unread-object",
        "from types import SimpleNamespace\nsettings = SimpleNamespace(mode='push', fanout=5, copies=8)",
        ungraded=TUNED,
        reason="'SimpleNamespace'",
    ),
    measured(
        "unread-values",
        after="import datetime\nnever_told = {n: datetime.timedelta(x) for n, x in never_told.items()}",
        ungraded=MEASURED,
        reason="'timedelta'",
    ),
]

ERRORS = [
    answers(
        "wrong-not-implemented",
        {
            "one-round": "def one_round(knows, calls, mode):\n    raise NotImplementedError('pull is still to do')"
        },
        lost=ROUNDS,
        why="NotImplementedError: pull is still to do",
    ),
    answers(
        "wrong-name",
        {"settings": "settings = {'mode': 'push', 'fanout': fan, 'copies': 8}"},
        lost=TUNED,
        why="the answer cell 'settings' ended with NameError: name 'fan' is not defined",
    ),
    answers(
        "unanswered",
        {"settings": "# TODO\n# YOUR CODE HERE\n\n\n%matplotlib inline\nraise   NotImplementedError( )"},
        lost=TUNED,
        why="no answer was given",
    ),
    answers(
        "unanswered-function",
        {
            "one-round": '''
def one_round(knows: set[str], calls: list[Call], mode: str) -> tuple[set[str], int]:
    """Return who knows after the round, and how many messages were sent in it."""
    # I don't know
    raise NotImplementedError()'''
        },
        lost=ROUNDS,
        why="no answer was given",
    ),
    answers(
        "unanswered-empty",
        {"reason": "", "prediction": ""},
        lost=frozenset({"2-explained", "2-measured"}),
        why="no answer was given",
    ),
]

PLACES = [
    beside("written-below", text(ADVICE)),
    beside("written-above", text(ADVICE), place=0),
    beside("written-under-the-words", answer=f"YOUR ANSWER HERE\n\n{ADVICE}"),
    beside("written-as-comments", code("# " + ADVICE.replace(". ", "\n# "))),
    beside("written-as-a-string", code(f'advice = """{ADVICE}"""')),
    beside("written-in-a-code-cell", code(ADVICE)),
    beside("written-raw", nbformat.v4.new_raw_cell(ADVICE)),
    edited("written-split", split, note="there twice"),
    edited("written-in-the-task", in_the_task, note="is kept in a cell of its own"),
    edited("written-far-away", far_away(ADVICE)),
    edited("unwritten-but-noted", far_away("To do!"), lost=frozenset({WRITTEN}), why="no answer was given"),
    beside("unwritten-emptied", answer="  \n\n", lost=frozenset({WRITTEN}), why="no answer was given"),
]

ITEMS = [*MAGICS, *LACKING, *VALUES, *ERRORS, *PLACES]
