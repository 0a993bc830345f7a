"""Runs of a Redis Cluster that a lesson looks at, as functions from parameters to what an omniscient observer notes.

==============  =====================================================================================================
``failover``    a master's failure: when who doubts it, takes it for failed, and sees it replaced
==============  =====================================================================================================
"""

from .failovers import Failover, failover

__all__ = ["Failover", "failover"]
