"""Hinted handoff: what a stand-in was given goes to its home once that is healthy again; and a change of the ring hands over
ranges in the same way.

References
----------
G. DeCandia et al., "Dynamo", SOSP 2007, sections 4.6 and 4.9.
"""

from typing import TYPE_CHECKING

from ...authority.layouts import moves
from ...repair.hints import Hint
from ..asking import Asking
from ..placement import token_ranges
from .messages import Kept, Replicate, Update
from .settings import HANDOFF_S

if TYPE_CHECKING:
    from ...authority.ring import Ring
    from .node import Node


class Handoff:
    """Every second all hints for healthy targets are sent; what is not acknowledged until then is sent again.

    Parameters
    ----------
    node : Node
    """

    def __init__(self, node: "Node"):
        self._node = node
        self._store = node.storage.hints

    def start(self) -> None:
        """Begin to look who is healthy."""
        self._node.env.after(HANDOFF_S * (1 - self._node.env.random.random()), self._look)

    def keep(self, target: str, update: Update) -> None:
        """Hold a write for a node that is to have it."""
        hint = self._store.add(target, update, self._node.env.now)
        self._node.env.count("hints_stored")
        self._node.env.record("hint-stored", about=target, key=update.key, hint=hint.number)

    def ring_changed(self, before: "Ring | None", after: "Ring | None") -> None:
        """Send what newcomers to a range are to have: the first of those that had it does, as far as this node knows.

        What was kept for a node that has left goes to those that keep the key now.
        """
        node = self._node
        if before is None or after is None:
            return
        for target in self._store.targets:
            if target not in after.nodes:
                orphans = list(self._store.held(target))
                self._store.drop(target)
                for hint in orphans:
                    key = hint.mutation.key
                    node.env.record("hint-dropped", about=target, key=key, hint=hint.number)
                    for home in node.homes(key):
                        if home != node.name:
                            self.keep(home, hint.mutation)
        for move in moves(before, after, node.settings.n):
            # all that had the range could send it; the first that this node believes healthy does
            sources = [name for name in move.sources if name == node.name or node.detector.up(name)]
            if sources[:1] == [node.name] and move.node != node.name:
                for update in node.storage.within(token_ranges([(move.start, move.end)])):
                    self.keep(move.node, update)

    def _look(self) -> None:
        node = self._node
        node.env.after(HANDOFF_S, self._look)
        if not node.settings.hints:
            return
        for target in self._store.targets:
            if not node.detector.up(target):
                continue
            # what the last look sent and nobody has acknowledged: to keep the same version twice changes nothing
            self._store.retry(target)
            while (hint := self._store.take(target, node.env.now, nodes=1)) is not None:
                self._send(target, hint)

    def _send(self, target: str, hint: Hint) -> None:
        node = self._node

        def kept(sender: str, message: Kept) -> None:
            asking.close()
            self._store.delivered(target, hint.number)
            node.env.count("hints_delivered")
            node.env.record("hint-delivered", about=target, key=hint.mutation.key, hint=hint.number)

        def late() -> None:
            """The next look sends it again."""

        asking = Asking(node, Kept, kept, late, HANDOFF_S)
        node.request(target, Replicate(asking.number, hint.mutation, None))
