"""What waits to be told, and how it goes out: on pings and acks, and by a ticker to random members.

References
----------
hashicorp/memberlist, state.go: gossip; queue.go; net.go: encodeAndSendMsg; hashicorp/serf, serf/delegate.go: GetBroadcasts.
"""

from typing import TYPE_CHECKING

from .broadcast import BroadcastQueue
from .membership import ALIVE, DEAD, SUSPECT, Member
from .messages import COMPOUND_HEADER_BYTES, COMPOUND_PART_BYTES, Compound

if TYPE_CHECKING:
    from ...sim import Env, Message
    from .node import SwimNode

LATE_S = 1e-6  # more than rounding, and less than any pause


class Gossip:
    """The queues of a member and its gossip ticker; a part of `SwimNode`.

    While nothing waits the ticker sleeps, and `push` wakes it for the instant of its next tick: at rest, five of nine events
    would be ticks that do nothing.

    Attributes
    ----------
    claims, intents, events : BroadcastQueue
        memberlist's news of members, serf's intents, and user events; a packet is filled in this order.
    """

    __slots__ = (
        "_blocked",
        "_config",
        "_env",
        "_members",
        "_next_s",
        "_node",
        "_queues",
        "_sleeps",
        "_tick",
        "_ticks",
        "_waits",
        "claims",
        "events",
        "intents",
        "queued",
    )

    def __init__(self, node: "SwimNode", env: "Env"):
        self._node, self._env, self._config, self._members = node, env, node.config, node.members
        mult = node.config.retransmit_mult
        self.claims, self.intents, self.events = (BroadcastQueue(mult) for _ in range(3))
        self._queues = (self.claims, self.intents, self.events)
        self.queued = 0  # how many messages wait in all of them
        self._blocked = self._waits = False
        self._sleeps = True
        self._ticks = bool(node.config.gossip_interval_s and node.config.gossip_nodes)
        self._next_s = 0.0
        self._tick = self.tick  # bound once

    def start(self, phase_s: float) -> None:
        """Let the first tick come within an interval, in step with the member's other tickers."""
        if self._ticks:
            self._next_s = self._env.now + phase_s % self._config.gossip_interval_s

    def push(self, queue: BroadcastQueue, name: str | None, message: "Message") -> None:
        """Queue a message, see `BroadcastQueue.push`."""
        queue.push(name, message)
        self._count()
        if self._ticks and self._sleeps:
            self._sleeps = False
            now, interval_s = self._env.now, self._config.gossip_interval_s
            # the ticks that fell due while the ticker slept had nothing to send
            while self._next_s < now:
                self._next_s += interval_s
            self._env.after(self._next_s - now, self._tick)

    def send(self, to: str, message: "Message") -> None:
        """Send a packet; what waits in the queues rides along as far as there is room."""
        if self.queued:
            riders = self._take(self._config.udp_buffer_size - message.size_bytes - COMPOUND_HEADER_BYTES)
            if riders:
                message = Compound((message, *riders))
        self._env.send(to, message)

    def _take(self, room: int) -> list["Message"]:
        n, taken = len(self._members), []
        for queue in self._queues:
            if queue.items:
                left = room - sum(COMPOUND_PART_BYTES + message.size_bytes for message in taken)
                taken += queue.take(left, n)
        self._count()
        return taken

    def _count(self) -> None:
        queued = sum(map(len, self._queues))
        if queued != self.queued:
            self.queued = queued
            self._env.record("queue", length=queued)

    def tick(self) -> None:
        """memberlist's gossip, each interval: tell random members what waits."""
        if self._node.stopped:
            return
        now, wait_s = self._env.now, self._config.gossip_interval_s
        if now - self._next_s > LATE_S:
            # a pause has made it late: Go's ticker drops ticks, and keeps its phase
            wait_s -= (now - self._next_s) % wait_s
        self._next_s = now + wait_s
        if self._blocked:
            self._waits = True  # one tick waits while an earlier one can't send; further ones are lost
        elif self.queued:
            self._blocked = True
            # in memberlist sending blocks: a member that cannot send spends none of its copies
            self._env.when_sent(self._spread)
        if self.queued or self._blocked:
            self._env.after(wait_s, self._tick)
        else:
            self._sleeps = True

    def _spread(self) -> None:
        self._blocked = False
        if self._waits:
            self._waits = False
            self._env.after(0.0, self._spread)
        room, env = self._config.udp_buffer_size - COMPOUND_HEADER_BYTES, self._env
        for member in self._members.choose(self._config.gossip_nodes, self._gossips_to):
            news = self._take(room)
            if not news:
                return
            env.send(member.address, news[0] if len(news) == 1 else Compound(tuple(news)))

    def _gossips_to(self, member: Member) -> bool:
        """The living, suspects among them, and the recently dead: one that was wrongly buried can then refute."""
        if member.state is DEAD:
            return self._env.now - member.since_s <= self._config.gossip_to_the_dead_time_s
        return member.state is ALIVE or member.state is SUSPECT
