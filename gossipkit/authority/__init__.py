"""What is decided: a log that a majority agrees on, and who is let in.

=================  ==================================================================================================
``RaftNode``       one server of a Raft group; `RaftClient` asks it
``Keyring``        the gossip keys of a node: who may gossip at all
``AccessList``     tokens and policies: who may read and write what has been decided
``ring``           which nodes keep a key; ``layouts`` deals out the tokens
``quorum``         how many of them must answer; ``pbs`` says how stale an answer can be
``log``            cluster metadata as a committed log of epochs, Cassandra's later design
``versions``       which of two values is newer, or that neither is
=================  ==================================================================================================
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
