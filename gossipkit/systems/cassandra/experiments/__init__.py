"""Runs of a Cassandra cluster that a lesson looks at, as functions from parameters to what an omniscient observer notes.

===========================  ========================================================================================
``digests``                  who knows which version, round by round
``suspicion``                phi over a node's heartbeats, in three dialects
``converged_yet_different``  gossip and replicas of one cluster, while clients write and read
``two_joins``                two nodes that join at once
===========================  ========================================================================================
"""

from .beliefs import Digests, Suspicion, digests, suspicion
from .joins import Joins, two_joins
from .replicas import Converged, converged_yet_different

__all__ = [
    "Converged",
    "Digests",
    "Joins",
    "Suspicion",
    "converged_yet_different",
    "digests",
    "suspicion",
    "two_joins",
]
