"""Agent against catalog: what an agent knows of itself wins, and the catalog is made to agree, again and again.

The agent is the authority on its own services and checks. `difference` says what the catalog must be told; `StateSyncer`
says when. A change is sent at once, and everything is compared from time to time, in a larger cluster less often: that
is what refills a catalog that was lost altogether, and takes out what nobody registered. With ``N`` nodes:

===============  ======  ==============================  =======================================================
nodes            factor  documentation                   what the code waits between two full comparisons
===============  ======  ==============================  =======================================================
1 to 128         1       every minute                    60 s and a random part of 60 s
129 to 256       2       every 2 minutes                 60 s and a random part of 120 s
257 to 512       3       every 3 minutes                 60 s and a random part of 180 s
513 to 1024      4       every 4 minutes                 60 s and a random part of 240 s
each doubling    +1
===============  ======  ==============================  =======================================================

So the factor stretches the stagger, and the mean interval at 1024 nodes is three minutes rather than four; the model
does what the code does.

References
----------
hashicorp/consul agent/ae/ae.go (`StateSyncer`, `scale_factor`), agent/local/state.go (`difference`: updateSyncState and
SyncChanges), and website/content/docs/architecture/anti-entropy.mdx.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from ..sim import Env, Timer, Word, message
from ..sim.checks import number, whole

SCALE_THRESHOLD = 128
"""Nodes above which full comparisons are spread out (ae.go, scaleThreshold)."""
SERVER_UP_S = 3.0
"""A new server is told everything within this time, times the factor (ae.go, serverUpIntv)."""
RETRY_FAIL_S = 15.0
"""The least wait after a failed full comparison (ae.go, retryFailIntv)."""
MANAGED_SERVICES = frozenset({"consul"})
"""Registered by the leader for every server: no agent knows them, and none removes them (structs.ConsulServiceID)."""
MANAGED_CHECKS = frozenset({"serfHealth"})
"""Written by the leader from gossip: no agent knows them, and none removes them (structs.SerfCheckID)."""


@message
class Service:
    """A service of one node.

    With ``enable_tag_override`` the tags in the catalog win over the agent's: the one exception to its authority.
    """

    name: str
    port: int = 0
    tags: tuple[str, ...] = ()
    enable_tag_override: bool = False


@message
class Check:
    """A health check of one node, or of its service ``service_id``; it says how things are, not whether the node lives."""

    status: str
    service_id: str = ""
    output: str = ""


@dataclass(frozen=True)
class Registrations:
    """What is registered for one node: in its agent, or in the catalog."""

    services: Mapping[str, Service] = field(default_factory=dict)
    """By the service's id."""
    checks: Mapping[str, Check] = field(default_factory=dict)
    """By the check's id."""
    meta: Mapping[str, str] | None = None
    """Address and metadata of the node itself; None where the catalog has no such node."""


@dataclass(frozen=True)
class Changes:
    """What the catalog must be told, in this order; empty when it agrees. Its length is the number of entries."""

    deregister_services: tuple[str, ...] = ()
    register_services: Mapping[str, Service] = field(default_factory=dict)
    deregister_checks: tuple[str, ...] = ()
    register_checks: Mapping[str, Check] = field(default_factory=dict)
    meta: Mapping[str, str] | None = None
    """The node's own, if it differs; None if not."""

    def __len__(self) -> int:
        entries = (
            self.deregister_services,
            self.register_services,
            self.deregister_checks,
            self.register_checks,
        )
        return sum(map(len, entries)) + (self.meta is not None)


def difference(local: Registrations, catalog: Registrations) -> Changes:
    """What makes the catalog agree with the agent.

    What the agent has and the catalog lacks, or has otherwise, is registered; what only the catalog has is deregistered,
    but for what the leader manages (`MANAGED_SERVICES`, `MANAGED_CHECKS`). Applying the changes and comparing again gives
    none.

    Examples
    --------
    >>> agent = Registrations(services={"web-1": Service("web", 80)})
    >>> catalog = Registrations(services={"old-1": Service("old"), "consul": Service("consul", 8300)})
    >>> changes = difference(agent, catalog)
    >>> list(changes.register_services), changes.deregister_services
    (['web-1'], ('old-1',))
    """
    services = {}
    for name, service in local.services.items():
        remote = catalog.services.get(name)
        # updateSyncState: the one field in which the catalog wins, and only where the service says so
        if remote is not None and service.enable_tag_override:
            service = replace(service, tags=remote.tags)
        if service != remote:
            services[name] = service
    return Changes(
        deregister_services=_unknown(catalog.services, local.services, MANAGED_SERVICES),
        register_services=services,
        deregister_checks=_unknown(catalog.checks, local.checks, MANAGED_CHECKS),
        register_checks={
            name: check for name, check in local.checks.items() if check != catalog.checks.get(name)
        },
        meta=None if local.meta == catalog.meta else local.meta,
    )


def _unknown(remote: Mapping, local: Mapping, managed: frozenset[str]) -> tuple[str, ...]:
    return tuple(name for name in remote if name not in local and name not in managed)


def scale_factor(nodes: int) -> int:
    """How many times longer the random part of the waiting becomes: ``ceil(log2(nodes / 128)) + 1``, and 1 up to 128.

    Raises
    ------
    ValueError
        For fewer than one node.

    Examples
    --------
    >>> [scale_factor(nodes) for nodes in (100, 200, 1000, 10000)]  # the rows of Consul's ae_test.go
    [1, 2, 4, 8]
    """
    whole("nodes", nodes, 1)
    return ((nodes - 1) // SCALE_THRESHOLD).bit_length() + 1


class SyncState(Word):
    """What a `StateSyncer` is about; the last two wait for a full comparison, after a failure and after a new server."""

    IDLE = "idle"
    FULL = "full"
    CHANGES = "changes"
    RETRY = "retry"
    DELAY = "delay"


class StateSyncer:
    """When an agent talks to the catalog; a part of a `Process`, which does the talking.

    It begins with a full comparison. Then: a full one after ``interval_s`` and a random part of ``interval_s`` times
    `scale_factor`; the changes alone as soon as something changed; a full one within 3 s times the factor when a server
    has come; and after a failed full one another in 15 s and a random part of 15 s times the factor. What is asked for
    while it talks waits, once: two wishes for the same are one.

    Parameters
    ----------
    sync_full, sync_changes : callable
        Begin to talk, ``sync_full(env)``. When it is over, or has taken too long, call `finished`.
    cluster_size : callable
        How many nodes there are, ``cluster_size()``, from this agent's own view of the membership.
    interval_s : float
        Consul's AEInterval, 60 s. Too low, and the servers compare what has not changed; too high, and a lost
        registration stays lost that long.

    Attributes
    ----------
    state : SyncState
    last_full_s : float or None
        When the last full comparison succeeded.
    """

    def __init__(
        self,
        sync_full: Callable[[Env], None],
        sync_changes: Callable[[Env], None],
        cluster_size: Callable[[], int],
        interval_s: float = 60.0,
    ):
        number("interval_s", interval_s, low=1e-6)
        self._sync_full, self._sync_changes, self._cluster_size = sync_full, sync_changes, cluster_size
        self.interval_s = interval_s
        self.state = SyncState.IDLE
        self.last_full_s: float | None = None
        self._timer = Timer()
        self._next_full_s = 0.0
        self._full_wanted = self._changes_wanted = False

    def start(self, env: Env) -> None:
        """Begin, with a full comparison."""
        self._full(env)

    def server_up(self, env: Env) -> None:
        """A server has come, or the agent has another token: compare everything soon, but not all agents at once."""
        self._full_wanted = True
        # in the other states it is talking, or waits already: the wish is remembered
        if self.state is SyncState.IDLE or self.state is SyncState.RETRY:
            self._full_soon(env)

    def changed(self, env: Env) -> None:
        """Something of the agent's own has changed: tell the catalog now."""
        self._changes_wanted = True
        if self.state is SyncState.IDLE:
            self._idle(env)

    def finished(self, env: Env, ok: bool) -> None:
        """The talking that was begun is over. A second or late call, after a timeout, changes nothing.

        Parameters
        ----------
        ok : bool
            Whether the catalog has it all. A failed full comparison is repeated; failed changes wait for the next full one.
        """
        if self.state is SyncState.FULL and not ok:
            self._retry(env)
        elif self.state is SyncState.FULL or self.state is SyncState.CHANGES:
            if self.state is SyncState.FULL:
                self.last_full_s = env.now
            self._idle(env)

    def _jitter(self, env: Env, seconds: float) -> float:
        return env.random.random() * scale_factor(self._cluster_size()) * seconds

    def _wait(self, env: Env, state: SyncState, seconds: float, then: Callable[[Env], None]) -> None:
        self.state = state
        self._timer.cancel()
        self._timer = env.after(seconds, then, env)

    def _full(self, env: Env) -> None:
        self._timer.cancel()
        self._next_full_s = env.now + self.interval_s + self._jitter(env, self.interval_s)
        self.state = SyncState.FULL
        self._sync_full(env)

    def _retry(self, env: Env) -> None:
        if self._full_wanted:
            return self._full_soon(env)
        self._wait(env, SyncState.RETRY, RETRY_FAIL_S + self._jitter(env, RETRY_FAIL_S), self._full)

    def _full_soon(self, env: Env) -> None:
        self._full_wanted = False
        self._wait(env, SyncState.DELAY, self._jitter(env, SERVER_UP_S), self._full)

    def _idle(self, env: Env) -> None:
        if self._full_wanted:
            return self._full_soon(env)
        if self._changes_wanted:
            self._timer.cancel()
            self._changes_wanted, self.state = False, SyncState.CHANGES
            return self._sync_changes(env)
        self._wait(env, SyncState.IDLE, max(0.0, self._next_full_s - env.now), self._full)
