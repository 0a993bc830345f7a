"""The figure of stale reads, failures and latency of one choice of N, R and W."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .. import style
from ..chart import Chart

PROMISED_MS = 300
"""The paper's example of an agreement on 99.9 % of requests (Dynamo, section 2.2)."""


def quorums(result, title: str = "What N, R and W are worth") -> Chart:
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
    places = np.array([2, 1, 0])
    meet = (
        "R + W > N: among homes they must meet" if result.must_meet else "R + W ≤ N: they may miss each other"
    )
    colours = (style.FAINT, style.BLUE, style.ORANGE)
    with style.canvas(height_px=300) as figure:
        figure.text(14 / 720, 282 / 300, f"{title}  ({meet})", weight="bold", size=11.5, va="center")
        boxes = ((124, 56, 282, 222), (298, 56, 448, 222))
        for box, values, label in zip(
            boxes, shares, ("stale reads (%)", "refused or\nout of time (%)"), strict=True
        ):
            plot = style.axes(figure, box, title=label)
            plot.title.set_size(10)
            tops = np.nan_to_num([np.nanmax([each.value, each.high, 0.0]) for each in values])
            known = np.nan_to_num([each.value for each in values])
            plot.barh(places, known, height=0.55, color=colours, edgecolor=style.INK, linewidth=0.8)
            plot.set(xlim=(0, max(10.0, 2.3 * tops.max())), ylim=(-0.6, 2.6))
            for place, each, top in zip(places, values, tops, strict=True):
                _whisker(plot, each, place)
                plot.text(top, place, f" {each.short}", size=9, va="center")
            plot.set_yticks(places, names if values is shares[0] else [])
        plot = style.axes(figure, (464, 56, 708, 222), title=f"{of_all} answered\nwithin (ms)")
        plot.title.set_size(10)
        for values, label, mark, shift in zip(
            latencies, ("gets", "puts"), style.MARKS, (0.18, -0.18), strict=False
        ):
            points = [each.value for each in values]
            plot.plot(points, places + shift, mark.marker, color=mark.colour, markersize=7, label=label)
            for place, each in zip(places + shift, values, strict=True):
                if np.isfinite(each.value):
                    _whisker(plot, each, place)
                    late = each.value > 60
                    end = np.nanmin([each.value, each.low]) if late else np.nanmax([each.value, each.high])
                    at, side = (end / 1.4, "right") if late else (1.4 * end, "left")
                    plot.text(at, place, each.short, size=8.5, va="center", ha=side)
        plot.axvline(PROMISED_MS, color=style.INK, linewidth=1.1, linestyle="--")
        plot.set_xscale("log")
        # said in words: matplotlib would set powers of ten as formulas, which takes as long as the rest of the axis
        plot.set_xticks((1, 10, 100, 1000), ("1", "10", "100", "1,000"))
        plot.minorticks_off()
        plot.set(xlim=(0.3, 3000), ylim=(-0.6, 2.6))
        plot.set_yticks(places, [])
        figure.legend(
            *plot.get_legend_handles_labels(), loc="lower right", ncols=2, bbox_to_anchor=(0.98, 0.0)
        )
        figure.text(
            14 / 720,
            14 / 300,
            f"in brackets: what the runs leave open; dashed: {PROMISED_MS} ms, for 99.9 % in the paper",
            size=8.5,
        )
    lines = (
        meet + ".",
        *(
            f"{name}: {old.share_of('reads')} stale"
            + ("" if name == names[0] else f", {lost.share_of('operations')} failed")
            + f"; {of_all} of gets within {read.ms}, of puts within {write.ms}."
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
    return Chart(title, figure, alt, lines, columns, rows)


@dataclass(frozen=True)
class _Measured:
    """A number, with the range that its runs leave open, and of how many there was none, if there was none."""

    value: float
    low: float = np.nan
    high: float = np.nan
    none_of: int = 0

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
        return "no time at all" if np.isnan(self.value) else f"{_digits(self.value)} ms{self._wide}"

    @property
    def _wide(self) -> str:
        return "" if np.isnan(self.low) else f" ({_digits(self.low)} to {_digits(self.high)})"


def _share(value: float, between: tuple[float, float], count: int) -> _Measured:
    return _Measured(100 * value, 100 * between[0], 100 * between[1], count if value == 0 else 0)


def _digits(value: float) -> str:
    """No more of them than such runs can tell."""
    return "0" if value == 0 else f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


def _whisker(plot, measured: _Measured, place: float) -> None:
    if np.isfinite(measured.low) and not measured.none_of:
        plot.plot(
            [measured.low, measured.high], [place, place], "|-", color=style.INK, linewidth=1.1, markersize=6
        )
