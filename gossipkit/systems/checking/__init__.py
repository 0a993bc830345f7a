"""Tools that find bugs: what clients saw is held to a model, and what happened to rules that must hold at every moment.

======================  ===========================================================================================
``histories``           `Call`, what a client asked of a register and was told; `history` makes them of a cluster's
                        operations
``linearizability``     `linearizable`: one order that keeps to real time explains all answers
``sessions``            `read_your_writes`, `monotonic_reads`, `convergent` after quiet: what weaker systems promise
``judgement``           what these say
``invariants``          rules that hold at every event of a trace; `watch` finds the first breach
``search``              the first of many cases whose run fails, found by any executor
``shrinking``           the shortest case that still fails
``grounds``             small clusters on which cases are generated
``planted``             eight bugs to plant in the engine; `hunt` finds one and shrinks its case
``hunts``               what that took for each of them, stored: `stored_hunts`
``promises``            what clients of each system see while it is in trouble, held to all four models
======================  ===========================================================================================

>>> from gossipkit.systems import Consul
>>> cluster = Consul(agents=2, servers=3, seed=1)
>>> cluster.run(until=10)
>>> for value in ("old", "new"):
...     write = cluster.wait(cluster.write("k", value, via="agent-1"))
...     read = cluster.wait(cluster.read("k", via="agent-2"))
>>> linearizable(history(cluster.operations)), watch(cluster.trace, [OneLeaderATerm()])
(<linearizable>, None)
>>> hunt("vote given twice").shrunk.failure
<Broken at 3.548 s: node-1 and node-4 lead term 2>
"""

from .grounds import GROUNDS, Ground
from .histories import Call, Kind, history
from .hunts import Hunted, stored_hunts
from .invariants import (
    AcknowledgedOnQuorum,
    Broken,
    CopiesEqual,
    HintsReplayedOnce,
    Invariant,
    OneLeaderATerm,
    RefutationsRaise,
    Retransmissions,
    TombstonesKept,
    ViewsEqual,
    watch,
)
from .judgement import Judgement, Model
from .linearizability import linearizable
from .planted import BUGS, Bug, Hunt, Trial, cases, hunt
from .promises import WATCHED, Promises, promises, seen_by_clients
from .search import Case, Found, Run, search
from .sessions import convergent, monotonic_reads, read_your_writes
from .shrinking import Shrunk, shrink

__all__ = [
    "BUGS",
    "GROUNDS",
    "WATCHED",
    "AcknowledgedOnQuorum",
    "Broken",
    "Bug",
    "Call",
    "Case",
    "CopiesEqual",
    "Found",
    "Ground",
    "HintsReplayedOnce",
    "Hunt",
    "Hunted",
    "Invariant",
    "Judgement",
    "Kind",
    "Model",
    "OneLeaderATerm",
    "Promises",
    "RefutationsRaise",
    "Retransmissions",
    "Run",
    "Shrunk",
    "TombstonesKept",
    "Trial",
    "ViewsEqual",
    "cases",
    "convergent",
    "history",
    "hunt",
    "linearizable",
    "monotonic_reads",
    "promises",
    "read_your_writes",
    "search",
    "seen_by_clients",
    "shrink",
    "stored_hunts",
    "watch",
]
