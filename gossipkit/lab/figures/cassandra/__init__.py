"""What draws the runs of `gossipkit.systems.cassandra.experiments`, in modules of the same names."""

from .beliefs import digests, suspicion
from .joins import two_joins
from .replicas import converged
from .zombies import deleted_row

__all__ = ["converged", "deleted_row", "digests", "suspicion", "two_joins"]
