"""Tools that find bugs: what clients saw is held to a model, and what happened to rules that must hold at every moment.

======================  ================================================================================================
``histories``           `Call`, what a client asked of a register and was told; `history` makes them of a cluster's operations
``linearizability``     `linearizable`: one order that keeps to real time explains all answers
``sessions``            `read_your_writes`, `monotonic_reads`, `convergent` after quiet: what weaker systems promise
======================  ================================================================================================

>>> from gossipkit.systems import Consul
>>> cluster = Consul(agents=2, servers=3, seed=1)
>>> cluster.run(until=10)
>>> for value in ("old", "new"):
...     write = cluster.wait(cluster.write("k", value, via="agent-1"))
...     read = cluster.wait(cluster.read("k", via="agent-2"))
>>> linearizable(history(cluster.operations))
<linearizable>
"""

from .histories import Call, Kind, history
from .judgement import Judgement, Model
from .linearizability import linearizable
from .sessions import convergent, monotonic_reads, read_your_writes

__all__ = [
    "Call",
    "Judgement",
    "Kind",
    "Model",
    "convergent",
    "history",
    "linearizable",
    "monotonic_reads",
    "read_your_writes",
]
