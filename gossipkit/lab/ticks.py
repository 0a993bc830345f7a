"""Where an axis has its ticks, what stands at them, and where a value lies. `static/layout.js` says the same in the browser."""

from __future__ import annotations

from math import ceil, floor, log10

PX_A_TICK, MOST = {"x": 30, "y": 34}, 10
EDGE = 1e-9


def place(value: float, low: float, high: float, scale: str) -> float | None:
    """Where `value` lies, 0 at `low` and 1 at `high`; None for what a logarithm does not have.

    >>> place(10, 1, 100, "log"), place(0, 1, 100, "log"), place(1, 0, 10, "symlog")
    (0.5, None, 0.5)
    """
    if scale == "log" and value <= 0:
        return None
    at, start, end = (_level(each, scale) for each in (value, low, high))
    return (at - start) / (end - start)


def _level(value: float, scale: str) -> float:
    if scale == "log":
        return log10(value)
    return value if scale == "linear" or value <= 1 else 1 + log10(value)


def ticks(axis: dict, length_px: float, which: str) -> list[tuple[float, str]]:
    """(value, text) of each tick of an axis as `Axis.describe` gives it, as many as `length_px` has room for."""
    low, high, scale = axis["low"], axis["high"], axis["scale"]
    most = min(MOST, max(2, floor(length_px / PX_A_TICK[which])))
    if axis.get("ticks") is not None:
        at = [each for each in axis["ticks"] if low - EDGE <= each <= high + EDGE]
        names = dict(zip(axis["ticks"], axis.get("names", ()), strict=False))
        return [(each, names.get(each) or plain(each)) for each in at]
    if scale == "linear" or (high <= 1 and scale == "symlog"):
        step = _step((high - low) / most, axis.get("whole", False))
        decimals = max(0, -floor(log10(step) + EDGE))
        first, last = ceil(low / step - EDGE), floor(high / step + EDGE)
        # + 0.0: without it a tick that is computed as -0 would be said with its sign
        return [(at * step, f"{at * step + 0.0:,.{decimals}f}") for at in range(first, last + 1)]
    first = ceil(log10(low) - EDGE) if scale == "log" else 0
    last = floor(log10(high) + EDGE)
    start = [(0.0, "0")] if scale == "symlog" else []
    if last - first < 2:  # less than two decades: between them, too
        every = [part * 10.0**at for at in range(first - 1, last + 1) for part in (1, 2, 5)]
        least = 1 if scale == "symlog" else low
        return start + [
            (each, plain(each)) for each in every if least * (1 - EDGE) <= each <= high * (1 + EDGE)
        ]
    stride = ceil((last - first + 1) / most)
    return start + [(10.0**at, power(at)) for at in range(first, last + 1, stride)]


def _step(least: float, whole: bool) -> float:
    """1, 2 or 5 times a power of ten, and at least `least`."""
    decade = 10.0 ** floor(log10(least) + EDGE)
    step = next(part * decade for part in (1, 2, 5, 10) if part * decade >= least * (1 - EDGE))
    return max(1.0, step) if whole else step


def plain(value: float) -> str:
    """A number with its thousands apart.

    >>> plain(1000.0), plain(0.05)
    ('1,000', '0.05')
    """
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:.6g}"


def power(exponent: int) -> str:
    """A power of ten, written out while it is short.

    >>> power(3), power(-2), power(-6)
    ('1,000', '0.01', '10⁻⁶')
    """
    if -4 <= exponent <= 4:
        return plain(10.0**exponent)
    return "10" + str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
