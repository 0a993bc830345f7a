"""What is decided: a log that a majority agrees on, who keeps and who may change what, and which value counts.

===========================================  =========================================================================
`raft`                                       one server of a Raft group, with its ``raft_config``, ``raft_log`` and
                                             ``raft_messages``; `raft_client` asks it; `lying` breaks its rules
`byzantine`                                  one decision among replicas of which some lie
`log`                                        cluster metadata as a committed log of epochs, Cassandra's later design,
                                             with its ``log_entries``, ``log_rules`` and ``log_driver``
`ring`, `layouts`                            which nodes keep a key, and how tokens are dealt out
`quorum`, `pbs`                              how many of them must answer, and how stale an answer can be
`epochs`, `slots`                            Redis Cluster's votes, one an epoch, and slots, whose highest epoch counts
`versions`                                   which of two values is newer, or that neither is
`admission`                                  keyrings: who may gossip at all; tokens and policies: who may do what
`identities`                                 a certificate for each member, which can be revoked or runs out
===========================================  =========================================================================
"""

from .admission import AccessList, Keyring, Policy, Rule, Sealed, Unreadable, unreadable_pairs
from .raft import RaftNode, StateMachine
from .raft_client import RaftClient
from .raft_config import RaftConfig
from .raft_messages import Saved

__all__ = [
    "AccessList",
    "Keyring",
    "Policy",
    "RaftClient",
    "RaftConfig",
    "RaftNode",
    "Rule",
    "Saved",
    "Sealed",
    "StateMachine",
    "Unreadable",
    "unreadable_pairs",
]
