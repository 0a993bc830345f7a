"""Many liars around one router: whether they fill its mesh, and what still reaches it."""

from dataclasses import dataclass, replace

from ...sim import Network, Word, World, checks
from ...sim.arrays import np
from ...sim.network import stream
from .config import GossipsubConfig
from .delivery import COOL_S, LATENCY, ON_TIME_S, PAYLOAD_BYTES, PER_S, SHORT, dialled
from .liars import GraftFlood, Liar, Silence
from .messages import Publish
from .node import Gossipsub

VICTIM = "victim"
BACKGROUND_LINKS = 4
"""Honest routers dial so many of each other."""
ENOUGH = 0.9
"""A message of the victim's has got out when so many of the honest routers have it."""
QUICK_TICKS = 10
"""Opportunistic grafting looks at the mesh each ten heartbeats here and not each sixty, as all else is quicker."""


class Rules(Word):
    """What the honest routers of `eclipse` keep to."""

    V1_0 = "v1.0"
    UNSCORED = "v1.1 without scores"
    V1_1 = "v1.1"


@dataclass(frozen=True, eq=False)
class Eclipse:
    """What became of a besieged router, over one run or several."""

    times: np.ndarray
    """Whole seconds; shape (seconds + 1,)."""
    mesh_share: np.ndarray
    """The liars' share of the victim's mesh at each of them; nan with nobody in it; shape (runs, seconds + 1)."""
    published_s: np.ndarray
    """When each message was published; shape (messages,)."""
    latency_s: np.ndarray
    """In what time the victim had it, or of its own messages nine in ten honest routers; inf: never. Shape (messages,)."""
    at_s: float
    """When the liars begin."""
    settings: dict
    """The arguments of `eclipse` that give this again."""

    def __repr__(self) -> str:
        return (
            f"<Eclipse under {self.settings['rules']}: the mesh holds liars only at the end in {self.eclipsed:.0%} of the runs; "
            f"{self.delivered:.0%} of the messages arrive, {self.on_time:.0%} within a second>"
        )

    @property
    def eclipsed(self) -> float:
        """The share of runs in which the victim's mesh holds nobody but liars at the end."""
        return float(np.mean(self.mesh_share[:, -1] == 1.0))

    @property
    def _during(self) -> np.ndarray:
        return self.latency_s[self.published_s >= self.at_s]

    @property
    def delivered(self) -> float:
        """Of the messages published since the liars began, the share that arrived at all."""
        return float(np.mean(np.isfinite(self._during)))

    @property
    def on_time(self) -> float:
        """And the share that arrived within a second."""
        return float(np.mean(self._during <= ON_TIME_S))


def eclipse(
    liars: int = 40,
    *,
    rules: Rules | str = Rules.V1_1,
    cold: bool = False,
    publishes: bool = False,
    honest: int = 12,
    links: int = 6,
    addresses: int | None = None,
    fanout: int = 6,
    loss: float = 0.0,
    at_s: float = 5.0,
    seconds: float = 22.0,
    runs: int = 1,
    seed: int = 0,
) -> Eclipse:
    """Let many liars dial one router, graft it in each heartbeat, and pass nothing on.

    Parameters
    ----------
    liars : int
        How many, at least 1.
    rules : Rules or str
        What the honest routers keep to; scores are `SHORT`.
    cold : bool
        False: the victim has dialled its honest peers and has a mesh when the liars come. True: it starts among the liars, and the
        honest peers dial it later: a cold boot.
    publishes : bool
        Whether every second message is the victim's, and only those are looked at.
    honest : int
        Other honest routers, at least ``links``.
    links : int
        How many of them are connected with the victim, at least 1.
    addresses : int, optional
        How many IP addresses the liars share; by default each has its own.
    fanout : int
        D, the size of the mesh.
    loss : float
        The share of RPCs that are dropped.
    at_s : float
        When the liars come, in seconds; of a cold boot, when the honest peers do.
    seconds : float
        Length of a run, at least ``at_s + 10``.
    runs, seed : int
        Runs, with the seeds ``seed``, ``seed + 1`` and so on.

    Returns
    -------
    Eclipse

    Raises
    ------
    ValueError
        For an argument out of range.

    Examples
    --------
    >>> eclipse(30, rules="v1.0", seconds=20.0, seed=1)
    <Eclipse under v1.0: the mesh holds liars only at the end in 100% of the runs; 100% of the messages arrive, 100% within a second>
    """
    settings = dict(locals())
    checks.whole("liars", liars, 1)
    checks.one_of("rules", rules, tuple(Rules))
    checks.truth("cold", cold)
    checks.truth("publishes", publishes)
    checks.whole("links", links, 1)
    checks.whole("honest", honest, links)
    if addresses is not None:
        checks.whole("addresses", addresses, 1)
    checks.whole("fanout", fanout, 1)
    checks.probability("loss", loss)
    checks.number("at_s", at_s)
    checks.number("seconds", seconds, low=at_s + 10)
    checks.whole("runs", runs, 1)
    checks.whole("seed", seed, 0)
    found = [
        _Siege(liars, Rules(rules), cold, publishes, honest, links, addresses, fanout, loss, at_s, seed + run)
        for run in range(runs)
    ]
    shares = [each.watch(float(seconds)) for each in found]
    messages = sorted(message for each in found for message in each.messages())
    published, latency = np.array(messages).T if messages else np.empty((2, 0))
    return Eclipse(np.arange(len(shares[0])), np.array(shares), published, latency, at_s, settings)


class _Siege:
    """One world with a victim in it."""

    def __init__(
        self,
        liars: int,
        rules: Rules,
        cold: bool,
        publishes: bool,
        honest: int,
        links: int,
        addresses: int | None,
        fanout: int,
        loss: float,
        at_s: float,
        seed: int,
    ):
        self._world = world = World(seed=seed, network=Network(latency=LATENCY, loss=loss), trace=False)
        self._random, self._publishes = stream(seed, "experiment"), publishes
        config = GossipsubConfig.v1_0(fanout) if rules is Rules.V1_0 else GossipsubConfig.of_degree(fanout)
        config = replace(config, opportunistic_graft_ticks=QUICK_TICKS)
        scores = SHORT if rules is Rules.V1_1 else None
        self._names = [f"node-{at}" for at in range(honest)]
        self._liars = [f"liar-{at}" for at in range(liars)]
        shared = (
            {}
            if addresses is None
            else {liar: f"10.0.0.{at % addresses}" for at, liar in enumerate(self._liars)}
        )
        self._routers: dict[str, Gossipsub] = {}
        self._published_s: dict[str, float] = {}
        self._arrived_s: dict[str, list[float]] = {}
        connections = dialled(self._names, BACKGROUND_LINKS, self._random)
        near = self._random.sample(self._names, links)
        mine: dict[str, bool] = {}
        for name in near if not cold else ():
            connections[name][VICTIM], mine[name] = False, True
        for name in self._names:
            self._add(
                name,
                Gossipsub(config, connections=connections[name], scores=scores, deliver=self._note(name)),
            )
        self._add(
            VICTIM,
            Gossipsub(config, connections=mine, scores=scores, addresses=shared, deliver=self._note(VICTIM)),
        )
        come_s = 0.0 if cold else at_s
        for liar in self._liars:
            flood = GraftFlood(victims=(VICTIM,), at_s=come_s)
            world.add(liar, Liar(Gossipsub(config), (Silence(), flood)))
        if cold:
            for name in near:
                world.at(at_s, self._routers[name].connect, VICTIM)

    def _add(self, name: str, router: Gossipsub) -> None:
        self._routers[name] = router
        self._world.add(name, router)

    def _note(self, name: str):
        wanted = (name != VICTIM) if self._publishes else (name == VICTIM)

        def note(message: Publish, sender: str) -> None:
            if wanted and sender != name:
                self._arrived_s.setdefault(message.id, []).append(self._world.now)

        return note

    def _publish(self) -> None:
        mine = self._publishes and int(self._world.now * PER_S) % 2 == 0
        id_ = self._routers[VICTIM if mine else self._random.choice(self._names)].publish(PAYLOAD_BYTES)
        if mine or not self._publishes:
            self._published_s[id_] = self._world.now

    def watch(self, seconds: float) -> list[float]:
        """Let it run; the liars' share of the victim's mesh at each whole second."""
        world = self._world
        for at in np.arange(1.0, seconds - COOL_S, 1 / PER_S):
            world.at(float(at), self._publish)
        shares = []
        for second in range(int(seconds) + 1):
            world.run(until=float(second))
            members = self._routers[VICTIM].mesh.members
            lying = sum(peer in self._liars for peer in members)
            shares.append(lying / len(members) if members else np.nan)
        return shares

    def messages(self) -> list[tuple[float, float]]:
        """When each message was published, and in what time it arrived."""
        enough = int(np.ceil(ENOUGH * len(self._names))) if self._publishes else 1
        found = []
        for id_, at in self._published_s.items():
            arrived = sorted(self._arrived_s.get(id_, ()))
            found.append((at, arrived[enough - 1] - at if len(arrived) >= enough else np.inf))
        return found
