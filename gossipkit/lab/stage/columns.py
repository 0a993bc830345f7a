"""A run's trace as columns of numbers: packets, states of nodes, beliefs, curves.

One pass over the trace finds everything. Times are microseconds since the window begins, nodes and words are places in
lists, and what lasts is told by its changes: a node is "up" and believes the first word of everybody until a change says
otherwise. So 30 seconds of 40 members with every packet are some 30 kB, and the browser folds the changes itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...sim import Trace
from ...sim.trace import PACKETS

FATES = (
    "arrived",
    "lost",
    "cut",
    "partition",
    "down",
    "damaged",
    "dropped",
    "held",
    "duplicate",
    "under way",
)
STATES = ("up", "paused", "crashed", "joining", "left", "absent")
UP, PAUSED, CRASHED, JOINING, LEFT, ABSENT = range(6)
RUNNING = (UP, PAUSED, JOINING)
"""Who has beliefs, and is watched for them."""
# what the trace calls the reasons for which a packet does not arrive
_REASONS = {"loss": "lost", "unknown": "down", "checksum": "dropped"} | {fate: fate for fate in FATES}
_ARRIVED, _DAMAGED, _DUPLICATE, _HELD, _UNDER_WAY = (
    FATES.index(fate) for fate in ("arrived", "damaged", "duplicate", "held", "under way")
)
_NO_FLIGHT = -1

TYPES = {"u32": "<u4", "u16": "<u2", "u8": "<u1", "f32": "<f4"}


@dataclass
class Packets:
    """One entry a packet, in the order of sending; times in seconds, a flight of -1 where it is not known."""

    sent: list[float] = field(default_factory=list)
    flight: list[float] = field(default_factory=list)
    sender: list[str] = field(default_factory=list)
    receiver: list[str] = field(default_factory=list)
    kind: list[int] = field(default_factory=list)
    fate: list[int] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.sent)

    def add(self, sent: float, sender: str, receiver: str, kind: int) -> int:
        """A packet of which nothing more is known; its place."""
        self.sent.append(sent)
        self.flight.append(_NO_FLIGHT)
        self.sender.append(sender)
        self.receiver.append(receiver)
        self.kind.append(kind)
        self.fate.append(_UNDER_WAY)
        return len(self.sent) - 1


def packets(trace: Trace, kind_of: Callable[[Any, bool], int]) -> tuple[Packets, list[tuple]]:
    """All packets of a trace, datagrams and streams, and the other events.

    Parameters
    ----------
    trace : Trace
    kind_of : callable
        From a message, and whether it went by a stream, to a number.

    Returns
    -------
    Packets
    list of (time, node, kind, fields)
        In the order of the trace.
    """
    found, others, apart = Packets(), [], _Apart()
    add, sent, flight, fate = found.add, found.sent, found.flight, found.fate
    datagrams: dict[tuple, int] = {}  # by sender and number
    streams: dict[tuple, int] = {}
    for time, node, kind, fields, one, two, message in trace.rows():
        if type(fields) is not dict:
            # nearly all rows are one of these two, which the trace keeps without a dict
            if kind == "send":
                datagrams[node, two] = add(time, node, one, kind_of(message, False))
                continue
            if kind == "receive" and (at := datagrams.get((one, two))) is not None:
                flight[at] = time - sent[at]
                if fate[at] == _UNDER_WAY:
                    fate[at] = _ARRIVED
                continue
            fields = dict(zip(fields, (one, two, message), strict=True))
        if kind not in _OF_PACKETS:
            others.append((time, node, kind, fields))
            apart.happened(kind, fields)
            continue
        known = streams if fields.get("stream") or kind.startswith("stream") else datagrams
        packet = fields.get("sender", node), fields["number"]
        if kind in ("send", "stream-send"):
            known[packet] = add(time, node, fields["to"], kind_of(fields["message"], kind != "send"))
        elif packet in known:  # a piece of a trace can lack what was sent before it
            at = _second(found, known, packet) if fields.get("copy") == 2 else known[packet]
            reason = fields.get("reason") or apart.reason(node, fields.get("to"))
            _befell(found, at, time, kind, fields, reason)
    return found, others


class _Apart:
    """What keeps nodes apart: a stream that fails does not say why."""

    def __init__(self):
        self._side: dict[str, int] = {}
        self._cuts: set[frozenset[str]] = set()

    def happened(self, kind: str, told: dict) -> None:
        if kind == "partition":
            self._side = {name: side for side, group in enumerate(told["groups"], 1) for name in group}
        elif kind == "heal":
            self._side, self._cuts = {}, set()
        elif kind == "cut" and told.get("streams", True):
            self._cuts.add(frozenset((told["a"], told["b"])))
        elif kind == "mend":
            self._cuts.discard(frozenset((told["a"], told["b"])))

    def reason(self, one: str, other: str) -> str:
        if self._side.get(one, 0) != self._side.get(other, 0):
            return "partition"
        return "cut" if frozenset((one, other)) in self._cuts else "down"


_OF_PACKETS = frozenset(PACKETS)


def _second(found: Packets, known: dict[tuple, int], packet: tuple) -> int:
    """The place of a packet's second copy."""
    at, copy = known[packet], (*packet, 2)
    if copy not in known:
        known[copy] = found.add(found.sent[at], found.sender[at], found.receiver[at], found.kind[at])
        found.fate[known[copy]] = _DUPLICATE
    return known[copy]


def _befell(found: Packets, at: int, time: float, kind: str, told: dict, reason: str) -> None:
    """What an event says of a packet."""
    sent, flight, fate = found.sent, found.flight, found.fate
    if kind == "held":
        # at the sender it has not left yet; at the receiver it waits, and will have arrived when that wakes
        if "sender" in told:
            fate[at] = _HELD
    elif kind == "corrupt":
        fate[at] = _DAMAGED
    elif kind in ("lost", "stream-failed"):
        fate[at] = FATES.index(_REASONS.get(reason, "dropped"))
        # what is lost as it is sent has no flight: it is drawn for as long as others take
        flight[at] = time - sent[at] or _NO_FLIGHT
    elif kind in ("receive", "stream-receive"):
        flight[at] = time - sent[at]
        if fate[at] == _UNDER_WAY:
            fate[at] = _ARRIVED


class Folded:
    """Who is what, who believes what of whom, and how many are wrong, as changes in the order of time.

    Parameters
    ----------
    names : sequence of str
        The nodes, in the order of their places.
    first : int
        So many of them are there from the beginning.
    words : sequence of str
        What can be believed. The first is what everybody believes of everybody at the beginning.
    unknown : int
        The place of the word for what one knows nothing of.
    good : frozenset of int
        The words that are right of a node that is there.
    there : frozenset of int
        The states in which a node is to be believed there.
    pairs : callable or None
        From two names to whether the first is to know of the second; None: everybody of everybody.

    Attributes
    ----------
    states : list of (time, node, state)
    beliefs : list of (time, observer, subject, word)
    wrong : list of (time, count)
        Pairs of an observer that runs and a subject of which it believes what is not so.
    """

    def __init__(
        self,
        names: Sequence[str],
        first: int,
        words: Sequence[str],
        unknown: int,
        good: frozenset[int],
        there: frozenset[int],
        pairs: Callable[[str, str], bool] | None = None,
    ):
        self.index = {name: at for at, name in enumerate(names)}
        self._words = {word: at for at, word in enumerate(words)}
        self._unknown, self._good, self._there = unknown, good, there
        count = len(names)
        self.state = [UP] * first + [ABSENT] * (count - first)
        # nobody knows yet of those who come later, nor do they of others
        late = range(first, count)
        self.believed = [
            bytearray([unknown]) * count
            if at in late
            else bytearray(first) + bytearray([unknown]) * len(late)
            for at in range(count)
        ]
        everybody = [[a != b for b in range(count)] for a in range(count)]
        self._pairs = everybody if pairs is None else [[a != b and pairs(a, b) for b in names] for a in names]
        self.states = [(0.0, at, ABSENT) for at in range(first, count)]
        self.beliefs = [
            (0.0, a, b, unknown)
            for a in range(count)
            for b in (range(count) if a in late else late)
            if unknown
        ]
        self.wrong: list[tuple[float, int]] = []
        self._count = sum(self._row(at) for at in range(count))
        self.wrong.append((0.0, self._count))

    def _watches(self, observer: int) -> bool:
        return self.state[observer] in RUNNING

    def _is_wrong(self, observer: int, subject: int) -> bool:
        right = (self.believed[observer][subject] in self._good) == (self.state[subject] in self._there)
        return not right and self._pairs[observer][subject]

    def _row(self, observer: int) -> int:
        if not self._watches(observer):
            return 0
        return sum(self._is_wrong(observer, subject) for subject in range(len(self.state)))

    def _around(self, node: int) -> int:
        """Wrong pairs that the state of a node has a part in."""
        about = sum(
            self._watches(observer) and self._is_wrong(observer, node) for observer in range(len(self.state))
        )
        return about + self._row(node)

    def is_now(self, time: float, node: int, state: int) -> None:
        """A node has another state from now on."""
        if self.state[node] != state:
            before = self._around(node)
            self.state[node] = state
            self.states.append((time, node, state))
            self._counted(time, self._around(node) - before)

    def believes(self, time: float, observer: int, subject: int, word: int) -> None:
        """A node believes something else of another one from now on."""
        row = self.believed[observer]
        if row[subject] != word:
            watches = self._watches(observer)
            before = watches and self._is_wrong(observer, subject)
            row[subject] = word
            self.beliefs.append((time, observer, subject, word))
            self._counted(time, (watches and self._is_wrong(observer, subject)) - before)

    def believes_all(self, time: float, observer: int, view: dict[str, Sequence[str]]) -> None:
        """All that a node believes from now on: by word, of whom."""
        now = {name: word for word, about in view.items() for name in about}
        for name, subject in self.index.items():
            word = self._words[now[name]] if name in now else self._unknown
            if subject != observer:
                self.believes(time, observer, subject, word)

    def word(self, word: str | None) -> int:
        """The place of a word; of None, that for what one knows nothing of."""
        return self._unknown if word is None else self._words[word]

    def _counted(self, time: float, difference: int) -> None:
        if difference:
            self._count += difference
            if self.wrong[-1][0] == time:
                self.wrong.pop()
            self.wrong.append((time, self._count))


def pack(columns: Sequence[tuple[str, str, Any]]) -> tuple[bytes, list[dict]]:
    """Columns as one piece of bytes, each beginning at a multiple of 4, and where each of them is.

    Parameters
    ----------
    columns : sequence of (name, type, values)
        The type is u32, u16, u8 or f32.
    """
    pieces, places, offset = [], [], 0
    for name, kind, values in columns:
        found = np.asarray(values).astype(TYPES[kind])
        piece = found.tobytes()
        places.append({"name": name, "type": kind, "offset": offset, "length": len(found)})
        padding = -len(piece) % 4
        pieces.append(piece + bytes(padding))
        offset += len(piece) + padding
    return b"".join(pieces), places


def microseconds(times: Sequence[float]) -> np.ndarray:
    """Seconds as whole microseconds."""
    return np.rint(np.asarray(times, dtype=np.float64) * 1e6).astype(np.int64)
