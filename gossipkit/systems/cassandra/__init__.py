"""Cassandra: gossip keeps nodes informed, consistency levels decide what a client may trust, repair makes replicas equal.

================  ===================================================================================================
``cluster``       `Cassandra`, which makes the nodes and lets things happen
``node``          one node: gossiper, ring, table, and what is said between nodes
``ownership``     who owns what, as one node knows: from gossip, or from the log of epochs
``coordination``  what a coordinator makes of a write and of a read
``storage``       one replica's table, with tombstones
``hinting``       hints on their way
``anti_entropy``  Merkle repair of a node's own ranges
``streaming``     how a node joins; ``leaving``, how it leaves
``views``         `.gossip`, `.authority`, `.repair`
``experiments``   what the lesson's panels run
================  ===================================================================================================
"""

from .cluster import Cassandra
from .operation import Operation

__all__ = ["Cassandra", "Operation"]
