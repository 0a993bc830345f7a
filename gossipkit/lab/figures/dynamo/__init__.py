"""What draws the runs of `gossipkit.systems.dynamo.experiments`, in modules of the same names."""

from .catching_up import catching_up
from .histories import cart, history
from .quorums import quorums
from .rings import ring
from .spreading import spread_join

__all__ = ["cart", "catching_up", "history", "quorums", "ring", "spread_join"]
