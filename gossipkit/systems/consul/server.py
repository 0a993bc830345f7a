"""A Consul server: an agent that also holds the log, and is a member of the pool of all servers.

What it makes of gossip while it leads is in `reconciliation`.

References
----------
hashicorp/consul agent/consul/rpc.go (handleConn, handleRaftRPC), tlsutil/config.go (AuthorizeServerConn).
"""

from ...authority import Keyring, RaftConfig, RaftNode
from ...authority.raft_messages import Answer, Read, Write
from ...gossip.swim import Change, Member, SwimNode
from ...sim import Env, Message
from .agent import Agent, Disk
from .catalog import Alone, Catalog
from .messages import Packet
from .pool import PoolEnv
from .reconciliation import Reconciliation
from .settings import RETRY_INTERVAL_S, WAN, AgentSettings

OF_RAFT = frozenset(RaftNode.MESSAGES)
OF_CLIENTS = frozenset({Read, Write})


class Server(Agent):
    """One server.

    Parameters
    ----------
    settings, keyring, disk
        As of `Agent`.
    catalog : Catalog
        An empty one.
    raft : RaftConfig or None
        None: no authority; this server answers from a catalog of its own.
    wan : tuple of str
        The servers of all data centres, which are a gossip pool of their own; empty for a single one.
    """

    def __init__(
        self,
        settings: AgentSettings,
        catalog: Catalog,
        raft: RaftConfig | None,
        keyring: Keyring | None = None,
        disk: Disk | None = None,
        wan: tuple[str, ...] = (),
    ):
        super().__init__(settings, keyring, disk)
        if raft is None:
            self.store = Alone(catalog)
        else:
            saved = disk.raft if disk else None
            self.store = RaftNode(settings.servers, catalog, raft, saved, leading=self._begin_to_lead)
        self._wan_members = wan
        self.wan: SwimNode | None = None
        self._reconciliation: Reconciliation | None = None

    def persisted(self) -> Disk:
        """Its disk, and the log on it."""
        return super().persisted()._replace(raft=self.store.persisted())

    def start(self, env: Env) -> None:
        """Come up: as an agent, as a holder of the log, and in the pool of all servers."""
        super().start(env)
        self._reconciliation = Reconciliation(env, self.swim, self.store)
        self._wan_env = PoolEnv(env, "wan", self.keyring, "wan-")
        if self._wan_members:
            others = tuple(name for name in self._wan_members if name != env.name)
            self.wan = SwimNode(
                WAN,
                seeds=others if self._disk else (),
                members=() if self._disk else self._wan_members,
            )
            self.wan.start(self._wan_env)
            if self.settings.anti_entropy:
                env.after(RETRY_INTERVAL_S, self._retry_join, self.wan, others)
        self.store.machine.clock = env.clock
        self.store.start(env)
        if type(self.store) is Alone:
            # there is no election that would call it: each server leads itself
            env.after(0.0, self._begin_to_lead)

    def receive(self, env: Env, sender: str, received: Message) -> None:
        kind = type(received)
        if kind in OF_RAFT:
            if self.settings.doors is not None and self._refused(sender, server=kind not in OF_CLIENTS):
                return
            # kvsPreApply: the leader refuses before the log is asked, which has no clock
            if kind is Write and self.store.leads and self.store.machine.delayed(received.command):
                env.send_reliably(sender, Answer(received.session, received.serial, False))
            else:
                self.store.receive(env, sender, received)
        elif kind is Packet and received.pool == "wan":
            content = self._wan_env.opened(sender, received) if self.wan else None
            if content is not None:
                self.wan.receive(self._wan_env, sender, content)
        else:
            super().receive(env, sender, received)

    def _refused(self, sender: str, server: bool) -> bool:
        """Whether a connection does not come about: anybody's certificate does for a request, Raft wants a server's."""
        refusal = self.settings.doors.refuses(sender, self.env.clock(), server)
        if refusal is not None:
            self.env.record("connection-refused", sender=sender, why=refusal)
        return refusal is not None

    def _begin_to_lead(self) -> None:
        """The catalog has all that was committed before this term."""
        self._reconciliation.all()

    def _member_changed(self, change: Change, subject: Member) -> None:
        super()._member_changed(change, subject)
        # while it starts there is no reconciliation yet, and it leads nothing
        if self._reconciliation and change in (Change.JOIN, Change.FAILED, Change.LEAVE):
            self._reconciliation.one(subject.name, subject.state)
