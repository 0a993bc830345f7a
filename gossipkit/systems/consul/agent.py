"""A Consul agent: a member of the gossip pool, the authority on its own services, and a client of the servers.

Three things run side by side and answer three different questions. Membership says whether the *node* is there. Checks say
whether a *service* works: a node can be there while its service does not answer. Synchronisation makes the catalog say about
this node what this node says.

References
----------
hashicorp/consul agent/agent.go, agent/local/state.go, agent/ae/ae.go, agent/checks/check.go (CheckTTL, CheckMonitor).
"""

from typing import NamedTuple

from ...authority import Keyring, RaftClient, Saved
from ...authority.raft_messages import Answer, Redirect
from ...gossip.swim import Change, State, SwimNode
from ...repair import Check, Registrations, Service
from ...sim import Env, Message, Timer
from ...sim.checks import Refused
from ..operation import Clients
from .anti_entropy import AntiEntropy
from .coordination import Asked
from .messages import CRITICAL, PASSING, Packet, Request
from .operation import Operation
from .pool import PoolEnv
from .settings import FLAP_TIMEOUT_S, RETRY_INTERVAL_S, AgentSettings, ScriptCheck, TTLCheck

STATUS = {
    Change.JOIN: "join",
    Change.UPDATE: "update",
    Change.FAILED: "failed",
    Change.LEAVE: "left",
}  # as serf names them in metrics


class Disk(NamedTuple):
    """What outlives the process."""

    services: dict[str, Service]
    kinds: dict[str, TTLCheck | ScriptCheck | None]
    """The services' checks, by service."""
    keyring: Keyring | None
    alive: tuple[str, ...]
    """serf's snapshot of who was alive."""
    raft: Saved | None = None
    """A server's log."""


class Agent:
    """One node, as a `gossipkit.sim.Process`.

    Parameters
    ----------
    settings : AgentSettings
    keyring : Keyring, optional
        Of the gossip pool.
    disk : Disk, optional
        What `persisted` returned before a crash; then the node joins through the servers and a member that it remembers,
        instead of knowing everybody.

    Attributes
    ----------
    swim : SwimNode
        What it believes of the members.
    local : Registrations
        What it knows of itself.
    anti_entropy : AntiEntropy
    env : Env or None
        Its connection to the world, once it has started.
    working : dict of str to bool
        What each of its services would answer to a check.
    """

    def __init__(self, settings: AgentSettings, keyring: Keyring | None = None, disk: Disk | None = None):
        self.settings, self.keyring = settings, keyring
        self._disk = disk
        self._services: dict[str, Service] = disk.services if disk else {}
        self._kinds: dict[str, TTLCheck | ScriptCheck | None] = disk.kinds if disk else {}
        self._checks: dict[str, Check] = {}
        self.working: dict[str, bool] = dict.fromkeys(self._services, True)
        self._timers: dict[str, Timer] = {}  # of the checks
        self._failed_at: dict[str, float] = {}
        self.swim: SwimNode | None = None
        self.anti_entropy = AntiEntropy(self)
        self._clients = Clients()
        self.env: Env | None = None

    def __repr__(self) -> str:
        if self.env is None:
            return f"<{type(self).__name__}: not started>"
        offers = ", ".join(self._services) or "no services"
        return f"<{type(self).__name__} {self.env.name}: {offers}; {len(self.swim.states)} members known>"

    def persisted(self) -> Disk:
        """What is on disk: the definitions of its services, the gossip keys, and serf's snapshot of who was alive; not what
        is on its way, so its clients learn no more.
        """
        self._clients.disconnect(self.env)
        states = self.swim.states if self.swim else dict.fromkeys(self.settings.members, State.ALIVE)
        alive = tuple(
            name for name, state in states.items() if state is State.ALIVE or state is State.SUSPECT
        )
        return Disk(dict(self._services), dict(self._kinds), self.keyring, alive)

    def start(self, env: Env) -> None:
        """Come up: join, and begin to tell the catalog."""
        self.env, settings = env, self.settings
        servers = tuple(server for server in settings.servers if server != env.name)
        seeds = ()
        if self._disk:
            # the servers may just have been restarted as well, and know nobody yet
            others = [name for name in self._disk.alive if name not in settings.servers and name != env.name]
            seeds = servers + ((env.random.choice(others),) if others else ())
        self.swim = SwimNode(
            settings.swim,
            seeds=seeds,
            members=() if self._disk else settings.members,
            delegate=self._member_changed,
        )
        # without a keyring the pool needs no packets of its own: nothing else on this network speaks SWIM
        self._lan = PoolEnv(env, "lan", self.keyring) if self.keyring else None
        self.swim.start(self._lan or env)
        if settings.anti_entropy and servers:
            env.after(RETRY_INTERVAL_S, self._retry_join, self.swim, servers)
        self.client = RaftClient(settings.servers)
        self.client.start(env)
        for service_id in self._services:
            self._begin_check(service_id)
            self._note_registered(service_id)
        self.anti_entropy.start()

    def _retry_join(self, pool: SwimNode, servers: tuple[str, ...]) -> None:
        """Ask the configured servers of which nobody has told, each interval, as long as there are any.

        Consul's retry_join (agent/retry_join.go) ends with the first server that answers. Here it goes on with the others:
        servers that were all restarted while a partition lasted would answer each other, and stay two islands after it. Who
        has failed is known, and is serf's to try again.
        """
        if not pool.leaving:
            missing = tuple(server for server in servers if pool.state_of(server) is None)
            if missing:
                self.env.record("retry-join", servers=missing)
                pool.join(missing)
            self.env.after(RETRY_INTERVAL_S, self._retry_join, pool, servers)

    def leave(self) -> None:
        """Say farewell to the pool; from then on it tells the catalog nothing more, as an agent that shuts down."""
        self.swim.leave()
        self.anti_entropy.note()

    @property
    def left(self) -> bool:
        """Whether it has said farewell."""
        return self.swim is not None and self.swim.leaving

    def checksummed(self, message: Message) -> bool:
        """Whether a datagram carries a checksum: all of them are gossip."""
        return self.settings.swim.crc

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
            env.record("unreadable", sender=sender, pool="lan")  # it is not sealed, and this pool is

    @property
    def local(self) -> Registrations:
        checks = {f"service:{service_id}": check for service_id, check in self._checks.items()}
        return Registrations(dict(self._services), checks, {"address": self.env.name})

    def ask(self, operation: Operation, request: Request) -> None:
        """A client wants something of the servers."""
        self._clients.add(operation, self.env)
        Asked(self, operation, request)

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
            self._note_registered(service_id)
            self.anti_entropy.changed()

    def _note_registered(self, service_id: str) -> None:
        service, check = self._services[service_id], self._checks.get(service_id)
        status = check.status if check else None
        self.env.record(
            "registered", about=service_id, service=service.name, port=service.port, status=status
        )

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
            self.env.record("deregistered", about=service_id)
            self.anti_entropy.changed()

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
            # critical until it has passed for the first time: clients are not sent to a service that was never seen to work
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
            self.anti_entropy.changed()

    # Members.

    def _member_changed(self, change: Change, subject) -> None:
        if change not in STATUS:
            return
        env, name = self.env, subject.name
        env.count(f"serf.member.{STATUS[change]}")
        if change is Change.FAILED:
            self._failed_at[name] = env.now
        elif change is Change.JOIN:
            if env.now - self._failed_at.pop(name, -FLAP_TIMEOUT_S) < FLAP_TIMEOUT_S:
                env.count("serf.member.flap")
            if name in self.settings.servers and self.settings.anti_entropy:
                self.anti_entropy.syncer.server_up(env)
