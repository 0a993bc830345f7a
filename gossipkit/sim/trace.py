"""Everything that happened, in order: a value that can be filtered, tabulated and written down."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any, NamedTuple

# The cells of an event: time, node, kind, and its fields: a dict and three times None, or three names and their values.
CELLS = 7


class Event(NamedTuple):
    """One line of a `Trace`."""

    time: float
    node: str | None
    kind: str
    fields: dict[str, Any]


class Trace:
    """Events in the order in which they happened.

    The world writes these kinds, always with the sender's ``number`` of the datagram, so that a ``receive`` finds its
    ``send``: ``send``, ``receive``, ``lost`` (reason: loss, partition, cut, unknown, or down, which may be the sender that a
    pause kept from sending), ``duplicate``, ``corrupt``; for reliable messages ``stream-send``, ``stream-receive``,
    ``stream-failed``; and for faults their names, but ``set_corrupt`` for that, ``wake``, ``join`` and ``leave``. A crash
    with an ``error`` is an exception that followed from damage. What befalls the whole network has the node None. Other
    kinds are the processes' own.

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
        for event in events:
            self._cells.extend((*event, None, None, None))

    def __len__(self) -> int:
        return len(self._cells) // CELLS

    def __iter__(self) -> Iterator[Event]:
        return map(_event, self._rows())

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
        for row in self._rows():
            if (
                (after is None or row[0] >= after)
                and (before is None or row[0] < before)
                and (nodes is None or row[1] in nodes)
                and (kinds is None or row[2] in kinds)
            ):
                found._cells.extend(row)
        return found

    def _rows(self) -> Iterator[tuple]:
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
