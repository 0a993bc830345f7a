"""Figures of one or several spreads. Every function takes results with the interface of `gossipkit.gossip.Spread`."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ... import style
from ...axes import Axis, Plot
from ...chart import Chart
from ...marks import Band, Bars, Dots, Line, Mark, Text

LEVELS = (0.5, 0.99, 1.0)
BAND = "10–90 % of the runs"


def spread_curves(spreads: Mapping[str, object], title: str = "How a rumour spreads") -> Chart:
    """The share of nodes informed after each round, as a median over trials with its 10-90 % band.

    Parameters
    ----------
    spreads : mapping of str to gossipkit.gossip.Spread
        One curve each, by label.
    title : str
        The heading.
    """
    _some(spreads)
    last = _last_round(spreads.values())
    medians, marks = {}, []
    for label, spread, number in style.styled(spreads):
        low, medians[label], high = _shares(spread, last)
        band = BAND if number == 0 and len(spread.informed) > 1 else ""
        marks += [
            Band(range(last + 1), low, high, number, band),
            Line(range(last + 1), medians[label], number, label),
        ]
    plot = Plot(marks, _rounds(last), SHARE)
    lines = [_reached(label, spread) for label, spread in spreads.items()]
    alt = (
        f"Line chart: nodes informed, 0 to 100 %, over rounds 0 to {last}; median of the trials with a 10 to 90 % band. "
        + " ".join(lines)
    )
    return Chart(
        title, alt, lines, *_by_round("informed (%)", medians, ".1f"), [plot], note=_cuts(spreads, last)
    )


def epidemic(spread, title: str = "Anatomy of an epidemic") -> Chart:
    """One spread in two pictures: the share informed after each round, and the messages sent per node in each.

    Parameters
    ----------
    spread : gossipkit.gossip.Spread
        Any number of trials.
    title : str
        The heading.
    """
    last = _last_round([spread])
    sent = spread.messages[:, :last].mean(axis=0) / spread.nodes
    low, median, high = _shares(spread, last)
    curve = [
        Band(range(last + 1), low, high, label=BAND),
        Line(range(last + 1), median, label="median"),
    ]
    cost = Bars(range(1, last + 1), sent, style.VERMILION)
    plots = [
        Plot(curve, _rounds(last), SHARE, title="Who knows", share=0.62),
        Plot(
            [cost],
            Axis("round", 0.3, max(last, 2) + 0.7, whole=True),
            Axis("messages per node", low=0),
            title="What it costs",
            share=0.38,
        ),
    ]
    lines = (
        _reached(f"{spread.nodes:,} nodes", spread),
        f"At the end {_percent(spread.coverage.mean())} know on average; in {_share(spread.coverage == 1)} of the runs everybody.",
        *_cost(spread),
    )
    alt = (
        f"Two charts over rounds 0 to {last}. Left, a line: nodes informed, 0 to 100 %, median with a 10 to 90 % band. "
        f"Right, bars: messages per node in each round, up to {sent.max():.1f}. " + " ".join(lines)
    )
    rows = tuple((at, f"{median[at]:.1f}", f"{sent[at - 1]:.2f}" if at else "") for at in range(last + 1))
    columns = ("round", "informed (%), median", "messages per node")
    return Chart(title, alt, lines, columns, rows, plots, 360, note=_cuts({"": spread}, last))


def uninformed_share(
    spreads: Mapping[str, object], title: str = "The long tail: who does not know yet"
) -> Chart:
    """The share of nodes that do not know after each round, the median of the trials, on a logarithmic axis.

    A straight line is a constant factor per round, as push has it in its tail; a line that falls ever faster is pull's
    squaring. A line ends where nobody is left. It is a median because squaring is a law of one run: the mean of a round
    belongs to the few runs that started late.

    Parameters
    ----------
    spreads : mapping of str to gossipkit.gossip.Spread
        One curve each, by label.
    title : str
        The heading.
    """
    _some(spreads)
    last = _last_round(spreads.values())
    shares = {
        label: 1 - np.quantile(_padded(spread, last), 0.5, axis=0, method="nearest") / spread.nodes
        for label, spread in spreads.items()
    }
    marks = [
        Line(range(last + 1), np.where(share > 0, share, np.nan), number, label)
        for label, share, number in style.styled(shares)
    ]
    plot = Plot(marks, _rounds(last), Axis("nodes not informed (share)", high=1.5, scale="log"))
    lines = [f"{label}: {_tail(spreads[label], share)}" for label, share in shares.items()]
    alt = (
        f"Line chart with a logarithmic vertical axis: share of nodes not informed, median of the trials, over rounds 0 to {last}. "
        + " ".join(lines)
    )
    return Chart(
        title, alt, lines, *_by_round("not informed", shares, ".2e"), [plot], note=_cuts(spreads, last)
    )


def rounds_by_label(spreads: Mapping[str, object], title: str = "Rounds until they know") -> Chart:
    """Median rounds to 50, 99 and 100 % of the nodes, one row a spread, with the 10-90 % range of the trials.

    Parameters
    ----------
    spreads : mapping of str to gossipkit.gossip.Spread
        One row each, by label.
    title : str
        The heading.
    """
    _some(spreads)
    rows, lines, drawn = [], [], []
    dots: dict[float, list] = {level: [] for level in LEVELS}
    missed: list[Mark] = []
    for label, spread in spreads.items():
        place = len(spreads) - 1 - len(rows)
        found = [spread.rounds_to(level) for level in LEVELS]
        for level, values in zip(LEVELS, found, strict=True):
            dots[level].append((place, *_quantiles(values)))
        medians = [_quantiles(values)[1] for values in found]
        drawn += [value for value in medians if np.isfinite(value)]
        shown = [None if np.isnan(value) else f"{value:.0f}" for value in medians]
        rows.append((label, *(each or _not_reached(spread) for each in shown), _share(~np.isnan(found[-1]))))
        reached = "; ".join(
            f"{level:.0%} {f'after {each} rounds' if each else _not_reached(spread)}"
            for level, each in zip(LEVELS, shown, strict=True)
        )
        lines.append(f"{label}: {reached}." + _short_of(found[-1]))
        if None in shown:
            levels = ", ".join(f"{level:.0%}" for level, each in zip(LEVELS, shown, strict=True) if not each)
            missed.append(
                Text(
                    0,
                    place,
                    f"{levels} {_not_reached(spread)}",
                    small=True,
                    align="left",
                    right_px=6,
                    up_px=15,
                )
            )
    marks = [
        Dots(middles, places, number, f"{level:.0%} know", lows, highs, radius_px=5.5)
        for number, (level, row) in enumerate(dots.items())
        for places, lows, middles, highs in [zip(*row, strict=True)]
    ]
    wide = bool(drawn) and max(drawn) > 25 * max(min(drawn), 1)
    axis = Axis("rounds", low=0, scale="symlog" if wide else "linear")
    names = Axis(low=-0.5, high=len(spreads) - 0.5, names=list(spreads)[::-1])
    plot = Plot([*marks, *missed], axis, names)
    alt = (
        f"Dot chart, one row for each of {', '.join(spreads)}: rounds until 50, 99 and 100 % know, median and 10 to 90 % range. "
        + " ".join(lines)
    )
    columns = ("", *(f"rounds to {level:.0%}, median" for level in LEVELS), "trials in which all know")
    note = ("Bars: 10–90 % of the runs.",)
    return Chart(title, alt, lines, columns, rows, [plot], 138 + 46 * len(spreads), note=note)


def _some(series: Mapping) -> None:
    if not series:
        raise ValueError("there is nothing to draw: give at least one labelled result")


def _last_round(spreads) -> int:
    """The round after which nothing moves that would show: neither a median nor a 10-90 % band."""

    def still(counts):
        moving = np.flatnonzero(np.abs(np.diff(counts)) > 0)
        return int(moving[-1]) + 1 if moving.size else 1

    ends = [
        max(still(np.quantile(spread.informed, q, axis=0, method="nearest")) for q in (0.1, 0.5, 0.9))
        for spread in spreads
    ]
    return max(ends)


def _padded(spread, last: int) -> np.ndarray:
    """Informed nodes up to round `last`, shape (trials, last + 1); a spread that ended before keeps its last count."""
    short = max(0, last + 1 - spread.informed.shape[1])
    return np.pad(spread.informed, ((0, 0), (0, short)), mode="edge")[:, : last + 1]


def _shares(spread, last: int) -> np.ndarray:
    """10 %, median and 90 % of the share informed after each round, in per cent."""
    return np.quantile(_padded(spread, last), (0.1, 0.5, 0.9), axis=0) / spread.nodes * 100


SHARE = Axis("nodes informed (%)", 0, 103, ticks=(0, 25, 50, 75, 100))


def _rounds(last: int) -> Axis:
    return Axis("round", 0, last, whole=True)


def _cuts(spreads: Mapping[str, object], last: int) -> tuple[str, ...]:
    """What to say under the picture of runs that were stopped before they ended."""
    cut = {
        label: spread.messages.shape[1]
        for label, spread in spreads.items()
        if spread.messages.shape[1] >= spread.parameters.max_rounds and (spread.coverage < 1).any()
    }
    if not cut:
        return ()
    names = f" ({', '.join(cut)})" if len(spreads) > 1 else ""
    rounds = " or ".join(str(each) for each in sorted(set(cut.values())))
    after = f" After round {last} nothing moves that would show." if last < max(cut.values()) else ""
    return (f"Cut after {rounds} rounds{names}: what comes later is not known.{after}",)


def _by_round(what: str, series: Mapping[str, np.ndarray], digits: str) -> tuple:
    columns = ("round", *(f"{label}, {what}" for label in series))
    rows = tuple(
        (at, *(format(values[at], digits) for values in series.values()))
        for at in range(len(next(iter(series.values()))))
    )
    return columns, rows


def _reached(label: str, spread) -> str:
    rounds = {level: _quantiles(spread.rounds_to(level))[1] for level in LEVELS}
    reached = [f"{level:.0%} after {at:g}" for level, at in rounds.items() if not np.isnan(at)]
    missed = [f"{level:.0%} {_not_reached(spread)}" for level, at in rounds.items() if np.isnan(at)]
    said = [", ".join(reached) + " rounds"] * bool(reached) + missed
    return f"{label}: {', '.join(said)} ({_median_of(spread)})."


def _median_of(spread) -> str:
    trials = len(spread.informed)
    return f"median of {trials:,} run{'s' if trials > 1 else ''}"


def _tail(spread, share: np.ndarray) -> str:
    gone = np.flatnonzero(share == 0)
    end = f"nobody left after {gone[0]}" if gone.size else f"{share[-1]:.1e} left at the end"
    below = np.flatnonzero(share <= 0.01)
    one = f"after {below[0]} rounds" if below.size else _not_reached(spread)
    return f"down to 1 % {one}, {end} ({_median_of(spread)})."


def _quantiles(values: np.ndarray) -> tuple[float, float, float]:
    """10 %, median and 90 % over all trials; one that never got there counts as later than all others."""
    found = np.quantile(np.where(np.isnan(values), np.inf, values), (0.1, 0.5, 0.9), method="nearest")
    return tuple(float(value) if np.isfinite(value) else float("nan") for value in found)


def _messages_until(spread, level: float) -> np.ndarray:
    """Messages per node up to the round in which `level` is reached, shape (trials,); nan where it never is."""
    sums = np.pad(np.cumsum(spread.messages, axis=1), ((0, 0), (1, 0))) / spread.nodes
    rounds = spread.rounds_to(level)
    there = ~np.isnan(rounds)
    until = np.full(len(rounds), np.nan)
    until[there] = sums[there, rounds[there].astype(int)]
    return until


def _cost(spread) -> list[str]:
    """What was sent until 99 % knew, by the runs that got there, and in all."""
    until, total = _messages_until(spread, 0.99), spread.messages.sum(axis=1) / spread.nodes
    there = ~np.isnan(until)
    first = f"{until.mean():.1f} until 99 % know, " if there.all() else ""
    lines = [f"Messages per node: {first}{total.mean():.1f} until the run ends."]
    if there.any() and not there.all():
        lines.append(
            f"In the {_share(there)} of the runs in which 99 % come to know: {until[there].mean():.1f} until then, "
            f"{total[there].mean():.1f} until the end."
        )
    asked = spread.parameters
    if asked.retransmit is None and asked.mode != "pull" and not asked.churn and (spread.coverage == 1).any():
        lines.append(
            f"A run ends when everybody knows; members that tell for ever would go on calling {asked.fanout} other{'s' * (asked.fanout > 1)} in each round."
        )
    return lines


def _not_reached(spread) -> str:
    """What to say of a level that was not reached: only where all have fallen silent it never will be."""
    rounds = spread.messages.shape[1]
    return "never" if rounds < spread.parameters.max_rounds else f"not in {rounds} rounds"


def _short_of(values: np.ndarray) -> str:
    missing = np.isnan(values)
    return f" In {_share(missing)} of the trials somebody does not know at the end." if missing.any() else ""


def _share(flags: np.ndarray) -> str:
    return _percent(np.mean(flags))


def _percent(share: float) -> str:
    """Per cent that never rounds an exception away: 99.96 is not 100."""
    percent = 100 * float(share)
    if percent in (0, 100):
        return f"{percent:.0f} %"
    return f"{min(max(percent, 0.1), 99.9):.1f} %"
