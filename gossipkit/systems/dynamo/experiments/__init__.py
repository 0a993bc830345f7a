"""Runs of a Dynamo cluster that a lesson looks at, as functions from parameters to what an omniscient observer notes.

========================  ===========================================================================================
``spread_join``           a join on its way to every node, by fanout, loss and churn
``join_ring``             a ring and a preference list, and what moves on a join, by strategy
``explore_quorums``       staleness and latency of N, R and W; strict against sloppy
``figure_3``              D1 to D5 of the paper
``cart_under_partition``  siblings, merge, and the item that comes back
``catch_up``              hints and Merkle trees after an outage
``busy``, ``outage``      a session store: what its clients see, and what an outage leaves behind
``misses``                scenarios in which a get misses a put: a search, and what it found
========================  ===========================================================================================
"""

from .catching_up import CatchUp, catch_up
from .histories import (
    CartStory,
    Figure3,
    History,
    Written,
    cart_under_partition,
    figure_3,
    history_graph,
    take_out,
)
from .quorums import Quorums, Run, Seen, explore_quorums
from .rings import Joining, join_ring
from .session_store import Outage, busy, outage
from .spreading import JoinSpread, spread_join

__all__ = [
    "CartStory",
    "CatchUp",
    "Figure3",
    "History",
    "JoinSpread",
    "Joining",
    "Outage",
    "Quorums",
    "Run",
    "Seen",
    "Written",
    "busy",
    "cart_under_partition",
    "catch_up",
    "explore_quorums",
    "figure_3",
    "history_graph",
    "join_ring",
    "outage",
    "spread_join",
    "take_out",
]
