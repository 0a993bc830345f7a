"""One topic among honest routers and liars: what arrives, when, and at what cost."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from ...sim import Network, Uniform, Word, World, checks
from ...sim.arrays import np
from ...sim.network import stream
from .config import GossipsubConfig
from .liars import Behaviour, GraftFlood, Liar, Promise, Silence, Spam
from .messages import Publish
from .node import Gossipsub
from .score_params import ScoreParams

LATENCY = Uniform(0.02, 0.08)
"""One way, in seconds: peers all over a continent."""
LINKS = 6
"""Each router dials so many random others: twelve connections in the mean."""
PER_S, PAYLOAD_BYTES = 2.0, 1000
"""Messages a second in the topic, and their size."""
WARM_S, COOL_S = 3.0, 4.0
"""Nothing is published at the beginning, while meshes form, nor at the end, while the last messages spread."""
ON_TIME_S = 1.0
"""A heartbeat: what comes later came by gossip more than once removed, or not in time for who had a deadline."""

SHORT = replace(
    ScoreParams(),
    mesh_message_deliveries_activation_s=8.0,
    mesh_message_deliveries_threshold=1.0,
    mesh_message_deliveries_window_s=0.1,
)
"""Filecoin's scores for runs of half a minute: P3 counts after 8 s and not after 60, and asks for a sixth as much, rounded up; its
window is as long as two hops."""


class Attack(Word):
    """What the liars of `deliver` do."""

    NONE = "none"
    SILENCE = "silence"
    """They pass nothing on."""
    CENSOR = "censor"
    """They pass on all but one router's messages; every second one is its own, and only those are counted. To everybody else, and to
    a score, they are good peers."""
    PROMISE = "promise"
    """They pass nothing on, and advertise messages that do not exist."""
    SPAM = "spam"
    """They send invalid messages."""
    GRAFT = "graft"
    """They pass nothing on, and graft everybody in each heartbeat, whatever the backoff says."""


def behaviours(attack: Attack, censored: str) -> tuple[Behaviour, ...]:
    """The behaviours of one attack; the author's name is a censor's."""
    return {
        Attack.NONE: (),
        Attack.SILENCE: (Silence(),),
        Attack.CENSOR: (Silence(of=censored),),
        Attack.PROMISE: (Silence(), Promise()),
        Attack.SPAM: (Spam(),),
        Attack.GRAFT: (Silence(), GraftFlood()),
    }[attack]


@dataclass(frozen=True, eq=False)
class Delivery:
    """What became of a topic's messages, over one run or several."""

    pairs: int
    """How many pairs there are of a message and an honest router, not its author, that was there before and after it."""
    delivered: float
    """The share of these in which it arrived, 0 to 1; nan if there are none."""
    on_time: float
    """The share in which it arrived within a second."""
    latency_s: np.ndarray
    """Of those that arrived, sorted; shape (deliveries,)."""
    duplicates: float
    """Further copies per first copy, at honest routers."""
    bytes_per_node_s: float
    """What an honest router sends, payload and control, in bytes a second."""
    invalid_handled: float
    """Invalid messages that an honest router has looked at, in the mean."""
    times: np.ndarray
    """Whole seconds; shape (seconds + 1,)."""
    mesh_share: np.ndarray
    """The share of liars in honest meshes at each of them, mean over routers and runs; nan without any mesh."""
    scores_honest: np.ndarray
    """The median of what honest routers think of each other at each of them; 0 without scores."""
    scores_liars: np.ndarray
    """And of liars; nan where they know none any more."""
    settings: dict
    """The arguments of `deliver` that give this again."""

    def __repr__(self) -> str:
        return (
            f"<Delivery: {self.delivered:.1%} arrive, {self.on_time:.1%} within a second; {self.duplicates:.1f} duplicates, "
            f"{self.bytes_per_node_s:,.0f} B/s a router; liars in meshes at the end {self.mesh_share[-1]:.0%}>"
        )

    def quantile_s(self, q: float) -> float:
        """The time in which a share of all pairs had it, in seconds; inf where fewer ever got it."""
        checks.probability("q", q)
        at = max(0, int(np.ceil(q * self.pairs)) - 1)
        return float(self.latency_s[at]) if at < len(self.latency_s) else float("inf")


def deliver(
    nodes: int = 24,
    *,
    liars: float = 0.2,
    attack: Attack | str = Attack.SILENCE,
    scores: bool = True,
    fanout: int = 6,
    loss: float = 0.0,
    churn_per_minute: float = 0.0,
    flood_publish: bool = True,
    addresses: int | None = None,
    seconds: float = 20.0,
    runs: int = 1,
    seed: int = 0,
) -> Delivery:
    """Let random honest routers publish two messages a second while others lie.

    Parameters
    ----------
    nodes : int
        Routers, at least 8. Each dials six others at random.
    liars : float
        The share of them that lies, from 0 to 0.9.
    attack : Attack or str
    scores : bool
        Whether honest routers keep scores: Filecoin's, with P3 made quick (`SHORT`).
    fanout : int
        D, the size of the mesh, at least 1.
    loss : float
        The share of RPCs that are dropped, from 0 to 1.
    churn_per_minute : float
        Routers that leave without a word in a minute, and as many that join.
    flood_publish : bool
        Whether a publisher sends to all its peers, and not to its mesh only.
    addresses : int, optional
        How many IP addresses the liars share; by default each has its own.
    seconds : float
        Length of a run, at least 10.
    runs : int
        Runs, with the seeds ``seed``, ``seed + 1`` and so on.
    seed : int

    Returns
    -------
    Delivery

    Raises
    ------
    ValueError
        For an argument out of range.

    Examples
    --------
    >>> deliver(12, liars=0.25, seconds=10.0, seed=1)
    <Delivery: 100.0% arrive, 100.0% within a second; 4.6 duplicates, 5,252 B/s a router; liars in meshes at the end 6%>
    """
    settings = dict(locals())
    checks.whole("nodes", nodes, 8)
    checks.number("liars", liars, high=0.9)
    checks.one_of("attack", attack, tuple(Attack))
    checks.truth("scores", scores)
    checks.whole("fanout", fanout, 1)
    checks.probability("loss", loss)
    checks.number("churn_per_minute", churn_per_minute)
    checks.truth("flood_publish", flood_publish)
    if addresses is not None:
        checks.whole("addresses", addresses, 1)
    checks.number("seconds", seconds, low=10.0)
    checks.whole("runs", runs, 1)
    checks.whole("seed", seed, 0)
    config = GossipsubConfig.of_degree(fanout, flood_publish=flood_publish)
    found = [
        _Run(nodes, round(liars * nodes), Attack(attack), config, scores, addresses, loss, seed + run).watch(
            float(seconds), churn_per_minute / 60
        )
        for run in range(runs)
    ]
    latency = np.sort(np.concatenate([each.latencies for each in found]))
    pairs = sum(each.pairs for each in found)
    mesh, honest, lying = (
        _mean([getattr(each, name) for each in found])
        for name in ("mesh_share", "scores_honest", "scores_liars")
    )
    return Delivery(
        pairs=pairs,
        delivered=len(latency) / pairs if pairs else float("nan"),
        on_time=float(np.count_nonzero(latency <= ON_TIME_S)) / pairs if pairs else float("nan"),
        latency_s=latency,
        duplicates=sum(each.duplicates for each in found) / max(1, sum(each.taken for each in found)),
        bytes_per_node_s=sum(each.bytes for each in found) / max(1, sum(each.router_s for each in found)),
        invalid_handled=sum(each.rejected for each in found) / sum(each.honest for each in found),
        times=np.arange(len(mesh)),
        mesh_share=mesh,
        scores_honest=honest,
        scores_liars=lying,
        settings=settings,
    )


def dialled(names: list[str], links: int, random) -> dict[str, dict[str, bool]]:
    """Connections by router, and whether it has dialled: each dials so many others at random that it has none with yet."""
    connections: dict[str, dict[str, bool]] = {name: {} for name in names}
    for name in names:
        strangers = [other for other in names if other != name and other not in connections[name]]
        for other in random.sample(strangers, min(links, len(strangers))):
            connections[name][other], connections[other][name] = True, False
    return connections


class _Run:
    """One world with honest routers and liars in it, and what is noted of it."""

    def __init__(
        self,
        nodes: int,
        liars: int,
        attack: Attack,
        config: GossipsubConfig,
        scores: bool,
        addresses: int | None,
        loss: float,
        seed: int,
    ):
        self.world = World(
            seed=seed, network=Network(latency=LATENCY, loss=loss), trace=False, newcomer=self._newcomer
        )
        self._random = stream(seed, "experiment")
        self._config, self._scores = config, SHORT if scores else None
        names = [f"node-{at}" for at in range(nodes)]
        self._liars = names[nodes - liars :]
        self._addresses = (
            {}
            if addresses is None
            else {name: f"10.0.0.{at % addresses}" for at, name in enumerate(self._liars)}
        )
        self._censored = names[0] if attack is Attack.CENSOR else None
        self.routers: dict[str, Gossipsub] = {}  # the honest ones
        self._since_s: dict[str, float] = {}
        self.taken = self.router_s = 0
        self._published_s: dict[str, float] = {}
        self._arrived_s: dict[str, dict[str, float]] = {}
        connections = dialled(names, LINKS, self._random)
        for name in names:
            if name in self._liars:
                router = Gossipsub(config, connections=connections[name], scores=self._scores)
                self.world.add(name, Liar(router, behaviours(attack, names[0])))
            else:
                self.world.add(name, self._honest(name, connections=connections[name]))

    def _honest(self, name: str, **how) -> Gossipsub:
        router = Gossipsub(
            self._config, scores=self._scores, addresses=self._addresses, deliver=self._noting(name), **how
        )
        self.routers[name], self._since_s[name] = router, self.world.now
        return router

    def _newcomer(self, name: str) -> Gossipsub:
        """It learns of random peers, liars among them, from some directory."""
        known = list(self.world.up)
        return self._honest(name, dial=self._random.sample(known, min(LINKS, len(known))))

    def _noting(self, name: str) -> Callable[[Publish, str], None]:
        def note(message: Publish, sender: str) -> None:
            self._arrived_s.setdefault(message.id, {})[name] = self.world.now
            self.taken += 1

        return note

    def _publish(self) -> None:
        there = self._there()
        if there:
            # a censor's author, if there is one, has every second message
            mine = self._censored in there and len(self._published_s) % 2 == 0
            by = self._censored if mine else self._random.choice(there)
            id_ = self.routers[by].publish(PAYLOAD_BYTES)
            self._published_s[id_] = self.world.now

    def watch(self, seconds: float, churn_per_s: float) -> "_Run":
        """Let it run, and note what is said of it."""
        world = self.world
        for at in np.arange(WARM_S, seconds - COOL_S, 1 / PER_S):
            world.at(float(at), self._publish)
        if churn_per_s:
            world.churn(churn_per_s, churn_per_s, seconds - COOL_S)
        noted = []
        for second in range(int(seconds) + 1):
            world.run(until=float(second))
            noted.append(self._look())
            self.router_s += len(self._there()) if second else 0  # the second before it, of all that are up
        self.mesh_share, self.scores_honest, self.scores_liars = np.array(noted).T
        self.pairs, self.latencies = self._count()
        routers = self.routers.values()
        self.honest = len(routers)
        self.duplicates = sum(router.duplicates for router in routers)
        self.rejected = sum(router.rejected for router in routers)
        sent = "stream.sent.bytes"  # there from the first message on
        self.bytes = (
            sum(world.metrics.value(sent, name) for name in self.routers)
            if sent in world.metrics.names
            else 0
        )
        return self

    def _there(self) -> list[str]:
        """Honest routers that are up."""
        running = set(self.world.up).difference(self.world.pending)
        return [name for name in self.routers if name in running]

    def _look(self) -> tuple[float, float, float]:
        """Liars' share of honest meshes, and the medians of what is thought of honest routers and of liars."""
        shares, honest, lying = [], [], []
        for name in self._there():
            router = self.routers[name]
            members = router.mesh.members
            if members:
                shares.append(sum(peer in self._liars for peer in members) / len(members))
            for peer in router.peers:
                (lying if peer in self._liars else honest).append(router.score(peer))
        return (float(np.mean(shares)) if shares else np.nan, *map(_median, (honest, lying)))

    def _count(self) -> tuple[int, list[float]]:
        """How many pairs of a message and an honest router that was there before it and to the end, and the latencies."""
        there, pairs, latencies = self._there(), 0, []
        for id_, at in self._published_s.items():
            author = id_.rsplit("/", 1)[0]
            if self._censored not in (None, author):
                continue
            for name in there:
                if name != author and self._since_s[name] <= at - WARM_S:
                    pairs += 1
                    if (arrived := self._arrived_s[id_].get(name)) is not None:
                        latencies.append(arrived - at)
        return pairs, latencies


def _mean(rows: list[np.ndarray]) -> np.ndarray:
    """The mean over rows of what is there; nan where nothing is."""
    there = ~np.isnan(rows)
    counts = there.sum(axis=0)
    return np.where(counts > 0, np.where(there, rows, 0).sum(axis=0) / np.maximum(counts, 1), np.nan)


def _median(values: list[float]) -> float:
    return float(np.median(values)) if values else np.nan
