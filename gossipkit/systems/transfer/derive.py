"""From what an environment does to what a detector needs: what is measured, and the formulas between.

Each formula is a product of a few probabilities, and says what it leaves out. A lesson sets each beside a run.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, exp, log, sqrt
from typing import TYPE_CHECKING

import numpy as np

from ...gossip.swim import push_pull_scale, retransmit_limit, suspicion_timeout
from ...sim import World, checks, message
from .cells import DATAGRAM_HEADERS, DAY_S
from .environments import Environment

if TYPE_CHECKING:
    from ...sim import Env, Message

ASK_EACH_S = 1.0
LONGEST_S = 60.0
"""An answer that is missing for longer is lost."""
STALLED_S = 0.5
"""An answer that took longer met a stall: no network here is that slow."""
FIRST_SUSPICION = log(2) + 1
"""Probe intervals until the first suspicion, in the median: until one of many picks the dead member, and its interval.

Each of n - 1 members probes one of n - 1 others in an interval, so nobody picks a given one with probability 1/e; half of
the crashes are picked within ln 2 intervals, and the probe takes one more to fail (lesson 02 measures it).
"""
PING_BYTES, MEMBER_BYTES = 64, 72
"""A ping with its ack, and a member in an exchange of all state, where a name has four letters; without headers."""


@message
class Ask:
    """Answer at once."""

    number: int


@message
class Answer:
    """At once."""

    number: int


class Asker:
    """Asks a random other each second for a while, and notes how long the answer took."""

    def __init__(self, names: tuple[str, ...], until_s: float):
        self._names, self._until_s = names, until_s
        self.took_s: list[float] = []
        self._asked_s: dict[int, float] = {}
        self.asked = 0

    def start(self, env: Env) -> None:
        """Begin at a phase of one's own."""
        self._env = env
        self._others = [name for name in self._names if name != env.name]
        env.after(ASK_EACH_S * (1 - env.random.random()), self._ask)

    def receive(self, env: Env, sender: str, message: Message) -> None:
        """Answer, or note an answer."""
        if type(message) is Ask:
            env.send(sender, Answer(message.number))
        else:
            self.took_s.append(env.now - self._asked_s.pop(message.number))

    def _ask(self) -> None:
        if self._env.now > self._until_s:
            return
        self._env.after(ASK_EACH_S, self._ask)
        self.asked += 1
        self._asked_s[self.asked] = self._env.now
        self._env.send(self._env.random.choice(self._others), Ask(self.asked))


@dataclass(frozen=True, eq=False)
class Observed:
    """What questions and answers over a while say of an environment, and nothing else is known of it."""

    asked: int
    took_s: np.ndarray
    """How long each answer took that came, in seconds, sorted."""

    @property
    def loss(self) -> float:
        """Share of packets lost one way: of the answers missing, since question and answer both must arrive."""
        return 1 - sqrt(len(self.took_s) / self.asked)

    @property
    def round_trip_s(self) -> float:
        """What 999 of 1 000 answers took at most that met no stall."""
        return float(np.quantile(self.took_s[self.took_s < STALLED_S], 0.999))


def observe(environment: Environment, seconds: float = 600.0, seed: int = 1) -> Observed:
    """Let each member ask a random other each second, and note the answers: the trace that settings are derived from.

    Parameters
    ----------
    environment : Environment
    seconds : float
        Members ask for so long; answers are waited for a minute longer.
    seed : int

    Examples
    --------
    >>> from gossipkit.systems.transfer import environment
    >>> seen = observe(environment("edge"), seconds=60)
    >>> 0.05 < seen.loss < 0.2
    True
    """
    checks.number("seconds", seconds, low=1.0)
    names = environment.names
    world = World(seed=seed, network=environment.network, trace=False)
    for name in names:
        world.add(name, Asker(names, seconds))
    world.play(environment.scenario(seed, seconds))
    world.run(until=seconds + LONGEST_S)
    processes = [world.process(name) for name in names]
    took_s = np.sort(np.concatenate([np.array(each.took_s) for each in processes]))
    return Observed(sum(each.asked for each in processes), took_s)


def probe_fails(loss: float, helpers: int) -> float:
    """Probability that a living member fails a probe because packets are lost.

    The ping and its ack must arrive, or four packets by way of one of the helpers: ``(1 - q²)(1 - q⁴)ᵏ``, where q is the
    probability that a packet arrives. It leaves out late answers, stalls and TCP pings.

    References
    ----------
    Das, Gupta, Motivala, SWIM, DSN 2002, section 3 (with all helpers alive).

    Examples
    --------
    >>> [round(probe_fails(0.1, helpers), 4) for helpers in (0, 1, 3)]
    [0.19, 0.0653, 0.0077]
    """
    arrives = 1 - checks.probability("loss", loss)
    checks.whole("helpers", helpers, 0)
    return (1 - arrives**2) * (1 - arrives**4) ** helpers


def detection_s(interval_s: float, suspicion_mult: int, n: int) -> float:
    """Median seconds from a crash until the first member declares it.

    `FIRST_SUSPICION` probe intervals, and the shortest suspicion: others confirm a real death in time.

    Examples
    --------
    >>> round(detection_s(1.0, 4, 40), 1)
    8.1
    """
    return FIRST_SUSPICION * interval_s + suspicion_timeout(suspicion_mult, n, interval_s)


def stall_log(environment: Environment, seconds: float = DAY_S, seed: int = 1) -> np.ndarray:
    """How long each stall of each member lasted, in seconds, sorted: what logs of garbage collection and watchdogs hold.

    Parameters
    ----------
    environment : Environment
    seconds : float
    seed : int

    Examples
    --------
    >>> from gossipkit.systems.transfer import METRO
    >>> log = stall_log(METRO, seconds=3600)
    >>> bool(1.0 < log[len(log) // 2] < 2.0)
    True
    """
    checks.number("seconds", seconds, low=1.0)
    steps = environment.scenario(seed, seconds).steps
    return np.sort([step.fault.seconds for step in steps if step.action == "pause"])


def untold_per_day(suspicions_per_day: float, members: int, copies: int, loss: float) -> float:
    """Times a day that a member does not hear that a suspect has refuted, and so declares it dead.

    Each refutation misses each of the others with probability `never_told`. It leaves out that an accusation can miss a member
    as well, and that a later exchange of all state may come in time.

    Examples
    --------
    >>> round(untold_per_day(9000, 60, 8, 0.05)), round(untold_per_day(9000, 60, 16, 0.05), 2)
    (267, 0.13)
    """
    checks.number("suspicions_per_day", suspicions_per_day)
    checks.whole("members", members, 2)
    return suspicions_per_day * (members - 1) * never_told(copies, loss)


def never_told(copies: int, loss: float) -> float:
    """Share of members that never hear an update of which each member that heard it sends so many copies.

    A member misses all copies aimed at it with probability ``s = e^(-copies (1 - loss) (1 - s))``: the fixed point, by
    iteration. It leaves out chance in the beginning, when few know, and that nobody calls the same member twice in a round.

    Examples
    --------
    >>> round(never_told(8, 0.3), 4)
    0.0038
    """
    checks.whole("copies", copies, 1)
    reach = copies * (1 - checks.probability("loss", loss))
    share = 0.0
    for _ in range(200):
        share = exp(-reach * (1 - share))
    return share


def copies_for(coverage: float, loss: float) -> int:
    """The fewest copies a member must send so that this share hears an update, by `never_told`.

    Examples
    --------
    >>> copies_for(0.999, 0.0), copies_for(0.999, 0.5)
    (7, 14)
    """
    checks.number("coverage", coverage, low=0.0, high=0.999999)
    copies = 1
    while never_told(copies, loss) > 1 - coverage:
        copies += 1
    return copies


def retransmit_mult_for(copies: int, n: int) -> int:
    """The smallest RetransmitMult with which a member of n sends at least so many copies.

    Examples
    --------
    >>> retransmit_mult_for(14, 40), retransmit_mult_for(14, 1000)
    (7, 4)
    """
    return ceil(copies / retransmit_limit(1, n))


def rest_bytes_per_s(n: int, interval_s: float, push_pull_interval_s: float) -> float:
    """Bytes a member sends in a second while nothing happens, headers included.

    Of each interval a ping and an ack; and of each exchange of all state a list and the answer. It leaves out the helpers
    that loss calls in, and all news.

    Parameters
    ----------
    n : int
    interval_s, push_pull_interval_s : float
        As configured, in seconds; the second is stretched in clusters of more than 32.

    Examples
    --------
    >>> rest_bytes_per_s(60, 2.0, 60.0)
    132.0
    """
    probes = (PING_BYTES + 2 * DATAGRAM_HEADERS) / interval_s
    return probes + 2 * n * MEMBER_BYTES / push_pull_scale(push_pull_interval_s, n)
