"""What a router remembers of messages: which it has seen, which it can still send, and what others have promised."""

from random import Random

from .messages import Publish, Verdict


class Seen:
    """One message that a router has looked at."""

    __slots__ = ("first_s", "senders", "verdict")

    def __init__(self, verdict: Verdict, first_s: float, sender: str):
        self.verdict, self.first_s = verdict, first_s
        self.senders = {sender}
        """Who brought it; asked for membership only."""


class SeenCache:
    """The messages seen in the last ``ttl_s`` seconds, by id (pubsub.go, seenMessages)."""

    __slots__ = ("_seen", "_ttl_s")

    def __init__(self, ttl_s: float):
        self._ttl_s = ttl_s
        self._seen: dict[str, Seen] = {}

    def get(self, id_: str) -> Seen | None:
        return self._seen.get(id_)

    def add(self, id_: str, seen: Seen) -> None:
        self._seen[id_] = seen

    def expire(self, now: float) -> None:
        """Forget what is older."""
        old = []
        for id_, seen in self._seen.items():
            if now - seen.first_s <= self._ttl_s:
                break  # a dict keeps the order in which they came
            old.append(id_)
        for id_ in old:
            del self._seen[id_]


class MessageCache:
    """The messages of the last heartbeats, newest window first (mcache.go).

    Parameters
    ----------
    history_length : int
        Windows for which a message can be sent.
    history_gossip : int
        Windows of which ids are advertised. The slack between the two is the time in which an answer to the last IHAVE may come.

    Examples
    --------
    >>> cache = MessageCache(history_length=2, history_gossip=1)
    >>> cache.put(Publish("a/1", "a", 100))
    >>> cache.ids, cache.shift(), cache.ids, cache.get("a/1", "b") is not None
    (['a/1'], None, [], True)
    >>> cache.shift(), cache.get("a/1", "b")
    (None, None)
    """

    __slots__ = ("_asked", "_gossip", "_messages", "_windows")

    def __init__(self, history_length: int, history_gossip: int):
        self._windows: list[list[str]] = [[] for _ in range(history_length)]
        self._gossip = history_gossip
        self._messages: dict[str, Publish] = {}
        self._asked: dict[tuple[str, str], int] = {}

    def put(self, message: Publish) -> None:
        self._messages[message.id] = message
        self._windows[0].append(message.id)

    @property
    def ids(self) -> list[str]:
        """What is advertised."""
        return [id_ for window in self._windows[: self._gossip] for id_ in window]

    def get(self, id_: str, peer: str, most: int = 3) -> Publish | None:
        """The message for a peer that asks for it; None if it is gone, or the peer has had it ``most`` times."""
        message = self._messages.get(id_)
        if message is None:
            return None
        times = self._asked[id_, peer] = self._asked.get((id_, peer), 0) + 1
        return message if times <= most else None

    def shift(self) -> None:
        """A heartbeat is over: the oldest window is forgotten."""
        gone = set(self._windows.pop())
        self._windows.insert(0, [])
        if gone:
            for id_ in gone:
                del self._messages[id_]
            self._asked = {key: times for key, times in self._asked.items() if key[0] not in gone}


class Promises:
    """Who has advertised a message that it was then asked for, and until when it must come (gossip_tracer.go).

    One id of each IWANT is remembered, drawn at random: that saves memory, and a liar can't know which. Whoever brings the message,
    the promise counts as kept.

    Parameters
    ----------
    followup_s : float
        Seconds from the IWANT.
    """

    __slots__ = ("_followup_s", "_until")

    def __init__(self, followup_s: float):
        self._followup_s = followup_s
        self._until: dict[str, dict[str, float]] = {}  # by message, by peer

    def add(self, peer: str, ids: list[str], random: Random, now: float) -> None:
        """A peer was asked for these."""
        self._until.setdefault(random.choice(ids), {}).setdefault(peer, now + self._followup_s)

    def kept(self, id_: str) -> None:
        """A message has come, valid or not: what is wrong with it is paid for elsewhere (P4)."""
        self._until.pop(id_, None)

    def broken(self, now: float) -> dict[str, int]:
        """By peer, how many promises it has broken since this was last asked."""
        found: dict[str, int] = {}
        for id_, peers in list(self._until.items()):
            for peer in [peer for peer, until in peers.items() if until < now]:
                found[peer] = found.get(peer, 0) + 1
                del peers[peer]
            if not peers:
                del self._until[id_]
        return found
