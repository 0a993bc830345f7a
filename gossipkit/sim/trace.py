"""Everything that happened, in order: a value that can be filtered, tabulated and written down."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any, NamedTuple


class Event(NamedTuple):
    """One line of a `Trace`."""

    time: float
    node: str | None
    kind: str
    fields: dict[str, Any]


class Trace:
    """Events in the order in which they happened.

    The world writes these kinds, always with the sender's ``number`` of the datagram, so that a ``receive`` finds its
    ``send``: ``send``, ``receive``, ``lost`` (reason: loss, partition, unknown, or down, which may be the sender that a
    pause kept from sending), ``duplicate``, ``corrupt``; for reliable messages ``stream-send``, ``stream-receive``,
    ``stream-failed``; and for faults their names, but ``set_corrupt`` for that, ``wake``, ``join`` and ``leave``. What
    befalls the whole network has the node None. Other kinds are the processes' own.

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
        self._events = list(events)  # plain tuples: a named one costs three times as much to make

    def __len__(self) -> int:
        return len(self._events)

    def __iter__(self) -> Iterator[Event]:
        return map(Event._make, self._events)

    def __getitem__(self, index: int) -> Event:
        return Event(*self._events[index])

    def __repr__(self) -> str:
        kinds = dict.fromkeys(kind for _, _, kind, _ in self._events)
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
        return Trace(
            event
            for event in self._events
            if (after is None or event[0] >= after)
            and (before is None or event[0] < before)
            and (nodes is None or event[1] in nodes)
            and (kinds is None or event[2] in kinds)
        )

    def table(self) -> list[dict[str, Any]]:
        """One row an event, a dict: time, node, kind, and the event's own fields."""
        return [
            {"time": time, "node": node, "kind": kind, **extra} for time, node, kind, extra in self._events
        ]

    def to_jsonl(self) -> str:
        """One JSON object a line, the same bytes for the same run on every machine; sets come out sorted."""
        return "".join(json.dumps(row, separators=(",", ":"), default=_plain) + "\n" for row in self.table())


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
