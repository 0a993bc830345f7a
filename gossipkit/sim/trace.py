"""Everything that happened, in order: a value that can be filtered, tabulated and written down.

The same thing has one name and one set of fields in all systems. A product's own name for a change stays the row's kind
(``member-failed``, ``on-dead``, ``failed``); what the row says is in fields that are called the same everywhere.

The world writes these. ``number`` counts a sender's datagrams from 1, and its streams from 1 beside them, so that each row
finds its ``send``.

===================  ==================  ============================================================================
kind                 fields              what happened
===================  ==================  ============================================================================
``send``             to, number,         a datagram was sent
                     message
``receive``          sender, number,     it arrived and is handled; ``copy=2`` where it is the second copy of one that the
                     message             network has repeated
``lost``             to, number, reason  it will not arrive: loss, partition, cut, unknown, checksum (it came damaged, and the
                                         receiver noticed), or down (the receiver; or the sender, which a pause kept
                                         from sending); ``copy=2`` as above
``duplicate``        to, number          the network sends it a second time
``corrupt``          to, number, field,  it goes on with one field changed
                     message
``stream-send``      to, number,         a reliable message was sent
                     message
``stream-receive``   sender, number,     it arrived and is handled
                     message
``stream-failed``    to, number,         it will not arrive
                     message
``held``             sender, number,     it arrived at a node that is paused and waits there for ``wake``
                     stream
``held``             to, number, stream  a paused node whose timers run wants to send it: it leaves at ``wake``
``crash`` ...        as the fault's      faults, by their names, but ``set_corrupt`` for that; a crash with an ``error`` is
                                         an exception that followed from damage
``wake``             waiting, leaving    a pause has ended
``join``, ``leave``                      of churn
``refused``          what, reason        a scenario's action was refused by the system at its time
===================  ==================  ============================================================================

Processes write these; a row of another kind is that process's own, but its fields that have one of these names mean the
same. Kinds of Consul's second pool, that of all data centres' servers, begin with ``wan-``.
`gossipkit.systems.rebuilt` puts the state of all nodes together again from these rows.

=========================  ==========================  ==============================================================
kind                       fields                      what happened
=========================  ==========================  ==============================================================
``beliefs``                view                        at each start: all that the node believes. By belief, the names
                                                       of which it is believed, as in ``{"alive": ("a", "b")}``
any with a ``belief``      about, belief               from now on the node believes that of ``about``, in the words of
                                                       the system's ``gossip.view``; None: it knows of it no more.
                                                       A change for which the product has no name is a ``belief``
``suspect``, ``confirm``   about, belief, until_s,     a suspicion began, or was confirmed, and ends in ``until_s`` (a
                           incarnation, by             time of the world) at the latest; the next row with a belief
                                                       about the same node ends it, unless that is a ``belief``
``queue``                  length                      so many pieces of news wait to be gossiped
``operation-begun``        operation, what, key        a client reached this node; ``operation`` counts all of the
                                                       cluster's from 1, and ``what`` is the method's name
``operation-acknowledged`` operation, by               at the coordinator: the answer of ``by`` counted
``operation-ended``        operation, status           at the node that the client reached: it was told
``applied``                key, values, version        a replica holds this under the key now: all values (none after
                                                       a deletion), and what makes it newer or older
``hint-stored``            about, key, hint            kept for ``about``; ``hint`` is the holder's number for it
``hint-delivered``         about, key, hint            ``about`` has said that it has it
``hint-expired``           about, key, hint            given up because it is too old
``hint-dropped``           about, key, hint            given up for another reason: ``about`` is gone, or the holder
                                                       crashed before it was on disk
``hint-not-stored``        about, key                  not kept at all: ``about`` has been down for too long
``raft-started``           role, term, index, commit   at each start; ``index`` is that of the last entry on disk
any with a ``role``        role, term                  ``raft-candidate``, ``raft-elected``, ``raft-deposed`` and so
                                                       on: the server is a follower, candidate or leader from now on
``raft-appended``          index, term                 the log ends with this entry now; it may have been cut
``raft-committed``         index                       the commit index is this now
``raft-applied``           index, term                 an entry was given to the state machine
any with a ``master``      master                      the node replicates that one from now on; None: it is a master
``slots``                  owned                       by owner the slots, as ranges, that the node takes it to have
``started``,               ok                          whether the node takes the cluster for whole, and serves
``cluster-state``
``compacted``              keys                        a replica has thrown these away, with their tombstones
``untold``                 length                      so many entries of the node's own the catalog has not been told of
``registered``             about, service, port,       an agent offers the service ``about`` now, or otherwise than
                           status                      before; ``status`` is its check's, None without one
``deregistered``           about                       and now no more
``check``                  about, status               its check has another result now
=========================  ==========================  ==============================================================
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any, NamedTuple

# The cells of an event: time, node, kind, and its fields: a dict and three times None, or three names and their values.
CELLS = 7

PACKETS = (
    "send",
    "receive",
    "lost",
    "duplicate",
    "corrupt",
    "held",
    "stream-send",
    "stream-receive",
    "stream-failed",
)
"""The kinds that say what becomes of one message; a world with ``trace="events"`` leaves them out."""


class Event(NamedTuple):
    """One line of a `Trace`."""

    time: float
    node: str | None
    kind: str
    fields: dict[str, Any]


class Trace:
    """Events in the order in which they happened.

    What there is to find in it stands at the top of this module. What befalls the whole network has the node None.

    Examples
    --------
    >>> trace = Trace([(0.5, "a", "suspect", {"about": "b"}), (2.0, "b", "refute", {"incarnation": 1})])
    >>> len(trace.filter(kind="suspect")), len(trace.filter(after=1.0))
    (1, 1)
    >>> print(trace.to_jsonl(), end="")
    {"time":0.5,"node":"a","kind":"suspect","about":"b"}
    {"time":2.0,"node":"b","kind":"refute","incarnation":1}
    """

    def __init__(self, events: Iterable[tuple[float, str | None, str, dict[str, Any]]] = ()):
        # One flat list, CELLS to an event: Python's garbage collection walks through whatever holds other things, so a
        # tuple and a dict for each event would cost more than all else in a run.
        self._cells: list = []
        self.write = self._cells.extend  # one row, of CELLS values
        for event in events:
            self._cells.extend((*event, None, None, None))

    def __len__(self) -> int:
        return len(self._cells) // CELLS

    def __iter__(self) -> Iterator[Event]:
        return map(_event, self.rows())

    def __getitem__(self, index: int) -> Event:
        at = range(len(self))[index] * CELLS
        return _event(tuple(self._cells[at : at + CELLS]))

    def __repr__(self) -> str:
        kinds = dict.fromkeys(self._cells[2::CELLS])
        return f"<Trace of {len(self)} events: {', '.join(kinds) or 'none'}>"

    def filter(
        self,
        *,
        after: float | None = None,
        before: float | None = None,
        node: str | Iterable[str] | None = None,
        kind: str | Iterable[str] | None = None,
    ) -> "Trace":
        """The events with ``after <= time < before`` (seconds), of one node or several, of one kind or several."""
        nodes = {node} if isinstance(node, str) else node and set(node)
        kinds = {kind} if isinstance(kind, str) else kind and set(kind)
        found = Trace()
        for row in self.rows():
            if (
                (after is None or row[0] >= after)
                and (before is None or row[0] < before)
                and (nodes is None or row[1] in nodes)
                and (kinds is None or row[2] in kinds)
            ):
                found._cells.extend(row)
        return found

    def rows(self) -> Iterator[tuple[float, str | None, str, Any, Any, Any, Any]]:
        """The rows as they are kept, several times as fast as events: time, node, kind, fields, three values."""
        return zip(*[iter(self._cells)] * CELLS, strict=True)

    def table(self) -> list[dict[str, Any]]:
        """One row an event, a dict: time, node, kind, and the event's own fields."""
        return [{"time": time, "node": node, "kind": kind, **fields} for time, node, kind, fields in self]

    def to_jsonl(self) -> str:
        """One JSON object a line, the same bytes for the same run on every machine; sets come out sorted."""
        return "".join(json.dumps(row, separators=(",", ":"), default=_plain) + "\n" for row in self.table())


def _event(row: tuple) -> Event:
    time, node, kind, fields, *values = row
    return Event(
        time, node, kind, fields if isinstance(fields, dict) else dict(zip(fields, values, strict=True))
    )


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {"type": type(value).__name__} | {f.name: getattr(value, f.name) for f in fields(value)}
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError(
        f"{value!r} cannot be written as JSON: record numbers, text, lists, dicts, sets or messages"
    )
