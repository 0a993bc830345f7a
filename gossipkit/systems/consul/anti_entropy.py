"""A node's synchronisation with the catalog: what it knows of itself wins, and the catalog is told what it lacks.

Changes are told at once, and everything is compared from time to time; when, says `gossipkit.repair.StateSyncer`, and what,
`gossipkit.repair.difference`. Without repair a node only tells its changes, once each.

References
----------
hashicorp/consul agent/local/state.go (SyncFull, SyncChanges, updateSyncState), agent/ae/ae.go.
"""

from typing import TYPE_CHECKING, Any

from ...repair import Changes, Registrations, StateSyncer, SyncState, difference
from ...sim import Timer
from .messages import Request, Sync
from .settings import SYNC_TIMEOUT_S

if TYPE_CHECKING:
    from ...sim import Env
    from .agent import Agent


class AntiEntropy:
    """One node's part.

    Parameters
    ----------
    node : Agent

    Attributes
    ----------
    syncer : StateSyncer
        Says when; there once the node has started.
    """

    def __init__(self, node: "Agent"):
        self._node = node
        self._synced = Registrations()  # what the catalog is believed to hold of this node
        self._full_wait = Timer()
        self._noted = 0  # how many entries the trace says that the catalog lacks

    def start(self) -> None:
        """Begin to compare, or, without repair, tell what there is."""
        node = self._node
        self.syncer = StateSyncer(
            self._full, self._tell, lambda: len(node.swim.members), node.settings.ae_interval_s
        )
        self.note()
        if node.settings.anti_entropy:
            self.syncer.start(node.env)
        elif node.local.services:
            self._tell(node.env)

    def untold(self) -> Changes:
        """What the node knows that the catalog lacks: what has changed here since the catalog was last told."""
        return difference(self._node.local, self._synced)

    def note(self) -> None:
        """Write into the trace how many entries the catalog lacks, where that has changed."""
        length = 0 if self._node.left else len(self.untold())
        if length != self._noted:
            self._noted = length
            self._node.env.record("untold", length=length)

    def changed(self) -> None:
        """Something of the node's own has changed: tell the catalog."""
        node = self._node
        self.note()
        if node.settings.anti_entropy:
            self.syncer.changed(node.env)
        else:
            self._tell(node.env)

    def _full(self, env: "Env") -> None:
        """SyncFull: ask what the catalog has, and tell it what differs."""
        node = self._node
        if node.left:
            return  # it compares no more: nothing sets the next time
        if node.client.waiting:
            return self.syncer.finished(env, False)  # an earlier request is not answered yet
        self._full_wait = env.after(SYNC_TIMEOUT_S, self.syncer.finished, env, False)
        node.client.read(env, Request(("node", env.name), node.settings.token), self._compare)

    def _compare(self, found: Any) -> None:
        # an agent whose token may not read its entry is shown none, and registers everything anew
        self._synced = found if isinstance(found, Registrations) else Registrations()
        self.note()
        self._tell(self._node.env)

    def _tell(self, env: "Env") -> None:
        """SyncChanges: send the catalog what it is believed to lack."""
        node = self._node
        if node.left:
            return
        local = node.local
        changes = difference(local, self._synced)
        if not changes:
            return self._finished(True)

        def done(result: Any) -> None:
            if result is True:
                self._synced = local
                self.note()
                env.record("synced", full=self.syncer.state is SyncState.FULL)
                if not node.settings.anti_entropy:
                    self._tell(env)  # what changed while the answer was on its way
            self._finished(result is True)

        node.client.write(env, Request(Sync(env.name, changes), node.settings.token), done)

    def _finished(self, ok: bool) -> None:
        self._full_wait.cancel()
        if self._node.settings.anti_entropy:
            self.syncer.finished(self._node.env, ok)
