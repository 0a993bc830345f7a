"""What is set for a cluster, and for the health check of a service."""

from dataclasses import dataclass, replace

from ...authority.identities import Doors
from ...gossip.swim import SwimConfig
from ...sim.checks import number

RETRY_INTERVAL_S = 30.0
"""Between two attempts to join the configured servers (Consul's ``retry_interval``)."""
RECONCILE_INTERVAL_S = 60.0
"""Between two comparisons of the leader's members with its catalog (agent/consul/config.go, ReconcileInterval)."""
FLAP_TIMEOUT_S = 60.0
"""A member that fails and is back within this time flaps (serf/config.go, FlapTimeout)."""
SYNC_TIMEOUT_S = 10.0
"""An agent's comparison with the catalog that took longer has failed."""


def as_consul_sets_it(config: SwimConfig) -> SwimConfig:
    """memberlist's and serf's defaults with what Consul has otherwise: a failed member is tried for 72 h, a leaving one stays
    for 3 s after its farewell, and a dead one's name is free after 30 s.

    References
    ----------
    hashicorp/consul agent/consul/config.go (DefaultConfig), lib/serf/serf.go (DefaultConfig).
    """
    return replace(
        config, reconnect_timeout_s=72 * 3600.0, leave_propagate_delay_s=3.0, dead_node_reclaim_time_s=30.0
    )


LAN = as_consul_sets_it(SwimConfig.lan())
WAN = as_consul_sets_it(SwimConfig.wan())


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
    """What all agents of a data centre share."""

    servers: tuple[str, ...]
    """An agent also asks these to join, again and again: Consul's ``retry_join``."""
    members: tuple[str, ...]
    """These know each other when the cluster begins."""
    swim: SwimConfig
    anti_entropy: bool = True
    ae_interval_s: float = 60.0
    token: str | None = None
    doors: Doors | None = None
    """Of the servers' connections, where requests and Raft need certificates."""
