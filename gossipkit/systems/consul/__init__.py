"""Consul, as far as gossip is concerned.

================  ===================================================================================================
``settings``      Consul's own values, what agents share, health checks
``messages``      commands of the catalog, and gossip in its envelope
``catalog``       what the servers' log is for: nodes, services, checks, keys, and who may change them
``pool``          one gossip pool on a node's connection: its label, and its keyring
``agent``         a node: membership, its own services and checks, and their synchronisation with the catalog
``server``        an agent that also holds the log
``coordination``  what the leader makes of gossip
``views``         a cluster's gossip, authority and repair, as an operator asks for them
``cluster``       the whole
``experiments``   runs that a lesson looks at
================  ===================================================================================================
"""

from .cluster import Consul
from .messages import Acquire, CreateSession, Denied, Deregister, PutKey, Request, SetHealth, Sync
from .settings import ScriptCheck, TTLCheck

__all__ = [
    "Acquire",
    "Consul",
    "CreateSession",
    "Denied",
    "Deregister",
    "PutKey",
    "Request",
    "ScriptCheck",
    "SetHealth",
    "Sync",
    "TTLCheck",
]
