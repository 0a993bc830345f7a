"""What a checker says of a history."""

from dataclasses import dataclass

from ...sim import Word
from .histories import Call


class Model(Word):
    """What a history is held to, from the strongest to the weakest."""

    LINEARIZABLE = "linearizable"
    """All calls in one order, each at one instant between its beginning and its end."""
    READ_YOUR_WRITES = "read your writes"
    """A client that has written sees that, or something newer."""
    MONOTONIC_READS = "monotonic reads"
    """A client that has seen something sees nothing older afterwards."""
    CONVERGENT = "convergent after quiet"
    """Once nobody has written for a while, all see the same."""


@dataclass(frozen=True, repr=False)
class Judgement:
    """Whether a history keeps to a model; true if it does.

    Attributes
    ----------
    model : Model
    order : tuple of Call
        Of a linearizable history, an order that explains all of it, key by key; calls of unknown outcome are in it only where
        somebody saw what they wrote. Of one that is not, the longest order found of the key that it fails for, which explains
        all that had ended before ``misplaced``. Empty for the other models.
    misplaced : Call or None
        The call that cannot be explained; None if all can.
    because : str
        Why, in a sentence; empty if all can.
    looked_at : int
        How many states of the search it took: the value, and who had taken effect by then. 0 for the other models.
    """

    model: Model
    order: tuple[Call, ...] = ()
    misplaced: Call | None = None
    because: str = ""
    looked_at: int = 0

    @property
    def ok(self) -> bool:
        """Whether the history keeps to the model."""
        return self.misplaced is None

    def __bool__(self) -> bool:
        return self.ok

    def __repr__(self) -> str:
        return f"<{self.model}>" if self.ok else f"<not {self.model}: {self.because}>"
