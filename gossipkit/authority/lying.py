"""Raft servers that lie: what the paper's rules take for granted, one rule at a time.

Raft is proved safe for servers that may stop, be slow and lose messages, and that otherwise do what the table in `raft` says
(section 2 of the paper: "non-Byzantine conditions"). Nobody checks that they do. A follower compares the index and the term of
an entry, never its content with another follower's; a leader counts acknowledgements, and cannot look at a disk; a candidate
counts votes, and cannot see to whom else they were given. So one lie is enough.

==================  ======================================================  ==========================================
lie                 rule that it breaks                                     the guarantee that falls with it
==================  ======================================================  ==========================================
``TWO_LOGS``        a leader creates one entry for an index in its term     log matching (5.3)
``FORGETS``         an entry is on disk before it is acknowledged           leader completeness (5.4)
``VOTES_TWICE``     one vote a term, and only for a log that is up to date  election safety (5.2)
==================  ======================================================  ==========================================

No malice is needed for the second: a disk that reports a write as done and forgets it in a power cut does the same.

References
----------
D. Ongaro, J. Ousterhout, "In search of an understandable consensus algorithm (extended version)", 2014, sections 2, 5.2 to
5.4 and figure 3.
"""

from collections.abc import Callable, Iterable
from typing import Any

from ..sim import Env, Word
from ..sim.checks import instance
from .raft import RaftNode, StateMachine
from .raft_config import RaftConfig
from .raft_messages import (
    AppendEntries,
    AppendEntriesReply,
    Entry,
    RequestPreVote,
    RequestPreVoteReply,
    RequestVote,
    RequestVoteReply,
)


class ServerLie(Word):
    """What a lying server does; in all else it keeps to the rules."""

    TWO_LOGS = "tells half of the followers another entry"
    """As a leader, under the same index and term."""
    FORGETS = "acknowledges entries that it doesn't keep"
    """As a follower."""
    VOTES_TWICE = "votes for everybody who asks"
    """Also twice in a term, and for a log that lacks what is committed."""


class LyingServer(RaftNode):
    """A `RaftNode` that breaks one rule.

    Parameters
    ----------
    servers, machine, config
        As of `RaftNode`.
    lie : ServerLie
    forge : callable
        From a command to the one that the second half of the followers is told instead; a new leader's no-op is told as it is.

    Raises
    ------
    ValueError
        For another lie, and as `RaftNode`.
    """

    def __init__(
        self,
        servers: Iterable[str],
        machine: StateMachine,
        config: RaftConfig | None = None,
        *,
        lie: ServerLie,
        forge: Callable[[Any], Any],
    ):
        super().__init__(servers, machine, config)
        instance("lie", lie, ServerLie, f"one of {', '.join(map(str, ServerLie))}, as a ServerLie")
        self.lie, self._forge = lie, forge

    def _entries_for(self, env: Env, server: str, entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
        others = [name for name in self.servers if name != env.name]
        if self.lie is not ServerLie.TWO_LOGS or others.index(server) < len(others) // 2:
            return entries
        return tuple(
            entry
            if entry.command is None
            else Entry(entry.term, self._forge(entry.command), entry.session, entry.serial)
            for entry in entries
        )

    def _on_append_entries(self, env: Env, sender: str, request: AppendEntries) -> None:
        if self.lie is not ServerLie.FORGETS or request.term < self.current_term:
            return super()._on_append_entries(env, sender, request)
        self._follow(env, sender)
        self._await_leader(env)
        proven = request.prev_log_index + len(request.entries)
        self._send(env, sender, AppendEntriesReply(self.current_term, True, proven, request.round))

    def _on_request_pre_vote(self, env: Env, sender: str, request: RequestPreVote) -> None:
        if self.lie is not ServerLie.VOTES_TWICE:
            return super()._on_request_pre_vote(env, sender, request)
        self._send(env, sender, RequestPreVoteReply(request.term, True))

    def _on_request_vote(self, env: Env, sender: str, request: RequestVote) -> None:
        if self.lie is not ServerLie.VOTES_TWICE:
            return super()._on_request_vote(env, sender, request)
        self._send(env, sender, RequestVoteReply(request.term, True))
