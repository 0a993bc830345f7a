"""What draws the runs of `gossipkit.systems.cassandra.experiments`, in modules of the same names."""

from .beliefs import digests, suspicion
from .joins import two_joins
from .replicas import converged_yet_different
from .zombies import zombies

__all__ = ["converged_yet_different", "digests", "suspicion", "two_joins", "zombies"]
