"""The queue of what is still to be gossiped: memberlist's TransmitLimitedQueue."""

from bisect import insort

from ...sim import Message
from ...sim.checks import whole
from .formulas import retransmit_limit
from .messages import COMPOUND_PART_BYTES


class BroadcastQueue:
    """Messages that wait for room in a packet, each to be sent a limited number of times.

    The order is: fewest transmissions first, then the longest, then the newest. A packet takes them in this order, and
    passes over what does not fit. A message about a name replaces the one about the same name that waits: what it says
    is newer. After ``retransmit_limit(retransmit_mult, n)`` transmissions a message is dropped, whether or not anybody
    received it: gossip has no acknowledgements.

    Parameters
    ----------
    retransmit_mult : int
        RetransmitMult.

    References
    ----------
    hashicorp/memberlist, queue.go.

    Examples
    --------
    >>> from gossipkit.gossip.swim import Dead, Suspect
    >>> queue = BroadcastQueue(retransmit_mult=4)
    >>> queue.push("b", Suspect(1, "b", "a"))
    >>> queue.push("b", Dead(1, "b", "a"))
    >>> queue.take(1400, members=10)
    [Dead(incarnation=1, node='b', accuser='a')]
    """

    __slots__ = ("_limit", "_members", "_mult", "_newest", "items")

    def __init__(self, retransmit_mult: int):
        self._mult = whole("retransmit_mult", retransmit_mult, 1)
        # (transmissions, -bytes, -id, name, message): tuples sort in the order of sending
        self.items: list[tuple[int, int, int, str | None, Message]] = []
        self._newest = 0
        self._members = self._limit = 0  # the limit for this many members is kept: it rarely changes

    def __len__(self) -> int:
        return len(self.items)

    def __contains__(self, message: Message) -> bool:
        return any(item[4] is message for item in self.items)

    def push(self, name: str | None, message: Message) -> None:
        """Queue a message; one with a name replaces what waits under the same name."""
        if name is not None:
            # queue.go, Invalidates: the queue never tells others what its member does not believe any more
            self.items = [item for item in self.items if item[3] != name]
        self._newest = self._newest + 1 if self.items else 1
        insort(self.items, (0, -message.size_bytes, -self._newest, name, message))

    def take(self, room_bytes: int, members: int) -> list[Message]:
        """The messages for one packet, in order; each counts as transmitted.

        Parameters
        ----------
        room_bytes : int
            Bytes left in the packet; a message needs 2 beside its own.
        members : int
            Members of the cluster, for the transmit limit.
        """
        if members != self._members:
            self._members, self._limit = members, retransmit_limit(self._mult, members)
        taken, waiting = [], []
        for item in self.items:
            sent, size, number, name, message = item
            need = COMPOUND_PART_BYTES - size
            if need > room_bytes:
                waiting.append(item)  # it is passed over, not stopped at: a shorter one may fit
                continue
            room_bytes -= need
            taken.append(message)
            if sent + 1 < self._limit:
                waiting.append((sent + 1, size, number, name, message))
        waiting.sort()
        self.items = waiting
        return taken
