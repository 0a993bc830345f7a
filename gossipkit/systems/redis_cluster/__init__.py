"""Redis Cluster: gossip finds failures, votes replace masters, epochs say who owns which slots.

==================  =================================================================================================
``settings``        what all nodes share: the product's times and sizes
``messages``        packets of the cluster bus, and the stream of writes
``operation``       what a client asked for, and what became of it
``bus``             a node's connections, and what TCP makes of faults
``failover``        a replica that stands for election, and a master that votes
``migration``       a replica that goes to a master without any
``replication``     the stream from a master to its replicas
``coordination``    a client's request: served, pointed elsewhere (MOVED), or refused
``node``            the process that all of these make
``views``           a cluster's gossip, authority and repair, as an operator asks for them
``cluster``         the whole
==================  =================================================================================================

The rules are elsewhere: whom to doubt in `gossipkit.gossip.cluster_bus`, votes in `gossipkit.authority.epochs`, the owners of
slots in `gossipkit.authority.slots`.

Not modelled: resharding, an operator's ``CLUSTER FAILOVER``, handshakes, Pub/Sub on the bus, and the clients'
own network.
"""

from .cluster import RedisCluster
from .operation import Operation

__all__ = ["Operation", "RedisCluster"]
