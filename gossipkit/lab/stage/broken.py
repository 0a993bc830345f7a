"""A cell of the matrix of switched-off mechanisms, as a stage: the same run, watched."""

from __future__ import annotations

from ...sim import Network
from ...sim.checks import one_of
from ...systems.comparison import FAMILIES, MECHANISMS, NOTHING, scenario
from .stage import Stage

UNTIL_S = 200.0


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
    one_of("off", off, MECHANISMS)
    steps = scenario(system)
    family = FAMILIES[system]
    switches = {} if off == NOTHING else {off: None}
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
        **switches,
    )
