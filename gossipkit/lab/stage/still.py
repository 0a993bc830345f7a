"""A stage for a reader without a kernel: the nodes at one moment, and what happened as a table."""

from __future__ import annotations

from collections import Counter
from html import escape

from .. import faces, style
from ..axes import Axis, Plot
from ..chart import Chart
from ..marks import Dots, Line, Text
from .columns import ABSENT, CRASHED, FATES, JOINING, LEFT, PAUSED, RUNNING, UP
from .play import Run

MOST_STEPS = 40  # of a longer scenario only the first are listed
NOTE = "Run the notebook to watch it, and to break it."
_LOOKS = (style.SKY, style.ORANGE, style.VERMILION, style.PINK, style.GREEN, style.BLUE)
_STATES = {PAUSED: "paused", CRASHED: "crashed", JOINING: "joining", LEFT: "left"}


def at_moment(run: Run, at_s: float) -> tuple[list[int], list[int]]:
    """The state of each node at a time, and what each believes of the stage's subject."""
    count = len(run.names)
    states = [UP] * count
    for time, node, state in run.folded.states:
        if time <= at_s:
            states[node] = state
    subject, words = run.cast.subject(run), [0] * count
    for time, observer, about, word in run.folded.beliefs:
        if time <= at_s and about == subject:
            words[observer] = word
    return states, words


def picture(run: Run, title: str, at_s: float) -> Chart:
    """The nodes at a moment: what each is, what it believes of one of them, and the packets that are under way."""
    states, words = at_moment(run, at_s)
    subject = run.cast.subject(run)
    about = run.names[subject]
    there = [at for at in range(len(run.names)) if states[at] != ABSENT]
    packets, arrived = run.packets, FATES.index("arrived")
    flying = [
        at
        for at in range(len(packets))
        if packets.sent[at] <= at_s < packets.sent[at] + packets.flight[at] and packets.fate[at] == arrived
    ]
    watching = [at for at in there if states[at] in RUNNING]
    marks = []
    if flying:
        ways = [_way(run, at, at_s) for at in flying]
        marks.append(
            Line(
                [x for (x0, _), (x1, _) in ways for x in (x0, x1, x1)],
                [y for (_, y0), (_, y1) in ways for y in (y0, y1, None)],
                style.FAINT,
                plain=True,
            )
        )
        marks.append(Dots([x for _, (x, _) in ways], [y for _, (_, y) in ways], style.BLUE, radius_px=2))
    for word, belief in enumerate(run.cast.beliefs):
        here = [at for at in watching if words[at] == word and at != subject]
        if here:
            marks.append(_nodes(run, here, _LOOKS[word], belief.label))
    if down := [at for at in there if states[at] in (CRASHED, LEFT)]:
        marks.append(_nodes(run, down, style.INK, "does not run", hollow=True))
    marks.append(Dots(*_at(run, [subject]), style.BLUE, f"{about}: it", hollow=True, radius_px=11))
    if len(there) <= 48:
        for at in there:
            (x,), (y,) = _at(run, [at])
            marks.append(Text(x, y, run.names[at], small=True, up_px=-15))
    plot = Plot(marks, Axis(low=-40, high=1040), Axis(low=-40, high=1040), equal=True, bare=True)
    believers = Counter(run.cast.beliefs[words[at]].label for at in watching if at != subject)
    not_up = [f"{run.names[at]} {_STATES[states[at]]}" for at in there if states[at] != UP]
    lines = (
        f"Not up: {', '.join(not_up) or 'nobody'}.",
        f"Of {about}: "
        + (", ".join(f"{count} {label}" for label, count in sorted(believers.items())) or "nobody")
        + ".",
    )
    alt = (
        f"Picture of {len(there)} nodes at {at_s:g} s. "
        + " ".join(lines)
        + f" {len(flying)} packets are under way."
    )
    rows = tuple(
        (
            run.names[at],
            _STATES.get(states[at], "up"),
            "itself" if at == subject else run.cast.beliefs[words[at]].label,
        )
        for at in there
    )
    return Chart(f"{title}, at {at_s:g} s", alt, lines, ("node", "is", f"of {about}"), rows, [plot], 480)


def _at(run: Run, nodes: list[int]) -> tuple[list[float], list[float]]:
    """Where nodes stand, y upwards."""
    return [run.places[at]["x"] for at in nodes], [1000 - run.places[at]["y"] for at in nodes]


def _nodes(run: Run, nodes: list[int], look: int, label: str, hollow: bool = False) -> Dots:
    return Dots(*_at(run, nodes), look, label, hollow=hollow, radius_px=6)


def _way(run: Run, packet: int, at_s: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """Where a packet was sent, and where it is."""
    packets, index = run.packets, run.folded.index
    xs, ys = _at(run, [index[packets.sender[packet]], index[packets.receiver[packet]]])
    share = (at_s - packets.sent[packet]) / packets.flight[packet]
    return (xs[0], ys[0]), (xs[0] + share * (xs[1] - xs[0]), ys[0] + share * (ys[1] - ys[0]))


def faces_of(run: Run, meta: dict) -> tuple[dict, dict]:
    """The still faces of a stage at the end of its window, and their metadata."""
    chart = picture(run, meta["title"], run.seconds)
    data, metadata = chart.bundle()
    steps = [f"{step['at_s']:g} s: {step['text']}" for step in meta["steps"][:MOST_STEPS]]
    if len(meta["steps"]) > MOST_STEPS:
        steps.append(f"and {len(meta['steps']) - MOST_STEPS} more steps")
    told = faces.data_table(
        "What happened",
        ("seconds", "lane", "what"),
        [(f"{event['at_s']:.3f}", event["lane"], event["text"]) for event in meta["events"]],
        summary="What happened",
    )
    data["text/html"] = (
        faces.paragraph(meta["title"], strong=True)
        + (faces.listing(steps) if steps else "")
        + f"<p><em>{escape(NOTE)}</em></p>"
        + data["text/html"]
        + told
    )
    claim = meta["claim"]
    seen = (
        [f"The claim is {'seen' if claim['seen'] else 'not seen'} at the end: {claim['text']}"]
        if claim
        else []
    )
    data["text/plain"] = "\n".join([meta["title"], *steps, *meta["summary"], *chart.lines, *seen])
    return data, metadata
