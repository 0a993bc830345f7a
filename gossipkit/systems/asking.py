"""A node's open question: other nodes' answers come back under its number, until a deadline."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from ..sim import Env, Message


class Asker(Protocol):
    """What a node needs in order to ask."""

    env: "Env"
    asking: "dict[int, Asking]"
    """By number, what it has asked and not closed."""

    def next_number(self) -> int:
        """A number that this node has not used in any life."""


class Asking:
    """One number under which answers come back, until `close` or a deadline.

    Parameters
    ----------
    node : Asker
    kind : type
        Of the answers.
    answered : callable
        Called with ``(sender, message)`` for each answer, also for one that comes twice.
    overdue : callable
        Called when ``timeout_s`` is over, unless `close` was called before.
    timeout_s : float
        Seconds.

    Attributes
    ----------
    number : int
    """

    def __init__(
        self,
        node: Asker,
        kind: type,
        answered: Callable[[str, Any], None],
        overdue: Callable[[], None],
        timeout_s: float,
    ):
        self._node, self._kind, self._answered, self._overdue = node, kind, answered, overdue
        self.number = node.next_number()
        node.asking[self.number] = self
        self._timer = node.env.after(timeout_s, self._late)

    def answer(self, sender: str, message: "Message") -> None:
        """A message has come under this number."""
        # a number that was damaged on the way can be another question's, which expects another kind of answer
        if isinstance(message, self._kind):
            self._answered(sender, message)

    def close(self) -> None:
        """No answer is of interest any more."""
        self._node.asking.pop(self.number, None)
        self._timer.cancel()

    def _late(self) -> None:
        self._node.asking.pop(self.number, None)
        self._overdue()
