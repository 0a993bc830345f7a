"""Raft: a log that a majority agrees on, as far as one sitting goes.

Sections are those of D. Ongaro and J. Ousterhout, "In search of an understandable consensus algorithm (extended
version)", 2014; "thesis" is Ongaro's dissertation of the same year.

===================  ============================================================================  ==============
message or timer     rule                                                                          source
===================  ============================================================================  ==============
any                  a higher term makes a follower of everyone                                    5.1
any                  a lower term is answered with one's own, and has no other effect              5.1
election timeout     a follower or candidate starts a new term, votes for itself, asks all         5.2
`RequestVote`        one vote a term, first come, and kept on disk                                 5.2, figure 2
`RequestVote`        no vote for a log that is less up to date: last term, then length             5.4.1
`Vote`               a majority of the term's votes makes a leader; it appends a no-op             5.2, 8
`AppendEntries`      a leader of this term: follow it, restart the election timeout                5.2
`AppendEntries`      refuse unless the entry at ``prev_index`` has ``prev_term``; say where to     5.3
                     try next: the first index of the conflicting term, or the end of the log
`AppendEntries`      cut the log only at an entry of another term: an old message cuts nothing     5.3, figure 2
`AppendEntries`      commit up to the leader's commit, but not beyond what this message proves     5.3, figure 2
`Appended`           matched: the follower has that much for good; refused: try further back       5.3
`Appended`           commit what a majority has, if it is of the leader's own term                 5.3, 5.4.2
heartbeat timer      send everybody what they lack, or nothing                                     5.2
heartbeat timer      no answer from a majority for an election timeout: lead no more               thesis 6.2
`Write`              a leader appends and replicates, others name the leader                       8
`Write`              a serial number that has been applied is answered, not applied again          8
`Read`               no log entry: note the commit index, hear from a majority afterwards,         8, thesis 6.4
                     apply that far, then answer; not before the leader's own no-op is committed
===================  ============================================================================  ==============

Left out: snapshots and log compaction (7), changes of membership (6), pre-vote (thesis 9.6) and transfer of leadership.
So the log grows, the servers are fixed, and a server that comes back from the wrong side of a partition brings a high
term along and costs an election. hashicorp/raft talks over TCP; here datagrams are sent, so that loss, repetition and
reordering reach the protocol, which has to survive them. Damaged messages are outside its assumptions.
"""

from collections.abc import Callable, Iterable
from typing import Any, ClassVar, Protocol

from ..sim import Env, Message, Timer
from .raft_config import RaftConfig
from .raft_log import Log
from .raft_messages import (
    Answer,
    Appended,
    AppendEntries,
    Entry,
    Read,
    Redirect,
    RequestVote,
    Saved,
    Vote,
    Write,
)

MAX_APPEND_ENTRIES = 64
"""Entries in one message; hashicorp/raft's MaxAppendEntries (config.go)."""


class StateMachine(Protocol):
    """What the log is for. Both must be deterministic: every server applies the same commands in the same order."""

    def apply(self, command: Any) -> Any:
        """Carry a committed command out, and say what came of it."""

    def read(self, query: Any) -> Any:
        """Answer a question, changing nothing."""


class RaftNode:
    """One server: a `Process`, or a part of one that hands it the messages in `RaftNode.MESSAGES`.

    Parameters
    ----------
    servers : iterable of str
        The names of all servers, this one among them. They never change.
    machine : StateMachine
        A fresh one: after a restart the log is applied again from the beginning, as there are no snapshots.
    config : RaftConfig, optional
    saved : Saved, optional
        What `persisted` returned before a crash: ``World.add(name, node, rebuild=lambda saved: RaftNode(..., saved=saved))``.

    Attributes
    ----------
    role : {"follower", "candidate", "leader"}
    term : int
    leader : str or None
        Whom this server believes to lead its term.
    log : Log
    commit_index, applied_index : int
        How many entries are known to be committed, and have been applied.
    machine : StateMachine
        Reading it directly is a stale read: as old as this server's log.

    Raises
    ------
    ValueError
        If a name is given twice, or none.
    """

    def __init__(
        self,
        servers: Iterable[str],
        machine: StateMachine,
        config: RaftConfig | None = None,
        saved: Saved | None = None,
    ):
        self.servers = tuple(servers)
        if not self.servers or len(set(self.servers)) < len(self.servers):
            raise ValueError(f"servers is {self.servers!r}: it must name each server once, and at least one")
        self.machine, self.config = machine, config or RaftConfig()
        saved = saved or Saved()
        self.term, self.voted_for, self.log = saved.term, saved.voted_for, Log(saved.log)
        self.role, self.leader = "follower", None
        self.commit_index = self.applied_index = 0
        self._majority = len(self.servers) // 2 + 1
        self._timer = Timer()
        self._votes: set[str] = set()
        self._results: dict[str, tuple[int, Any]] = {}  # by session: the latest serial, and what came of it
        # a leader's:
        self._next_index: dict[str, int] = {}
        self._match_index: dict[str, int] = {}
        self._heard: dict[str, float] = {}  # when each server last answered
        self._acked: dict[str, int] = {}  # the latest round that each server answered
        self._round = 0
        self._noop_index = 0  # its reads wait for this one
        self._writes: dict[int, tuple] = {}  # by index: whom to call when it is applied, or when deposed
        self._reads: list[tuple] = []  # index and round to wait for, question, and the same two

    def persisted(self) -> Saved:
        """What is on disk at this moment: the term, the vote and the log."""
        return Saved(self.term, self.voted_for, tuple(self.log.entries))

    # What the world calls.

    def start(self, env: Env) -> None:
        """Come up as a follower."""
        if env.name not in self.servers:
            raise ValueError(f"{env.name!r} is not among the servers {self.servers!r}")
        self._await_leader(env)

    def receive(self, env: Env, sender: str, message: Message) -> None:
        """Handle a message by the table at the top of this module.

        Raises
        ------
        ValueError
            If it is none of `MESSAGES`.
        """
        rule = self._RULES.get(type(message))
        if rule is None:
            raise ValueError(f"{message!r} is no message of Raft: it must be one of {self.MESSAGES!r}")
        term = getattr(message, "term", self.term)  # a client's message has none
        if term > self.term:
            self.term, self.voted_for = term, None
            self._follow(env, None)
        getattr(self, rule)(env, sender, message)

    # What the process that owns this node may call.

    def write(
        self, env: Env, command: Any, done: Callable[[Any], None], deposed: Callable[[], None] = lambda: None
    ) -> bool:
        """Append a command of this server's own, if it leads.

        Parameters
        ----------
        command : anything that a message may hold, but not None
        done : callable
            Called with what the state machine returned, when the command has been committed and applied here.
        deposed : callable, optional
            Called if this server stops leading first: the command may be committed yet, or may be gone.

        Returns
        -------
        bool
            False if this server does not lead; then neither is ever called.

        Raises
        ------
        ValueError
            For the command None, which is the no-op of a new leader.
        """
        if command is None:
            raise ValueError("command is None: it must be something for the state machine to do")
        return self._append(env, Entry(self.term, command), done, deposed)

    def read(
        self, env: Env, query: Any, done: Callable[[Any], None], deposed: Callable[[], None] = lambda: None
    ) -> bool:
        """Answer a question linearizably, if this server leads: see `Read` in the table; arguments as for `write`."""
        if self.role != "leader":
            return False
        index = max(self.commit_index, self._noop_index)
        self._reads.append((index, self._round + 1, query, done, deposed))
        self._replicate(env)
        self._answer_reads()
        return True

    # Elections.

    def _await_leader(self, env: Env) -> None:
        self._timer.cancel()
        wait = self.config.election_timeout_s * (1 + env.random.random())
        self._timer = env.after(wait, self._stand, env)

    def _follow(self, env: Env, leader: str | None) -> None:
        writes, reads = self._writes, self._reads
        self._writes, self._reads = {}, []
        if self.role == "leader":
            env.record("raft-deposed", term=self.term)
            self._await_leader(env)  # everybody else's timeout runs already
        self.role, self.leader = "follower", leader
        for _, deposed in writes.values():
            deposed()
        for *_, deposed in reads:
            deposed()

    def _stand(self, env: Env) -> None:
        self.term += 1
        self.role, self.leader, self.voted_for, self._votes = "candidate", None, env.name, {env.name}
        env.record("raft-candidate", term=self.term)
        env.count("raft.state.candidate")
        self._await_leader(env)
        self._tell(env, RequestVote(self.term, self.log.last_index, self.log.term_at(self.log.last_index)))
        self._count_votes(env)

    def _tell(self, env: Env, message: Message) -> None:
        for server in self.servers:
            if server != env.name:
                env.send(server, message)

    def _on_request_vote(self, env: Env, sender: str, request: RequestVote) -> None:
        own = (self.log.term_at(self.log.last_index), self.log.last_index)
        granted = (
            request.term == self.term
            and self.voted_for in (None, sender)
            and (request.last_term, request.last_index) >= own
        )
        if granted:
            self.voted_for = sender
            self._await_leader(env)
        env.send(sender, Vote(self.term, granted))

    def _on_vote(self, env: Env, sender: str, vote: Vote) -> None:
        if self.role == "candidate" and vote.term == self.term and vote.granted:
            self._votes.add(sender)
            self._count_votes(env)

    def _count_votes(self, env: Env) -> None:
        if len(self._votes) < self._majority:
            return
        env.record("raft-elected", term=self.term)
        env.count("raft.state.leader")
        self.role, self.leader = "leader", env.name
        others = [server for server in self.servers if server != env.name]
        self._next_index = dict.fromkeys(others, self.log.last_index + 1)
        self._match_index = dict.fromkeys(others, 0)
        self._heard = dict.fromkeys(others, env.now)
        self._acked = dict.fromkeys(others, self._round)
        self._noop_index = self.log.last_index + 1
        self._timer.cancel()
        self._append(env, Entry(self.term, None), lambda result: None, lambda: None)
        self._timer = env.after(self.config.heartbeat_s, self._heartbeat, env)

    # Replication.

    def _append(self, env: Env, entry: Entry, done: Callable, deposed: Callable) -> bool:
        if self.role != "leader":
            return False
        self.log.merge(self.log.last_index, (entry,))
        self._writes[self.log.last_index] = done, deposed
        env.count("raft.apply")
        self._replicate(env)
        self._commit(env)
        return True

    def _replicate(self, env: Env) -> None:
        self._round += 1
        for server in self._next_index:
            self._send_entries(env, server)

    def _send_entries(self, env: Env, server: str) -> None:
        previous = self._next_index[server] - 1
        entries = tuple(self.log.entries[previous : previous + MAX_APPEND_ENTRIES])
        # it is taken to arrive: if not, the next heartbeat is refused, and that says where to go on
        self._next_index[server] += len(entries)
        env.send(
            server,
            AppendEntries(
                self.term, previous, self.log.term_at(previous), entries, self.commit_index, self._round
            ),
        )

    def _heartbeat(self, env: Env) -> None:
        heard = sorted([env.now, *self._heard.values()], reverse=True)[self._majority - 1]
        if env.now - heard > self.config.election_timeout_s:
            return self._follow(env, None)
        self._timer = env.after(self.config.heartbeat_s, self._heartbeat, env)
        self._replicate(env)

    def _on_append_entries(self, env: Env, sender: str, request: AppendEntries) -> None:
        if request.term < self.term:
            return env.send(sender, Appended(self.term, False, 0, request.round))
        self._follow(env, sender)
        self._await_leader(env)
        if not self.log.agrees(request.prev_index, request.prev_term):
            try_next = self.log.first_doubtful(request.prev_index)
            return env.send(sender, Appended(self.term, False, try_next, request.round))
        self.log.merge(request.prev_index, request.entries)
        proven = request.prev_index + len(request.entries)
        self._apply(env, min(request.commit_index, proven))
        env.send(sender, Appended(self.term, True, proven, request.round))

    def _on_appended(self, env: Env, sender: str, reply: Appended) -> None:
        if self.role != "leader" or reply.term < self.term:
            return
        self._heard[sender] = env.now
        self._acked[sender] = max(self._acked[sender], reply.round)
        if reply.matched:
            self._match_index[sender] = max(self._match_index[sender], reply.index)
            self._next_index[sender] = max(self._next_index[sender], reply.index + 1)
            self._commit(env)
        else:
            # an old refusal must not take back what has matched since
            self._next_index[sender] = max(self._match_index[sender] + 1, reply.index)
        if self._next_index[sender] <= self.log.last_index:
            self._send_entries(env, sender)
        self._answer_reads()

    def _commit(self, env: Env) -> None:
        matched = sorted([self.log.last_index, *self._match_index.values()], reverse=True)[self._majority - 1]
        if self.log.term_at(matched) == self.term:
            self._apply(env, matched)

    def _apply(self, env: Env, commit_index: int) -> None:
        self.commit_index = max(self.commit_index, commit_index)
        while self.applied_index < self.commit_index:
            self.applied_index += 1
            entry = self.log.entries[self.applied_index - 1]
            result = self._carry_out(entry)
            env.record("raft-applied", index=self.applied_index, term=entry.term)
            if self.applied_index in self._writes:
                done, _ = self._writes.pop(self.applied_index)
                done(result)

    def _carry_out(self, entry: Entry) -> Any:
        if entry.command is None:
            return None
        if not entry.session:
            return self.machine.apply(entry.command)
        serial, result = self._results.get(entry.session, (-1, None))
        if entry.serial > serial:
            result = self.machine.apply(entry.command)
            self._results[entry.session] = entry.serial, result
        return result

    # Clients.

    def _answer_reads(self) -> None:
        confirmed = sorted([self._round, *self._acked.values()], reverse=True)[self._majority - 1]
        waiting, self._reads = self._reads, []
        for read in waiting:
            index, round_, query, done, _ = read
            if confirmed >= round_ and self.applied_index >= index:
                done(self.machine.read(query))
            else:
                self._reads.append(read)

    def _on_write(self, env: Env, sender: str, request: Write) -> None:
        def done(result: Any) -> None:
            env.send(sender, Answer(request.session, request.serial, result))

        entry = Entry(self.term, request.command, request.session, request.serial)
        if not self._append(env, entry, done, lambda: self._redirect(env, sender, request)):
            self._redirect(env, sender, request)

    def _on_read(self, env: Env, sender: str, request: Read) -> None:
        def done(result: Any) -> None:
            env.send(sender, Answer(request.session, request.serial, result))

        if not self.read(env, request.query, done, lambda: self._redirect(env, sender, request)):
            self._redirect(env, sender, request)

    def _redirect(self, env: Env, client: str, request: Write | Read) -> None:
        env.send(client, Redirect(request.session, request.serial, self.leader))

    # by name, so that a subclass can leave one out: that is how a rule shows what it is for
    _RULES: ClassVar = {
        RequestVote: "_on_request_vote",
        Vote: "_on_vote",
        AppendEntries: "_on_append_entries",
        Appended: "_on_appended",
        Write: "_on_write",
        Read: "_on_read",
    }
    MESSAGES = tuple(_RULES)
