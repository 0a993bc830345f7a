"""A Consul agent: a member of the gossip pool, the authority on its own services, and a client of the servers.

Three things run side by side and answer three different questions. Membership says whether the *node* is there; checks
say whether a *service* works, which a node that is there can't prove; and synchronisation sees to it that the catalog
says about this node what this node says.

References
----------
hashicorp/consul agent/agent.go, agent/local/state.go, agent/ae/ae.go, agent/checks/check.go (CheckTTL, CheckMonitor).
"""

from dataclasses import dataclass

from ...authority import Keyring, RaftClient
from ...authority.raft_messages import Answer, Redirect
from ...gossip.swim import SwimConfig, SwimNode
from ...repair import Check, Registrations, Service, StateSyncer, difference
from ...sim import Env, Message
from .catalog import CRITICAL, PASSING, Request, Sync
from .pool import Packet, PoolEnv

SYNC_TIMEOUT_S = 10.0  # a comparison that took longer has failed


@dataclass(frozen=True)
class TTLCheck:
    """A check that somebody must pass from outside: without that for ``ttl_s`` seconds it is critical."""

    ttl_s: float = 10.0


@dataclass(frozen=True)
class ScriptCheck:
    """A check that the agent runs each ``interval_s`` seconds; it sees what the service answers at that moment."""

    interval_s: float = 10.0


@dataclass(frozen=True, kw_only=True)
class AgentSettings:
    """What all agents of a cluster share."""

    servers: tuple[str, ...]
    members: tuple[str, ...]
    swim: SwimConfig
    anti_entropy: bool = True
    ae_interval_s: float = 60.0
    token: str | None = None


class Agent:
    """One node, as a `gossipkit.sim.Process`.

    Parameters
    ----------
    settings : AgentSettings
    keyring : Keyring, optional
        Of the gossip pool.
    saved : dict, optional
        What `persisted` returned before a crash; then the node joins through the servers instead of knowing everybody.

    Attributes
    ----------
    swim : SwimNode
        What it believes of the members.
    local : Registrations
        What it knows of itself.
    env : Env or None
        Its connection to the world, once it has started.
    working : dict of str to bool
        What each of its services would answer to a check.
    """

    def __init__(self, settings: AgentSettings, keyring: Keyring | None = None, saved: dict | None = None):
        self.settings, self.keyring = settings, keyring
        self._saved = saved
        self._services: dict[str, Service] = saved["services"] if saved else {}
        self._kinds: dict[str, TTLCheck | ScriptCheck | None] = saved["kinds"] if saved else {}
        self._checks: dict[str, Check] = {}
        self.working: dict[str, bool] = dict.fromkeys(self._services, True)
        self._ttl_timers = {}
        self._synced = Registrations()  # what the catalog is believed to hold of this node
        self._full_wait = None
        self.env: Env | None = None

    def persisted(self) -> dict:
        """What is on disk: the definitions of its services and the gossip keys, as in Consul's data directory."""
        return {"services": dict(self._services), "kinds": dict(self._kinds), "keyring": self.keyring}

    def start(self, env: Env) -> None:
        """Come up: join, and begin to tell the catalog."""
        self.env, settings = env, self.settings
        rejoin = tuple(server for server in settings.servers if server != env.name) if self._saved else ()
        self.swim = SwimNode(
            settings.swim,
            seeds=rejoin,
            members=() if self._saved else settings.members,
            delegate=self._member_changed,
        )
        # without a keyring the pool needs no packets of its own: nothing else on this network speaks SWIM
        self._lan = PoolEnv(env, "lan", self.keyring) if self.keyring else None
        self.swim.start(self._lan or env)
        self.client = RaftClient(settings.servers)
        self.client.start(env)
        self.syncer = StateSyncer(
            self._sync_full, self._sync_changes, lambda: len(self.swim.members), settings.ae_interval_s
        )
        for service_id in self._services:
            self._begin_check(service_id)
        if settings.anti_entropy:
            self.syncer.start(env)
        elif self._services:
            self._sync_changes(env)

    def receive(self, env: Env, sender: str, received: Message) -> None:
        kind = type(received)
        if kind is Answer or kind is Redirect:
            self.client.receive(env, sender, received)
        elif kind is Packet:
            if self._lan is not None:
                content = self._lan.opened(sender, received)
                if content is not None:
                    self.swim.receive(self._lan, sender, content)
        elif self._lan is None:
            self.swim.receive(env, sender, received)
        else:
            env.record("unreadable", sender=sender, pool="lan")  # unsealed, and we seal

    @property
    def local(self) -> Registrations:
        return Registrations(dict(self._services), dict(self._checks), {"address": self.env.name})

    # Services and their checks.

    def register(
        self, service_id: str, service: Service, check: TTLCheck | ScriptCheck | None = None
    ) -> None:
        """Offer a service, with or without a health check; before the node has started, from its start on."""
        self._services[service_id], self._kinds[service_id] = service, check
        self.working[service_id] = True
        if self.env is not None:
            self._begin_check(service_id)
            self._changed()

    def deregister(self, service_id: str) -> None:
        """Offer it no more."""
        for known in (self._services, self._kinds, self._checks, self.working):
            known.pop(service_id, None)
        self._changed()

    def pass_ttl(self, service_id: str) -> None:
        """A heartbeat of the service itself: its TTL check passes, and its time begins anew."""
        self._set_check(service_id, PASSING)
        self._ttl_timers.pop(service_id).cancel()
        wait_s = self._kinds[service_id].ttl_s
        self._ttl_timers[service_id] = self.env.after(wait_s, self._set_check, service_id, CRITICAL)

    def _begin_check(self, service_id: str) -> None:
        check = self._kinds[service_id]
        if isinstance(check, TTLCheck):
            self._checks[service_id] = Check(CRITICAL, service_id)  # until it is passed for the first time
            self._ttl_timers[service_id] = self.env.after(check.ttl_s, self._set_check, service_id, CRITICAL)
        elif check is not None:
            self._checks[service_id] = Check(PASSING, service_id)
            self.env.after(self.env.random.random() * check.interval_s, self._run_script, service_id, check)

    def _run_script(self, service_id: str, check: ScriptCheck) -> None:
        if self._kinds.get(service_id) is check:
            self._set_check(service_id, PASSING if self.working[service_id] else CRITICAL)
            self.env.after(check.interval_s, self._run_script, service_id, check)

    def _set_check(self, service_id: str, status: str) -> None:
        if service_id in self._checks and self._checks[service_id].status != status:
            self._checks[service_id] = Check(status, service_id)
            self.env.record("check", about=service_id, status=status)
            self._changed()

    # Synchronisation with the catalog.

    def _changed(self) -> None:
        if self.settings.anti_entropy:
            self.syncer.changed(self.env)
        else:
            self._sync_changes(self.env)

    def _sync_full(self, env: Env) -> None:
        """Ask what the catalog has, and tell it what differs."""
        if self.client.waiting:
            return self.syncer.finished(env, False)  # the servers owe an answer still
        self._full_wait = env.after(SYNC_TIMEOUT_S, self.syncer.finished, env, False)
        self.client.read(env, Request(("node", env.name), self.settings.token), self._compare)

    def _compare(self, found: Registrations) -> None:
        if isinstance(found, Registrations):
            self._synced = found
        self._sync_changes(self.env)

    def _sync_changes(self, env: Env) -> None:
        local = self.local
        changes = difference(local, self._synced)
        if not changes:
            return self._told(True)

        def done(result) -> None:
            if result is True:
                self._synced = local
                env.record("synced", full=self.syncer.state == "full")
            self._told(result is True)

        self.client.write(env, Request(Sync(env.name, changes), self.settings.token), done)

    def _told(self, ok: bool) -> None:
        if self._full_wait is not None:
            self._full_wait.cancel()
        if self.settings.anti_entropy:
            self.syncer.finished(self.env, ok)

    def _member_changed(self, change: str, subject) -> None:
        if change.startswith("member-"):
            self.env.count(f"serf.member.{change.removeprefix('member-')}")
