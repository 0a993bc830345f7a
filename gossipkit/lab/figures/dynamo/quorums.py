"""The figure of stale reads, failures and latency of one choice of N, R and W."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ... import style
from ...axes import Axis, Plot
from ...chart import Chart
from ...marks import Bars, Dots, Rule

ROWS = (2, 1, 0)
"""Where the model, the strict and the sloppy quorum stand, from above."""
PROMISED_MS = 300
"""The paper's example of an agreement on 99.9 % of requests (Dynamo, section 2.2)."""


def explore_quorums(result, title: str = "What N, R and W are worth") -> Chart:
    """Stale reads, failures and latency at a high percentile: by the model, with strict and with sloppy quorum.

    Parameters
    ----------
    result : gossipkit.systems.dynamo.experiments.Quorums
        Of several runs the ranges are drawn as whiskers, and said in brackets.
    """
    runs = (result.strict, result.sloppy)
    names = ("by the model", "strict quorum", "sloppy quorum")
    shares = (
        [
            _Measured(100 * (1 - result.p_fresh)),
            *(_share(run.stale, run.stale_range, run.gets) for run in runs),
        ],
        [_Measured(np.nan), *(_share(run.failed, run.failed_range, run.operations) for run in runs)],
    )
    latencies = (
        [_Measured(result.read_ms), *(_Measured(run.read_ms, *run.read_range_ms) for run in runs)],
        [_Measured(result.write_ms), *(_Measured(run.write_ms, *run.write_range_ms) for run in runs)],
    )
    of_all = f"{100 * result.answered:g} %"
    meet = (
        "R + W > N: among homes they must meet" if result.must_meet else "R + W ≤ N: they may miss each other"
    )
    plots = [
        _share_bars(values, title_, names if values is shares[0] else ())
        for values, title_ in zip(shares, ("stale reads (%)", "refused or\nout of time (%)"), strict=True)
    ]
    plots.append(_latency_dots(latencies, f"{of_all} answered\nwithin (ms)"))
    lines = (
        meet + ".",
        *(
            f"{name}: {old.share_of('reads')} stale"
            + ("" if name == names[0] else f", {lost.share_of('operations')} failed")
            + f"; {of_all} of gets {read.within}, of puts {write.within}."
            for name, old, lost, read, write in zip(names, *shares, *latencies, strict=True)
        ),
        "By the model 99.9 % of the reads see a write "
        + (
            f"{_Measured(result.visible_ms, *result.visible_range_ms).ms} after it was acknowledged."
            if result.visible_ms
            else "as soon as it is acknowledged."
        ),
    )
    alt = (
        "Three charts with a row each for the model and for runs with strict and with sloppy quorum: bars of stale reads and of "
        f"failed operations, 0 to 100 %, and points of latency at the {100 * result.answered:g}th percentile on a logarithmic axis from 0.3 to "
        "3000 ms. " + " ".join(lines)
    )
    rows = tuple(
        (name, *(each.short for each in row)) for name, *row in zip(names, *shares, *latencies, strict=True)
    )
    columns = (
        "",
        "stale reads (%)",
        "failed (%)",
        f"gets, {of_all} within (ms)",
        f"puts, {of_all} within (ms)",
    )
    note = (
        f"{meet}.",
        f"In brackets: what the runs leave open. Dashed: {PROMISED_MS} ms, for 99.9 % in the paper.",
    )
    return Chart(title, alt, lines, columns, rows, plots, 340, note=note)


def _share_bars(values: list, title: str, names: tuple[str, ...]) -> Plot:
    """A bar for the model and one for each run; without `names` it shares those of the plot to its left."""
    known = [None if np.isnan(each.value) else each.value for each in values]
    tops = [end for each in values for end in (each.value, each.high) if np.isfinite(end)]
    marks = [
        Bars(
            (place,),
            known[at : at + 1],
            number,
            across=True,
            width=0.55,
            low=[each.low if each.ranged else None],
            high=[each.high if each.ranged else None],
            texts=(each.short,),
        )
        for at, (place, each, number) in enumerate(
            zip(ROWS, values, (style.FAINT, style.BLUE, style.ORANGE), strict=True)
        )
    ]
    return Plot(
        marks,
        Axis("", 0, max(10.0, 2.3 * max(tops, default=0.0))),
        Axis(low=-0.6, high=2.6, ticks=ROWS if names else (), names=names),
        title=title,
        share=0.4 if names else 0.26,
    )


def _latency_dots(latencies: tuple, title: str) -> Plot:
    marks = []
    for number, (values, label, shift) in enumerate(
        zip(latencies, ("gets", "puts"), (0.18, -0.18), strict=True)
    ):
        marks.append(
            Dots(
                [each.value for each in values],
                [place + shift for place in ROWS],
                number,
                label,
                low=[each.low if each.ranged else None for each in values],
                high=[each.high if each.ranged else None for each in values],
                texts=[each.short for each in values],
            )
        )
    marks.append(Rule(PROMISED_MS))
    return Plot(
        marks,
        Axis("", 0.3, 3000, scale="log"),
        Axis(low=-0.6, high=2.6, ticks=()),
        title=title,
        share=0.34,
    )


@dataclass(frozen=True)
class _Measured:
    """A number, with the range that its runs leave open, and of how many there was none, if there was none."""

    value: float
    low: float = np.nan
    high: float = np.nan
    none_of: int = 0

    @property
    def ranged(self) -> bool:
        """Whether its runs leave a range open that can be drawn."""
        return bool(np.isfinite(self.value) and np.isfinite(self.low)) and not self.none_of

    @property
    def short(self) -> str:
        if np.isnan(self.value):
            return "–"
        if self.none_of:
            return f"0 of {self.none_of:,}"
        return _digits(self.value) + (
            "" if np.isnan(self.low) else f" ({_digits(self.low)}–{_digits(self.high)})"
        )

    def share_of(self, things: str) -> str:
        """A share, for a sentence."""
        if np.isnan(self.value):
            return f"no {things} to be"
        if self.none_of:
            return f"none of {self.none_of:,} {things}"
        return f"{_digits(self.value)} %{self._wide} of the {things}"

    @property
    def ms(self) -> str:
        """A time, for a sentence."""
        return f"{_digits(self.value)} ms{self._wide}"

    @property
    def within(self) -> str:
        """By when something happened, for a sentence."""
        return "never" if np.isnan(self.value) else f"within {self.ms}"

    @property
    def _wide(self) -> str:
        return "" if np.isnan(self.low) else f" ({_digits(self.low)} to {_digits(self.high)})"


def _share(value: float, between: tuple[float, float], count: int) -> _Measured:
    return _Measured(100 * value, 100 * between[0], 100 * between[1], count if value == 0 else 0)


def _digits(value: float) -> str:
    """No more of them than such runs can tell."""
    return "0" if value == 0 else f"{value:,.0f}" if value >= 10 else f"{value:.2g}"
