"""One key, a few clients that read and write it, and a cut: the run whose history a checker looks at."""

from collections.abc import Callable
from typing import Any

from ...sim import Network
from ...sim.checks import number, one_of, probability, whole
from ...sim.network import stream
from ..cassandra import Cassandra
from ..dynamo import Dynamo
from ..outages import outages
from ..simulated import Simulated
from .families import FAMILIES, Family

KEY = "x"
BEGIN_S, CUT_S, HEAL_S, LAST_S, END_S = 10.0, 15.0, 25.0, 35.0, 42.0
"""Clients ask from the first to the fourth of these, and the cluster is cut in half from the second to the third, if it is.
Churn begins with the clients and ends with the cut."""
PAUSE_S = (0.3, 1.2)
"""How long a client thinks after an answer, at least and at most."""

CONSUL, NO_LOG, QUORUM, ONE, SLOPPY = STORES = (
    "Consul",
    "Consul without its log",
    "Cassandra, QUORUM",
    "Cassandra, ONE",
    "Dynamo, last write wins",
)
_FAMILY = {CONSUL: "Consul", NO_LOG: "Consul", QUORUM: "Cassandra", ONE: "Cassandra", SLOPPY: "Dynamo"}


def register(
    store: str = CONSUL,
    fanout: int = 3,
    loss: float = 0.0,
    churn_per_min: float = 0.0,
    cut: bool = True,
    seed: int = 1,
) -> Simulated:
    """Let four clients, each of another node, read and write one key; what they asked is in ``operations``.

    Each value is written once. A client waits for an answer, and thinks, before it asks again.

    Parameters
    ----------
    store : str
        One of `STORES`, on six nodes; each write and read of Cassandra at the level that is named.
    fanout : int
        How many peers gossip tells in a round, at least 1.
    loss : float
        The share of datagrams that is lost, from when the clients begin.
    churn_per_min : float
        Crashes a minute, each for ten seconds, of any node.
    cut : bool
        Whether the two halves are cut apart for ten seconds.
    seed : int

    Raises
    ------
    ValueError
        For another store, or a number out of range.
    """
    one_of("store", store, STORES)
    whole("fanout", fanout, 1)
    probability("loss", loss)
    number("churn_per_min", churn_per_min)
    whole("seed", seed, 0)
    family = FAMILIES[_FAMILY[store]]
    system = _made(store, family, fanout, seed)
    world, random = system.world, stream(seed, "clients of the register", "think")
    if loss:
        world.at(BEGIN_S, system.set_loss, loss)
    if churn_per_min:
        world.at(BEGIN_S, outages, system, churn_per_min / 60, family.nodes, HEAL_S)
    if cut:
        world.at(CUT_S, system.partition, *map(list, family.halves))
        world.at(HEAL_S, system.heal)
    ask = _asking(store, system)
    for via in (*family.halves[0][1:], *family.halves[1][1:]):
        world.at(BEGIN_S + random.uniform(0, 1), _Client(system, via, ask, random).ask)
    system.run(until=END_S)
    return system


class _Client:
    """One that asks, waits and thinks."""

    def __init__(self, system: Simulated, via: str, ask: Callable, random: Any):
        self.system, self.via, self._ask, self.random = system, via, ask, random

    def ask(self) -> None:
        """Ask for something, if the node is up, and come back."""
        world = self.system.world
        if world.now > LAST_S:
            return
        if self.via in self.system.running():
            operation = self._ask(self.via, self.random.random() < 0.5)
            if operation.finished_s is None:
                operation.finished = lambda _: self._think()
                return
        self._think()

    def _think(self) -> None:
        world = self.system.world
        world.at(world.now + self.random.uniform(*PAUSE_S), self.ask)


def _made(store: str, family: Family, fanout: int, seed: int) -> Simulated:
    if store == SLOPPY:
        return Dynamo(**family.parameters | {"versions": "lww"}, fanout=fanout, seed=seed, trace="events")
    off = {"authority": False} if store == NO_LOG else {}
    return family.make(seed, Network(), fanout, trace="events", **off)


def _asking(store: str, system: Any) -> Callable:
    """What a client asks through a node: a write of a new value, or a read."""
    written = 0

    def ask(via: str, write: bool) -> Any:
        nonlocal written
        written += write
        value = f"v{written}"
        if isinstance(system, Cassandra):
            level = "ONE" if store == ONE else "QUORUM"
            return system.write(KEY, value, level, via) if write else system.read(KEY, level, via)
        if isinstance(system, Dynamo):
            return system.put(KEY, value, via=via) if write else system.get(KEY, via)
        # beyond two seconds a user has given up
        return system.write(KEY, value, via, timeout_s=2.0) if write else system.read(KEY, via, timeout_s=2.0)

    return ask
