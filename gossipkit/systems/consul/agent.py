"""A Consul agent: a member of the gossip pool, the authority on its own services, and a client of the servers.

Three things run side by side and answer three different questions. Membership says whether the *node* is there; checks
say whether a *service* works, which a node that is there can't prove; and synchronisation sees to it that the catalog
says about this node what this node says.

References
----------
hashicorp/consul agent/agent.go, agent/local/state.go, agent/ae/ae.go, agent/checks/check.go (CheckTTL, CheckMonitor).
"""

from dataclasses import dataclass
from typing import Any

from ...authority import Keyring, RaftClient
from ...authority.raft_messages import Answer, Redirect
from ...gossip.swim import SwimConfig, SwimNode
from ...repair import Check, Registrations, Service, StateSyncer, difference
from ...sim import Env, Message, Timer
from ...sim.checks import Refused, number
from ..operation import Clients, Status
from .catalog import CRITICAL, PASSING, Request, Sync
from .operation import Operation
from .pool import Packet, PoolEnv

SYNC_TIMEOUT_S = 10.0  # a comparison that took longer has failed
REJOIN_INTERVAL_S = 30.0  # Consul's retry_interval
FLAP_TIMEOUT_S = 60.0  # serf's FlapTimeout
STATUS = {
    "join": "join",
    "update": "update",
    "failed": "failed",
    "leave": "left",
}  # as serf names them in metrics


@dataclass(frozen=True)
class TTLCheck:
    """A check that somebody must pass from outside: without that for ``ttl_s`` seconds it is critical.

    Raises
    ------
    ValueError
        For a time that is not positive.
    """

    ttl_s: float = 10.0

    def __post_init__(self):
        number("ttl_s", self.ttl_s, low=1e-3)


@dataclass(frozen=True)
class ScriptCheck:
    """A check that the agent runs each ``interval_s`` seconds; it sees what the service answers at that moment.

    Raises
    ------
    ValueError
        For less than a second, Consul's MinInterval.
    """

    interval_s: float = 10.0

    def __post_init__(self):
        number("interval_s", self.interval_s, low=1.0)


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
        What `persisted` returned before a crash; then the node joins through the servers and a member that it remembers,
        instead of knowing everybody.

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
        self._timers: dict[str, Timer] = {}  # of the checks
        self._failed_at: dict[str, float] = {}
        self.swim: SwimNode | None = None
        self._synced = Registrations()  # what the catalog is believed to hold of this node
        self._full_wait = None
        self._clients = Clients()
        self.env: Env | None = None

    def persisted(self) -> dict:
        """What is on disk: the definitions of its services, the gossip keys, and serf's snapshot of who was alive; not what
        is on its way, so its clients learn no more.
        """
        self._clients.disconnect(self.env)
        states = self.swim.states if self.swim else dict.fromkeys(self.settings.members, "alive")
        return {
            "services": dict(self._services),
            "kinds": dict(self._kinds),
            "keyring": self.keyring,
            "members": tuple(name for name, state in states.items() if state in ("alive", "suspect")),
        }

    def start(self, env: Env) -> None:
        """Come up: join, and begin to tell the catalog."""
        self.env, settings = env, self.settings
        rejoin = ()
        if self._saved:
            rejoin = tuple(server for server in settings.servers if server != env.name)
            # the servers may just have been restarted as well, and know nobody yet
            remembered = [name for name in self._saved["members"] if name not in settings.servers]
            others = [name for name in remembered if name != env.name]
            if others:
                rejoin += (env.random.choice(others),)
            if settings.anti_entropy:
                env.after(REJOIN_INTERVAL_S, self._rejoin)
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

    def _rejoin(self) -> None:
        """Try those that were alive before the crash and that nobody has told of since."""
        missing = [name for name in self._saved["members"] if name not in self.swim.states]
        if missing and not self.left:
            self.swim.join((self.env.random.choice(missing),))
            self.env.after(REJOIN_INTERVAL_S, self._rejoin)

    def leave(self) -> None:
        """Say farewell to the pool; from then on it tells the catalog nothing more, as an agent that shuts down."""
        self.swim.leave()

    @property
    def left(self) -> bool:
        """Whether it has said farewell."""
        return self.swim is not None and self.swim.members.me.state == "left"

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
        checks = {f"service:{service_id}": check for service_id, check in self._checks.items()}
        return Registrations(dict(self._services), checks, {"address": self.env.name})

    def ask(self, operation: Operation, request: Request) -> None:
        """A client wants something of the servers."""
        env, client = self.env, self.client
        self._clients.add(operation, env)
        deadline = env.after(operation.patience_s, self._give_up, operation)

        def done(answer: Any) -> None:
            if operation.finished_s is None:
                deadline.cancel()
                operation.answer = answer
                operation.acknowledge(client.leader, env)
                operation.end(Status.OK, env)

        (client.read if operation.kind == "read" else client.write)(env, request, done)

    def _give_up(self, operation: Operation) -> None:
        operation.end(Status.TIMEOUT, self.env)

    # Services and their checks.

    def register(
        self, service_id: str, service: Service, check: TTLCheck | ScriptCheck | None = None
    ) -> None:
        """Offer a service, with or without a health check; before the node has started, from its start on.

        Registering it again replaces service and check, and keeps the check's status: an update takes nothing out of DNS.

        Raises
        ------
        ValueError
            For a check that is none.
        """
        if check is not None and not isinstance(check, TTLCheck | ScriptCheck):
            raise ValueError(f"check is {check!r}: it must be a TTLCheck, a ScriptCheck or None")
        self._services[service_id], self._kinds[service_id] = service, check
        self.working[service_id] = True
        if self.env is not None:
            self._begin_check(service_id)
            self._changed()

    def deregister(self, service_id: str) -> None:
        """Offer it no more.

        Raises
        ------
        ValueError
            If it is not registered here.
        """
        if service_id not in self._services:
            raise Refused(f"{service_id!r} is not registered here: there is {self._known(self._services)}")
        self._stop_check(service_id)
        for known in (self._services, self._kinds, self._checks, self.working):
            known.pop(service_id, None)
        if self.env is not None:
            self._changed()

    def pass_ttl(self, service_id: str) -> None:
        """A heartbeat of the service itself: its TTL check passes, and its time begins anew.

        Raises
        ------
        ValueError
            If the service has no TTL check here, or the node has not started.
        """
        if service_id not in self._checks or not isinstance(self._kinds[service_id], TTLCheck):
            running = [name for name in self._checks if isinstance(self._kinds[name], TTLCheck)]
            raise ValueError(
                f"{service_id!r} has no TTL check that runs: those that do are {self._known(running)}"
            )
        self._set_check(service_id, PASSING)
        self._await_pass(service_id)

    def _known(self, names) -> str:
        return ", ".join(names) or "none"

    def _begin_check(self, service_id: str) -> None:
        self._stop_check(service_id)
        check, before = self._kinds[service_id], self._checks.pop(service_id, None)
        if check is not None:
            # critical until it has passed for the first time: nobody shall be sent to what was never seen to work
            self._checks[service_id] = before or Check(CRITICAL, service_id)
            if isinstance(check, TTLCheck):
                self._await_pass(service_id)
            else:
                wait_s = self.env.random.random() * check.interval_s
                self._timers[service_id] = self.env.after(wait_s, self._run_script, service_id)

    def _stop_check(self, service_id: str) -> None:
        timer = self._timers.pop(service_id, None)
        if timer is not None:
            timer.cancel()

    def _await_pass(self, service_id: str) -> None:
        self._stop_check(service_id)
        wait_s = self._kinds[service_id].ttl_s
        self._timers[service_id] = self.env.after(wait_s, self._set_check, service_id, CRITICAL)

    def _run_script(self, service_id: str) -> None:
        self._set_check(service_id, PASSING if self.working[service_id] else CRITICAL)
        wait_s = self._kinds[service_id].interval_s
        self._timers[service_id] = self.env.after(wait_s, self._run_script, service_id)

    def _set_check(self, service_id: str, status: str) -> None:
        if self._checks[service_id].status != status:
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
        if self.left:
            return  # and so never again
        if self.client.waiting:
            return self.syncer.finished(env, False)  # the servers owe an answer still
        self._full_wait = env.after(SYNC_TIMEOUT_S, self.syncer.finished, env, False)
        self.client.read(env, Request(("node", env.name), self.settings.token), self._compare)

    def _compare(self, found: Registrations) -> None:
        # who may not read its entry is shown none, and registers everything anew
        self._synced = found if isinstance(found, Registrations) else Registrations()
        self._sync_changes(self.env)

    def _sync_changes(self, env: Env) -> None:
        if self.left:
            return
        local = self.local
        changes = difference(local, self._synced)
        if not changes:
            return self._told(True)

        def done(result) -> None:
            if result is True:
                self._synced = local
                env.record("synced", full=self.syncer.state == "full")
                if not self.settings.anti_entropy:
                    self._sync_changes(env)  # what has changed back meanwhile was no change then
            self._told(result is True)

        self.client.write(env, Request(Sync(env.name, changes), self.settings.token), done)

    def _told(self, ok: bool) -> None:
        if self._full_wait is not None:
            self._full_wait.cancel()
        if self.settings.anti_entropy:
            self.syncer.finished(self.env, ok)

    def _member_changed(self, change: str, subject) -> None:
        if not change.startswith("member-"):
            return
        env, name = self.env, subject.name
        env.count(f"serf.member.{STATUS[change.removeprefix('member-')]}")
        if change == "member-failed":
            self._failed_at[name] = env.now
        elif change == "member-join":
            if env.now - self._failed_at.pop(name, -FLAP_TIMEOUT_S) < FLAP_TIMEOUT_S:
                env.count("serf.member.flap")
            if name in self.settings.servers and self.settings.anti_entropy:
                self.syncer.server_up(env)
