"""Where settings are put: seven environments, each a network with the faults that are usual there, as data.

The numbers are assumptions of this course, chosen so that each environment has one thing that the others lack. All of an
environment's chance comes from the run's seed.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import log

from ...sim import Network, Scenario, Uniform, checks
from ...sim.network import stream

OUTAGE_AFTER_S = 15.0
"""When the first outage begins, after the warm-up."""
LAN = Uniform(0.0005, 0.0015)


@dataclass(frozen=True, kw_only=True)
class Environment:
    """A place to run a cluster in.

    Attributes
    ----------
    name, what : str
        A word, and what it is in a few.
    members : int
    network : Network
        Latency one way and loss of datagrams, for every pair alike.
    stalls_per_minute : float
        How often a member is blocked, on average, each for itself: its timers run, its packets wait.
    stall_median_s, stall_sigma : float
        Half of the stalls are longer than the median; ``sigma`` is the deviation of their logarithm.
    outage_every_s, outage_s : float
        Each so often one region, a third of the members, is cut off for so long; 0 for never.
    churn_per_minute : float
        Members that crash without a word, and newcomers that join, per minute each.
    one_way_cuts : float
        Share of the ordered pairs between which no datagram passes, and therefore no connection either.
    warm_up_s, counted_s : float
        False positives are counted for ``counted_s`` seconds after the first ``warm_up_s``.
    """

    name: str
    what: str
    members: int
    network: Network = field(default_factory=lambda: Network(latency=LAN))
    stalls_per_minute: float = 0.0
    stall_median_s: float = 1.0
    stall_sigma: float = 0.0
    outage_every_s: float = 0.0
    outage_s: float = 0.0
    churn_per_minute: float = 0.0
    one_way_cuts: float = 0.0
    warm_up_s: float = 60.0
    counted_s: float = 300.0

    @property
    def names(self) -> tuple[str, ...]:
        """The members of the beginning, ``m-1`` and so on."""
        return tuple(f"m-{i}" for i in range(1, self.members + 1))

    def smaller(self, members: int) -> Environment:
        """The same with fewer members, to be looked at."""
        return replace(self, members=checks.whole("members", members, 3, self.members))

    def scenario(self, seed: int, seconds: float) -> Scenario:
        """The stalls, outages and cuts of a run; churn is the world's own.

        Parameters
        ----------
        seed : int
        seconds : float
            Faults begin until then.
        """
        steps = [*self._cuts(seed), *self._outages(seconds), *self._stalls(seed, seconds)]
        return Scenario(sorted(steps, key=lambda step: step[0]))

    def _cuts(self, seed: int):
        random, names = stream(seed, self.name, "cuts"), self.names
        for a in names:
            for b in names:
                if a != b and random.random() < self.one_way_cuts:
                    yield 0.0, "cut", {"a": a, "b": b, "both": False}

    def _outages(self, seconds: float):
        if not self.outage_every_s:
            return
        at, turn = self.warm_up_s + OUTAGE_AFTER_S, 0
        while at < seconds:
            yield at, "partition", {"groups": [list(self.names[turn % 3 :: 3])]}
            yield at + self.outage_s, "heal", {}
            at, turn = at + self.outage_every_s, turn + 1

    def _stalls(self, seed: int, seconds: float):
        if not self.stalls_per_minute:
            return
        for name in self.names:
            random, at = stream(seed, self.name, "stalls", name), 0.0
            while True:
                # whole nanoseconds: logarithms differ in their last bit from one platform to another
                at = round(at + random.expovariate(self.stalls_per_minute / 60), 9)
                if at >= seconds:
                    break
                lasts_s = round(random.lognormvariate(log(self.stall_median_s), self.stall_sigma), 9)
                yield at, "pause", {"name": name, "seconds": lasts_s, "timers": "run"}
                at += lasts_s


ENVIRONMENTS = {
    environment.name: environment
    for environment in (
        Environment(name="lan", what="a LAN of 40", members=40, network=Network(latency=LAN, loss=0.001)),
        Environment(
            name="wan",
            what="a WAN: three regions, 2 % loss, one region cut off for 25 s every two minutes",
            members=24,
            network=Network(latency=Uniform(0.03, 0.18), loss=0.02),
            outage_every_s=120.0,
            outage_s=25.0,
        ),
        Environment(
            name="thousand",
            what="1,000 nodes in a LAN",
            members=1000,
            network=Network(latency=LAN, loss=0.01),
            warm_up_s=40.0,
            counted_s=60.0,
        ),
        Environment(name="five", what="five nodes", members=5, network=Network(latency=LAN, loss=0.001)),
        Environment(
            name="starved",
            what="starved CPUs: 32 members, each stalls once a minute, for 2 s in the median, 1 in 40 for more than 8 s",
            members=32,
            network=Network(latency=LAN, loss=0.001),
            stalls_per_minute=1.0,
            stall_median_s=2.0,
            stall_sigma=0.7,
        ),
        Environment(
            name="spot",
            what="spot machines: 40, of which four a minute vanish and four others come",
            members=40,
            network=Network(latency=LAN, loss=0.001),
            churn_per_minute=4.0,
        ),
        Environment(
            name="edge",
            what="an edge: 24 members, 10 % loss, one way cut between 5 % of the pairs",
            members=24,
            network=Network(latency=Uniform(0.01, 0.08), loss=0.1),
            one_way_cuts=0.05,
        ),
    )
}
"""By name."""

METRO = Environment(
    name="metro",
    what="60 ticket machines in a city: 5 % loss, and each stalls every ten minutes, for 1.5 s in the median",
    members=60,
    network=Network(latency=Uniform(0.01, 0.06), loss=0.05),
    stalls_per_minute=0.1,
    stall_median_s=1.5,
    stall_sigma=0.6,
)
"""A place that nobody's settings were made for; no row of the table."""


def environment(name: str) -> Environment:
    """One of `ENVIRONMENTS`.

    Raises
    ------
    ValueError
        For a name that is none.
    """
    checks.one_of("environment", name, tuple(ENVIRONMENTS))
    return ENVIRONMENTS[name]
