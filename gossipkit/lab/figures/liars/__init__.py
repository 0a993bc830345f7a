"""What draws the runs of `gossipkit.systems.liars`."""

from .one_lie import one_lie
from .table import outcomes

__all__ = ["one_lie", "outcomes"]
