"""Two detectors in which everybody watches everybody: heartbeats to all, and pings with a vote as on Redis Cluster's bus.

Both are small on purpose, so that they can be set beside SWIM and phi: they know who belongs to the cluster, who is silent,
and nothing else. Their load grows with the square of the cluster, which is the price of not gossiping.

`Heartbeats`: each interval a datagram to every member; who was silent for ``timeout_s`` is dead, for me alone.

`Bus`: each member pings every other so often that none stays unheard for half of ``node_timeout_s``; a ping that stays
unanswered for the whole of it makes its target *pfail*, possibly failed, for me alone. Pings and pongs name those whom the
sender takes for pfail, which are its reports. Who hears reports of a majority of all members within twice the timeout calls
it *fail*, and tells everybody. A failed member that answers again is no longer failed.

References
----------
Redis Cluster specification, "Heartbeat and gossip messages" and "Failure detection"; redis, src/cluster.c (clusterCron,
markNodeAsFailingIfNeeded). Left out: slots, roles and epochs (all members count as masters without slots, so that a fail is
cleared by the next answer), the random ping each second, and the sections about healthy nodes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...sim import Word, checks, message

if TYPE_CHECKING:
    from ...sim import Env, Message

TICKS = 10
"""How often a member looks at its list in the time in which something can become due: each tenth of it."""


class Belief(Word):
    """What a member believes of another."""

    ALIVE = "alive"
    PFAIL = "pfail"
    DEAD = "dead"


@message
class Heartbeat:
    """I am here."""


@message
class Hello:
    """I am new. Or the answer: these belong to the cluster."""

    members: tuple[str, ...]


@message
class BusPing:
    """Do you hear me? And these are silent for me."""

    silent: tuple[str, ...]


@message
class Pong:
    """I do. And these are silent for me."""

    silent: tuple[str, ...]


@message
class Fail:
    """A majority reports this member."""

    about: str


@dataclass(frozen=True, kw_only=True)
class HeartbeatConfig:
    """Settings of `Heartbeats`, in seconds.

    Raises
    ------
    ValueError
        For a time below a millisecond.
    """

    interval_s: float = 1.0
    """Too short: a packet to everybody each time. Too long: every time of detection is a multiple of this."""
    timeout_s: float = 5.0
    """Too short: a few lost packets or a pause are a death. Too long: so is the detection."""

    def __post_init__(self):
        checks.number("interval_s", self.interval_s, low=1e-3)
        checks.number("timeout_s", self.timeout_s, low=1e-3)


@dataclass(frozen=True, kw_only=True)
class BusConfig:
    """The one setting of `Bus`, in seconds.

    Raises
    ------
    ValueError
        For a time below a millisecond.
    """

    node_timeout_s: float = 15.0
    """cluster-node-timeout. Too short: a slow disk or a long command is a failure. Too long: so is the outage."""

    def __post_init__(self):
        checks.number("node_timeout_s", self.node_timeout_s, low=1e-3)


class FullMesh:
    """What both have in common: a list of members, what is believed of each, and how newcomers get in.

    Parameters
    ----------
    members : tuple of str
        All of a settled cluster; empty for a newcomer, which asks the ``seeds``.
    seeds : tuple of str

    Attributes
    ----------
    beliefs : dict of str to Belief
        Of all others that belong to the cluster.
    """

    def __init__(self, members: tuple[str, ...] = (), seeds: tuple[str, ...] = ()):
        self._first_members, self._seeds = members, seeds

    def start(self, env: Env) -> None:
        """Come up at a phase of one's own, and say hello where one is new."""
        self._env, self._begun = env, False
        self.beliefs: dict[str, Belief] = {}
        self._heard_s: dict[str, float] = {}
        for name in self._first_members:
            self._meet(name)
        env.record("beliefs", view={Belief.ALIVE: (*self.beliefs, env.name)})
        self._begun = True
        if not self._first_members:
            self._greet()
        env.after(self._tick_s * (1 - env.random.random()), self._tick)

    def _greet(self) -> None:
        if not self.beliefs:
            for seed in self._seeds:
                self._env.send_reliably(seed, Hello(()))
            self._env.after(5.0, self._greet)

    def _meet(self, name: str) -> None:
        if name != self._env.name and name not in self.beliefs:
            self.beliefs[name] = Belief.ALIVE
            self._heard_s[name] = self._env.now
            if self._begun:
                self._env.record(Belief.ALIVE, about=name, belief=Belief.ALIVE)

    def _believe(self, name: str, belief: Belief) -> None:
        if self.beliefs[name] is not belief:
            self.beliefs[name] = belief
            self._env.record(belief, about=name, belief=belief)

    def _hello(self, sender: str, hello: Hello) -> None:
        if not hello.members:
            self._env.send_reliably(sender, Hello((*self.beliefs, self._env.name)))
        for name in (sender, *hello.members):
            self._meet(name)

    def _tick(self) -> None:
        self._env.after(self._tick_s, self._tick)
        self._look(self._env.now)


class Heartbeats(FullMesh):
    """A member that tells everybody that it lives, each interval."""

    def __init__(
        self,
        config: HeartbeatConfig | None = None,
        members: tuple[str, ...] = (),
        seeds: tuple[str, ...] = (),
    ):
        super().__init__(members, seeds)
        self.config = config or HeartbeatConfig()
        self._tick_s = self.config.interval_s

    def receive(self, env: Env, sender: str, message: Message) -> None:
        """Note that the sender lives."""
        if type(message) is Hello:
            return self._hello(sender, message)
        self._meet(sender)
        self._heard_s[sender] = env.now
        self._believe(sender, Belief.ALIVE)

    def _look(self, now: float) -> None:
        for name in self.beliefs:
            self._env.send(name, Heartbeat())
            if now - self._heard_s[name] > self.config.timeout_s:
                self._believe(name, Belief.DEAD)


class Bus(FullMesh):
    """A member of a full mesh that pings, reports whom it does not hear, and buries whom a majority reports.

    Attributes
    ----------
    reports : dict of str to dict of str to float
        Who reported whom, and when last (seconds).
    """

    def __init__(
        self, config: BusConfig | None = None, members: tuple[str, ...] = (), seeds: tuple[str, ...] = ()
    ):
        super().__init__(members, seeds)
        self.config = config or BusConfig()
        self._tick_s = self.config.node_timeout_s / 2 / TICKS

    def start(self, env: Env) -> None:
        """As in any mesh; the phases of pings are spread over half of the timeout."""
        self.reports: dict[str, dict[str, float]] = {}
        self._asked_s: dict[str, float] = {}  # since when an answer is missing
        self._again_s: dict[str, float] = {}
        super().start(env)
        half_s = self.config.node_timeout_s / 2
        for name in self.beliefs:
            self._heard_s[name] = env.now - half_s * env.random.random()

    def receive(self, env: Env, sender: str, message: Message) -> None:
        """Handle a message."""
        if type(message) is Hello:
            return self._hello(sender, message)
        self._meet(sender)
        if type(message) is Fail:
            if message.about in self.beliefs:
                self._believe(message.about, Belief.DEAD)
            return
        for name in message.silent:
            if name in self.beliefs:
                self.reports.setdefault(name, {})[sender] = env.now
                self._count(name)
        if type(message) is BusPing:
            env.send_reliably(sender, Pong(self._silent()))
        else:
            self._asked_s.pop(sender, None)
            self._heard_s[sender] = env.now
            self._believe(sender, Belief.ALIVE)

    def _silent(self) -> tuple[str, ...]:
        return tuple(name for name in self._asked_s if self.beliefs[name] is not Belief.ALIVE)

    def _look(self, now: float) -> None:
        timeout_s, silent = self.config.node_timeout_s, self._silent()
        for name in self.beliefs:
            asked_s = self._asked_s.get(name)
            if asked_s is None:
                if now - self._heard_s[name] > timeout_s / 2:
                    self._asked_s[name] = self._again_s[name] = now
                    self._env.send_reliably(name, BusPing(silent), timeout_s=timeout_s)
                continue
            if now - asked_s > timeout_s and self.beliefs[name] is Belief.ALIVE:
                self._believe(name, Belief.PFAIL)
                self._count(name)
            if now - self._again_s[name] > timeout_s / 2:
                # clusterCron makes the connection anew and pings over it: without that nobody would ever come back
                self._again_s[name] = now
                self._env.send_reliably(name, BusPing(silent), timeout_s=timeout_s)

    def _count(self, name: str) -> None:
        # markNodeAsFailingIfNeeded: only who takes it for silent itself counts, and counts itself
        if self.beliefs[name] is not Belief.PFAIL:
            return
        oldest_s = self._env.now - 2 * self.config.node_timeout_s
        known = sum(at_s >= oldest_s for at_s in self.reports.get(name, {}).values())
        if known + 1 >= (len(self.beliefs) + 1) // 2 + 1:
            self._believe(name, Belief.DEAD)
            for other in self.beliefs:
                self._env.send_reliably(other, Fail(name))
