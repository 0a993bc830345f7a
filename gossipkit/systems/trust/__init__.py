"""Whom a system trusts: the same liars against what gossip spreads and against what decides.

================  ======================================================================================================
``deciders``      the same lies against a catalog, a lock, quorum reads, votes
``servers``       one lying server among Raft's
``votes``         3f replicas against 3f + 1
``shutting_out``  one stolen laptop: rotate everybody's key, or revoke one certificate
================  ======================================================================================================
"""

from .deciders import DECIDERS, Attack, Damage, attacks, deciders, deciders_table, one_liar
from .servers import TwoLogs, Weather, lies_table, lying_server, lying_servers
from .shutting_out import ShutOut, Way, shut_out, shut_out_table
from .votes import Behaviour, Vote, one_vote, votes_table

__all__ = [
    "DECIDERS",
    "Attack",
    "Behaviour",
    "Damage",
    "ShutOut",
    "TwoLogs",
    "Vote",
    "Way",
    "Weather",
    "attacks",
    "deciders",
    "deciders_table",
    "lies_table",
    "lying_server",
    "lying_servers",
    "one_liar",
    "one_vote",
    "shut_out",
    "shut_out_table",
    "votes_table",
]
