"""The figure of one story told to several systems: belief, decision and repair of each on one time axis."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import numpy as np

from ... import style
from ...axes import Axis, Plot
from ...chart import Chart
from ...marks import Dots, Line, Rule, Span

LANES = (("belief", style.BLUE), ("decision", style.VERMILION), ("repair", style.GREEN))
ROW_PX = 26
MOMENTS = {
    "slow for 8 s": {"it goes on": 8.0},
    "cut in half for 60 s": {"the halves meet": 60.0},
    "a crash, and back after 30 s": {"it is back": 30.0},
    "a liar's old news": {"the lie again, as new": 30.0, "an operator answers": 60.0},
}
"""What happens later in a story, and when, in seconds."""
COLUMNS = (
    "system",
    "first believes (s)",
    "all believe (s)",
    "first acts (s)",
    "belief over (s)",
    "action over (s)",
    "most missing",
    "nothing missing (s)",
    "writes refused, first half",
    "writes refused, other half",
    "accepted and lost",
)


def one_outage(stories: Mapping[str, object], title: str = "") -> Chart:
    """Three rows a system: who believes, who acts, and what is missing.

    Parameters
    ----------
    stories : mapping of str to gossipkit.systems.comparison.Story
        By system, all of one fault.
    title : str
        By default the fault.

    Raises
    ------
    ValueError
        When there is none.
    """
    if not stories:
        raise ValueError("stories is empty: give at least one")
    first = next(iter(stories.values()))
    names, marks, height = [], [], 3 * len(stories)
    legend = set()
    for place, (system, story) in enumerate(stories.items()):
        levels = (story.believing, story.moved, story.behind / max(1, story.behind.max()))
        for lane, ((name, colour), level) in enumerate(zip(LANES, levels, strict=True)):
            row = height - 1 - (3 * place + lane)
            names.append(f"{system}: {name}" if not lane else name)
            marks += _bars(story.times, level, row, colour, name == "repair", legend)
        missed = [at for at, _, accepted in story.writes if at >= 0 and not accepted]
        if missed:
            label = "" if "refused" in legend else "a write that was not accepted"
            legend.add("refused")
            marks.append(
                Dots(missed, [height - 2 - 3 * place] * len(missed), style.INK, label, radius_px=2.5)
            )
        if place:
            edge = height - 3 * place - 0.5
            marks.append(Line((story.times[0], story.times[-1]), (edge, edge), style.FAINT, plain=True))
    marks.append(Rule(0.0, letter="A", text=first.fault))
    later = MOMENTS.get(first.fault, {}).items()
    marks += [
        Rule(at, letter=letter, text=what)
        for letter, (what, at) in zip("BC"[: len(later)], later, strict=True)
    ]
    plot = Plot(
        marks,
        Axis("seconds since A", float(first.times[0]), float(np.ceil(first.times[-1]))),
        Axis(low=-0.6, high=height - 0.4, names=names[::-1]),
    )
    lines = tuple(told(story) for story in stories.values())
    alt = (
        f"Bars over {first.times[0]:.0f} to {first.times[-1]:.0f} seconds, three rows for each of {', '.join(stories)}: "
        "who believes, who acts on it, what is missing. " + " ".join(lines)
    )
    rows = tuple(
        (
            system,
            *map(
                _at,
                (
                    story.first_s,
                    story.everyone_s,
                    story.acted_s,
                    story.believed_back_s,
                    story.given_back_s,
                ),
            ),
            story.most_behind,
            _at(story.caught_up_s),
            *(f"{refused} of {asked}" for refused, asked in zip(story.refused, story.asked, strict=True)),
            story.lost,
        )
        for system, story in stories.items()
    )
    note = ("Full: all of those concerned. Hatched: some of them. Repair: something is missing somewhere.",)
    heading = title or f"One story: {first.fault}"
    return Chart(heading, alt, lines, COLUMNS, rows, [plot], 130 + ROW_PX * height, note=note)


def told(story) -> str:
    """One system's story in a sentence."""
    joins = story.fault == "a join"
    verb = "know it" if joins else "believe it gone"
    if np.isnan(story.first_s):
        said = [f"nobody {'knows it' if joins else 'believes it gone'}"]
    elif np.isnan(story.everyone_s):
        said = [f"some {verb} from {story.first_s:.1f} s on, never all"]
    elif _at(story.everyone_s) == _at(story.first_s):
        said = [f"all {verb} within {story.everyone_s:.1f} s"]
    else:
        said = [
            f"the first {'knows it' if joins else 'believes it gone'} after {story.first_s:.1f} s, the last after {story.everyone_s:.1f} s"
        ]
    if np.isnan(story.acted_s):
        said.append("it has no work to the end" if joins else "its work stays its own")
    else:
        said.append(f"{'it has work' if joins else 'its work is taken from it'} after {story.acted_s:.1f} s")
    if story.most_behind:
        caught = story.caught_up_s
        end = "to the end" if np.isnan(caught) else f"until {caught:.0f} s"
        said.append(
            f"up to {story.most_behind} {'thing is' if story.most_behind == 1 else 'things are'} missing, {end}"
        )
    refused = sum(story.refused)
    said.append(f"{refused} of {sum(story.asked)} writes refused, {story.lost} accepted and lost")
    return f"{story.system}: {'; '.join(said)}."


def _at(seconds: float) -> str:
    return "never" if np.isnan(seconds) else f"{seconds:.1f}"


def _bars(
    times: np.ndarray, level: np.ndarray, row: int, colour: int, missing: bool, legend: set
) -> list[Span]:
    """A bar for each stretch in which some, or all, are of one mind."""
    kind = np.where(level <= 0, 0, np.where((level >= 1) | missing, 2, 1))
    edges = [0, *(np.flatnonzero(np.diff(kind)) + 1), len(kind)]
    found = []
    for begin, end in pairwise(edges):
        if kind[begin]:
            until = times[end] if end < len(times) else times[-1]
            found.append(
                Span(float(times[begin]), float(until), row, colour, hatch=bool(kind[begin] == 1), width=0.62)
            )
    return found
