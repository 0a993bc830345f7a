"""Systems: each composes what spreads, what is decided and what is corrected, and keeps the three apart.

================  ===================================================================================================
``Consul``        SWIM membership; Raft servers with catalog, keys and tokens; agent-to-catalog anti-entropy
``Cassandra``     gossiped or logged ring; consistency levels; hints, read repair, Merkle repair, tombstones
``Dynamo``        gossiped ring; sloppy quorums, vector clocks and siblings; hinted handoff, read repair, Merkle trees
``RedisCluster``  a bus that gossips doubts; votes of masters by epochs, slots by the highest one; asynchronous replicas
================  ===================================================================================================

Each system's folder has the same rooms:

===================  ================================================================================================
``settings.py``      times and sizes, each with its source or called an assumption
``messages.py``      what nodes say to each other; bytes on the wire are `gossipkit.sim.message.wire_size`, or ``size_bytes``
                     where the product's encoding is told
``node.py``          a node: its parts, who handles which message, and ``Disk``, all that survives a restart (Consul:
                     ``agent.py`` and ``server.py``)
``coordination.py``  a client's operation at the node that was asked: who answers, and what happens at a timeout
``operation.py``     what the client knows of it
``cluster.py``       what clients and operators may ask for, and under which names ``metrics`` counts
``views.py``         what an operator sees: ``gossip``, ``authority``, ``repair``
``experiments/``     one module an experiment, its figure of the same name
===================  ================================================================================================

Beside them stand the parts that a product has of its own, such as ``hinting.py`` or ``reconciliation.py``. The rules
themselves, of whom a node believes what, of who decides and of what is repaired, are in `gossipkit.gossip`,
`gossipkit.authority` and `gossipkit.repair`; ``node.py`` says which of them it is made of.

Without a product's name, `sealed.SealedPool` is a SWIM pool whose members share a key and lie when a scenario says so.

All are `simulated.Simulated`: a `gossipkit.sim.Scenario` has faults and, by the names of their methods, what clients and
operators do, and `rebuilt` makes of a trace what all nodes knew at a moment.

``sweep`` is `gossipkit.sim.sweep`: one cluster over a grid of parameters and seeds, on this machine or on many.

>>> from gossipkit.sim import Scenario
>>> cluster = Dynamo(nodes=4, seed=1)
>>> cluster.play(Scenario([(1, "put", {"key": "k", "value": "v"}), (2, "crash", {"name": "node-3"}), (3, "get", {"key": "k"})]))
>>> cluster.run(until=5)
>>> [(operation.kind, operation.started_s, operation.value) for operation in cluster.operations]
[('put', 1.0, 'v'), ('get', 3.0, 'v')]
"""

from ..sim import sweep
from .cassandra import Cassandra
from .consul import Consul
from .dynamo import Dynamo
from .rebuilt import Rebuilt, rebuilt
from .redis_cluster import RedisCluster

__all__ = ["Cassandra", "Consul", "Dynamo", "Rebuilt", "RedisCluster", "rebuilt", "sweep"]
