"""What the leader makes of gossip: a member's state becomes a fact of the catalog, by a commit.

Gossip never writes to the catalog. A member's failure becomes the check ``serfHealth`` because the *leader* commits it,
one event at a time as it learns of them, and all members again each minute and when it begins to lead. So an event that the
leader missed, or that came before it led, is made good. A new leader first waits until its catalog has all that was committed
before.

References
----------
hashicorp/consul agent/consul/leader.go (leaderLoop, reconcile, reconcileMember), leader_registrator_v1.go.
"""

from typing import TYPE_CHECKING

from ...gossip.swim import State
from .catalog import SERF_HEALTH
from .messages import CRITICAL, PASSING, ByLeader, Deregister, SetHealth
from .settings import RECONCILE_INTERVAL_S

if TYPE_CHECKING:
    from ...authority import RaftNode
    from ...gossip.swim import SwimNode
    from ...sim import Env
    from .catalog import Alone


class Reconciliation:
    """A server's, at work while it leads.

    Parameters
    ----------
    env : Env
    swim : SwimNode
        What this server believes.
    store : RaftNode or Alone
    """

    def __init__(self, env: "Env", swim: "SwimNode", store: "RaftNode | Alone"):
        self._env, self._swim, self._store = env, swim, store
        env.after(RECONCILE_INTERVAL_S, self._again)

    def all(self) -> None:
        """Look at all members, and at all nodes that the catalog has."""
        if self._store.leads:
            states = self._swim.states
            for name in {**states, **self._store.machine.nodes}:
                # reconcileReaped: a member that serf has given up altogether is taken out, as if it had left
                self.one(name, states.get(name, State.LEFT))

    def _again(self) -> None:
        self.all()
        self._env.after(RECONCILE_INTERVAL_S, self._again)

    def one(self, name: str, state: str) -> None:
        """reconcileMember: make one member's entry agree with what gossip says; a suspect is alive until it is buried."""
        if not self._store.leads:
            return
        known = self._store.machine.nodes.get(name)
        # HandleLeftMember: a member that left in order needs no attention, and its entry goes. HandleFailedMember: one that
        # failed stays in the catalog, critical, because it may come back
        if state is State.LEFT:
            command = Deregister(name) if known else None
        else:
            status = CRITICAL if state is State.DEAD else PASSING
            current = known.checks.get(SERF_HEALTH) if known else None
            # a member that failed before it was ever registered does not come into the catalog
            wanted = known or status is PASSING
            command = (
                SetHealth(name, status) if wanted and (not current or current.status != status) else None
            )
        if command is None:
            return

        def done(result) -> None:
            self._env.record("reconciled", about=name, state=state)
            self._env.count("consul.leader.reconcileMember")
            # what gossip has said since was compared with a catalog that did not have this yet
            self.one(name, self._swim.state_of(name) or State.LEFT)

        self._store.write(self._env, ByLeader(command), done)
