"""What draws the runs of `gossipkit.systems.dynamo.experiments`, in modules of the same names."""

from .catching_up import catch_up
from .histories import cart_under_partition, history_graph
from .quorums import explore_quorums
from .rings import join_ring
from .spreading import spread_join

__all__ = ["cart_under_partition", "catch_up", "explore_quorums", "history_graph", "join_ring", "spread_join"]
