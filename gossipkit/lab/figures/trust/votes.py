"""The figure of one decision among liars: what the leader tells each, and what each decides."""

from __future__ import annotations

from collections.abc import Mapping

from ... import style
from ...axes import Axis, Plot
from ...chart import Chart
from ...marks import Arrow, Box, Mark, Text

MOST = 5
"""So many honest replicas have room beside each other."""
STYLES = (style.BLUE, style.VERMILION)


def one_vote(votes: Mapping[str, object], title: str = "One decision, told to each by a leader") -> Chart:
    """For each vote the leader above, the honest replicas below: what it has told them, and what they have decided.

    Parameters
    ----------
    votes : mapping of str to gossipkit.systems.trust.Vote
        By a label, such as how many there are; drawn side by side.

    Raises
    ------
    ValueError
        When there is none, or one with more than `MOST` honest replicas that are told.
    """
    if not votes:
        raise ValueError("votes is empty: give at least one")
    values = sorted({value for vote in votes.values() for value in vote.heard.values() if value is not None})
    looks = {value: STYLES[at % len(STYLES)] for at, value in enumerate(values)}
    most = max(len(vote.heard.keys() - {LEADER}) for vote in votes.values())
    room = max(330, 86 * most)  # of one part, so that its boxes stand beside each other
    plots, rows, lines = [], [], []
    for label, vote in votes.items():
        told = {name: value for name, value in vote.heard.items() if name != LEADER}
        if len(told) > MOST:
            raise ValueError(
                f"{label!r} has {len(told)} honest replicas beside the leader: at most {MOST} can be drawn"
            )
        plots.append(
            Plot(
                _drawn(vote, told, looks, room),
                Axis(low=-0.6, high=max(len(told), 1) - 0.4),
                Axis(low=-1.6, high=0.6),
                title=label,
                share=1 / len(votes),
                bare=True,
            )
        )
        for name, heard in vote.heard.items():
            rows.append((label, name, heard or "nothing", vote.decided[name] or "nothing"))
        end = (
            "two values are decided"
            if not vote.agreed
            else "all honest ones decide the same"
            if vote.all_decided
            else "no two decide differently, and not all decide"
        )
        lines.append(
            f"{label}: {vote.replicas} replicas, {vote.liars} lying, {vote.quorum} votes are enough; {end}."
        )
    alt = (
        f"Diagram, {len(votes)} parts side by side: a leader above, the honest replicas below, an arrow with a value to each of "
        "them, and in each what it decides. " + " ".join(lines)
    )
    columns = ("vote", "replica", "was told", "decides")
    return Chart(title, alt, lines, columns, rows, plots, 250, narrowest=room * len(votes))


LEADER = "replica-1"


def _drawn(vote, told: Mapping[str, str | None], looks: Mapping[str, int], room: int) -> list[Mark]:
    width = min(110, 0.9 * room / max(len(told), 1))
    middle = (len(told) - 1) / 2
    who = "the leader, a liar" if vote.leader_lies else "the leader"
    marks: list[Mark] = [Box(middle, 0, 150, 30, who, dashed=vote.leader_lies, style=style.INK)]
    for place, (name, value) in enumerate(told.items()):
        decided = vote.decided[name]
        if value is not None:
            left = place < middle
            side = {"align": "right", "right_px": -10} if left else {"align": "left", "right_px": 10}
            marks.append(Arrow(middle, -0.2, place, -0.75, looks[value]))
            marks.append(Text(place, -0.55, value, looks[value], bold=True, small=True, **side))
        look = style.INK if decided is None else looks[decided]
        marks.append(
            Box(
                place,
                -1.1,
                width,
                52,
                name.replace("replica-", "no. "),
                (decided or "undecided",),
                style=look,
            )
        )
    return marks
