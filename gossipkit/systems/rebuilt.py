"""What all nodes know at a moment, put together again from the trace alone: beliefs, logs, copies, hints, operations.

A run can't be stopped at each moment that is of interest. The trace has enough to say what all nodes knew then:
`gossipkit.sim.trace` says under which names.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ..sim import Event, Trace

HINT_ENDS = ("hint-delivered", "hint-expired", "hint-dropped")


@dataclass
class Rebuilt:
    """The state of a cluster's nodes; `follow` takes it one event further.

    Examples
    --------
    >>> from gossipkit.systems import Consul
    >>> cluster = Consul(agents=2, seed=1)
    >>> cluster.run(until=5)
    >>> cluster.crash("agent-2")
    >>> cluster.run(until=40)
    >>> rebuilt(cluster.trace).beliefs["agent-1"] == cluster.gossip.view("agent-1")
    True
    >>> rebuilt(cluster.trace, at=5).beliefs["agent-1"]["agent-2"]
    'alive'
    """

    beliefs: dict[str, dict[str, str]] = field(default_factory=dict)
    """By node that runs, what it believes of whom."""
    suspicions: dict[tuple[str, str], float] = field(default_factory=dict)
    """By node and suspect, when the suspicion ends at the latest, in seconds of the world."""
    queued: dict[str, int] = field(default_factory=dict)
    """By node that runs, how many pieces of news it has still to gossip."""
    applied: dict[tuple[str, str], tuple[tuple, Any]] = field(default_factory=dict)
    """By replica and key, also of nodes that are down, the values on its disk, and their version."""
    hints: dict[tuple[str, str, int], str] = field(default_factory=dict)
    """By holder, target and number, also of nodes that are down, the key."""
    untold: dict[str, int] = field(default_factory=dict)
    """By node that runs, how many of its registrations the catalog has not been told of."""
    registered: dict[str, dict[str, str | None]] = field(default_factory=dict)
    """By node that runs, the services that it offers, and the status of each one's check."""
    roles: dict[str, tuple[str, int]] = field(default_factory=dict)
    """By server that runs, its role and term; in Redis Cluster by node, and the term is its configEpoch."""
    masters: dict[str, str | None] = field(default_factory=dict)
    """By node of a Redis Cluster that runs, which master it replicates; None: it is one."""
    slots: dict[str, dict[str, tuple]] = field(default_factory=dict)
    """By node of a Redis Cluster that runs, whom it takes for the owners of which slots, as ranges."""
    serving: dict[str, bool] = field(default_factory=dict)
    """By node of a Redis Cluster that runs, whether it takes requests: its cluster_state."""
    last: dict[str, int] = field(default_factory=dict)
    """By server that runs, the index of the last entry of its log."""
    committed: dict[str, int] = field(default_factory=dict)
    """By server that runs, its commit index."""
    pending: dict[int, tuple[str, str, str]] = field(default_factory=dict)
    """By number of the operation that has begun and not ended: what it is, its key, and the node that its client asked."""

    @property
    def backlog(self) -> dict[tuple[str, str], int]:
        """By holder that runs and target, how much is known to be out of step there: a system's ``repair.backlog()``."""
        held = Counter((holder, target) for holder, target, _ in self.hints if holder in self.beliefs)
        return dict(held) | {(name, "catalog"): length for name, length in self.untold.items() if length}

    def follow(self, event: Event) -> None:
        """Take an event into account; in the order of the trace."""
        _, node, kind, fields = event
        if kind == "crash" or (kind == "leave" and not fields):
            for running in (
                self.beliefs, self.queued, self.untold, self.registered, self.roles, self.last, self.committed,
                self.masters, self.slots, self.serving,
            ):  # fmt: skip
                running.pop(node, None)
            self.suspicions = {pair: until for pair, until in self.suspicions.items() if pair[0] != node}
        elif kind.startswith("wan-"):
            return  # Consul's pool of all data centres' servers, of which gossip.view says nothing
        if "belief" in fields:
            self._believe(node, fields["about"], fields["belief"])
            if "until_s" in fields:
                self.suspicions[node, fields["about"]] = fields["until_s"]
            elif kind != "belief":  # an intent, "belief", ends no suspicion
                self.suspicions.pop((node, fields["about"]), None)
        if "role" in fields:
            self.roles[node] = fields["role"], fields["term"]
        if "master" in fields:
            self.masters[node] = fields["master"]
        if kind == "beliefs":
            self.beliefs[node] = {name: belief for belief, names in fields["view"].items() for name in names}
        elif kind == "slots":
            self.slots[node] = fields["owned"]
        elif kind in ("started", "cluster-state"):
            self.serving[node] = fields["ok"]
        elif kind == "queue":
            self.queued[node] = fields["length"]
        elif kind == "applied":
            self.applied[node, fields["key"]] = fields["values"], fields["version"]
        elif kind == "compacted":
            for key in fields["keys"]:
                self.applied.pop((node, key), None)
        elif kind == "hint-stored":
            self.hints[node, fields["about"], fields["hint"]] = fields["key"]
        elif kind in HINT_ENDS:
            self.hints.pop((node, fields["about"], fields["hint"]), None)
        elif kind == "untold":
            self.untold[node] = fields["length"]
        elif kind == "registered":
            self.registered.setdefault(node, {})[fields["about"]] = fields["status"]
        elif kind == "check":
            self.registered[node][fields["about"]] = fields["status"]
        elif kind == "deregistered":
            self.registered[node].pop(fields["about"], None)
        elif kind == "raft-started":
            self.last[node], self.committed[node] = fields["index"], fields["commit"]
        elif kind == "raft-appended":
            self.last[node] = fields["index"]
        elif kind == "raft-committed":
            self.committed[node] = fields["index"]
        elif kind == "operation-begun":
            self.pending[fields["operation"]] = fields["what"], fields["key"], node
        elif kind == "operation-ended":
            self.pending.pop(fields["operation"], None)

    def _believe(self, node: str, about: str, belief: str | None) -> None:
        view = self.beliefs.setdefault(node, {})
        if belief is None:
            view.pop(about, None)
        else:
            view[about] = belief


def rebuilt(trace: Trace | Iterable[Event], at: float | None = None) -> Rebuilt:
    """The state of a cluster's nodes by its trace.

    Parameters
    ----------
    trace : Trace
        From the beginning of the world; one without packets suffices.
    at : float, optional
        The moment in seconds, all that happened at that instant included; by default the end of the trace.

    Returns
    -------
    Rebuilt
    """
    state = Rebuilt()
    for event in trace:
        if at is not None and event.time > at:
            break
        state.follow(event)
    return state
