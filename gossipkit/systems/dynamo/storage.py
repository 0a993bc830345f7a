"""What one node has on its disk: objects, and the hints that it holds for others."""

from collections.abc import Iterable

from ...repair.hints import HintStore
from ...repair.merkle import Row, TokenRange
from ..placement import position
from .messages import Update
from .objects import Carried, Object


class Storage:
    """It outlives the process, as a disk does.

    A stand-in keeps its copy after the hint has been delivered, although the paper allows it to delete the copy. Here it only
    costs space: a node that is no home of a key counts in no comparison.

    Parameters
    ----------
    nothing : Object
        What a node has under a key that it does not know.

    Attributes
    ----------
    objects : dict of str to Object
    hints : HintStore
        Without window, throttle or age: the paper tells of none.
    last_sync_s : float or None
        When a comparison by Merkle trees last ended at this node, in simulated seconds.
    """

    def __init__(self, nothing: Object):
        self.nothing = nothing
        self.objects: dict[str, Object] = {}
        self.hints = HintStore(window_s=None, throttle_bytes_s=None, gc_grace_s=None)
        self.last_sync_s: float | None = None

    def read(self, key: str) -> Object:
        """The copy under a key."""
        return self.objects.get(key, self.nothing)

    def apply(self, key: str, copy: Object) -> Object:
        """Keep what somebody else has, beside what is here, and return what is here now."""
        self.objects[key] = kept = self.read(key).sync(copy)
        return kept

    def rows(self, within: TokenRange) -> dict[str, Row]:
        """The objects of a range, as Merkle trees take them."""
        return {
            key: Row(position(key), copy.content)
            for key, copy in self.objects.items()
            if position(key) in within
        }

    def within(self, ranges: Iterable[TokenRange]) -> tuple[Update, ...]:
        """What lies in some ranges, in the order of keys."""
        ranges = tuple(ranges)
        return tuple(
            Update(key, Carried(copy))
            for key, copy in sorted(self.objects.items())
            if any(position(key) in each for each in ranges)
        )
