"""A run as Lamport drew it: a line for each node, time downwards, an arrow for each message."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from ...sim import Trace
from ...sim.checks import number
from .. import style
from ..axes import Axis, Plot
from ..chart import Chart
from ..marks import Arrow, Dots, Line, Rule, Text
from ..ticks import ticks
from .columns import FATES, packets

MOST_NODES, MOST_MESSAGES, HEIGHT_PX = 12, 400, 560
FAULTS = ("crash", "restart", "pause", "wake", "leave", "join", "clock")
NETWORK = ("partition", "heal", "cut", "mend", "set_loss", "set_corrupt", "churn")
LOST = ("lost", "cut", "partition", "down", "dropped")
_SHORT_S = 0.1  # so long would what was lost as it was sent have been under way
_LOOKS = (style.BLUE, style.GREEN, style.PINK, style.ORANGE, style.SKY, style.INK)


@dataclass(frozen=True)
class Message:
    """An arrow: times in seconds, and whether it arrived; ``kind`` is its class."""

    sent_s: float
    ended_s: float
    sender: str
    receiver: str
    kind: str
    fate: str


def messages(trace: Trace, nodes: Iterable[str], t0: float, t1: float) -> list[Message]:
    """The messages between some nodes that were under way in a window, in the order of sending."""
    kinds: dict[str, int] = {}
    found, _ = packets(trace, lambda message, stream: kinds.setdefault(_kind(message, stream), len(kinds)))
    names, among = list(kinds), set(nodes)
    chosen = []
    for sent, flight, sender, receiver, kind, fate in zip(
        found.sent, found.flight, found.sender, found.receiver, found.kind, found.fate, strict=True
    ):
        if sender in among and receiver in among and sent <= t1:
            ended = sent + flight if flight > 0 else sent + _SHORT_S if FATES[fate] in LOST else t1
            if ended >= t0:
                chosen.append(Message(sent, ended, sender, receiver, names[kind], FATES[fate]))
    return sorted(chosen, key=lambda message: message.sent_s)


def _natural(name: str) -> list:
    """node-9 before node-10."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name)]


def _kind(message, stream: bool) -> str:
    if isinstance(message, str):
        return message  # a recorded trace has kept no more of it
    inner = getattr(message, "content", None)
    name = type(message if inner is None else inner).__name__
    return f"{name} (stream)" if stream else name


def spacetime(
    trace: Trace,
    nodes: Iterable[str] | None = None,
    t0: float = 0.0,
    t1: float | None = None,
    title: str = "Who told whom, and when",
) -> Chart:
    """A space-time diagram of a window of any trace: arrows for messages, crosses where they were lost, faults marked.

    Parameters
    ----------
    trace : Trace
    nodes : iterable of str, optional
        In the order from left to right; by default those that speak most in the window, at most 12.
    t0, t1 : float
        The window in seconds; by default up to the last event.
    title : str

    Raises
    ------
    ValueError
        If the window ends before it begins, a node is in no event of the trace, or the trace is empty.

    References
    ----------
    L. Lamport, "Time, clocks, and the ordering of events in a distributed system", CACM 21(7), 1978, figure 1.
    """
    if not len(trace):
        raise ValueError("trace is empty: there is nothing to draw")
    number("t0", t0)
    t1 = trace[-1].time if t1 is None else t1
    number("t1", t1, low=t0)
    if t1 == t0:
        raise ValueError(f"t1 is {t1!r}: it must be more than t0, {t0!r}")
    there = dict.fromkeys(node for _, node, _, _ in trace if node is not None)
    if nodes is None:
        spoken = Counter()
        for message in messages(trace, there, t0, t1):
            spoken.update((message.sender, message.receiver))
        most = {name for name, _ in spoken.most_common(MOST_NODES)} or set(list(there)[:MOST_NODES])
        names = sorted(most, key=_natural)
    else:
        names = list(nodes)
        for name in names:
            if name not in there:
                raise ValueError(f"nodes names {name!r}: this trace has {', '.join(map(str, there))}")
        if not names:
            raise ValueError("nodes is empty: name at least one")
    every = messages(trace, names, t0, t1)
    return _drawn(trace, names, t0, t1, title, every)


def _drawn(trace: Trace, names: list[str], t0: float, t1: float, title: str, every: list[Message]) -> Chart:
    shown = every[:MOST_MESSAGES]
    counted = Counter(message.kind for message in every)
    styles = {kind: look for (kind, _), look in zip(counted.most_common(len(_LOOKS)), _LOOKS, strict=False)}
    faults = [
        event
        for event in trace.filter(after=t0, before=t1 + 1e-9, kind=(*FAULTS, *NETWORK))
        if event.node is None or event.node in names
    ]
    labelled: set[str] = set()
    marks = [Line((at, at), (0.0, t1 - t0), style.FAINT, plain=True) for at in range(len(names))]
    marks += [_arrow(message, names, t1, styles, labelled) for message in shown]
    for event in faults:
        # time runs downwards, and an axis upwards
        y = t1 - event.time
        if event.node is None:
            marks.append(Rule(y, level=True, style=style.VERMILION, text=event.kind))
        else:
            at = names.index(event.node)
            marks.append(Dots((at,), (y,), style.VERMILION, radius_px=6))
            marks.append(Text(at, y, event.kind, style.VERMILION, small=True, align="left", right_px=9))
    seconds = ticks({"low": t0, "high": t1, "scale": "linear"}, HEIGHT_PX, "y")
    plot = Plot(
        marks,
        Axis(low=-0.5, high=len(names) - 0.5, names=names),
        Axis(
            "seconds", 0.0, t1 - t0, ticks=[t1 - at for at, _ in seconds], names=[said for _, said in seconds]
        ),
    )
    lost = Counter(message.fate for message in every if message.fate in LOST)
    said = ", ".join(f"{count} {fate}" for fate, count in sorted(lost.items())) or "none lost"
    lines = [
        f"{len(names)} nodes from {t0:g} to {t1:g} s: {len(every)} messages, {said}.",
        "By kind: " + (", ".join(f"{kind} {count}" for kind, count in counted.most_common()) or "none") + ".",
        *(
            f"At {event.time:.3f} s: {event.kind}{f' of {event.node}' if event.node else ''}."
            for event in faults
        ),
    ]
    if len(shown) < len(every):
        lines.append(
            f"Only the first {len(shown)} messages are drawn: choose a shorter window to see the others."
        )
    alt = (
        f"Space-time diagram. Across: {', '.join(names)}. Downwards: time from {t0:g} to {t1:g} s. "
        "An arrow is a message, a cross one that was lost. " + " ".join(lines)
    )
    rows = [
        (round(message.sent_s, 6), message.sender, message.receiver, message.kind, message.fate)
        for message in shown
    ]
    columns = ("sent (s)", "from", "to", "message", "fate")
    return Chart(title, alt, lines, columns, rows, [plot], HEIGHT_PX)


def _arrow(
    message: Message, names: list[str], t1: float, styles: dict[str, int], labelled: set[str]
) -> Arrow:
    label = "" if message.kind in labelled or message.kind not in styles else message.kind
    labelled.add(message.kind)
    return Arrow(
        names.index(message.sender),
        t1 - message.sent_s,
        names.index(message.receiver),
        t1 - message.ended_s,
        styles.get(message.kind, style.FAINT),
        label,
        lost=message.fate in LOST,
    )
