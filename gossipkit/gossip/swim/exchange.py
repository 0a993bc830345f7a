"""The exchange of all state over TCP: join, push/pull, and serf's reconnect. It repairs what gossip did not deliver.

References
----------
hashicorp/memberlist, state.go: pushPullTrigger, pushPull, pushPullNode, mergeState; hashicorp/serf, serf/serf.go: reconnect,
reap; serf/delegate.go: LocalState, MergeRemoteState.
"""

from typing import TYPE_CHECKING

from .formulas import push_pull_scale
from .membership import ALIVE, SUSPECT, Member
from .messages import PushPull, PushPullReply

if TYPE_CHECKING:
    from ...sim import Env
    from .node import SwimNode


class Exchange:
    """Asks one living member each push/pull interval, and now and then a failed one; a part of `SwimNode`."""

    __slots__ = ("_config", "_env", "_node", "failed")

    def __init__(self, node: "SwimNode", env: "Env"):
        self._node, self._env, self._config = node, env, node.config
        self.failed: dict[str, float] = {}  # serf's list, which outlives memberlist's memory of the dead

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
                self.ask(member.name)

    def ask(self, name: str) -> None:
        """Send all that is known to a member, which answers with what it knows."""
        node = self._node
        exchange = PushPull(node.members.states(), node.events.clock.time, node.events.recent)
        self._env.send_reliably(name, exchange, self._unreachable, self._config.tcp_timeout_s)

    def _unreachable(self, name: str, exchange: PushPull) -> None:
        self._env.record("push-pull-failed", about=name)

    def asked(self, sender: str, exchange: PushPull) -> None:
        """Answer with what was known before: each side merges the other's state, not its own."""
        node = self._node
        reply = PushPullReply(node.members.states(), node.events.clock.time, node.events.recent)
        self._env.send_reliably(sender, reply)
        self._merge(exchange)

    def answered(self, sender: str, reply: PushPullReply) -> None:
        """Believe what is new in an answer."""
        self._merge(reply)

    def _merge(self, exchange: PushPull | PushPullReply) -> None:
        node = self._node
        for claim in node.members.claims(exchange.states):
            node.apply(claim)
        if exchange.event_time:
            node.events.clock.witness(exchange.event_time - 1)
        for event in exchange.events:
            if node.events.heard(event):
                node.deliver(event)

    def changed(self, name: str, change: str) -> None:
        """Remember who failed."""
        if change == "member-failed":
            self.failed[name] = self._env.now
        elif change == "member-join" or change == "member-leave":
            self.failed.pop(name, None)

    def _reconnect(self) -> None:
        """Try one failed member, so that each is tried about once an interval by somebody."""
        if self._node.stopped:
            return
        env, config = self._env, self._config
        env.after(config.reconnect_interval_s, self._reconnect)
        for name, since_s in list(self.failed.items()):
            if env.now - since_s > config.reconnect_timeout_s:
                del self.failed[name]
                env.record("member-reap", about=name)
        if not self.failed:
            return
        alive = max(1, sum(member.state is ALIVE or member.state is SUSPECT for member in self._node.members))
        if env.random.random() <= len(self.failed) / alive:
            failed = list(self.failed)
            self.ask(failed[int(env.random.random() * len(failed))])


def _is_alive(member: Member) -> bool:
    return member.state is ALIVE
