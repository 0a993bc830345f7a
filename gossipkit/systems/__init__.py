"""Systems: each composes what spreads, what is decided and what is corrected, and keeps the three apart.

=============  ======================================================================================================
``Consul``     SWIM membership; Raft servers with catalog, keys and tokens; agent-to-catalog anti-entropy
``Cassandra``  gossiped or logged ring; consistency levels; hints, read repair, Merkle repair, tombstones
``Dynamo``     gossiped ring; sloppy quorums, vector clocks and siblings; hinted handoff, read repair, Merkle trees
=============  ======================================================================================================
"""

from .cassandra import Cassandra
from .consul import Consul
from .dynamo import Dynamo

__all__ = ["Cassandra", "Consul", "Dynamo"]
