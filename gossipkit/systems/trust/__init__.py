"""Whom a system trusts: the same liars against what gossip spreads and against what decides.

================  ======================================================================================================
``blast``         what breaks when one secret is stolen, and what does not
``deciders``      the same lies against a catalog, a lock, quorum reads, votes
``servers``       one lying server among Raft's
``votes``         3f replicas against 3f + 1
``shutting_out``  one stolen laptop: rotate everybody's key, or revoke one certificate
================  ======================================================================================================
"""

from .blast import BlastRadius, Effect, Holds, blast_radius
from .deciders import DECIDERS, Attack, Damage, attacks, deciders, deciders_table, one_liar
from .servers import TwoLogs, Weather, lies_table, lying_server, lying_servers
from .shutting_out import ShutOut, Way, shut_out, shut_out_table
from .votes import Behaviour, Vote, one_vote, votes_table

__all__ = [
    "DECIDERS",
    "Attack",
    "Behaviour",
    "BlastRadius",
    "Damage",
    "Effect",
    "Holds",
    "ShutOut",
    "TwoLogs",
    "Vote",
    "Way",
    "Weather",
    "attacks",
    "blast_radius",
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
