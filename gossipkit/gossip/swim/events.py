"""serf's user events: a Lamport clock, and a ring of recent events that tells news from repetition."""

from ...sim.checks import instance, text, whole
from .messages import UserEvent

SIZE_LIMIT_BYTES = 512  # serf/config.go, UserEventSizeLimit: name and payload together


class LamportClock:
    """Logical time: it never runs behind what it has heard of.

    References
    ----------
    hashicorp/serf, serf/lamport.go.

    Examples
    --------
    >>> clock = LamportClock()
    >>> clock.increment()
    1
    >>> clock.witness(41)
    >>> clock.witness(30)
    >>> clock.time
    42
    """

    __slots__ = ("time",)

    def __init__(self):
        self.time = 0

    def increment(self) -> int:
        """Advance by one; returns the new time."""
        self.time += 1
        return self.time

    def witness(self, other: int) -> None:
        """Advance beyond ``other``, unless the clock is there already."""
        self.time = max(self.time, other + 1)


class UserEvents:
    """What a member has heard of user events, memberlist's delegate in serf.

    Parameters
    ----------
    size : int
        EventBuffer: events whose Lamport time is further back than this are dropped unread.

    References
    ----------
    hashicorp/serf, serf/serf.go (UserEvent, handleUserEvent), serf/delegate.go (LocalState, MergeRemoteState).
    """

    __slots__ = ("_ring", "_size", "clock")

    def __init__(self, size: int):
        self._size = whole("size", size, 1)
        self._ring: dict[int, list[UserEvent]] = {}  # by Lamport time modulo size; those of one time only
        self.clock = LamportClock()

    @property
    def recent(self) -> tuple[UserEvent, ...]:
        """The events in the buffer, by Lamport time: what a push/pull hands on."""
        return tuple(event for events in sorted(self._ring.values(), key=_time) for event in events)

    def new(self, name: str, payload: str) -> UserEvent:
        """Make an event at the present Lamport time.

        Raises
        ------
        ValueError
            If name and payload are no text, or more than 512 bytes.
        """
        text("name", name)
        instance("payload", payload, str, "text")
        size = len(name.encode()) + len(payload.encode())
        if size > SIZE_LIMIT_BYTES:
            raise ValueError(f"name and payload are {size} bytes: at most {SIZE_LIMIT_BYTES} are allowed")
        event = UserEvent(self.clock.time, name, payload)
        self.clock.increment()
        self.heard(event)
        return event

    def heard(self, event: UserEvent) -> bool:
        """Witness an event; True if it is neither too old nor a repetition."""
        self.clock.witness(event.ltime)
        if event.ltime < self.clock.time - self._size:
            return False
        slot = event.ltime % self._size
        seen = self._ring.get(slot)
        if seen is None or seen[0].ltime != event.ltime:
            seen = self._ring[slot] = []
        if event in seen:
            return False
        seen.append(event)
        return True


def _time(events: list[UserEvent]) -> int:
    return events[0].ltime
