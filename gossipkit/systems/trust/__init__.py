"""Whom a system trusts: the same liars against what gossip spreads and against what decides.

================  ======================================================================================================
``servers``       one lying server among Raft's
``votes``         3f replicas against 3f + 1
``shutting_out``  one stolen laptop: rotate everybody's key, or revoke one certificate
================  ======================================================================================================
"""

from .servers import TwoLogs, Weather, lies_table, lying_server, lying_servers
from .shutting_out import ShutOut, Way, shut_out, shut_out_table
from .votes import Behaviour, Vote, one_vote, votes_table

__all__ = [
    "Behaviour",
    "ShutOut",
    "TwoLogs",
    "Vote",
    "Way",
    "Weather",
    "lies_table",
    "lying_server",
    "lying_servers",
    "one_vote",
    "shut_out",
    "shut_out_table",
    "votes_table",
]
