"""What all nodes of a Redis Cluster share."""

from dataclasses import dataclass

NODE_TIMEOUT_S = 15.0
"""``cluster-node-timeout`` (redis.conf)."""
VALIDITY_FACTOR = 10
"""``cluster-replica-validity-factor`` (redis.conf)."""
REPL_PING_S = 10.0
"""``repl-ping-replica-period``: a master pings its replicas so often, in the stream of writes."""
REPL_TIMEOUT_S = 60.0
"""``repl-timeout``: a master or a replica of which nothing was heard for so long is given up."""
REPL_CRON_S = 1.0
"""replicationCron: a replica confirms its offset, and tries a broken connection again."""
SYNC_DELAY_S = 5.0
"""``repl-diskless-sync-delay``: a master waits before a full synchronisation, for other replicas that may want one."""
BACKLOG_BYTES = 1 << 20
"""``repl-backlog-size``: how much of the stream a master keeps for replicas that come back."""
MIN_REPLICAS_MAX_LAG_S = 10.0
"""``min-replicas-max-lag``: a replica counts for ``min-replicas-to-write`` if it has confirmed within this."""
WRITABLE_DELAY_S = 2.0
"""A master that has restarted takes no requests for so long (CLUSTER_WRITABLE_DELAY)."""
REJOIN_DELAY_S = (0.5, 5.0)
"""A master that was with a minority waits for a node timeout, but so long at least and at most, until it takes requests
(CLUSTER_MIN_REJOIN_DELAY, CLUSTER_MAX_REJOIN_DELAY)."""
RTO_S = 0.2
"""First wait before a lost packet is sent again; it doubles (Linux, TCP_RTO_MIN)."""
CONNECT_RTO_S = 1.0
"""The same for the packet that opens a connection (Linux, TCP_TIMEOUT_INIT)."""
RTO_MAX_S = 120.0
"""It doubles up to this (Linux, TCP_RTO_MAX)."""
DEADLINE_S = 5.0
"""How long a client waits; an assumption."""
REDIRECTIONS = 5
"""How many MOVED a client follows: Jedis' ``DEFAULT_MAX_ATTEMPTS``."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What all nodes share; times in seconds."""

    second_s: float
    """How far into a second of the wall clock the simulation began: some of the product's times are in whole seconds."""
    node_timeout_s: float
    fanout: int
    section: int | None
    min_replicas_to_write: int
    validity_factor: float
    sync_delay_s: float
    appendonly: bool
    gossip: bool
    authority: bool
    repair: bool
