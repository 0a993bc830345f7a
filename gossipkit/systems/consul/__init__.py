"""Consul, as far as gossip is concerned.

=============  ======================================================================================================
``catalog``    what the servers' log is for: nodes, services, checks, keys, and who may change them
``pool``       one gossip pool on a node's connection: its label, and its keyring
``agent``      a node: membership, its own services and checks, and their synchronisation with the catalog
``server``     an agent that also holds the log, and turns membership into catalog facts while it leads
``views``      a cluster's gossip, authority and repair, as an operator asks for them
``cluster``    the whole
=============  ======================================================================================================
"""

from .agent import ScriptCheck, TTLCheck
from .catalog import Denied, Deregister, PutKey, Request, SetHealth, Sync
from .cluster import Consul

__all__ = [
    "Consul",
    "Denied",
    "Deregister",
    "PutKey",
    "Request",
    "ScriptCheck",
    "SetHealth",
    "Sync",
    "TTLCheck",
]
