"""Runs of a Cassandra cluster that a lesson looks at, as functions from parameters to what an omniscient observer notes.

===========================  ========================================================================================
``digests``                  who knows which version, round by round
``suspicion``                phi over a node's heartbeats, in three dialects
``converged_yet_different``  gossip and replicas of one cluster, while clients write and read
``two_joins``                two nodes that join at once
``endings``                  a crash and a shutdown, and when the others take the node for down
``rereads``                  two reads in a row, with and without read repair
``fast_clock``               a clock that runs ahead, and the updates that it buries
``centres``                  two data centres that are cut apart, level by level
``zombies``                  deleted rows, gc_grace, and a repair that is in time or is not
``weather``                  levels, hint window and repair interval in some minutes of outages
===========================  ========================================================================================
"""

from .beliefs import Digests, Suspicion, digests, suspicion
from .centres import Centres, centres
from .clocks import FastClock, fast_clock
from .endings import Ending, endings
from .joins import Joins, two_joins
from .replicas import Converged, converged_yet_different
from .rereads import Rereads, rereads
from .weather import Weather, weather
from .zombies import Zombies, zombies

__all__ = [
    "Centres",
    "Converged",
    "Digests",
    "Ending",
    "FastClock",
    "Joins",
    "Rereads",
    "Suspicion",
    "Weather",
    "Zombies",
    "centres",
    "converged_yet_different",
    "digests",
    "endings",
    "fast_clock",
    "rereads",
    "suspicion",
    "two_joins",
    "weather",
    "zombies",
]
