"""A cell of the matrix of switched-off mechanisms, as a stage: the same story, with fewer writes."""

from __future__ import annotations

from ...sim import Network
from ...systems.comparison import FAMILIES, NOTHING, scenario, switches
from .stage import Stage

UNTIL_S, EACH_S = 200.0, 10
"""The window's length, and the seconds between two writes: as many as in the matrix would hide all else."""


def broken(system: str, off: str = NOTHING, seed: int = 1) -> Stage:
    """The stage of one cell: the system with one mechanism off, and the matrix's story.

    Parameters
    ----------
    system : str
        One of `gossipkit.systems.comparison.FAMILIES`.
    off : str
        One of `gossipkit.systems.comparison.MECHANISMS`.
    seed : int

    Raises
    ------
    ValueError
        For another system or mechanism.
    """
    off_now = switches(off)
    steps = scenario(system, EACH_S)
    family = FAMILIES[system]
    title = f"{system}, all on" if off == NOTHING else f"{system} without {off}"
    return Stage(
        family.system,
        seed=seed,
        network=Network(),
        scenario=steps,
        controls=(),
        seconds=UNTIL_S,
        title=title,
        **family.parameters,
        **off_now,
    )
