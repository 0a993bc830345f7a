"""What draws the runs of `gossipkit.systems.transfer`, in modules of the same names."""

from .storm import storm
from .table import failure_table
from .trial import trial

__all__ = ["failure_table", "storm", "trial"]
