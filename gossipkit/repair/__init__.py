"""What corrects: comparisons that find what one side lacks, and schedules that run them.

=================  ==================================================================================================
``anti_entropy``   an agent's services and checks against the catalog, after Consul
``merkle``         trees of hashes over a range: what two replicas have otherwise, and what it costs to find out
``hints``          writes kept for a replica that is down
``read_repair``    what a read finds, and who must be told
``tombstones``     deletions as cells, and the deleted row that comes back
=================  ==================================================================================================
"""

from .anti_entropy import (
    Changes,
    Check,
    Registrations,
    Service,
    StateSyncer,
    SyncState,
    difference,
    scale_factor,
)

__all__ = [
    "Changes",
    "Check",
    "Registrations",
    "Service",
    "StateSyncer",
    "SyncState",
    "difference",
    "scale_factor",
]
