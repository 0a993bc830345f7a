"""What a client asked Consul for, and what became of it."""

from dataclasses import dataclass
from typing import Any

from ..operation import Operation as Common


@dataclass(eq=False, repr=False, kw_only=True)
class Operation(Common):
    """A write, a read or another command, see `Common`; it is ok if the servers have answered in time, also with `Denied`.

    ``acks`` is the server that answered. A write that is not ok may have been carried out all the same.
    """

    written: str | None = None
    """Of a write, what is to be written."""
    if_index: int | None = None
    """Of a check-and-set, where the key must have been changed last."""
    answer: Any = None
    """What the servers said: True, False for a check-and-set that came too late, a `Denied`, or what was read."""

    @property
    def value(self) -> Any:
        """The same; None while there is no answer, or if a read found nothing."""
        # a key is read with the index of its last change
        return self.answer[0] if self.kind == "read" and isinstance(self.answer, tuple) else self.answer
