"""What a test may take from a student: names that are the course's, and questions that fail, mean nothing to its neighbours."""

from . import ROUND, TUNED, cell_of, cheat, code, edited, harm
from .right import ROUND as ROUND_SOURCE

SYNCHRONOUS = frozenset({"1-one-round-synchronous"})  # the only test with a round of four calls
DEADLY = """
class Deadly:
    @property
    def __class__(self):
        import os
        os._exit(0)
"""
OWN_CALL = """
class Call:
    def __init__(self, target, caller, reply_lost=False, lost=False):
        self.target, self.caller, self.reply_lost, self.lost = target, caller, reply_lost, lost
"""
SPREAD = """settings = {"mode": "push", "fanout": 1, "copies": 1}
import numpy as np
from dataclasses import replace
from gossipkit.gossip import spread as _real
def spread(nodes, **k):
    r = _real(nodes, mode="push", fanout=5, trials=k["trials"], seed=k["seed"], retransmit=1.0)
    return replace(r, informed=np.full_like(r.informed, nodes), messages=np.zeros_like(r.messages))"""
MEASURE = """settings = {"mode": "push", "fanout": 1, "copies": 1}
def measure(settings, seed, trials):
    return {"coverage": 1.0, "in_time": 1.0, "messages": 0.0}
result = _held_out = measure(settings, 1, 1)"""


def rounds(name, before, **expected):
    """`one_round` is right but for what it does first."""
    source = ROUND_SOURCE.format(name="helper") + (
        f"\n\ndef one_round(knows, calls, mode):\n    {before}\n    return helper(knows, calls, mode)"
    )
    return harm(name, answers={"one-round": source}, **expected)


def scribbled(notebook):
    """Below everything, each answer is bound to something else: a test looks at it where it stands."""
    notebook.cells.append(code("one_round = never_told = settings = prediction = None\nreason = 'C'"))


def scribbled_and_missing(notebook):
    """As above, and one answer is missing, which is looked for to the end."""
    scribbled(notebook)
    cell_of(notebook, "prediction").source = "predicted = 'smaller'"
    notebook.cells[-1].source = notebook.cells[-1].source.replace(" = prediction", "")


def in_other_cells(notebook):
    """An answer that is found further down than its test."""
    source, cell_of(notebook, "reason").source = cell_of(notebook, "reason").source, ""
    notebook.cells.append(code(source))


ITEMS = [
    harm("shadows-spread", answers={"settings": SPREAD}, lost=frozenset(TUNED)),
    harm("shadows-measure", answers={"settings": MEASURE}, lost=frozenset(TUNED)),
    cheat(
        "shadows-checks",
        after="def equal(*given):\n    pass\n\nholds = close = hidden_tests_follow = PropertyFailed = equal",
    ),
    cheat(
        "shadows-checks-and-dies",
        after="def equal(*given):\n    pass\n\nholds = close = hidden_tests_follow = equal",
        answers={"one-round": "import os\n\ndef one_round(knows, calls, mode):\n    os._exit(0)"},
        ungraded=frozenset(ROUND),
        reason="ended the process",
    ),
    harm(
        "shadows-theory",
        answers={
            "measurement": "from gossipkit.gossip import spread\n\nclass theory:\n    retransmit_limit = staticmethod(lambda mult, n: 12)\n\n"
            "never_told = {n: 1 - float(spread(n, fanout=3, loss=0.5, retransmit=theory.retransmit_limit(4, n) / 3, trials=2000, seed=1).coverage.mean()) for n in (64, 1024)}"
        },
        lost=frozenset({"2-measured"}),
    ),
    # odd, and right: names that tests import or bind are the student's to use
    harm("right-binds-checks", after="equal = holds = close = hidden_tests_follow = PropertyFailed = None"),
    harm("right-binds-libraries", after="np = spread = theory = gossipkit = NamedTuple = 'mine'"),
    harm(
        "right-binds-tests-names",
        after="result = chain = _held_out = _mode = _knows = _learnt = _calls = _before = _chain = _itertools = measure = 3",
    ),
    harm("right-binds-builtins", after="abs = all = isinstance = dict = type = repr = float = None"),
    harm("right-own-call", after=OWN_CALL),
    harm(
        "right-uses-checks",
        answers={
            "settings": 'settings = {"mode": "push", "fanout": 5, "copies": 8}\n'
            'equal(one_round({"a"}, [Call("a", "b")], "push")[0], {"a", "b"}, "it works")\nholds(True, "so far")\nhidden_tests_follow()'
        },
    ),
    edited("right-scribbled-below", scribbled),
    edited("right-answer-below-its-test", in_other_cells),
    edited("scribbled-below-and-one-missing", scribbled_and_missing, lost=frozenset({"2-measured"})),
    # a question that fails costs the test that asked it
    harm(
        "dies-at-a-name",
        answers={"reason": f"{DEADLY}\nreason = Deadly()"},
        ungraded=frozenset({"2-explained"}),
        reason="can't read",
    ),
    harm(
        "dies-at-five-questions",
        answers={
            "one-round": "import os\n\ndef one_round(knows, calls, mode):\n    os._exit(0)",
            "prediction": f"{DEADLY}\nprediction = Deadly()",
            "reason": f"{DEADLY}\nreason = Deadly()",
        },
        ungraded=frozenset({*ROUND, "2-measured", "2-explained"}),
        reason="no verdict was possible",
    ),
    rounds(
        "dies-at-one-question",
        "if len(calls) == 4: __import__('os')._exit(0)",
        ungraded=SYNCHRONOUS,
        reason="ended the process",
    ),
    rounds(
        "is-slow-at-one-question",
        "if len(calls) == 4: __import__('time').sleep(60)",
        ungraded=SYNCHRONOUS,
        reason="had not ended after",
    ),
    rounds("raises-at-one-question", "if len(calls) == 4: raise SystemExit", lost=SYNCHRONOUS),
    rounds(
        "answers-wrongly-at-one-question",
        "if len(calls) == 4: return type('Odd', (), {'__getitem__': lambda self, key: self})()",
        ungraded=SYNCHRONOUS,
        reason="can't read",
    ),
]
