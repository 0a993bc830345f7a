"""One gossip pool on a node's connection: a label that keeps pools apart, and a keyring that keeps strangers out.

hashicorp/memberlist: label.go, security.go, keyring.go. Packets and streams are sealed alike.
"""

from typing import Any

from ...authority import Keyring, Sealed, Unreadable
from ...sim import Env, Message
from .messages import Packet


class PoolEnv:
    """What a pool's member is handed in place of its node's `Env`: the same, but for what it sends and records.

    Parameters
    ----------
    env : Env
        The node's.
    pool : str
        The label.
    keyring : Keyring or None
        None: nothing is sealed, and sealed messages cannot be read.
    kinds : str
        Put in front of the kinds of its trace events and the names of its metrics.
    """

    def __init__(self, env: Env, pool: str, keyring: Keyring | None, kinds: str = ""):
        self._env, self._pool, self._kinds, self.keyring = env, pool, kinds, keyring
        self.name, self.random, self.after, self.when_sent = env.name, env.random, env.after, env.when_sent

    @property
    def now(self) -> float:
        return self._env.now

    def send(self, to: str, content: Message) -> None:
        self._env.send(to, self._packed(content))

    def send_reliably(self, to: str, content: Message, failed=None, timeout_s: float = 10.0) -> None:
        self._env.send_reliably(to, self._packed(content), failed, timeout_s)

    def count(self, name: str, amount: float = 1) -> None:
        self._env.count(self._kinds + name, amount)

    def gauge(self, name: str, value: float) -> None:
        self._env.gauge(self._kinds + name, value)

    def record(self, kind: str, **fields: Any) -> None:
        self._env.record(self._kinds + kind, **fields)

    def opened(self, sender: str, packet: Packet) -> Message | None:
        """The message in a packet; None, and a trace event, for one that no key of this node opens."""
        content = packet.content
        if self.keyring is None:
            if type(content) is not Sealed:
                return content
        elif type(content) is Sealed:
            try:
                return self.keyring.unwrap(content, self._pool)
            except Unreadable:
                pass
        self._env.record("unreadable", sender=sender, pool=self._pool)
        return None

    def _packed(self, content: Message) -> Packet:
        return Packet(self._pool, content if self.keyring is None else self.keyring.wrap(content, self._pool))
