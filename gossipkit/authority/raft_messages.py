"""What Raft's servers and clients say to each other, and what a server keeps on its disk."""

from dataclasses import dataclass
from typing import Any

from ..sim import message


@message
class Entry:
    """One entry of the log. ``command`` None is the no-op of a new leader; ``session`` is empty for a server's own."""

    term: int
    command: Any
    session: str = ""
    serial: int = 0


@message
class RequestVote:
    """A candidate asks for a vote in ``term``, and shows how much its log has."""

    term: int
    last_index: int
    last_term: int


@message
class Vote:
    """The answer to `RequestVote`; ``term`` is the voter's."""

    term: int
    granted: bool


@message
class AppendEntries:
    """A leader's entries behind ``prev_index``; with none it is a heartbeat. ``round`` counts a leader's sendings."""

    term: int
    prev_index: int
    prev_term: int
    entries: tuple[Entry, ...]
    commit_index: int
    round: int


@message
class Appended:
    """The answer to `AppendEntries`, with its ``round``.

    If ``matched``, the logs agree up to ``index``; if not, ``index`` is where the leader should try next.
    """

    term: int
    matched: bool
    index: int
    round: int


@message
class Write:
    """A client's command, the ``serial``-th of its session."""

    session: str
    serial: int
    command: Any


@message
class Read:
    """A client's question, the ``serial``-th of its session."""

    session: str
    serial: int
    query: Any


@message
class Answer:
    """What the state machine said to a `Write` or `Read`."""

    session: str
    serial: int
    result: Any


@message
class Redirect:
    """The asked server does not lead: whom it believes to lead, or None."""

    session: str
    serial: int
    leader: str | None


@dataclass(frozen=True)
class Saved:
    """What a server has on its disk before it answers anything (figure 2, "persistent state"). The first index is 1."""

    term: int = 0
    voted_for: str | None = None
    log: tuple[Entry, ...] = ()
