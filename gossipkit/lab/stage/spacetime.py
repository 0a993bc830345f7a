"""A run as Lamport drew it: a line for each node, time downwards, an arrow for each message."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from ...sim import Trace
from ...sim.checks import number
from .. import style
from ..chart import Chart
from .columns import FATES, packets

MOST_NODES, MOST_MESSAGES, MOST_KINDS = 12, 400, 6
FAULTS = ("crash", "restart", "pause", "wake", "leave", "join", "clock")
NETWORK = ("partition", "heal", "cut", "mend", "set_loss", "set_corrupt", "churn")
_LOST = tuple(FATES.index(fate) for fate in ("lost", "cut", "partition", "down", "dropped"))
_SHORT_S = 0.1  # so long would what was lost as it was sent have been under way
_MARKERS = {"crash": "X", "leave": "X", "restart": "^", "join": "^", "pause": "s", "wake": "o", "clock": "D"}


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
            ended = sent + flight if flight > 0 else sent + _SHORT_S if fate in _LOST else t1
            if ended >= t0:
                chosen.append(Message(sent, ended, sender, receiver, names[kind], FATES[fate]))
    return sorted(chosen, key=lambda message: message.sent_s)


def _kind(message, stream: bool) -> str:
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
        names = [name for name in there if name in most]
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
    place = {name: at for at, name in enumerate(names)}
    counted = Counter(message.kind for message in every)
    kinds = [kind for kind, _ in counted.most_common(MOST_KINDS)]
    colours = dict(
        zip(kinds, (style.BLUE, style.GREEN, style.PINK, style.ORANGE, style.SKY, style.INK), strict=False)
    )
    faults = [
        event
        for event in trace.filter(after=t0, before=t1 + 1e-9, kind=(*FAULTS, *NETWORK))
        if event.node is None or event.node in place
    ]
    with style.canvas(height_px=520) as figure:
        plot = style.axes(figure, (64, 24, 560, 480), title=title, ylabel="seconds")
        plot.set(xlim=(-0.5, len(names) - 0.5), ylim=(t1, t0))
        plot.set_xticks(
            range(len(names)),
            names,
            rotation=45 if len(names) > 5 else 0,
            ha="left" if len(names) > 5 else "center",
        )
        plot.xaxis.tick_top()
        plot.set_title(title, pad=44 if len(names) > 5 else 24)
        plot.grid(visible=False)
        plot.vlines(range(len(names)), t0, t1, colors=style.FAINT, linewidth=1.4, zorder=1)
        labelled = set()
        for message in shown:
            colour = colours.get(message.kind, "#7b8794")
            begin, end = (place[message.sender], message.sent_s), (place[message.receiver], message.ended_s)
            lost = message.fate in ("lost", "cut", "partition", "down", "dropped")
            if lost and message.fate != "down":
                end = tuple(a + 0.6 * (b - a) for a, b in zip(begin, end, strict=True))
            label = message.kind if message.kind in colours and message.kind not in labelled else None
            labelled.add(message.kind)
            dashed = "--" if message.kind.endswith("(stream)") else "-"
            plot.plot(
                *zip(begin, end, strict=True),
                color=colour,
                linewidth=0.9,
                linestyle=dashed,
                label=label,
                zorder=2,
            )
            if lost:
                plot.plot(*end, marker="x", color=style.VERMILION, markersize=5, zorder=3)
            else:
                plot.plot(
                    *end, marker=">" if end[0] > begin[0] else "<", color=colour, markersize=3.4, zorder=3
                )
        for event in faults:
            if event.node is None:
                plot.axhline(event.time, color=style.VERMILION, linewidth=0.9, linestyle=":", zorder=1)
                plot.text(
                    len(names) - 0.45, event.time, event.kind, color=style.VERMILION, size=9, va="center"
                )
            else:
                plot.plot(
                    place[event.node],
                    event.time,
                    marker=_MARKERS[event.kind],
                    color=style.VERMILION,
                    markersize=8,
                    zorder=4,
                )
                plot.text(
                    place[event.node] + 0.1,
                    event.time,
                    event.kind,
                    color=style.VERMILION,
                    size=9,
                    va="center",
                    zorder=4,
                )
        if labelled:
            plot.legend(loc="upper left", bbox_to_anchor=(1.08, 1.0), fontsize=9)
    lost = Counter(
        message.fate for message in every if message.fate in ("lost", "cut", "partition", "down", "dropped")
    )
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
    rows = tuple(
        (round(message.sent_s, 6), message.sender, message.receiver, message.kind, message.fate)
        for message in shown
    )
    return Chart(title, figure, alt, tuple(lines), ("sent (s)", "from", "to", "message", "fate"), rows)
