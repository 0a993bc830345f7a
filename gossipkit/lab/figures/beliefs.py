"""Figures of what Cassandra's nodes know of each other: who knows which version, and phi of one node's silence."""

from __future__ import annotations

import numpy as np

from .. import style
from ..chart import Chart


def digests(result, title: str = "Who knows which version") -> Chart:
    """One application state on its way, and how old everybody's knowledge of everybody is.

    Parameters
    ----------
    result : gossipkit.systems.cassandra.experiments.Digests
    """
    known = np.isfinite(result.lags)
    worst = float(result.lags[known].max()) if known.any() else 0.0
    knowing = 100 * result.knowing
    with style.canvas() as figure:
        figure.text(84 / 720, 384 / 400, title, weight="bold", size=11.5, va="center")
        share = style.axes(figure, (84, 236, 350, 360), ylabel="know the\nnew state (%)")
        share.plot(result.times, knowing, markevery=2, **style.MARKS[0].line())
        share.set(xlim=(0, result.times[-1]), ylim=(-4, 106), xticklabels=[])
        age = style.axes(figure, (84, 52, 350, 210), xlabel="seconds since it was announced")
        age.set_ylabel("mean lag\n(heartbeats)")
        age.plot(result.times, result.lag, markevery=2, **style.MARKS[1].line())
        age.set(xlim=(0, result.times[-1]), ylim=(0, max(3.0, 1.1 * np.nanmax([0.0, *result.lag]))))
        matrix = style.axes(
            figure, (412, 86, 644, 318), xlabel="what is known of node", ylabel="known by node"
        )
        matrix.set_facecolor(style.FAINT)
        shown = matrix.imshow(result.lags, cmap="viridis_r", vmin=0, vmax=max(5.0, worst), aspect="auto")
        numbers = [name.replace("node-", "").replace("newcomer-", "+") for name in result.names]
        places = range(0, len(numbers), max(1, len(numbers) // 6))
        for axis in (matrix.xaxis, matrix.yaxis):
            axis.set_ticks(places, [numbers[place] for place in places])
        matrix.grid(visible=False)
        matrix.set_title("at the end, each pair (grey: nothing)", size=10, weight="normal")
        side = style.axes(figure, (652, 86, 664, 318))
        figure.colorbar(shown, cax=side).set_label("heartbeats behind")
        side.grid(visible=False)
    pairs = len(result.names) * (len(result.names) - 1)
    ignorant = pairs - int(known.sum())
    when = (
        f"{100 * result.knowing[-1]:.0f} % know the new state after {result.times[-1]:.0f} s."
        if np.isnan(result.everyone_s)
        else f"Everybody knows the new state {result.everyone_s:.0f} s after it was announced."
    )
    lines = (
        when,
        f"Sent per node and second: {result.messages:.1f} messages, {result.bytes:,.0f} bytes.",
        (
            f"At the end what a node knows of another is {result.lags[known].mean():.1f} heartbeats old on average, "
            f"at most {worst:.0f}"
            if known.any()
            else "At the end no node knows anything of another"
        )
        + f"; {ignorant} of {pairs} pairs know nothing.",
    )
    alt = (
        f"Two line charts over 0 to {result.times[-1]:.0f} seconds, nodes that know the new state (0 to 100 %) and mean lag in "
        f"heartbeats, and a matrix of {len(result.names)} by {len(result.names)} nodes, coloured by heartbeats behind. "
        + " ".join(lines)
    )
    rows = tuple(
        (f"{at:g}", f"{share:.0f}", f"{lag:.2f}" if np.isfinite(lag) else "")
        for at, share, lag in zip(result.times, knowing, result.lag, strict=True)
    )
    columns = ("seconds", "know the new state (%)", "mean lag (heartbeats)")
    return Chart(title, figure, alt, lines, columns, rows)


def suspicion(result, title: str = "One node's silence in three dialects of phi") -> Chart:
    """Phi of one node's heartbeats over time, by three detectors, with the threshold.

    Parameters
    ----------
    result : gossipkit.systems.cassandra.experiments.Suspicion
    """
    top = 2.0 * result.threshold
    began, ended = result.pause
    with style.canvas() as figure:
        figure.text(62 / 720, 384 / 400, title, weight="bold", size=11.5, va="center")
        for place, (label, phi, mark) in enumerate(style.marked(result.phi)):
            plot = style.axes(figure, (62, 268 - 108 * place, 704, 360 - 108 * place), ylabel="phi")
            plot.plot(result.times, phi, color=mark.colour, linewidth=1.3)
            above = np.nan_to_num(phi) > result.threshold
            plot.fill_between(result.times, 0, top, where=above, color=style.ORANGE, alpha=0.35, linewidth=0)
            plot.axhline(result.threshold, color=style.INK, linewidth=1.2, linestyle="--")
            plot.axvline(result.crash_s, color=style.INK, linewidth=1.2, linestyle=(0, (1, 2)))
            if ended > began:
                plot.axvspan(began, ended, color=style.FAINT, zorder=0)
            behind = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
            plot.text(2, 0.93 * top, label, weight="bold", color=mark.colour, va="top", bbox=behind)
            plot.set(xlim=(0, result.times[-1]), ylim=(0, top), yticks=(0, result.threshold, top))
            plot.grid(visible=False)
            if place == 0:
                plot.text(result.crash_s, 1.03 * top, "crash", size=9.5, ha="center")
                if ended > began:
                    plot.text((began + ended) / 2, 1.03 * top, "paused", size=9.5, ha="center")
            if place < len(result.phi) - 1:
                plot.set_xticklabels([])
        plot.set_xlabel("seconds; shaded orange: convicted")
    convicted = {
        label: "not" if np.isnan(at) else f"{at:.1f} s after the crash"
        for label, at in result.convicted_s.items()
    }
    lines = (
        "Convicted while it was alive: "
        + ", ".join(f"{label} {times} times" for label, times in result.wrongly.items())
        + ".",
        f"Phi above {result.threshold:g}: "
        + ", ".join(f"{label} {when}" for label, when in convicted.items())
        + ".",
    )
    alt = (
        f"Three line charts: phi, 0 to {top:g} and cut off above, over 0 to {result.times[-1]:.0f} seconds, for {', '.join(result.phi)}; a "
        f"horizontal line at {result.threshold:g}, a pause from {began:g} to {ended:g} s, a crash at {result.crash_s:g} s. "
        + " ".join(lines)
    )
    some = range(0, len(result.times), max(1, len(result.times) // 60))
    rows = tuple(
        (
            f"{result.times[at]:.1f}",
            *(f"{phi[at]:.3g}" if np.isfinite(phi[at]) else "" for phi in result.phi.values()),
        )
        for at in some
    )
    return Chart(title, figure, alt, lines, ("seconds", *result.phi), rows)
