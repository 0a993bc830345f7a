"""The failure detector: direct ping, helpers, TCP, and at last an accusation.

References
----------
hashicorp/memberlist, state.go: probe, probeNode, setProbeChannels; net.go: handlePing, handleIndirectPing, handleAck.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from .membership import ALIVE, Member
from .messages import Ack, Compound, IndirectPing, Nack, Ping, StreamAck, StreamPing, Suspect

if TYPE_CHECKING:
    from ...sim import Env, Timer
    from .node import SwimNode


class Round:
    """One probe under way. Incarnation and state are those of the beginning: an accusation is about what was probed."""

    __slots__ = (
        "address",
        "contacted",
        "deadline_s",
        "helpers",
        "incarnation",
        "nacks",
        "name",
        "seq_no",
        "timer",
    )

    def __init__(self, seq_no: int, member: Member, deadline_s: float):
        self.seq_no = seq_no
        self.name, self.address, self.incarnation = member.name, member.address, member.incarnation
        self.deadline_s = deadline_s
        self.helpers = self.nacks = 0
        self.contacted = False  # over TCP
        self.timer: Timer | None = None


class Prober:
    """Probes one member each probe interval, answers pings, and helps others to probe; a part of `SwimNode`.

    A ticker comes every interval. While a probe is under way one tick waits and further ones are lost, as in Go's tickers: if
    local health has prolonged a probe, the next one follows at once.
    """

    __slots__ = (
        "_config",
        "_env",
        "_gossip",
        "_health",
        "_members",
        "_node",
        "_relayed",
        "_round",
        "_sent",
        "_seq_no",
        "_tick",
        "_tick_waits",
        "_unanswered",
    )

    def __init__(self, node: "SwimNode", env: "Env"):
        self._node, self._env, self._gossip = node, env, node.gossip
        self._config, self._members, self._health = node.config, node.members, node.health
        self._seq_no = 0
        self._round: Round | None = None
        self._tick_waits = False
        # what this member pings for others: my number -> who asked, under which number, and the timer of the nack
        self._relayed: dict[int, tuple[str, int, Timer]] = {}
        # bound once: a timer is set each tick and each probe
        self._tick, self._sent, self._unanswered = self.tick, self.sent, self.unanswered

    def tick(self) -> None:
        """probe: the ticker. Set the next tick, and probe unless a probe is under way."""
        if self._node.stopped:
            return
        self._env.after(self._config.probe_interval_s, self._tick)
        if self._round is None:
            self._probe()
        else:
            self._tick_waits = True

    def _probe(self) -> None:
        now = self._env.now
        member = self._members.next_to_probe(now)
        if member is None:
            return
        config, health = self._config, self._health
        interval_s = config.probe_interval_s
        if health.score:
            interval_s = health.scale(interval_s)
            self._env.count("memberlist.degraded.probe")
        self._seq_no = seq_no = self._seq_no + 1
        self._round = Round(seq_no, member, now + interval_s)
        ping = Ping(seq_no, member.name)
        if member.state is ALIVE or not config.buddy_system:
            self._gossip.send(member.address, ping)
        else:
            # Lifeguard's buddy system: the suspect learns it from the ping itself, and answers with its refutation. The packet
            # has these two and nothing else, as in probeNode
            accusation = Suspect(member.incarnation, member.name, self._node.name)
            self._env.send(member.address, Compound((ping, accusation)))
        self._env.when_sent(self._sent)

    def sent(self) -> None:
        """The ping has left: wait for an ack, but not beyond the deadline."""
        # the time-out is not scaled by health: longer waiting brings no lost packet back, but a longer interval helps the helpers and TCP
        timeout_s, current, env = self._config.probe_timeout_s, self._round, self._env
        if env.now + timeout_s < current.deadline_s and not self._node.stopped:
            current.timer = env.after(timeout_s, self._unanswered)
        else:
            self._wait(env.now + timeout_s, self._unanswered)

    def _wait(self, until_s: float, callback: Callable[[], None]) -> None:
        wait_s = min(until_s, self._round.deadline_s) - self._env.now
        if self._node.stopped:
            return
        if wait_s > 0:
            self._round.timer = self._env.after(wait_s, callback)
        else:  # sending was held up for the whole interval
            callback()

    def unanswered(self) -> None:
        """No direct ack in time: ask helpers, and try TCP."""
        current, config, env = self._round, self._config, self._env
        asked = self._members.choose(
            config.indirect_checks, lambda member: member.state is ALIVE and member.name != current.name
        )
        target = "" if current.address == current.name else current.address
        for helper in asked:
            self._gossip.send(helper.address, IndirectPing(current.seq_no, current.name, target))
        current.helpers = len(asked)
        if not config.disable_tcp_pings:
            # beside the helpers: a network that loses UDP, or a port that is closed to it, must not look like a death
            env.send_reliably(current.address, StreamPing(current.seq_no, current.name))
        self._env.when_sent(self._asked)

    def _asked(self) -> None:
        self._wait(self._round.deadline_s, self._give_up)

    def _give_up(self) -> None:
        current = self._round
        if current.contacted:
            # memberlist's warning that UDP may be misconfigured
            self._env.record("tcp-only", about=current.name)
            return self._done(-1)
        # Lifeguard: a helper that reached nobody says so (nack). If helpers are silent as well, it is probably this member that
        # hears nothing
        delta = current.helpers - current.nacks if current.helpers else 1
        self._env.record("probe-failed", about=current.name)
        # the accusation comes first, as in memberlist: the health it may cost to refute is counted apart
        self._node.apply(Suspect(current.incarnation, current.name, self._node.name))
        self._done(delta)

    def _done(self, delta: int) -> None:
        self._round = None
        if delta > 0 or self._health.score:  # else it is perfect already
            self._node.change_health(delta)
        if self._tick_waits:
            self._tick_waits = False
            self._probe()

    def ping(self, sender: str, ping: Ping) -> None:
        """Answer a ping that is meant for this member."""
        if ping.node == self._node.name:
            self._gossip.send(sender, Ack(ping.seq_no))

    def ack(self, sender: str, ack: Ack) -> None:
        """An answer to the current probe ends it well; one to a ping for somebody else is passed on."""
        current, number = self._round, ack.seq_no
        if current is not None and number == current.seq_no:
            current.timer.cancel()
            self._done(-1)
        elif number in self._relayed:
            asker, number, timer = self._relayed.pop(number)
            timer.cancel()
            self._gossip.send(asker, Ack(number))

    def nack(self, sender: str, nack: Nack) -> None:
        """A helper of the current probe is well."""
        current = self._round
        if current is not None and nack.seq_no == current.seq_no:
            current.nacks += 1

    def indirect_ping(self, sender: str, request: IndirectPing) -> None:
        """Ping for another member, under a number of one's own, and tell that member if nothing comes."""
        self._seq_no = seq_no = self._seq_no + 1
        timer = self._env.after(self._config.probe_timeout_s, self._no_answer_to_relay, seq_no)
        self._relayed[seq_no] = (sender, request.seq_no, timer)
        self._gossip.send(request.address or request.node, Ping(seq_no, request.node))

    def _no_answer_to_relay(self, seq_no: int) -> None:
        # a late answer is not passed on any more: the asker has had its nack
        asker, number, _ = self._relayed.pop(seq_no)
        self._gossip.send(asker, Nack(number))

    def stop(self) -> None:
        """Give up the probe under way, and those for others."""
        for _, _, timer in self._relayed.values():
            timer.cancel()
        if self._round is not None and self._round.timer is not None:
            self._round.timer.cancel()

    def stream_ping(self, sender: str, ping: StreamPing) -> None:
        """Answer over TCP."""
        if ping.node == self._node.name:
            self._env.send_reliably(sender, StreamAck(ping.seq_no))

    def stream_ack(self, sender: str, ack: StreamAck) -> None:
        """The target of the current probe answers over TCP: it will not be accused, but helpers may still reach it by UDP, and
        then it is no case for a warning."""
        current = self._round
        if current is not None and ack.seq_no == current.seq_no:
            current.contacted = True
