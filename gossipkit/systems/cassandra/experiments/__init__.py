"""Runs of a Cassandra cluster that a lesson looks at, as functions from parameters to what an omniscient observer notes.

===========================  ========================================================================================
``digests``                  who knows which version, round by round
``suspicion``                phi over a node's heartbeats, in three dialects
``converged_yet_different``  gossip and replicas of one cluster, while clients write and read
``two_joins``                two nodes that join at once
``zombies``                  deleted rows, gc_grace, and a repair that is in time or is not
``weather``                  levels, hint window and repair interval in some minutes of outages
===========================  ========================================================================================
"""

from .beliefs import Digests, Suspicion, digests, suspicion
from .joins import Joins, two_joins
from .replicas import Converged, converged_yet_different
from .weather import Weather, weather
from .zombies import Zombies, zombies

__all__ = [
    "Converged",
    "Digests",
    "Joins",
    "Suspicion",
    "Weather",
    "Zombies",
    "converged_yet_different",
    "digests",
    "suspicion",
    "two_joins",
    "weather",
    "zombies",
]
