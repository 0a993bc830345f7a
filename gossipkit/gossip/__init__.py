"""What spreads: epidemics in synchronous rounds, the closed forms they are measured by, and what real systems gossip.

=======================================  =============================================================================
`epidemic`                               ``spread``: one rumour by push, pull or push-pull, with fanout, loss, churn,
                                         overlays and a limit on copies
`exchangeable`, `bynode`                 its two paths: by counts on the complete graph, node by node on overlays
`parameters`, `neighbours`, `sampling`   what both stand on: checked parameters, overlays as arrays, distinct draws
`dissemination`                          ``disseminate``: the same message by message, in a simulated world
`exchanges`                              the repair that follows a rumour: members exchange all that they hold, in pairs
`rumor`                                  Demers' rumour mongering, in which nodes lose interest
`overlays`                               who may talk to whom, from networkx, which is imported with it and not before
`theory`                                 the formulas of Pittel, Demers, serf and memberlist, each with its source
`measured`                               what real memberlist and Redis clusters did
`assertions`                             how many runs a test of such a thing needs
`swim`                                   memberlist's membership and failure detection, and what serf adds
`scuttlebutt`, `version_matrix`          Cassandra's gossiper, and its rounds on arrays
`adversary`                              members that hold the key and lie, and the defences of honest ones
`membership_history`                     Dynamo's explicit joins and leaves, reconciled in pairs
`local_detection`                        Dynamo's failure detection, which is nobody's business but a node's own
`cluster_bus`                            Redis Cluster's bus: pings, doubts, and failures by the reports of a majority
`gossipsub`                              libp2p's open overlay: a mesh, gossip beside it, scores, and liars
`peer_sampling`                          whom members of an open overlay know: Cyclon, Brahms, and who fills their views
`phi`                                    accrual failure detection in three dialects
=======================================  =============================================================================

``sweep`` is `gossipkit.sim.sweep`: one of these over a grid of parameters and seeds, on this machine or on many.

>>> def rounds(fanout, seed):
...     return spread(1000, fanout=fanout, seed=seed).rounds_to(1.0).item()
>>> found = sweep(rounds, {"fanout": [1, 4]}, seeds=range(5)).over_seeds("value")
>>> max(found[4,]) < min(found[1,])
True
"""

from ..sim import sweep
from . import measured, theory
from .dissemination import disseminate
from .epidemic import Spread, spread
from .exchanges import exchanges
from .rumor import Rumor, rumor

__all__ = ["Rumor", "Spread", "disseminate", "exchanges", "measured", "rumor", "spread", "sweep", "theory"]
