"""The figure of a history: each call from its beginning to its end, one lane a client."""

from __future__ import annotations

from collections.abc import Iterable

from ... import style
from ...axes import Axis, Plot
from ...chart import Chart
from ...marks import Dots, Span

KINDS = {
    "write": ("writes", style.ORANGE),
    "read": ("reads", style.SKY),
    "cas": ("compares and sets", style.GREEN),
}


def history_bars(history: Iterable, judgement=None, title: str = "What clients asked and were told") -> Chart:
    """Calls as bars over time. Of a history that keeps to its model, the instants at which its calls may have taken effect; of
    one that does not, the call that cannot be explained.

    Parameters
    ----------
    history : iterable of gossipkit.systems.checking.Call
    judgement : gossipkit.systems.checking.Judgement, optional
        Of this history.
    title : str

    Raises
    ------
    ValueError
        When there is no call, or the judgement is of a call that is not in the history.
    """
    calls = sorted(history, key=lambda call: call.began_s)
    if not calls:
        raise ValueError("there is nothing to draw: the history has no call")
    misplaced = judgement.misplaced if judgement is not None else None
    if misplaced is not None and misplaced not in calls:
        raise ValueError(f"judgement is of {misplaced!r}: it must be of a call of this history")
    lanes, rows = _lanes(calls)
    end_s = max(max(call.began_s, call.ended_s or 0.0) for call in calls)
    # a call of unknown outcome goes on beyond all that is known
    span_s = end_s - calls[0].began_s
    beyond_s = end_s + max(0.06 * span_s, 0.1)
    marks, seen = [], set()
    for call, row in zip(calls, rows, strict=True):
        said, colour = KINDS[call.kind]
        wrong, unknown = call == misplaced, call.ended_s is None
        label = "cannot be explained" if wrong else f"{said}, outcome unknown" if unknown else said
        marks.append(
            Span(
                call.began_s,
                beyond_s if unknown else call.ended_s,
                row,
                style.VERMILION if wrong else colour,
                "" if label in seen else label,
                _short(call),
                hatch=wrong,
                hollow=unknown,
            )
        )
        seen.add(label)
    places = _instants(judgement)
    if places:
        row_of = {id(call): row for call, row in zip(calls, rows, strict=True)}
        order = [call for call in judgement.order if id(call) in row_of]
        marks.append(
            Dots(
                [places[id(call)] for call in order],
                [row_of[id(call)] for call in order],
                style.INK,
                "takes effect here" if judgement.ok else "may have taken effect here",
                radius_px=3.5,
            )
        )
    plot = Plot(
        marks,
        Axis("seconds", calls[0].began_s - 0.015 * span_s, beyond_s),
        Axis(low=-0.6, high=len(lanes) - 0.4, names=lanes[::-1]),
    )
    clients = list(dict.fromkeys(call.client for call in calls))
    unknown = sum(call.ended_s is None for call in calls)
    lines = (
        f"{len(calls)} calls of {len(clients)} clients in {span_s:.3g} s, {unknown} of unknown outcome.",
        *_findings(judgement),
    )
    alt = (
        f"Timeline of {len(calls)} calls, one bar each, in {len(lanes)} lanes ({', '.join(lanes)}), over {calls[0].began_s:.3g} to "
        f"{end_s:.3g} seconds. " + " ".join(lines)
    )
    table = tuple(
        (
            call.client,
            call.key,
            _said(call),
            f"{call.began_s:.3f}",
            "unknown" if call.ended_s is None else f"{call.ended_s:.3f}",
            "cannot be explained"
            if call == misplaced
            else f"{places[id(call)]:.3f}"
            if id(call) in places
            else "",
        )
        for call in calls
    )
    columns = ("client", "key", "call", "began (s)", "ended (s)", "may take effect (s)")
    return Chart(
        title, alt, lines, columns, table, [plot], 150 + 34 * len(lanes), narrowest=480, note=lines[1:]
    )


def _lanes(calls: list) -> tuple[list[str], list[int]]:
    """The names of the lanes from the top, and the row of each call; calls of one client that overlap have two lanes."""
    several = len({call.key for call in calls}) > 1
    busy: dict[str, list[float]] = {}
    placed = []
    for call in calls:
        name = f"{call.client}, {call.key}" if several else call.client
        ends = busy.setdefault(name, [])
        free = next((at for at, end_s in enumerate(ends) if end_s <= call.began_s), len(ends))
        if free == len(ends):
            ends.append(0.0)
        ends[free] = call.end_s
        placed.append((name, free))
    names = [(name, number) for name in sorted(busy) for number in range(len(busy[name]))]
    rows = [len(names) - 1 - names.index(each) for each in placed]
    return [name if number == 0 else f"{name} ({number + 1})" for name, number in names], rows


def _instants(judgement) -> dict[int, float]:
    """By call, the first instant at which it may have taken effect, in the order that was found."""
    places: dict[int, float] = {}
    latest: dict[str, float] = {}
    for call in judgement.order if judgement is not None else ():
        latest[call.key] = places[id(call)] = max(latest.get(call.key, 0.0), call.began_s)
    return places


def _findings(judgement) -> list[str]:
    if judgement is None:
        return []
    if judgement.ok:
        return [
            f"The history is {judgement.model}."
            if judgement.order
            else f"The history keeps to: {judgement.model}."
        ]
    return [f"Not {judgement.model}: {judgement.because}."]


def _short(call) -> str:
    arrow = f"{call.expected}→{call.value}" if call.kind == "cas" else str(call.value)
    return arrow if call.done else f"not {arrow}"


def _said(call) -> str:
    if call.kind == "cas":
        return f"sets {call.value} in place of {call.expected}" + ("" if call.done else ": refused")
    return f"{call.kind}s {'nothing' if call.value is None else call.value}"
