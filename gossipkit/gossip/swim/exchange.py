"""The exchange of all state over TCP: join, push/pull, and serf's reconnect. It repairs what gossip did not deliver.

References
----------
hashicorp/memberlist, state.go: pushPullTrigger, pushPull, pushPullNode, mergeState; hashicorp/serf, serf/serf.go: Join,
broadcastJoin, reconnect, reap; serf/delegate.go: LocalState, MergeRemoteState.
"""

from typing import TYPE_CHECKING

from .formulas import push_pull_scale
from .membership import ALIVE, SUSPECT, Member
from .messages import JoinIntent, LeaveIntent, PushPull, PushPullReply

if TYPE_CHECKING:
    from ...sim import Env
    from .node import SwimNode


class Exchange:
    """Asks one living member each push/pull interval, and now and then a failed one; a part of `SwimNode`.

    Attributes
    ----------
    joining : frozenset of str
        Whom a join has asked; the first answer makes it one.
    """

    __slots__ = ("_config", "_env", "_node", "joining")

    def __init__(self, node: "SwimNode", env: "Env"):
        self._node, self._env, self._config = node, env, node.config
        self.joining: frozenset[str] = frozenset()

    def start(self) -> None:
        """Set the first timers, each at a random phase: members of a real cluster were not started in one instant."""
        config, env = self._config, self._env
        if config.push_pull_interval_s:
            env.after(env.random.random() * config.push_pull_interval_s + self._interval(), self._push_pull)
        if config.reconnect_interval_s:
            env.after(env.random.random() * config.reconnect_interval_s, self._reconnect)

    def _interval(self) -> float:
        return push_pull_scale(self._config.push_pull_interval_s, len(self._node.members))

    def _push_pull(self) -> None:
        if not self._node.stopped:
            self._env.after(self._interval(), self._push_pull)
            for member in self._node.members.choose(1, _is_alive):
                self.ask(member.address)

    def join(self, addresses: tuple[str, ...]) -> None:
        """Exchange all state with each of these, and say that one has joined once somebody has answered."""
        self.joining = frozenset(addresses)
        for address in addresses:
            self.ask(address)

    def ask(self, address: str) -> None:
        """Send all that is known to a member, which answers with what it knows."""
        self._env.send_reliably(
            address, self._local_state(PushPull), self._unreachable, self._config.tcp_timeout_s
        )

    def _local_state(self, kind: type[PushPull] | type[PushPullReply]) -> PushPull | PushPullReply:
        node, serf, events = self._node, self._node.serf, self._node.events
        return kind(
            node.members.states(),
            serf.clock.time,
            serf.status_ltimes,
            tuple(serf.left),
            events.clock.time,
            events.recent,
        )

    def _unreachable(self, address: str, exchange: PushPull) -> None:
        self._env.record("push-pull-failed", about=address)

    def asked(self, sender: str, exchange: PushPull) -> None:
        """Answer with what was known before: so each side merges the other's state, and not its own that comes back."""
        self._env.send_reliably(sender, self._local_state(PushPullReply))
        self._merge(exchange)

    def answered(self, sender: str, reply: PushPullReply) -> None:
        """Believe what is new in an answer."""
        self._merge(reply)
        if sender in self.joining:
            self.joining = frozenset()
            self._node.broadcast_intent(JoinIntent)

    def _merge(self, exchange: PushPull | PushPullReply) -> None:
        node = self._node
        for claim in node.members.claims(exchange.states):
            node.apply(claim)
        # MergeRemoteState: the other's clock shows the time of its next event, and witnessing advances beyond what it is given
        if exchange.ltime:
            node.serf.clock.witness(exchange.ltime - 1)
        left = set(exchange.left)
        # farewells first: an intent counts only if it is later than the latest one known of its member
        for name, ltime in sorted(exchange.status_ltimes, key=lambda status: status[0] not in left):
            node.heard_intent((LeaveIntent if name in left else JoinIntent)(ltime, name), pass_on=False)
        if exchange.event_time:
            node.events.clock.witness(exchange.event_time - 1)
        for event in exchange.events:
            if node.events.heard(event):
                node.deliver(event)

    def _reconnect(self) -> None:
        """Try one failed member, so that each is tried about once an interval by somebody."""
        if self._node.stopped:
            return
        env, config, serf = self._env, self._config, self._node.serf
        env.after(config.reconnect_interval_s, self._reconnect)
        for name in serf.reap(config.reconnect_timeout_s, env.now):
            env.record("member-reap", about=name, belief=self._node.state_of(name))
        if not serf.failed:
            return
        alive = max(1, sum(member.state is ALIVE or member.state is SUSPECT for member in self._node.members))
        # all living members roll these dice, each interval: together they try each failed member about once
        if env.random.random() <= len(serf.failed) / alive:
            failed = list(serf.failed.values())
            self.ask(failed[int(env.random.random() * len(failed))].address)


def _is_alive(member: Member) -> bool:
    return member.state is ALIVE
