"""A Consul server: an agent that also holds the log, and that turns what gossip says into facts while it leads.

Gossip never writes to the catalog. A member's failure becomes the check ``serfHealth`` because the *leader* commits it,
one event at a time as it learns of them, and all members again each minute and when it begins to lead: whoever missed an
event, or leads only now, finds it then. A new leader first waits until its catalog has all that was committed before.

References
----------
hashicorp/consul agent/consul/leader.go (leaderLoop, reconcile, reconcileMember), leader_registrator_v1.go; config.go
(ReconcileInterval 60 s).
"""

from ...authority import Keyring, RaftConfig, RaftNode
from ...gossip.swim import Member, SwimConfig, SwimNode
from ...sim import Env, Message
from .agent import Agent, AgentSettings
from .catalog import CRITICAL, PASSING, SERF_HEALTH, Alone, ByLeader, Catalog, Deregister, SetHealth
from .pool import Packet, PoolEnv

RECONCILE_INTERVAL_S = 60.0


class Server(Agent):
    """One server.

    Parameters
    ----------
    settings, keyring, saved
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
        saved: dict | None = None,
        wan: tuple[str, ...] = (),
    ):
        super().__init__(settings, keyring, saved)
        if raft is None:
            self.store = Alone(catalog)
        else:
            self.store = RaftNode(settings.servers, catalog, raft, saved["raft"] if saved else None)
        self._wan_members = wan
        self._watch_s = raft.heartbeat_s if raft else RECONCILE_INTERVAL_S
        self._led = False

    def persisted(self) -> dict:
        """The definitions of its services, and its log."""
        return super().persisted() | {"raft": self.store.persisted()}

    def start(self, env: Env) -> None:
        """Come up: as an agent, as a holder of the log, and in the pool of all servers."""
        self.store.start(env)
        super().start(env)
        self._wan_env = PoolEnv(env, "wan", self.keyring, "wan-")
        self.wan = None
        if self._wan_members:
            known = () if self._saved else self._wan_members
            seeds = tuple(name for name in self._wan_members if name != env.name) if self._saved else ()
            self.wan = SwimNode(SwimConfig.wan(), seeds=seeds, members=known)
            self.wan.start(self._wan_env)
        env.after(0.0, self._watch_leadership)
        env.after(RECONCILE_INTERVAL_S, self._reconcile_again)

    def receive(self, env: Env, sender: str, received: Message) -> None:
        if type(received) in RaftNode.MESSAGES:
            self.store.receive(env, sender, received)
        elif type(received) is Packet and received.pool == "wan":
            content = self._wan_env.opened(sender, received) if self.wan else None
            if content is not None:
                self.wan.receive(self._wan_env, sender, content)
        else:
            super().receive(env, sender, received)

    # The leader's reconciliation.

    @property
    def _leads(self) -> bool:
        """Whether it leads, and has applied all that was committed before: that is so with an entry of its own term."""
        store = self.store
        if store.role != "leader" or type(store) is Alone:
            return store.role == "leader"
        return store.log.term_at(store.last_applied) == store.current_term

    def _watch_leadership(self) -> None:
        leads = self._leads
        if leads and not self._led:
            self._reconcile_all()
        self._led = leads
        self.env.after(self._watch_s, self._watch_leadership)

    def _reconcile_again(self) -> None:
        self._reconcile_all()
        self.env.after(RECONCILE_INTERVAL_S, self._reconcile_again)

    def _reconcile_all(self) -> None:
        states = self.swim.states
        for name in {**states, **self.store.machine.nodes}:
            self._reconcile(name, states.get(name, "left"))  # whom serf has given up is taken out

    def _reconcile(self, name: str, state: str) -> None:
        """Make one member's entry agree with what gossip says; a suspect is alive until it is buried."""
        if not self._leads:
            return
        known = self.store.machine.nodes.get(name)
        if state == "left":
            command = Deregister(name) if known else None
        else:
            status = CRITICAL if state == "dead" else PASSING
            current = known.checks.get(SERF_HEALTH) if known else None
            # who failed before it was ever registered is none of the catalog's business
            wanted = known or status == PASSING
            command = (
                SetHealth(name, status) if wanted and (not current or current.status != status) else None
            )
        if command is not None:
            env = self.env

            def done(result) -> None:
                env.record("reconciled", about=name, state=state)
                env.count("consul.leader.reconcileMember")
                # gossip may have changed its mind before this was committed, when there was nothing yet to correct
                self._reconcile(name, self.swim.states.get(name, "left"))

            self.store.write(env, ByLeader(command), done)

    def _member_changed(self, change: str, subject: Member) -> None:
        super()._member_changed(change, subject)
        if change in ("member-join", "member-failed", "member-leave"):
            self._reconcile(subject.name, subject.state)
