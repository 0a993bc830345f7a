"""Failure detection without gossip: each node's own opinion of whom it can reach, after Dynamo.

1. A node that does not answer a request in time has *failed*, for the node that asked and for no other.
2. It is tried again every second, and requests go elsewhere meanwhile.
3. Whatever comes from it ends the matter.

Nobody is told. B can have failed for A while C talks to it, which costs A a detour and nothing more: that somebody has
*left* is not concluded from silence but said by an administrator, see `membership_history`. With no requests nothing is
detected, and need not be.

References
----------
G. DeCandia et al., "Dynamo", SOSP 2007, section 4.8.3.
"""

from typing import TYPE_CHECKING

from ..sim import Word, checks, message

if TYPE_CHECKING:
    from ..sim import Env, Message

RETRY_S = 1.0
"""Between two tries of a node that has failed; the paper says "periodically", this is an assumption."""


class Belief(Word):
    """What a node believes of another one."""

    UP = "up"
    FAILED = "failed"


@message
class Try:
    """Do you answer again?"""


@message
class TryReply:
    """I do."""


class LocalDetector:
    """One node's opinion of the others; a part of a `Process`, or a process that only answers.

    It writes ``failed`` and ``recovered`` into the trace, with ``about`` and ``belief``.

    Parameters
    ----------
    retry_s : float
        Seconds between two tries. Too long, and writes go to stand-ins long after the node is back; too short, and many
        nodes hammer one that is just starting.

    Attributes
    ----------
    failed : dict of str to float
        Who has failed, and since when in seconds.

    Raises
    ------
    ValueError
        For a ``retry_s`` below a millisecond.
    """

    def __init__(self, retry_s: float = RETRY_S):
        checks.number("retry_s", retry_s, low=1e-3)
        self.retry_s = retry_s
        self.failed: dict[str, float] = {}
        self._env: Env | None = None

    def start(self, env: "Env") -> None:
        """Begin to try failed nodes again, at a phase of one's own."""
        self._env = env
        env.after(self.retry_s * (1 - env.random.random()), self._try)

    def receive(self, env: "Env", sender: str, message: "Message") -> None:
        """Note that the sender is there, and answer if that was the question."""
        self.heard(sender)
        if isinstance(message, Try):
            env.send(sender, TryReply())

    def up(self, name: str) -> bool:
        """Whether a node has not failed, as this one sees it; a node that was never asked has not."""
        return name not in self.failed

    def belief(self, name: str) -> Belief:
        """The same as a word."""
        return Belief.UP if self.up(name) else Belief.FAILED

    def forget(self, name: str) -> None:
        """A node has left: it is not tried any more."""
        self.failed.pop(name, None)

    def heard(self, name: str) -> None:
        """Something came from a node."""
        if self.failed and self.failed.pop(name, None) is not None:
            self._env.record("recovered", about=name, belief=Belief.UP)

    def silent(self, name: str) -> None:
        """A node has not answered in time."""
        if name not in self.failed:
            self.failed[name] = self._env.now
            self._env.record("failed", about=name, belief=Belief.FAILED)

    def _try(self) -> None:
        self._env.after(self.retry_s, self._try)
        for name in self.failed:
            self._env.send(name, Try())
