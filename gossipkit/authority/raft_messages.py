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
    """A candidate asks for a vote in ``term``, and shows how much its log has (figure 2)."""

    term: int
    last_log_index: int
    last_log_term: int


@message
class RequestVoteReply:
    """The answer to `RequestVote`; ``term`` is the voter's."""

    term: int
    vote_granted: bool


@message
class RequestPreVote:
    """Would you vote for me in ``term``? The sender has not begun that term yet (thesis, 9.6)."""

    term: int
    last_log_index: int
    last_log_term: int


@message
class RequestPreVoteReply:
    """The answer to `RequestPreVote`; ``term`` is that of the question if the vote would be given, else the voter's."""

    term: int
    vote_granted: bool


@message
class AppendEntries:
    """A leader's entries behind ``prev_log_index`` (figure 2); with none it is a heartbeat.

    ``round`` is not the paper's: it counts a leader's sendings, so that a read knows whose answer came after it.
    """

    term: int
    prev_log_index: int
    prev_log_term: int
    entries: tuple[Entry, ...]
    leader_commit: int
    round: int


@message
class AppendEntriesReply:
    """The answer to `AppendEntries`, with its ``round``.

    On success the logs agree up to ``index``; if not, ``index`` is where the leader should try next.
    """

    term: int
    success: bool
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
    """The asked server does not lead; it names the one that it believes to lead, or None."""

    session: str
    serial: int
    leader: str | None


@dataclass(frozen=True)
class Saved:
    """What a server has on its disk before it answers anything (figure 2, "persistent state"). The first index is 1."""

    current_term: int = 0
    voted_for: str | None = None
    log: tuple[Entry, ...] = ()
