"""Wrong answers that want to pass for right ones: values, functions and libraries that lie."""

from . import ROUND, TASKS, cheat

ROUND = frozenset(ROUND)
TUNED = frozenset({"3-coverage", "3-speed", "3-cost"})
REST = frozenset(TASKS) - ROUND

EQUAL = """
class Equal({base}):
    {more}
    def __eq__(self, other):
        return True
    def __ne__(self, other):
        return False
    def __hash__(self):
        return hash("B")
    def __bool__(self):
        return True
    def __lt__(self, other):
        return True
    __le__ = __gt__ = __ge__ = __contains__ = __lt__
    def __len__(self):
        return 2
    def __iter__(self):
        return iter(["a", "b"])
    def __getitem__(self, key):
        return self
    def __float__(self):
        return 0.02
    def keys(self):
        return {{64, 1024}}
    def values(self):
        return [0.02]
    def issubset(self, other):
        return True

always = Equal({value})
def one_round(knows, calls, mode):
    return always, always
reason = prediction = never_told = settings = always
"""


def equals(name, base="", value="", more="pass", ungraded=TUNED):
    """An object that equals everything is every answer; whoever asks for its value has no verdict."""
    after = EQUAL.format(base=base, value=value, more=more)
    return cheat(f"equal-{name}", after=after, ungraded=ungraded, reason="'Equal'")


def patches(name, source):
    """Code that changes a library or the language under the tests."""
    return cheat(f"patches-{name}", source, source)


SPY = """
import gc, inspect, sys
expected = []
def one_round(knows, calls, mode):
    frame = sys._getframe()
    while frame:
        expected.extend(frame.f_locals.values())
        if "equal" in frame.f_globals:
            frame.f_globals["equal"] = lambda *given: None
            frame.f_globals["holds"] = lambda *given: None
        frame = frame.f_back
    texts = [one for one in gc.get_objects() + expected if isinstance(one, (str, dict))]
    for one in texts:
        if isinstance(one, dict) and "_learnt" in one:
            return one["knows"] | one["_learnt"], 1
    leaked = [one for one in texts if isinstance(one, str) and "held out" in one and "leaked" not in one]
    if leaked:
        globals()["reason"] = "B"
    return knows, 0
"""

ITEMS = [
    equals("object"),
    equals("int", "int", "3"),
    equals("text", "str", '"B"'),
    equals("dict", "dict", "{64: 0.5, 1024: 0.5}"),
    equals("float", "float", "0.5"),
    equals("set", "set", '{"a"}'),
    equals("tuple", "tuple", "(1, 2)"),
    equals("class", "", "", more="@property\n    def __class__(self):\n        return str"),
    equals("array", "__import__('numpy').ndarray", "(2,)", more="__array_priority__ = 1e9"),
    equals("enum", "__import__('enum').Flag", "0", ungraded=frozenset()),
    equals(
        "named-tuple",
        "__import__('collections').namedtuple('Call', 'caller target')",
        "1, 2",
        ungraded=frozenset(),
    ),
    cheat(
        "equal-meta",
        after="""
class Meta(type):
    def __instancecheck__(self, other):
        return True
    def __subclasscheck__(self, other):
        return True
    def __eq__(self, other):
        return True
    __hash__ = type.__hash__
class Any(metaclass=Meta):
    pass
reason = prediction = never_told = settings = Any
def one_round(knows, calls, mode):
    return Any, Any
""",
    ),
    cheat(
        "equal-real",
        after="""
import numbers
class Equal:
    def __getattr__(self, name):
        return self
    def __call__(self, *given, **named):
        return self
numbers.Number.register(Equal)
numbers.Real.register(Equal)
reason = prediction = never_told = settings = Equal()
one_round = Equal()
""",
    ),
    patches(
        "gossipkit",
        """
import gossipkit.gossip, gossipkit.gossip.epidemic, gossipkit.grading, gossipkit.grading.properties as properties
class Perfect:
    def __getattr__(self, name):
        return self
    def __call__(self, *given, **named):
        return 1.0
    mean = sum = rounds_to = __call__
for module in (gossipkit.gossip, gossipkit.gossip.epidemic):
    module.spread = lambda *given, **named: Perfect()
nothing = lambda *given, **named: None
for module in (gossipkit.grading, properties):
    module.equal = module.holds = module.close = nothing
properties._same = properties._number = lambda *given: True
properties.PropertyFailed = type("PropertyFailed", (Exception,), {"__init__": nothing})
spread, equal, holds, close = module.equal, nothing, nothing, nothing
""",
    ),
    patches(
        "grading",
        """
import gc
from gossipkit.grading import checker, wire
checker.Checker.run = lambda self, *given, **named: {"answers": {}, "output": ""}
wire.encode = lambda value, *given: "Z"
for one in gc.get_objects():
    if isinstance(one, type) and one.__name__ == "Student":
        one.names = lambda self, names: {"values": {name: True for name in names}}
""",
    ),
    patches(
        "numpy",
        """
import numpy
numpy.mean = numpy.all = numpy.allclose = numpy.array_equal = lambda *given, **named: numpy.float64(1.0)
numpy.random.default_rng = lambda *given: None
numpy.ndarray = object
""",
    ),
    cheat(
        "patches-json",
        "import json\njson.dumps = lambda *given, **named: '{\"value\": \"B\"}'\njson.loads = lambda *given, **named: {'do': 'names', 'names': []}",
        ungraded=frozenset(TASKS),
        reason="answered with what is no answer",
    ),
    patches(
        "builtins",
        """
import builtins
builtins.all = builtins.any = builtins.callable = lambda *given: True
builtins.abs = builtins.min = lambda *given: 0
builtins.print = lambda *given, **named: "passed"
builtins.AssertionError = ValueError
""",
    ),
    cheat(
        "patches-types",
        "import builtins\nbuiltins.isinstance = builtins.issubclass = lambda *given: True",
        ungraded=frozenset(TASKS),
        reason="ended the process",
    ),
    patches(
        "modules",
        """
import sys, types
class Liar(types.ModuleType):
    def __getattr__(self, name):
        return lambda *given, **named: True
for name in list(sys.modules):
    if name.split(".")[0] in ("gossipkit", "numpy", "json", "struct", "numbers", "symtable"):
        sys.modules[name] = Liar(name)
sys.path.insert(0, "/tmp")
open("/tmp/gossipkit.py", "w").write("equal = holds = close = print")
open("/tmp/sitecustomize.py", "w").write("equal = holds = close = print")
""",
    ),
    cheat(
        "patches-the-shell",
        "ip = get_ipython()\nip.ast_transformers.clear()\nip.run_cell = lambda *given, **named: None\nip.input_transformers_post.append(lambda lines: ['reason = prediction = 1'])",
        ungraded=frozenset(TASKS),
        reason="ended the process",
    ),
    patches(
        "the-tests",
        """
def hidden_tests_follow():
    raise SystemExit(0)
equal = holds = close = hidden_tests_follow
class Call(str):
    pass
chain = []
result = {"coverage": 1.0, "in_time": 1.0, "messages": 0.0}
def measure(settings, seed, trials):
    return result
_held_out, _mode, _knows, _learnt, _before = result, "push", set(), set(), {"a"}
PropertyFailed = None
""",
    ),
    cheat("spies", SPY, SPY),
    cheat(
        "looks-for-hidden-tests",
        after="""
import os
texts = []
for top in ("/course", "/tmp", os.getcwd()):
    for folder, _, names in os.walk(top):
        for name in names:
            if name.endswith((".ipynb", ".json", ".db")):
                texts.append(open(os.path.join(folder, name), errors="replace").read())
reason = "B" if any("HIDDEN TESTS" in text and "20_411" in text for text in texts) else "Z"
""",
    ),
    cheat(
        "prints-passed",
        after="""
import json, os, sys
for text in ("passed", "8 passed", json.dumps({"passed": True, "points": 20}), json.dumps({"done": {"answers": {}, "output": ""}})):
    print(text)
    print(text, file=sys.stderr)
    sys.__stdout__.write(text)
    os.write(1, text.encode())
    os.write(2, text.encode())
""",
    ),
    cheat("ends-well", after="import atexit, os\natexit.register(os._exit, 0)\nimport sys\nsys.exit(0)"),
    cheat(
        "raises-what-tests-raise",
        answers={
            "one-round": "from gossipkit.grading import PropertyFailed\n\ndef one_round(knows, calls, mode):\n    raise PropertyFailed('fine')"
        },
    ),
    cheat(
        "stops-iterating",
        answers={"one-round": "def one_round(knows, calls, mode):\n    raise StopIteration"},
    ),
    cheat(
        "memorises-what-is-visible",
        answers={
            "one-round": """
seen = []
def one_round(knows, calls, mode):
    seen.append(mode)
    visible = [{"a", "b"}, {"b"}, {"a", "b"}, {"b"}]
    return (visible[len(seen) - 1] if len(seen) <= 4 else knows), 0
"""
        },
    ),
    cheat(
        "changes-its-arguments",
        answers={
            "one-round": """
def one_round(knows, calls, mode):
    before, messages = set(knows), 0
    for call in calls:
        if call.caller in before:
            if mode != "pull":
                messages += 1
                if not call.lost:
                    knows.add(call.target)
        elif mode != "push":
            messages += 1
            if not call.lost and call.target in before:
                messages += 1
                if not call.reply_lost:
                    knows.add(call.caller)
    return knows, messages
"""
        },
        lost=frozenset(TASKS) - {"1-one-round-tells", "1-one-round-counts"},
    ),
    cheat(
        "empties-the-tests-lists",
        answers={
            "one-round": "def one_round(knows, calls, mode):\n    calls.clear()\n    knows.clear()\n    return knows, 0"
        },
    ),
    cheat(
        "huge-value",
        answers={
            "one-round": "def one_round(knows, calls, mode):\n    return 'x' * 100_000_000, 1",
            "reason": "reason = 'B' * 100_000_000",
        },
    ),
    cheat(
        "deep-value",
        answers={
            "reason": "reason = []\nfor _ in range(100_000):\n    reason = [reason]",
            "measurement": "never_told = {}\nnever_told[64] = never_told[1024] = never_told",
        },
    ),
    cheat(
        "endless-value",
        answers={
            "one-round": """
def one_round(knows, calls, mode):
    def forever():
        while True:
            yield "a"
    return forever(), forever()
""",
            "measurement": "from gossipkit.gossip import spread\nimport itertools\nnever_told = itertools.count()",
        },
        ungraded=ROUND,
        reason="'generator'",
    ),
    cheat(
        "endless-settings",
        answers={"settings": "settings = range(30_000_000)"},
        ungraded=frozenset(t for t in TASKS if t.startswith("3-")),
        reason="the test took more than",
    ),
    cheat(
        "none",
        answers={
            "one-round": "def one_round(knows, calls, mode):\n    pass",
            "reason": "reason = None",
            "settings": "settings = None",
        },
    ),
    cheat(
        "generator",
        answers={"one-round": "def one_round(knows, calls, mode):\n    yield {'a', 'b'}\n    yield 2"},
        ungraded=ROUND,
        reason="'generator'",
    ),
    cheat(
        "coroutine",
        answers={"one-round": "async def one_round(knows, calls, mode):\n    return {'a', 'b'}, 2"},
    ),
    cheat(
        "hostile-exception",
        answers={
            "one-round": """
class Hostile(Exception):
    def __str__(self):
        import os
        raise SystemExit(0)
    __repr__ = __str__
def one_round(knows, calls, mode):
    raise Hostile
"""
        },
        reason="",
    ),
    cheat(
        "exception-in-a-cell",
        after="class Hostile(Exception):\n    def __str__(self):\n        raise KeyboardInterrupt\nraise Hostile",
    ),
    cheat(
        "exception-without-text",
        after="class Endless(Exception):\n    def __str__(self):\n        return 'x' * 50_000_000\nraise Endless",
    ),
    cheat(
        "not-unicode",
        after="print('\\ud800 \\udfff \\x00 \\x1b[31m')\nreason = '\\ud800'\nraise ValueError('\\udcff')",
    ),
    cheat(
        "infinite-number",
        answers={
            "measurement": "from gossipkit.gossip import spread\nnever_told = {64: float('nan'), 1024: float('inf')}",
            "settings": "settings = {'mode': 'push', 'fanout': 10**4000, 'copies': 10**4300}",
        },
    ),
    cheat(
        "true-is-one",
        answers={
            "one-round": "def one_round(knows, calls, mode):\n    return knows, True",
            "settings": "settings = {'mode': 'push', 'fanout': True, 'copies': True}",
        },
    ),
]
