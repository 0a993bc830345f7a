"""Whom a system trusts: the same liars against what gossip spreads and against what decides.

=============  ======================================================================================================
``servers``    one lying server among Raft's
``votes``      3f replicas against 3f + 1
=============  ======================================================================================================
"""

from .servers import TwoLogs, Weather, lies_table, lying_server, lying_servers
from .votes import Behaviour, Vote, one_vote, votes_table

__all__ = [
    "Behaviour",
    "TwoLogs",
    "Vote",
    "Weather",
    "lies_table",
    "lying_server",
    "lying_servers",
    "one_vote",
    "votes_table",
]
