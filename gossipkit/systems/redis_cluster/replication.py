"""Replication: a master streams its writes to its replicas, and waits for none of them.

The stream has a name, its ``history`` (the product's replication id), and every write an offset in it. A replica that loses
its connection asks again behind the offset that it has, and gets the rest, if the master still keeps it (PSYNC); else
everything, as a copy of that moment. A replica that becomes the master gives the stream a new name and remembers the old one
up to the offset where it took over: its fellow replicas go on from there. The old master comes back with the old name, and
where it has taken writes behind that offset, it gets everything anew: they are lost.

Left out: the time that a copy takes, and rdb files. With ``appendonly`` a node finds its keys again after a restart, but not
its place in the stream, so it is synchronised in full.

References
----------
redis 7.0 src/replication.c: replicationFeedSlaves, masterTryPartialResync, shiftReplicationId, replicationCron,
replicationCacheMasterUsingMyself.
"""

from collections import deque
from typing import TYPE_CHECKING

from .messages import Confirm, Connect, FullSync, Psync, Refused, Stream, Write
from .settings import (
    BACKLOG_BYTES,
    MIN_REPLICAS_MAX_LAG_S,
    REPL_CRON_S,
    REPL_PING_S,
    REPL_TIMEOUT_S,
    RTO_MAX_S,
    RTO_S,
)

if TYPE_CHECKING:
    from ...sim import Message
    from .node import Node

Data = dict[str, tuple[str, int]]
"""By key, the value, and the offset of the write that has set it."""
PING_BYTES = 14
"""``*1\\r\\n$4\\r\\nPING\\r\\n`` in the stream."""


def command_bytes(key: str, value: str) -> int:
    """Length of a SET in the stream, in the encoding of RESP.

    Examples
    --------
    >>> command_bytes("key", "value")  # *3\\r\\n$3\\r\\nSET\\r\\n$3\\r\\nkey\\r\\n$5\\r\\nvalue\\r\\n
    33
    """

    def bulk(text: str) -> int:
        length = len(text.encode())
        return 1 + len(str(length)) + 2 + length + 2

    return 4 + bulk("SET") + bulk(key) + bulk(value)


class Attached:
    """A replica, as its master knows it."""

    __slots__ = ("acked", "acked_s", "stalled", "wait_s")

    def __init__(self, offset: int, now: float):
        self.acked, self.acked_s = offset, now
        self.stalled, self.wait_s = False, 0.0


class Replication:
    """One node's data and its place in the stream, as a master and as a replica.

    Attributes
    ----------
    data : dict of str to (str, int)
    history : str
    offset : int
        Bytes.
    attached : dict of str to Attached
        Of a master, its replicas.
    up : bool
        Of a replica, whether it receives the stream.
    """

    def __init__(self, node: "Node", data: Data, history: str):
        self._node = node
        self.data, self.history, self.offset = data, history, 0
        self._former, self._former_end = "", 0  # how the stream was called before, and up to where
        self._backlog: deque[Write] = deque()
        self._backlog_start = 0
        self.attached: dict[str, Attached] = {}
        self._wanting: set[str] = set()  # replicas that wait for a copy
        self.up = False
        self._asked = False  # for the stream, and not answered yet
        self._heard_s = self._down_s = 0.0
        self.last_sync_s: float | None = None
        self._pinged_s = 0.0

    def start(self, settled: bool) -> None:
        """Begin; ``settled``: all replicas are synchronised."""
        node, env = self._node, self._node.env
        self._pinged_s = self._heard_s = env.now
        # a replica that has never been connected is as old as can be
        self._down_s = float("-inf")
        if settled:
            self.up = node.master is not None
            self.last_sync_s = env.now
            self.attached = {name: Attached(0, env.now) for name in node.replicas_of(node.name)}
        first_s = env.random.random() * REPL_CRON_S
        env.after(first_s, self._cron, env.now + first_s)

    def _cron(self, due_s: float) -> None:
        """Once a second (replicationCron)."""
        node, now = self._node, self._node.env.now
        if now > due_s:  # the process stood still, and reads first what has come
            node.env.after(0.0, self._cron, now)
            return
        if node.master is not None:
            if not self.up and not self._asked:
                self._ask()
            elif self.up and now - self._heard_s > REPL_TIMEOUT_S:
                self._lost()
            else:
                self._confirm()
        else:
            if now - self._pinged_s >= REPL_PING_S:
                self._pinged_s = now
                self._feed(Write("", None, self.offset + PING_BYTES))
            for name, replica in list(self.attached.items()):
                if now - replica.acked_s > REPL_TIMEOUT_S:
                    del self.attached[name]
                else:  # a crashed replica's kernel closes its connection at once; here that is found within a second
                    node.env.send_reliably(name, Connect(), None, 0.0, self._detach)
        node.env.after(REPL_CRON_S, self._cron, now + REPL_CRON_S)

    # As a master.

    def write(self, key: str, value: str, ask: bool) -> int:
        """Keep a client's write and stream it; the offset behind it."""
        offset = self.offset + command_bytes(key, value)
        self._keep(key, value, offset)
        self._feed(Write(key, value, offset), ask)
        return offset

    def good_replicas(self) -> int:
        """How many replicas have confirmed lately, for ``min-replicas-to-write`` (refreshGoodSlavesCount)."""
        oldest_s = self._node.env.now - MIN_REPLICAS_MAX_LAG_S
        return sum(replica.acked_s >= oldest_s for replica in self.attached.values())

    def confirmed_by(self, offset: int) -> tuple[str, ...]:
        """The replicas that have said that they have the stream up to there."""
        return tuple(name for name, replica in self.attached.items() if replica.acked >= offset)

    def unconfirmed(self, name: str) -> int:
        """How many of the writes that this master still keeps a replica has not confirmed."""
        acked = self.attached[name].acked if name in self.attached else self._backlog_start
        return sum(write.offset > acked and write.value is not None for write in self._backlog)

    def psync(self, sender: str, message: Psync) -> None:
        """A replica asks for the stream (masterTryPartialResync)."""
        node = self._node
        if node.master is not None:
            node.env.send_reliably(sender, Refused())
            return
        known = message.history == self.history or (
            message.history == self._former and message.offset <= self._former_end
        )
        if known and self._backlog_start <= message.offset <= self.offset:
            node.env.count("sync_partial_ok")
            self._attach(sender, message.offset)
            self._send(sender, message.offset, False)
            return
        node.env.count("sync_partial_err")
        if sender in self._wanting:
            return
        self._wanting.add(sender)
        node.env.after(node.settings.sync_delay_s, self._send_everything, sender)

    def _send_everything(self, to: str) -> None:
        node = self._node
        if to not in self._wanting:  # this node is a replica itself by now
            return
        self._wanting.discard(to)
        node.env.count("sync_full")
        self._attach(to, self.offset)
        writes = tuple(Write(key, value, offset) for key, (value, offset) in self.data.items())
        node.env.send_reliably(
            to, FullSync(self.history, self.offset, writes), self._detach, 0.0, self._detach
        )

    def _attach(self, name: str, offset: int) -> None:
        self.attached[name] = Attached(offset, self._node.env.now)

    def _detach(self, name: str, message: "Message") -> None:
        self.attached.pop(name, None)

    def _feed(self, write: Write, ask: bool = False) -> None:
        after = self.offset
        self._append(write)
        self._node.changed()
        for name, replica in self.attached.items():
            if not replica.stalled:
                self._transmit(name, Stream(self.history, after, (write,), ask))

    def _append(self, write: Write) -> None:
        self.offset = write.offset
        self._backlog.append(write)
        while self.offset - self._backlog_start > BACKLOG_BYTES:
            self._backlog_start = self._backlog.popleft().offset

    def _send(self, name: str, after: int, ask: bool) -> None:
        writes = tuple(write for write in self._backlog if write.offset > after)
        self._transmit(name, Stream(self.history, after, writes, ask))

    def _transmit(self, name: str, message: Stream) -> None:
        self._node.env.send_reliably(name, message, self._unanswered, 0.0, self._detach)

    def _unanswered(self, name: str, message: Stream) -> None:
        """A partition: TCP sends again, later and later; from what was confirmed on, which leaves out nothing."""
        replica = self.attached.get(name)
        if replica is not None and not replica.stalled:
            replica.stalled, replica.wait_s = True, min(2 * replica.wait_s or RTO_S, RTO_MAX_S)
            self._node.env.after(replica.wait_s, self._again, name, replica)

    def _again(self, name: str, replica: Attached) -> None:
        if self.attached.get(name) is replica:
            replica.stalled = False
            if replica.acked < self._backlog_start:
                del self.attached[name]
            else:
                self._send(name, replica.acked, True)

    def confirmed(self, sender: str, message: Confirm) -> None:
        """A replica says how far it is (REPLCONF ACK)."""
        node, replica = self._node, self.attached.get(sender)
        if replica is None:
            if sender not in self._wanting:
                node.env.send_reliably(sender, Refused())
            return
        if message.history != self.history:
            return
        replica.acked, replica.acked_s, replica.wait_s = (
            max(replica.acked, message.offset),
            node.env.now,
            0.0,
        )
        node.requests.confirmed()

    # As a replica.

    def follow(self) -> None:
        """Take the stream of another master from now on (replicationSetMaster)."""
        self.attached.clear()
        self._wanting.clear()
        self._lost()
        self._ask()

    def promote(self) -> None:
        """Be the master: the stream goes on under a new name (shiftReplicationId)."""
        env = self._node.env
        self._former, self._former_end = self.history, self.offset
        self.history = f"{env.random.getrandbits(160):040x}"
        self.up, self._asked, self._pinged_s = False, False, env.now

    def age_s(self) -> float:
        """For how long a replica has had nothing from its master, by whole seconds of the clock, as the product counts it."""
        since_s, begun_s = self._heard_s if self.up else self._down_s, self._node.settings.second_s
        if since_s == float("-inf"):
            return float("inf")
        return float(int(self._node.env.now + begun_s) - int(since_s + begun_s))

    def everything(self, sender: str, message: FullSync) -> None:
        """A copy of all that the master has."""
        node = self._node
        if sender != node.master:
            return
        before = self.data
        self.data = {write.key: (write.value, write.offset) for write in message.writes}
        gone = tuple(key for key in before if key not in self.data)
        if gone:
            node.env.record("compacted", keys=gone)
        for key, (value, offset) in self.data.items():
            if before.get(key) != (value, offset):
                node.env.record("applied", key=key, values=(value,), version=offset)
        self.history, self.offset = message.history, message.offset
        self._backlog.clear()
        self._backlog_start = self.offset
        self._connected(full=True)
        self._confirm()

    def stream(self, sender: str, message: Stream) -> None:
        """Some of the master's writes."""
        node = self._node
        if sender != node.master or not (self.up or self._asked):
            return
        if message.history != self.history and not self._asked:
            return
        if message.after > self.offset:  # something is missing: ask again
            self._lost()
            return
        if not self.up:
            if message.history != self.history:
                self._former, self._former_end, self.history = self.history, self.offset, message.history
            self._connected(full=False)
        self._heard_s = node.env.now
        for write in message.writes:
            if write.offset > self.offset:
                self._append(write)
                if write.value is not None:
                    self._keep(write.key, write.value, write.offset)
        node.changed()
        if message.ask:
            self._confirm()

    def refused(self, sender: str, message: Refused) -> None:
        """The node that was asked is no master, or has forgotten this replica."""
        if sender == self._node.master:
            self._lost()

    def _connected(self, full: bool) -> None:
        node, env = self._node, self._node.env
        self.up, self._asked, self._heard_s, self.last_sync_s = True, False, env.now, env.now
        env.gauge("master_link_status", 1)
        env.record("master-link", about=node.master, up=True, status="up", full=full)
        node.changed()

    def _lost(self) -> None:
        node = self._node
        self._asked = False
        if self.up:
            self.up, self._down_s = False, node.env.now
            node.env.gauge("master_link_status", 0)
            node.env.record("master-link", about=node.master, up=False, status="down")

    def _ask(self) -> None:
        node = self._node
        if not node.settings.repair:
            return  # what was missed stays missed
        self._asked = True
        node.env.send_reliably(
            node.master, Psync(self.history, self.offset), self._not_asked, 0.0, self._not_asked
        )

    def _not_asked(self, to: str, message: Psync) -> None:
        self._asked = False

    def _confirm(self) -> None:
        node = self._node
        node.env.send_reliably(node.master, Confirm(self.history, self.offset), None, 0.0, self._master_gone)

    def _master_gone(self, to: str, message: Confirm) -> None:
        if to == self._node.master:
            self._lost()

    def _keep(self, key: str, value: str, offset: int) -> None:
        env = self._node.env
        self.data[key] = value, offset
        env.record("applied", key=key, values=(value,), version=offset)
        env.gauge("slave_repl_offset" if self._node.master else "master_repl_offset", offset)
