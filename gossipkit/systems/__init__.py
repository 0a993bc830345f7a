"""Systems: each composes what spreads, what is decided and what is corrected, and keeps the three apart.

=============  ======================================================================================================
``Consul``     SWIM membership; Raft servers with catalog, keys and tokens; agent-to-catalog anti-entropy
``Cassandra``  gossiped or logged ring; consistency levels; hints, read repair, Merkle repair, tombstones
``Dynamo``     gossiped ring; sloppy quorums, vector clocks and siblings; hinted handoff, read repair, Merkle trees
=============  ======================================================================================================

All are `simulated.Simulated`: a `gossipkit.sim.Scenario` has faults and, by the names of their methods, what clients and
operators do, and `rebuilt` makes of a trace what all nodes knew at a moment.

>>> from gossipkit.sim import Scenario
>>> cluster = Dynamo(nodes=4, seed=1)
>>> cluster.play(Scenario([(1, "put", {"key": "k", "value": "v"}), (2, "crash", {"name": "node-3"}), (3, "get", {"key": "k"})]))
>>> cluster.run(until=5)
>>> [(operation.kind, operation.started_s, operation.value) for operation in cluster.operations]
[('put', 1.0, 'v'), ('get', 3.0, 'v')]
"""

from .cassandra import Cassandra
from .consul import Consul
from .dynamo import Dynamo
from .rebuilt import Rebuilt, rebuilt

__all__ = ["Cassandra", "Consul", "Dynamo", "Rebuilt", "rebuilt"]
