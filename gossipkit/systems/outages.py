"""Weather that all systems can have: nodes that go down at random, and come back with their disks."""

from collections.abc import Sequence

from ..sim.network import stream
from .simulated import Simulated

OUTAGE_S = 10.0


def outages(
    system: Simulated, per_s: float, names: Sequence[str], until: float, stream_name: str = "outages"
) -> None:
    """From now on, let random nodes crash as a Poisson process, and come back after `OUTAGE_S` seconds.

    Parameters
    ----------
    system : Simulated
    per_s : float
        Mean number of crashes a second, in the whole cluster; above 0.
    names : sequence of str
        Who may crash.
    until : float
        The last moment of a crash, in seconds.
    stream_name : str
        Whose randomness it is: two uses in one run need two names.
    """
    world, random = system.world, stream(system.world.seed, stream_name, "churn")

    def crash() -> None:
        there = [name for name in names if name in world.up]
        if there:
            name = random.choice(there)
            world.crash(name)
            world.at(world.now + OUTAGE_S, back, name)

    def back(name: str) -> None:
        if name not in world.up:
            world.restart(name)

    # whole nanoseconds: logarithms differ in their last bit from one platform to another
    at = round(world.now + random.expovariate(per_s), 9)
    while at <= until:
        world.at(at, crash)
        at = round(at + random.expovariate(per_s), 9)
