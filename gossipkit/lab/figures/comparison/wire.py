"""The figure of what is on the wire: bytes by layer and kind, for several systems."""

from __future__ import annotations

from collections.abc import Mapping

from ... import style
from ...axes import Axis, Plot
from ...chart import Chart
from ...marks import Bars

LAYERS = {"gossip": style.BLUE, "authority": style.VERMILION, "repair": style.GREEN, "data": style.INK}
ROW_PX = 24


def on_the_wire(stories: Mapping[str, object], title: str = "What is on the wire") -> Chart:
    """A bar for each layer of each system: bytes a node sends in a second, without the headers of IP.

    Parameters
    ----------
    stories : mapping of str to gossipkit.systems.comparison.Story
        By system.

    Raises
    ------
    ValueError
        When there is none.
    """
    if not stories:
        raise ValueError("stories is empty: give at least one")
    names, rows, lines = [], [], []
    values: dict[str, list[tuple[int, float]]] = {layer: [] for layer in LAYERS}
    height = len(LAYERS) * len(stories)
    for system, story in stories.items():
        said = []
        for layer in LAYERS:
            total = story.bytes_per_node_s(layer)
            values[layer].append((height - 1 - len(names), total))
            names.append(f"{system}: {layer}" if not said else layer)
            kinds = ", ".join(kind for each, kind in story.bytes if each == layer)
            said.append(f"{layer} {total:.0f}" + (f" ({kinds})" if kinds else ""))
            rows.append((system, layer, f"{total:.0f}", kinds or "no message of its own"))
        lines.append(f"{system}, bytes a node a second: {', '.join(said)}.")
    marks = [
        Bars(
            [row for row, _ in found],
            [total for _, total in found],
            LAYERS[layer],
            layer,
            across=True,
            texts=[f"{total:.0f}" for _, total in found],
        )
        for layer, found in values.items()
    ]
    most = max(total for found in values.values() for _, total in found)
    plot = Plot(
        marks,
        Axis("bytes a node sends in a second, logarithmic", 0, 3 * most or 1, scale="symlog"),
        Axis(low=-0.6, high=height - 0.4, names=names[::-1]),
    )
    alt = f"Bars of bytes a node sends in a second, by layer, for {', '.join(stories)}. " + " ".join(lines)
    columns = ("system", "layer", "bytes a node a second", "messages")
    return Chart(title, alt, lines, columns, rows, [plot], 110 + ROW_PX * height)
