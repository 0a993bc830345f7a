"""Counters and gauges per node over time, as an operator's monitoring would hold them.

A process's own counters and gauges are kept change by change. Datagrams are too many for that: their counters are read
off all nodes every ``interval_s`` seconds and at the end of each run, as a monitoring system scrapes them.
"""

from array import array
from bisect import bisect_right
from collections.abc import Callable
from itertools import chain
from struct import pack

from . import checks

DATAGRAMS = (
    "datagram.sent.messages",
    "datagram.sent.bytes",
    "datagram.received.messages",
    "datagram.received.bytes",
)

Series = tuple[list[float], list[float]]


class Tally:
    """Two counters of a node that go together: its messages of some kind, and their bytes. Made by `Metrics.tally`."""

    __slots__ = ("_bytes", "_clock", "_messages")

    def __init__(self, clock: Callable[[], float], messages: Series, size_bytes: Series):
        self._clock, self._messages, self._bytes = clock, messages, size_bytes

    def add(self, size: int) -> None:
        """Count one message of ``size`` bytes."""
        clock, (times, messages), (same_times, size_bytes) = self._clock, self._messages, self._bytes
        now = clock()
        if times[-1] != now:
            times.append(now)
            messages.append(messages[-1])
            same_times.append(now)
            size_bytes.append(size_bytes[-1])
        messages[-1] += 1
        size_bytes[-1] += size


class Metrics:
    """Metrics of one world; between two changes a metric keeps its value, and before the first it is 0.

    The world itself counts ``datagram.sent.messages``, ``datagram.sent.bytes``, the same for ``received``, and the
    same four for ``stream``, the reliable messages. Bytes are payload.

    Parameters
    ----------
    clock : callable
        Says the present moment, in simulated seconds.
    interval_s : float
        Seconds between two readings of the datagram counters.
    """

    def __init__(self, clock: Callable[[], float], interval_s: float = 1.0):
        checks.number("interval_s", interval_s, low=1e-3)
        self.interval_s = interval_s
        self._clock = clock
        self._datagrams: dict[str, list[int]] = {}
        self._changes: dict[str, dict[str, Series]] = {}
        self._scraped_at: list[float] = []
        # for each reading the four counters of all nodes, in the order of adding
        self._scraped: list[array] = []

    @property
    def names(self) -> tuple[str, ...]:
        """The metrics that there are."""
        return (*DATAGRAMS, *self._changes)

    def watch(self, node: str) -> list[int]:
        """Add a node; what it gets is its four counters of `DATAGRAMS`, which it counts up itself."""
        counters = self._datagrams[node] = [0, 0, 0, 0]
        return counters

    def count(self, node: str, name: str, amount: float = 1) -> None:
        """Add ``amount``, which is not negative, to a node's counter."""
        if not amount >= 0:
            raise ValueError(f"counter {name!r} was given {amount!r}: a counter only grows, use a gauge")
        self._changed(node, name)[-1] += amount

    def gauge(self, node: str, name: str, value: float) -> None:
        """Set a node's gauge."""
        self._changed(node, name)[-1] = value

    def _changed(self, node: str, name: str) -> list[float]:
        """The values of a node's series, the last of which is that of the present moment and can be changed."""
        times, values = self._begun(node, name)
        clock = self._clock
        now = clock()
        if times[-1] != now:
            times.append(now)
            values.append(values[-1])
        return values

    def _begun(self, node: str, name: str) -> Series:
        """A node's series, which begins now if there is none."""
        try:
            return self._changes[name][node]
        except KeyError:
            series = self._changes.setdefault(name, {})[node] = [self._clock()], [0]
            return series

    def tally(self, node: str, kind: str) -> "Tally":
        """What counts a node's messages, in ``<kind>.messages`` and ``<kind>.bytes``, which begin now."""
        return Tally(self._clock, self._begun(node, f"{kind}.messages"), self._begun(node, f"{kind}.bytes"))

    def series(self, name: str, node: str | None = None) -> Series:
        """Times in seconds and the values from each of them on, of one node or, with None, summed over all nodes.

        Raises
        ------
        ValueError
            For a metric or a node that there is not.
        """
        if node is None:
            return self._total(name)
        nodes = list(self._datagrams)
        if node not in nodes:
            raise ValueError(f"{node!r} is not a node of this world")
        if name in DATAGRAMS:
            at = nodes.index(node) * len(DATAGRAMS) + DATAGRAMS.index(name)
            rows = [
                (time, row[at])
                for time, row in zip(self._scraped_at, self._scraped, strict=True)
                if at < len(row)
            ]
            return [time for time, _ in rows], [value for _, value in rows]
        if name not in self._changes:
            raise ValueError(f"{name!r} is not a metric of this run: it has {', '.join(self.names)}")
        times, values = self._changes[name].get(node, ([], []))
        return list(times), list(values)

    def value(self, name: str, node: str | None = None, at: float | None = None) -> float:
        """The value at a time in seconds, by default now; of one node or, with None, summed over all nodes."""
        times, values = self.series(name, node)
        known = len(times) if at is None else bisect_right(times, at)
        return values[known - 1] if known else 0

    def _total(self, name: str) -> Series:
        steps = []
        for node in self._datagrams:
            times, values = self.series(name, node)
            steps += [(time, new - old) for time, new, old in zip(times, values, [0, *values], strict=False)]
        total, totals = 0, {}
        for time, step in sorted(steps):
            total += step
            totals[time] = total
        return list(totals), list(totals.values())

    def scrape(self) -> None:
        """Read the datagram counters of all nodes, now."""
        now = self._clock()
        if self._scraped_at and self._scraped_at[-1] == now:
            del self._scraped_at[-1], self._scraped[-1]  # a run that ends on a reading reads once
        self._scraped_at.append(now)
        counters = [*chain.from_iterable(self._datagrams.values())]
        # packed first: an array takes bytes in one go, but numbers one by one
        self._scraped.append(array("q", pack(f"{len(counters)}q", *counters)))
