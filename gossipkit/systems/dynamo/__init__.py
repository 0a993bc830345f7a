"""A Dynamo-style store: a ring without a leader, in which versions and quorums judge.

==================  =================================================================================================
``settings``        what all nodes share, and the ring that a membership makes
``objects``         a copy under a key, with vector clocks, dots or timestamps: how it takes a write, how two become one
``messages``        what nodes say to each other about data
``operation``       what a client asked for, and what became of it
``storage``         a node's disk
``coordination``    a get, a put, and the node that passes them on
``handoff``         hints, and ranges that change hands
``anti_entropy``    Merkle trees over the ranges that two nodes share
``node``            the process that all of these make
``merging``         merge policies of an application
``views``           a cluster's gossip, authority and repair, as an operator asks for them
``cluster``         the whole
``experiments``     runs that a lesson looks at
==================  =================================================================================================
"""

from .cluster import Dynamo
from .merging import union
from .operation import Operation

__all__ = ["Dynamo", "Operation", "union"]
