"""Histories by hand, in a notation of one line, with what is known of them.

``ann w1 0 2`` is: ann wrote 1, from 0 to 2 s. ``r_`` is a read that found nothing, ``c1>2`` a cas that has set 2 in place of 1,
``f1>2`` one that was refused, and an end ``?`` says that nobody knows the outcome. A fifth word is the key.
"""

from gossipkit.systems.checking import Call


def history(text: str) -> list[Call]:
    """The calls of a line, between semicolons."""
    return [_call(*part.split()) for part in text.split(";")]


def _call(client: str, what: str, began: str, ended: str, key: str = "x") -> Call:
    kind, values = {"r": "read", "w": "write", "c": "cas", "f": "cas"}[what[0]], what[1:].split(">")
    *expected, value = [None if each == "_" else int(each) for each in values]
    return Call(
        client,
        kind,
        value,
        float(began),
        None if ended == "?" else float(ended),
        key,
        expected=expected[0] if expected else None,
        done=what[0] != "f",
    )


LINEARIZABLE = {
    "nothing read of nothing": "a r_ 0 1",
    "one write": "a w1 0 1",
    "a write, then a read": "a w1 0 1; b r1 2 3",
    "a read beside a write sees the old": "a w1 0 3; b r_ 1 2",
    "a read beside a write sees the new": "a w1 0 3; b r1 1 2",
    "first the old, then the new, beside one write": "a w1 0 9; b r_ 1 2; b r1 3 4",
    "two readers, the second one sees the new": "a w1 0 9; b r_ 1 2; c r1 3 4",
    "two readers that overlap may differ either way": "a w1 0 9; b r1 1 5; c r_ 2 6",
    "two writes beside each other, the first one last": "a w1 0 5; b w2 1 4; c r1 6 7",
    "two writes beside each other, the second one last": "a w1 0 5; b w2 1 4; c r2 6 7",
    "both of two writes beside each other are seen": "a w1 0 9; b w2 0 9; c r1 1 3; c r2 4 6",
    "and in the other order": "a w1 0 9; b w2 0 9; c r2 1 3; c r1 4 6",
    "a write that begins at the end of another comes after it": "a w1 0 1; b w2 1 2; c r2 3 4",
    "a read that begins at the end of a write sees it": "a w1 0 1; b r1 1 2",
    "three writes in a chain, each seen": "a w1 0 1; b r1 1 2; a w2 2 3; b r2 3 4; a w3 4 5; b r3 5 6",
    "a long read sees what was there in between": "a w1 0 1; b r1 1 9; a w2 2 3; a w3 4 5",
    "a long read sees the last": "a w1 0 1; b r3 1 9; a w2 2 3; a w3 4 5",
    "a long write waits for the end": "a w1 0 9; b w2 1 2; c r2 3 4; c r1 8 10",
    "the same value twice": "a w1 0 1; a w2 2 3; a w1 4 5; b r1 6 7",
    "the same value twice, with the other between": "a w1 0 1; b r1 1 2; a w2 2 3; b r2 3 4; a w1 4 5; b r1 6 7",
    "a deletion": "a w1 0 1; a w_ 2 3; b r_ 4 5",
    "a call that takes no time": "a w1 1 1; b r1 2 2",
    "two that take no time, in the order given": "a w1 1 1; a w2 1 1; b r2 1 1",
    "Lamport's atomic register: two reads beside one write": "a w1 0 1; a w2 2 8; b r1 3 4; c r2 5 6",
    "Kleppmann's Alice and Bob": "r w0 0 1; a r1 4 5; b r1 6 7; r w1 2 8",
    "Porcupine's example": "a w1 0 10; b r1 2 6; c r_ 1 4",
    "a write of unknown outcome is seen": "a w1 0 ?; b r1 5 6",
    "and is not": "a w1 0 ?; b r_ 5 6",
    "and is seen late": "a w1 0 ?; b r_ 5 6; b r1 7 8",
    "and takes effect between two others": "a w1 0 ?; b w2 1 2; b r2 3 4; b r1 5 6; b w3 7 8; b r3 9 10",
    "two of unknown outcome, in either order": "a w1 0 ?; b w2 0 ?; c r2 1 2; c r1 3 4",
    "a read of unknown outcome says nothing": "a w1 0 1; b r7 2 ?",
    "the same value by one that is known and one that is not": "a w1 0 1; b w1 0 ?; a w2 2 3; c r2 4 5; c r1 6 7",
    "many of unknown outcome that nobody saw": "; ".join(f"a w{i} {i} ?" for i in range(1, 25))
    + "; b r_ 50 51",
    "a cas sets what it expected": "a w1 0 1; b c1>2 2 3; c r2 4 5",
    "a cas of nothing": "a c_>1 0 1; b r1 2 3",
    "a cas that was refused": "a w1 0 1; b f2>3 2 3; c r1 4 5",
    "of two cas of one value one is refused": "a w1 0 1; b c1>2 2 5; c f1>3 2 5; d r2 6 7",
    "a refusal beside the write that explains it": "a w1 0 1; b w2 2 9; c f1>3 3 4; c r2 5 6",
    "a refusal beside a write that it comes before": "a w1 0 1; b w2 2 9; c f2>3 3 4",
    "cas in a chain": "a c_>1 0 1; b c1>2 1 2; a c2>3 2 3; b r3 4 5",
    "cas in a chain that overlap": "a c2>3 0 9; b c1>2 0 9; c c_>1 0 9; d r3 10 11",
    "a cas of unknown outcome is seen": "a w1 0 1; b c1>2 2 ?; c r2 4 5",
    "a cas of unknown outcome had no effect": "a w1 0 1; b c1>2 2 ?; c r1 4 5",
    "a cas of unknown outcome after another of unknown outcome": "a w1 0 ?; b c1>2 0 ?; c r_ 1 2; c r2 3 4",
    "the write of unknown outcome is saved for later": (
        "a w1 0 ?; b c_>1 0 ?; c r1 1 2; c w2 3 4; c r2 5 6; c r1 7 8"
    ),
    "the cas of unknown outcome is not wasted": (
        "a c_>1 0 ?; b c2>1 0 ?; b c1>2 1 3; d w2 1 1; c r2 7 7; c r1 7 8"
    ),
    "a refusal that only a write of unknown outcome explains": "a w1 0 1; b w2 2 ?; c f1>3 3 4",
    "two keys": "a w1 0 1 x; a w2 2 3 y; b r1 4 5 x; b r2 4 5 y",
    "keys know nothing of each other": "a w1 0 1 x; b r_ 2 3 y",
    "beginnings in no order": "b r1 2 3; a w1 0 1",
    "a reader that overlaps itself": "a w1 0 9; b r1 1 8; b r_ 2 3",
}

NOT_LINEARIZABLE = {
    "a value that nobody wrote": "a r1 0 1",
    "a value before it was written": "b r1 0 1; a w1 2 3",
    "nothing, after a write": "a w1 0 1; b r_ 2 3",
    "nothing, at the end of a write": "a w1 0 1; b r_ 1 2",
    "an old value": "a w1 0 1; a w2 2 3; b r1 4 5",
    "new, then old, beside the write": "a w1 0 9; b r1 1 2; b r_ 3 4",
    "new, then old, by two readers": "a w1 0 9; b r1 1 2; c r_ 3 4",
    "Lamport's regular register: new, then old": "a w1 0 1; a w2 2 8; b r2 3 4; c r1 5 6",
    "Kleppmann's Alice and Bob: the final score": "r w0 0 1; r w1 2 8; a r1 4 5; b r0 6 7",
    "two writes seen in both orders": "a w1 0 9; b w2 0 9; c r1 1 2; c r2 3 4; d r1 5 6",
    "two readers see two writes in different orders": "a w1 0 1; b w2 0 1; c r1 2 3; d r2 2 3; c r2 4 5; d r1 4 5",
    "a write comes after one that had ended": "a w1 0 1; b w2 2 3; c r2 4 5; c r1 6 7",
    "an overwritten value comes back": "a w1 0 1; b r1 1 2; a w2 2 3; b r2 3 4; b r1 5 6",
    "only the second of the two writes of a value is left": "a w1 0 1; a w2 2 3; b r1 4 5; a w1 6 7",
    "a deletion that is not seen": "a w1 0 1; a w_ 2 3; b r1 4 5",
    "a deleted row comes back": "a w1 0 1; a w_ 2 3; b r_ 4 5; b r1 6 7",
    "a write is seen by no one though nothing came after": "a w1 0 1; b r1 2 3; c r_ 2 3",
    "three that overlap, and the first one is seen last": "a w1 0 1; b w2 2 5; c w3 2 5; d r1 6 7",
    "a long read of what had gone": "a w1 0 1; a w2 2 3; b r1 4 9; a w3 5 6",
    "two that take no time": "a w1 1 1; a w2 1 1; b r1 1 1",
    "a write of unknown outcome that has not begun": "b r1 0 1; a w1 2 ?",
    "a write of unknown outcome takes effect once": "a w1 0 ?; b r1 1 2; b w2 3 4; b r2 5 6; b r1 7 8",
    "one write of unknown outcome can't explain two returns": (
        "a w1 0 ?; b w2 1 2; b r1 3 4; b w3 5 6; b r3 7 8; b r1 9 10"
    ),
    "unknown is not what nobody asked for": "a w1 0 ?; b w2 0 ?; c r3 1 2",
    "two of unknown outcome, seen in both orders": "a w1 0 ?; b w2 0 ?; c r1 1 2; c r2 3 4; c r1 5 6",
    "a cas that can't have been done": "a w1 0 1; b c2>3 2 3",
    "two cas of one value": "a w1 0 1; b c1>2 2 5; c c1>3 2 5",
    "a lock held twice": "a c_>1 0 1; b c_>2 2 3",
    "a cas without its effect": "a w1 0 1; b c1>2 2 3; c r1 4 5",
    "a refusal with no reason": "a w1 0 1; b f1>2 2 3",
    "a refusal whose reason comes later": "a w1 0 1; b f1>3 2 3; c w2 4 5",
    "two refusals of the only value": "a c_>1 0 1; b f1>2 2 5; c f1>3 2 5",
    "a refused cas that was done": "a w1 0 1; b f2>3 2 3; c r3 4 5",
    "a cas of unknown outcome whose value was not there": "a w1 0 1; b c2>3 2 ?; c r3 4 5",
    "two cas in the only order that is forbidden": "a c1>2 2 3; b c_>1 4 5",
    "one of two keys": "a w1 0 1 x; a w2 2 3 y; b r1 4 5 x; b r_ 4 5 y",
    "many of unknown outcome, none of which was it": (
        "; ".join(f"a w{i} {i} ?" for i in range(1, 25)) + "; b w30 40 41; b r31 50 51"
    ),
    "the same, but another one had been seen": (
        "; ".join(f"a w{i} {i} ?" for i in range(1, 13)) + "; b r5 20 21; b r7 22 23; b r5 24 25"
    ),
}
"""Of each the same is known: no order keeps to real time and explains all."""

MISPLACED = {
    "an old value": ("b", 1, "which a's 2 had replaced by 3 s"),
    "a value that nobody wrote": ("a", 1, "and nobody ever wrote that"),
    "a value before it was written": ("b", 1, "and nobody had begun to write that by then"),
    "new, then old, by two readers": ("c", None, "explains it"),
    "a lock held twice": ("b", 2, "set x=2 in place of None"),
    "a refusal with no reason": ("b", 2, "was refused to set x=2 in place of 1"),
    "one of two keys": ("b", None, "read y=None"),
}
"""Of some: whose call can't be explained, its value, and what is said of it."""

# text: read your writes, monotonic reads
SESSIONS = {
    "a w1 0 1; a r1 2 3": (True, True),
    "a w1 0 1; a r_ 2 3": (False, True),
    "a w1 0 1; b r_ 2 3": (True, True),
    "a w1 0 1; a w2 2 3; a r1 4 5": (False, True),
    "a w1 0 1; b w2 2 3; a r2 4 5": (True, True),
    "b w2 0 1; a w1 2 3; a r2 4 5": (False, True),
    "b w2 0 1; a w1 1 2; a r2 4 5": (False, True),
    "b w2 0 9; a w1 2 3; a r2 4 5": (True, True),  # perhaps it came later
    "a w1 0 ?; a r_ 2 3": (True, True),  # it was not told that it had written
    "a w1 0 5; a r_ 2 3": (True, True),  # nor yet
    "a w1 0 1; a r_ 1 2": (False, True),
    "a w1 0 1; a w2 1 2; b w1 3 4; a r1 5 6": (True, True),
    "a w1 0 1; a w2 1 2; b w1 3 4; a r1 2 3": (True, True),  # the one of b had begun when the read ended
    "a w1 0 1; a w2 1 2; b w1 4 5; a r1 2 3": (False, True),  # and now it had not
    "a w1 0 1; a r7 2 3": (False, True),
    "a w1 0 1; b r1 2 3; b r_ 4 5": (True, False),
    "a w1 0 1; b r1 2 3; c r_ 4 5": (True, True),
    "a w1 0 9; b r1 2 3; b r_ 4 5": (True, False),  # nothing is older than all
    "a w1 0 1; a w2 2 3; b r2 4 5; b r1 6 7": (True, False),
    "a w1 0 1; a w2 2 3; b r1 4 5; b r2 6 7": (True, True),
    "a w1 0 9; c w2 0 9; b r2 4 5; b r1 6 7": (True, True),
    "a w1 0 9; c w2 0 9; b r2 4 5; b r1 6 7; b r2 8 9": (True, False),
    "a w1 0 9; c w2 0 9; d w2 0 9; b r2 4 5; b r1 6 7; b r2 8 9": (True, True),  # perhaps the other 2
    "a w1 0 1; a w2 2 3; b r2 4 7; b r1 5 6": (True, True),  # they overlap
    "a w1 0 1 x; a w2 2 3 y; b r2 4 5 y; b r_ 6 7 x": (True, True),  # another key
    "a w1 0 1; b r1 2 3; b r7 4 5": (True, False),
    "a c_>1 0 1; a r_ 2 3": (False, True),
    "a f1>2 0 1; a r_ 2 3": (True, True),
}

# text, quiet from: convergent
QUIET = {
    ("a w1 0 1; b r1 5 6; c r1 5 6", 4): True,
    ("a w1 0 1; b r1 5 6; c r_ 5 6", 4): False,
    ("a w1 0 1; b r_ 2 3; c r1 5 6", 4): True,
    ("a w1 0 1; b r_ 5 6", 4): False,
    ("a w1 0 ?; b r_ 5 6", 4): True,
    ("a w1 0 ?; b r_ 5 6; b r1 7 8", 4): False,
    ("a w1 0 1; a w2 1 2; b r1 5 6; c r1 5 6", 4): True,  # the wrong one, but the same
    ("a w1 0 1; b r1 5 6; c r2 7 8", 4): False,
    ("a w1 0 1 x; a w2 0 1 y; b r1 5 6 x; b r2 5 6 y", 4): True,
    ("a w1 0 1; b r1 3 6; c r_ 4 6", 4): False,
    ("b r_ 5 6", 4): True,
}
