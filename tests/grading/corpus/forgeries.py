"""Code that finds the way to the grader and speaks on it: answers before the question, and what is no message at all."""

import json
import struct

from . import ROUND, TASKS, TUNED, cheat

SEND = """
import os, struct
def send(data):
    for number in range(3, 64):
        try:
            target = os.readlink(f"/proc/self/fd/{number}")
            if target.startswith("pipe:"):
                os.set_blocking(number, False)
                os.write(number, data)
                os.set_blocking(number, True)
        except OSError:
            pass
"""

# the class whose object answers: the module that was run has no name here
STUDENT = "import gc\nStudent, = [one for one in gc.get_objects() if isinstance(one, type) and one.__name__ == 'Student']"


def message(said):
    data = json.dumps(said).encode()
    return struct.pack("!I", len(data)) + data


def forges(name, *messages, called=False, **expected):
    """Wrong answers, and bytes on every pipe: while a cell runs, or while a test asks."""
    data = b"".join(one if isinstance(one, bytes) else message(one) for one in messages)
    if called:
        source = (
            f"{SEND}\ndef one_round(knows, calls, mode):\n    send({data!r})\n    return {{'nobody'}}, -1"
        )
        return cheat(f"forges-{name}", answers={"one-round": source}, **expected)
    return cheat(f"forges-{name}", after=f"{SEND}\nsend({data!r})", **expected)


def says(name, value, **expected):
    """Every value of the student's is told as this."""
    return cheat(f"says-{name}", f"{STUDENT}\nStudent._encoded = lambda self, value: {value!r}", **expected)


def record(address, **held):
    return {"t": "record", "class": address, "v": held}


VERDICT = {"done": {"answers": {}, "output": "passed"}}
NO_ANSWER = {"ungraded": frozenset(TUNED), "reason": "answered with what is no answer"}

ITEMS = [
    forges("a-verdict", VERDICT, **NO_ANSWER),
    forges("a-verdict-when-called", VERDICT, called=True, ungraded=frozenset(ROUND), reason="is no answer"),
    forges("its-own-end", {"gone": "was a pity"}, **NO_ANSWER),
    forges("a-list", ["values"], **NO_ANSWER),
    forges("a-number", 5, **NO_ANSWER),
    forges("nothing", None, **NO_ANSWER),
    forges("an-output-that-is-none", {"output": {"a": 1}, "raised": None}, **NO_ANSWER),
    forges("an-error-that-is-none", {"output": "", "raised": "NotImplementedError"}, **NO_ANSWER),
    forges(
        "an-error-with-more", {"output": "", "raised": {"name": "A", "text": "b", "more": "c"}}, **NO_ANSWER
    ),
    forges(
        "an-endless-output",
        {"output": "x" * 3_000_000, "raised": None},
        ungraded=frozenset(TUNED),
        reason="ended the process",
    ),
    forges("no-json", struct.pack("!I", 5) + b"{nope", **NO_ANSWER),
    forges("json-too-deep", struct.pack("!I", 60_000) + b"[" * 60_000, **NO_ANSWER),
    forges("a-length", struct.pack("!I", 2**32 - 1), **NO_ANSWER),
    forges("half-a-message", struct.pack("!I", 1000) + b"{", ungraded=frozenset(TUNED), reason=""),
    cheat(
        "forges-values-that-are-none",
        STUDENT + "\nStudent.names = lambda self, names: {'values': ['reason']}",
        ungraded=frozenset(TASKS),
        reason="",
    ),
    says("B", "B", lost=frozenset(TASKS) - {"2-explained"}),  # as right as to answer it
    says("a-class-of-the-grader", record("gossipkit.grading.runner:Verdict", passed=True)),
    says("a-class-of-the-lab", record("gossipkit.lab.controls:Slider", name="reason")),
    says("a-class-of-the-language", record("os:system", command="touch /tmp/x")),
    says("a-class-by-a-way-round", record("gossipkit.sim.scenario:Scenario.__class__", name="x")),
    says("a-module-that-is-none", record("gossipkit..grading.runner:Verdict", passed=True)),
    says("a-class-that-is-no-text", record(["gossipkit"], passed=True)),
    says(
        "a-record-of-others",
        record("gossipkit.sim.network:Network", latency={"t": "object", "ref": 1, "type": "x"}),
    ),
    says("a-scenario-of-nothing", {"t": "text", "class": "gossipkit.sim.scenario:Scenario", "v": 5}),
    says(
        "a-scenario-of-hostile-text",
        {"t": "text", "class": "gossipkit.sim.scenario:Scenario", "v": '[[0, "crash", {"__class__": 1}]]'},
    ),
    says("an-enum-that-is-none", {"t": "enum", "class": "gossipkit.sim.network:Network", "v": "mro"}),
    says(
        "a-named-tuple-of-code", {"t": "namedtuple", "name": "x); import os; (", "fields": ["a"], "v": ["B"]}
    ),
    says(
        "a-named-tuple-of-methods",
        {"t": "namedtuple", "name": "Call", "fields": ["count", "index"], "v": ["B", "B"]},
    ),
    says("a-named-tuple-of-the-tests", {"t": "namedtuple", "name": "equal", "fields": [], "v": []}),
    says("an-array-of-objects", {"t": "array", "dtype": "O", "shape": [1], "v": "AAAAAAAAAAA="}),
    says("an-array-without-end", {"t": "array", "dtype": "<f8", "shape": [10**9, 10**9], "v": ""}),
    says("a-set-of-lists", {"t": "set", "v": [[], []]}),
    says("a-dict-of-objects", {"t": "dict", "v": [[{"t": "object", "ref": 1, "type": "x"}, "B"]]}),
    says(
        "an-object-of-nothing",
        {"t": "object", "ref": {"deep": [1]}, "type": {"x": 1}},
        ungraded=frozenset(ROUND),
        reason="ended the process",
    ),
    says("an-object-without-a-number", {"t": "object"}),
    says("a-tag-that-is-none", {"t": ["tuple"], "v": 1}),
    says("a-number-without-end", {"t": "int", "v": "0x" + "f" * 100_000}),
    says("a-number-that-is-none", {"t": "int", "v": "inf"}),
]
