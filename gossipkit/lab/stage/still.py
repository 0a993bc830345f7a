"""A stage for a reader without a kernel: the nodes at one moment, and what happened as a table."""

from __future__ import annotations

from collections import Counter
from html import escape

from .. import faces, style
from ..chart import Chart
from .columns import CRASHED, FATES, JOINING, LEFT, PAUSED, UP
from .play import Run

NOTE = "Run the notebook to watch it, and to break it."
_COLOURS = {0: style.SKY, 1: "#c9d3dc", 2: style.ORANGE, 3: style.VERMILION}
_MARKERS = ("o", "D", "^", "s", "p")
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
    there = [at for at in range(len(run.names)) if states[at] != 5]
    packets, arrived = run.packets, FATES.index("arrived")
    flying = [
        at
        for at in range(len(packets))
        if packets.sent[at] <= at_s < packets.sent[at] + packets.flight[at] and packets.fate[at] == arrived
    ]
    index = run.folded.index
    with style.canvas(height_px=460) as figure:
        plot = style.axes(figure, (16, 16, 516, 420), title=f"{title}, at {at_s:g} s")
        plot.set_axis_off()
        plot.set(xlim=(-40, 1040), ylim=(1040, -40))
        for at in flying:
            one, other = run.places[index[packets.sender[at]]], run.places[index[packets.receiver[at]]]
            share = (at_s - packets.sent[at]) / packets.flight[at]
            x, y = (one[axis] + share * (other[axis] - one[axis]) for axis in "xy")
            plot.plot([one["x"], x], [one["y"], y], color=style.FAINT, linewidth=1, zorder=1)
            plot.plot(x, y, marker=".", color=style.BLUE, markersize=5, zorder=2)
        for word, belief in enumerate(run.cast.beliefs):
            here = [
                at
                for at in there
                if words[at] == word and at != subject and states[at] in (UP, PAUSED, JOINING)
            ]
            if here:
                plot.scatter(
                    [run.places[at]["x"] for at in here],
                    [run.places[at]["y"] for at in here],
                    s=110,
                    marker=_MARKERS[word],
                    color=_COLOURS[belief.severity],
                    edgecolors=style.INK,
                    linewidths=0.7,
                    zorder=3,
                    label=belief.label,
                )
        down = [at for at in there if states[at] in (CRASHED, LEFT)]
        if down:
            plot.scatter(
                [run.places[at]["x"] for at in down],
                [run.places[at]["y"] for at in down],
                s=110,
                marker="X",
                color="white",
                edgecolors=style.INK,
                linewidths=1,
                zorder=3,
                label="does not run",
            )
        plot.plot(
            run.places[subject]["x"],
            run.places[subject]["y"],
            marker="o",
            markersize=19,
            markerfacecolor="none",
            markeredgecolor=style.INK,
            linestyle="none",
            zorder=4,
            label=f"{about}: it",
        )
        if len(there) <= 48:
            for at in there:
                plot.annotate(
                    run.names[at],
                    (run.places[at]["x"], run.places[at]["y"]),
                    (0, -13),
                    textcoords="offset points",
                    ha="center",
                    size=7.5,
                )
        plot.legend(loc="upper left", bbox_to_anchor=(1.02, 1.0), fontsize=9.5)
    believers = Counter(
        run.cast.beliefs[words[at]].label
        for at in there
        if at != subject and states[at] in (UP, PAUSED, JOINING)
    )
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
    return Chart(title, figure, alt, lines, ("node", "is", f"of {about}"), rows)


def faces_of(run: Run, meta: dict) -> tuple[dict, dict]:
    """The still faces of a stage at the end of its window, and their metadata."""
    chart = picture(run, meta["title"], run.seconds)
    data, metadata = chart.bundle()
    steps = [f"{step['at_s']:g} s: {step['text']}" for step in meta["steps"]]
    told = faces.data_table(
        "What happened",
        ("seconds", "lane", "what"),
        [(f"{event['at_s']:.3f}", event["lane"], event["text"]) for event in meta["events"]],
    ).replace("Data table", "What happened", 1)
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
