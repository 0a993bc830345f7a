"""Reliable messages under way, as a TCP connection carries them: never lost, repeated or damaged, and in order."""

from collections.abc import Callable
from heapq import heappush
from typing import Any

from .message import Message


class Letter:
    """One of them; what `Env.send_reliably` says of it holds here."""

    __slots__ = (
        "_acknowledged",
        "_deadline_s",
        "_failed",
        "_life",
        "_refused",
        "message",
        "number",
        "sender",
        "size",
        "to",
    )

    def __init__(
        self,
        sender: Any,
        to: str,
        number: int,
        message: Message,
        failed: Callable[[str, Message], None] | None,
        timeout_s: float,
        refused: Callable[[str, Message], None] | None,
        acknowledged: Callable[[str, Message], None] | None,
    ):
        self.sender, self.to, self.number, self.message = sender, to, number, message
        self.size = message.size_bytes
        self._failed, self._deadline_s, self._life = failed, sender._kernel.now + timeout_s, sender._life
        self._refused, self._acknowledged = refused, acknowledged

    def leave(self) -> None:
        """Set out for the receiver, if a connection to it can be made."""
        sender, to = self.sender, self.to
        kernel, links = sender._kernel, sender._links
        target = links.nodes.get(to)
        if target is None or (links.apart and not links.connects(sender.name, to)):
            return self.fail()
        latency, last = sender._outgoing.latency, sender._last_arrivals
        at = last[to] = max(kernel.now + latency(), last.get(to, 0.0))
        kernel._order += 1
        heappush(kernel._heap, (at, kernel._order, target, target._accept, self, None, None))

    def acknowledge(self) -> None:
        """Have reached the receiver's machine, which says so, to a sender that asked to know."""
        if self._acknowledged is not None and self._life == self.sender._life:
            self.sender.after(0.0, self._acknowledged, self.to, self.message)

    def refuse(self) -> None:
        """Find nobody who listens: the receiver's machine says so at once, to a sender that asked to know."""
        self.fail(self._refused)

    def fail(self, refused: Callable[[str, Message], None] | None = None) -> None:
        """Not arrive; the sender is told when its timeout is over."""
        kernel = self.sender._kernel
        kernel._note_packet(
            self.sender.name, "stream-failed", to=self.to, number=self.number, message=self.message
        )
        # a crash ends the wish to know, also where the process has been restarted since
        if self._life != self.sender._life:
            return
        if refused is not None:
            self.sender.after(0.0, refused, self.to, self.message)
        elif self._failed is not None:
            wait_s = max(0.0, self._deadline_s - kernel.now)
            self.sender.after(wait_s, self._failed, self.to, self.message)
