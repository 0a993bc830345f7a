"""Odd and right: every point that a machine gives. And HTML in everything that a student may say."""

import json
from copy import deepcopy

import nbformat

from . import WRITTEN, Item, cell_of, cheat, code, edited, harm, raw

ROUND = """
def {name}(knows, calls, mode):
    after, messages = set(knows), 0
    for call in calls:
        if call.caller in knows:
            if mode != "pull":
                messages += 1
                if not call.lost:
                    after.add(call.target)
        elif mode != "push":
            messages += 1
            if not call.lost and call.target in knows:
                messages += 1
                if not call.reply_lost:
                    after.add(call.caller)
    return after, messages
"""


def one_round(name, after, called="helper", **more):
    """`one_round` is made in another way than with ``def``."""
    return harm(name, answers={"one-round": ROUND.format(name=called) + after, **more})


def merged(notebook):
    """All answers in one cell, the others empty."""
    names = ["one-round", "prediction", "measurement", "settings", "reason"]
    sources = [cell_of(notebook, name).source for name in names]
    for name in names:
        cell_of(notebook, name).source = ""
    cell_of(notebook, "one-round").source = "\n\n".join(sources)


def elsewhere(notebook):
    """Answers in ordinary cells, above and below their own."""
    for name, shift in (("one-round", 0), ("reason", 1), ("settings", -2)):
        cell = cell_of(notebook, name)
        at = notebook.cells.index(cell)
        notebook.cells.insert(at + shift, code(cell.source))
        cell.source = "# see the other cell"


def extra(notebook):
    for at in range(len(notebook.cells), 0, -1):
        notebook.cells.insert(at, code(f"unused_{at} = {at}\nprint(unused_{at})"))
        notebook.cells.insert(at, nbformat.v4.new_markdown_cell("a note"))


def with_outputs(notebook):
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type == "code":
            cell.execution_count = number
            cell.outputs = [
                nbformat.v4.new_output("stream", text="old"),
                nbformat.v4.new_output("display_data", {"image/png": "aGFsbG8=", "text/html": "<b>old</b>"}),
                nbformat.v4.new_output("error", ename="Old", evalue="old", traceback=["old"]),
            ]


def each_source(change):
    def edit(notebook):
        for cell in notebook.cells:
            if not cell.metadata.get("nbgrader", {}).get("locked"):
                cell.source = change(cell.source)

    return edit


def old_minor(text):
    said = json.loads(text) | {"nbformat_minor": 4}
    for cell in said["cells"]:
        cell.pop("id")
        cell["source"] = (
            cell["source"] if isinstance(cell["source"], list) else cell["source"].splitlines(True)
        )
    return json.dumps(said).encode()


def without_kernel(text):
    return json.dumps(json.loads(text) | {"metadata": {}}).encode()


MARKUP = """<script>pwned()</script><img src=x onerror=pwned()><svg onload="pwned()"><iframe srcdoc="<script>parent.pwned()</script>"></iframe>
<a href="javascript:pwned()">read me</a> [and me](javascript:pwned()) </td></table></pre></textarea></title></style></main><style>body{display:none}</style>
<form action="https://pwned.invalid"><button>ok</button></form><meta http-equiv="refresh" content="0;url=https://pwned.invalid"><base href="https://pwned.invalid">
![x](https://pwned.invalid/x.png "onerror=pwned()") `</code><script>pwned()</script>` $\\href{javascript:pwned()}{x}$ {{ pwned() }} {% pwned() %} &lt;script&gt;pwned()&lt;/script&gt;"""


def marked_up(notebook):
    cell_of(notebook, WRITTEN).source = MARKUP
    notebook.cells.insert(0, nbformat.v4.new_markdown_cell(MARKUP))
    notebook.cells.insert(0, nbformat.v4.new_raw_cell(MARKUP, metadata={"raw_mimetype": "text/html"}))
    notebook.metadata.title = MARKUP
    notebook.metadata.widgets = {"application/vnd.jupyter.widget-state+json": {"state": {"x": MARKUP}}}
    notebook.cells.insert(
        0, code(f"print({MARKUP!r})\nraise type({MARKUP!r}, (Exception,), {{}})({MARKUP!r})")
    )
    notebook.cells.insert(
        0, code(f"from IPython.display import HTML, display\ndisplay(HTML({MARKUP!r}))\nHTML({MARKUP!r})")
    )


def huge_answer(notebook):
    cell_of(notebook, WRITTEN).source = "<b>" * 100_000 + "word " * 200_000 + "\n> " * 5_000 + "[" * 20_000


ITEMS = [
    edited("right-as-it-is", lambda notebook: None),
    edited("right-extra-cells", extra),
    edited("right-merged", merged),
    edited("right-elsewhere", elsewhere),
    edited("right-with-outputs", with_outputs),
    edited(
        "right-trailing-space",
        each_source(lambda source: "\n".join(line + "   " for line in source.splitlines()) + "\n\n\n"),
    ),
    edited("right-crlf", each_source(lambda source: source.replace("\n", "\r\n"))),
    raw("right-crlf-file", lambda text: text.replace("\n", "\r\n").encode()),
    raw("right-minor-4", old_minor),
    raw("right-without-kernel", without_kernel),
    edited(
        "right-cell-ids-lost",
        lambda notebook: [cell.update(id=f"other-{at}") for at, cell in enumerate(notebook.cells)] and None,
    ),
    edited(
        "right-run-twice",
        lambda notebook: (
            notebook.cells.extend(
                deepcopy(
                    [
                        cell
                        for cell in notebook.cells
                        if cell.cell_type == "code" and "nbgrader" not in cell.metadata
                    ]
                )
            )
            or None
        ),
    ),
    one_round("right-other-name", "\none_round = helper"),
    one_round("right-lambda", "\none_round = lambda *given, **named: helper(*given, **named)"),
    one_round("right-partial", "\nimport functools\none_round = functools.partial(helper)"),
    one_round(
        "right-cached",
        "\nimport functools\n@functools.wraps(helper)\ndef one_round(*given):\n    return helper(*given)",
    ),
    one_round(
        "right-callable",
        "\nclass Round:\n    def __call__(self, knows, calls, mode):\n        return helper(knows, calls, mode)\none_round = Round()",
    ),
    one_round(
        "right-method",
        "\nclass Round:\n    def one(self, knows, calls, mode):\n        return helper(knows, calls, mode)\none_round = Round().one",
    ),
    one_round(
        "right-numpy",
        "\nimport numpy as np\ndef one_round(knows, calls, mode):\n    after, messages = helper(knows, calls, mode)\n    return frozenset(after), np.int64(messages)",
        measurement="""
import numpy as np
from gossipkit.gossip import spread, theory
never_told = {n: np.float64(1 - spread(n, fanout=3, loss=0.5, retransmit=theory.retransmit_limit(4, n) / 3, trials=2000, seed=1).coverage.mean()) for n in (64, 1024)}
""",
        settings='import numpy as np\nsettings = dict(mode="push", fanout=int(np.int64(5)), copies=np.int64(8))',
    ),
    one_round(
        "right-list", "\ndef one_round(knows, calls, mode):\n    return list(helper(knows, calls, mode))"
    ),
    harm(
        "right-print",
        "print('hello')\nprint = print",
        answers={"reason": 'for reason in "B":\n    print(reason)'},
    ),
    harm(
        "right-magics",
        "%load_ext autoreload\n%autoreload 2\n%matplotlib inline\n%time 1 + 1\n!echo hello\n%precision 3",
    ),
    harm("right-cell-magic", "%%time\nvalue = 1"),
    harm("right-bash", "%%bash\necho hello"),
    harm("right-bad-magic", "%nosuchmagic"),
    harm("right-input", "try:\n    answer = input('sure? ')\nexcept EOFError:\n    answer = ''"),
    harm("right-input-raises", "answer = input('sure? ')"),
    harm(
        "right-await",
        "import asyncio\nawait asyncio.sleep(0.01)\nvalue = await asyncio.gather(asyncio.sleep(0))",
    ),
    harm(
        "right-figure",
        "import matplotlib.pyplot as plt\nfigure, axes = plt.subplots()\naxes.plot([1, 2])\nplt.show()\nfigure",
    ),
    harm(
        "right-widget",
        "import ipywidgets\nfrom IPython.display import display\ndisplay(ipywidgets.IntSlider())\nget_ipython().system('true')",
    ),
    harm("right-lesson", "import gossipkit.lab, networkx, matplotlib.pyplot"),
    harm("right-file", "open('notes.txt', 'w').write('a note')\nassert open('notes.txt').read() == 'a note'"),
    harm(
        "right-process",
        "import subprocess, sys\nassert subprocess.run([sys.executable, '-c', 'print(1)'], capture_output=True).stdout == b'1\\n'",
    ),
    harm(
        "right-pool",
        "from concurrent.futures import ThreadPoolExecutor\nwith ThreadPoolExecutor(4) as pool:\n    assert list(pool.map(abs, [-1])) == [1]",
    ),
    harm("right-seeds", "import random, numpy\nrandom.seed()\nnumpy.random.seed(3)"),
    edited("markup", marked_up),
    edited("markup-huge", huge_answer),
    cheat(
        "markup-in-values",
        after=f"text = {MARKUP!r}\nreason = prediction = text\nnever_told = {{text: text}}\nsettings = {{text: text}}\nclass Odd(dict): pass\nOdd.__name__ = text\ndef one_round(knows, calls, mode):\n    return {{text}}, Odd()",
    ),
    cheat(
        "markup-in-errors",
        answers={
            "one-round": f"def one_round(knows, calls, mode):\n    raise type({MARKUP!r}, (Exception,), {{}})({MARKUP!r})"
        },
        after=f"raise ValueError({MARKUP!r})",
    ),
    Item(
        "markup-in-a-name",
        lambda students, bait: students.write(
            "markup-in-a-name/<script>pwned()<script>.ipynb", students.answered
        ),
    ),
]
