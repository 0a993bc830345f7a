"""Honest peers and liars in one overlay: whom do honest peers know after some rounds?"""

from dataclasses import dataclass

from ...sim import Network, Uniform, World, checks
from ...sim.arrays import np
from ...sim.network import stream
from .brahms import Brahms, BrahmsConfig
from .cyclon import Cyclon
from .liars import Infiltrator, Protocol
from .theory import fixed_point

LATENCY = Uniform(0.02, 0.08)
"""One way, in seconds; a round is a second."""
SHUFFLED = 5 / 12
"""The share of its view that a peer of Cyclon's puts into a shuffle."""


@dataclass(frozen=True, eq=False)
class Infiltration:
    """Whom honest peers know, round by round, over one run or several; round 0 is the beginning."""

    share: np.ndarray
    """The share of liars in honest views, mean over peers; shape (runs, rounds + 1)."""
    samples: np.ndarray
    """The share of liars in what Brahms' samplers keep; nan for Cyclon; shape (runs, rounds + 1)."""
    isolated: np.ndarray
    """The share of honest peers that know liars only; shape (runs, rounds + 1)."""
    blocked: float
    """The share of rounds in which a peer of Brahms' was pushed to too often, and kept its view; 0 for Cyclon."""
    bytes_per_node_round: float
    """What an honest peer sends in a round, in bytes."""
    expected: float
    """Where the share in Brahms' views comes to rest in the mean, if liars push as often as others (`fixed_point`); nan for Cyclon."""
    settings: dict
    """The arguments of `infiltrate` that give this again."""

    def __repr__(self) -> str:
        return (
            f"<Infiltration of {self.settings['protocol']}: {self.settings['liars']:.0%} of the peers lie; after "
            f"{self.share.shape[1] - 1} rounds they are {self.share[:, -1].mean():.0%} of honest views, and "
            f"{self.isolated[:, -1].mean():.0%} of the honest peers know liars only>"
        )


def infiltrate(
    protocol: Protocol | str = Protocol.BRAHMS,
    nodes: int = 50,
    *,
    liars: float = 0.2,
    push_power: float = 1.0,
    fanout: int = 12,
    gamma: float = 0.1,
    victims: int | None = None,
    loss: float = 0.0,
    churn_per_minute: float = 0.0,
    rounds: int = 20,
    runs: int = 1,
    seed: int = 0,
) -> Infiltration:
    """Let liars push, shuffle and answer for their own, and look into honest views.

    Parameters
    ----------
    protocol : Protocol or str
    nodes : int
        Peers, at least 10.
    liars : float
        The share of them that lies, from 0 to 0.9. Views begin as random samples of all peers. A view of Cyclon's holds a name once:
        fewer liars than its size cannot fill it.
    push_power : float
        How many pushes, or shuffles, a liar begins in a round, in those of an honest peer. 1: pushes are limited.
    fanout : int
        The size of a view, and the number of samplers, at least 5.
    gamma : float
        The share of Brahms' history; the rest is halved between pushes and pulls.
    victims : int, optional
        How many honest peers the liars push to; by default all.
    loss : float
        The share of datagrams that are lost.
    churn_per_minute : float
        Peers that leave without a word in a minute, and as many honest ones that join.
    rounds : int
        Rounds of one second, at least 1.
    runs, seed : int
        Runs, with the seeds ``seed``, ``seed + 1`` and so on.

    Returns
    -------
    Infiltration

    Raises
    ------
    ValueError
        For an argument out of range.

    Examples
    --------
    >>> infiltrate("cyclon", 20, rounds=10, seed=1).share[0, ::5].round(2)
    array([0.2 , 0.28, 0.27])
    """
    settings = dict(locals())
    checks.one_of("protocol", protocol, tuple(Protocol))
    checks.whole("nodes", nodes, 10)
    checks.number("liars", liars, high=0.9)
    checks.number("push_power", push_power)
    checks.whole("fanout", fanout, 5)
    checks.number("gamma", gamma, high=0.8)
    if victims is not None:
        checks.whole("victims", victims, 1)
    checks.probability("loss", loss)
    checks.number("churn_per_minute", churn_per_minute)
    checks.whole("rounds", rounds, 1)
    checks.whole("runs", runs, 1)
    checks.whole("seed", seed, 0)
    protocol, rest = Protocol(protocol), (1 - gamma) / 2
    config = BrahmsConfig(view_size=fanout, samplers=fanout, alpha=rest, beta=rest, gamma=gamma)
    found = [
        _Run(protocol, config, nodes, round(liars * nodes), push_power, victims, loss, seed + run)
        for run in range(runs)
    ]
    share, samples, isolated = np.moveaxis(
        [each.watch(rounds, churn_per_minute / 60) for each in found], 2, 0
    )
    honest_rounds = max(1, sum(each.peer_rounds for each in found))
    brahms = protocol is Protocol.BRAHMS
    return Infiltration(
        share,
        samples,
        isolated,
        blocked=sum(each.blocked for each in found) / honest_rounds,
        bytes_per_node_round=sum(each.bytes for each in found) / honest_rounds,
        expected=fixed_point(round(liars * nodes) / nodes, *config.shares) if brahms else float("nan"),
        settings=settings,
    )


class _Run:
    """One world of honest peers and liars."""

    def __init__(
        self,
        protocol: Protocol,
        config: BrahmsConfig,
        nodes: int,
        liars: int,
        power: float,
        victims: int | None,
        loss: float,
        seed: int,
    ):
        self._protocol, self._config = protocol, config
        self._random = stream(seed, "experiment")
        self.peer_rounds = 0  # honest peers that were up, summed over rounds
        self._shuffled = max(2, round(SHUFFLED * config.view_size))
        self._world = world = World(
            seed=seed, network=Network(latency=LATENCY, loss=loss), trace=False, newcomer=self._newcomer
        )
        names = [f"node-{at}" for at in range(nodes)]
        self._liars = set(names[nodes - liars :])
        self.honest: dict[str, Brahms | Cyclon] = {}
        hit = names[: nodes - liars][:victims]
        brahms = protocol is Protocol.BRAHMS
        per_round = round(power * (config.pushes if brahms else 1))
        named = config.view_size if brahms else self._shuffled
        for name in names:
            if name in self._liars:
                world.add(name, Infiltrator(protocol, names[nodes - liars :], hit, per_round, named))
            else:
                world.add(name, self._peer(name, names))

    def _peer(self, name: str, names) -> Brahms | Cyclon:
        others = [other for other in names if other != name]
        known = self._random.sample(others, min(self._config.view_size, len(others)))
        if self._protocol is Protocol.BRAHMS:
            self.honest[name] = Brahms(known, self._config)
        else:
            self.honest[name] = Cyclon(known, self._config.view_size, self._shuffled)
        return self.honest[name]

    def _newcomer(self, name: str) -> Brahms | Cyclon:
        return self._peer(name, self._world.up)

    def watch(self, rounds: int, churn_per_s: float) -> list[tuple[float, float, float]]:
        """Let it run; after each round liars' shares of views and samples, and who knows nobody else."""
        world = self._world
        if churn_per_s:
            world.churn(churn_per_s, churn_per_s, float(rounds))
        found = []
        for round_ in range(rounds + 1):
            world.run(until=float(round_))
            running = set(world.up)
            there = [peer for name, peer in self.honest.items() if name in running]
            self.peer_rounds += len(there) if round_ else 0
            views = [list(peer.view) for peer in there if peer.view]
            shares = [sum(name in self._liars for name in view) / len(view) for view in views]
            kept = [name for peer in there if isinstance(peer, Brahms) for name in peer.samplers.samples]
            found.append(
                (
                    float(np.mean(shares)) if shares else np.nan,
                    sum(name in self._liars for name in kept) / len(kept) if kept else np.nan,
                    float(np.mean([share == 1 for share in shares])) if shares else np.nan,
                )
            )
        counted = ("datagram.sent.bytes", "stream.sent.bytes")
        self.bytes = sum(
            world.metrics.value(metric, name)
            for metric in counted
            if metric in world.metrics.names
            for name in self.honest
        )
        self.blocked = sum(peer.blocked for peer in self.honest.values() if isinstance(peer, Brahms))
        return found
