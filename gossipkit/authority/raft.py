"""Raft: a log that a majority agrees on, as far as one sitting goes.

Sections are those of D. Ongaro and J. Ousterhout, "In search of an understandable consensus algorithm (extended
version)", 2014; "thesis" is Ongaro's dissertation of the same year. Names are those of the paper's figure 2.

=======================  =========================================================================  ===============
message or timer         rule                                                                       source
=======================  =========================================================================  ===============
any                      a higher term makes a follower of everyone                                 5.1
any                      a lower term is answered with one's own, and has no other effect           5.1
election timeout         a follower or candidate asks all whether they would vote for it            thesis 9.6
`RequestPreVote`         yes, unless a leader is known, the term is old or the log less up to       thesis 9.6
                         date; nothing is promised, no term begins, no timeout is restarted
`RequestPreVoteReply`    a majority would: start a new term, vote for oneself, ask all              5.2
`RequestVote`            one vote a term, first come, and kept on disk                              5.2, figure 2
`RequestVote`            no vote for a log that is less up to date: last term, then length          5.4.1
`RequestVote`            no vote, and no new term, while another leader is known                    thesis 4.2.3
`RequestVoteReply`       a majority of the term's votes makes a leader; it appends a no-op          5.2, 8
`AppendEntries`          a leader of this term: follow it, restart the election timeout             5.2
`AppendEntries`          refuse unless the entry at ``prev_log_index`` has ``prev_log_term``; say   5.3
                         where to try next: the first index of the conflicting term, or the end
`AppendEntries`          cut the log only at an entry of another term: an old message cuts nothing  5.3, figure 2
`AppendEntries`          commit up to the leader's commit, but not beyond what this message proves  5.3, figure 2
`AppendEntriesReply`     success: the follower has that much for good; else try further back        5.3
`AppendEntriesReply`     commit what a majority has, if it is of the leader's own term              5.3, 5.4.2
heartbeat timer          send everybody what they lack, or nothing                                  5.2
heartbeat timer          no answer from a majority for an election timeout: lead no more            thesis 6.2
`Write`                  a leader appends and replicates, others name the leader                    8
`Write`                  a serial number that has been applied is answered, not applied again       8
`Read`                   no log entry: note the commit index, hear from a majority afterwards,      8, thesis 6.4
                         apply that far, then answer; not before the leader's own no-op is
                         committed
=======================  =========================================================================  ===============

Servers and clients talk over reliable streams, as hashicorp/raft and Consul do over TCP: a message is never damaged,
lost or overtaken, but it fails across a partition or a cut. The rules would survive datagrams too; only damage is outside
their assumptions.

Left out: snapshots and log compaction (7), changes of membership (6) and transfer of leadership. So the log grows, and
the servers are fixed.
"""

from collections.abc import Callable, Iterable
from typing import Any, ClassVar, Protocol

from ..sim import Env, Message, Timer, Word
from .raft_config import RaftConfig
from .raft_log import Log
from .raft_messages import (
    Answer,
    AppendEntries,
    AppendEntriesReply,
    Entry,
    Read,
    Redirect,
    RequestPreVote,
    RequestPreVoteReply,
    RequestVote,
    RequestVoteReply,
    Saved,
    Write,
)

MAX_APPEND_ENTRIES = 64
"""Entries in one message; hashicorp/raft's MaxAppendEntries (config.go)."""


class Role(Word):
    """What a server is in its term (figure 4)."""

    FOLLOWER = "follower"
    CANDIDATE = "candidate"
    LEADER = "leader"


class StateMachine(Protocol):
    """What the log is for. Both must be deterministic: every server applies the same commands in the same order."""

    def apply(self, command: Any) -> Any:
        """Carry a committed command out, and say what came of it."""

    def read(self, query: Any) -> Any:
        """Answer a question, changing nothing."""


class RaftNode:
    """One server: a `Process`, or a part of one that hands it the messages in `RaftNode.MESSAGES`.

    It writes into the trace ``raft-started``; ``raft-pre-vote``, ``raft-candidate``, ``raft-elected``, ``raft-deposed`` and
    ``raft-follower``, each with the ``role`` and ``term`` that it has from then on; and ``raft-appended``,
    ``raft-committed`` and ``raft-applied``.

    Parameters
    ----------
    servers : iterable of str
        The names of all servers, this one among them. They never change.
    machine : StateMachine
        A fresh one: after a restart the log is applied again from the beginning, as there are no snapshots.
    config : RaftConfig, optional
    saved : Saved, optional
        What `persisted` returned before a crash: ``World.add(name, node, rebuild=lambda saved: RaftNode(..., saved=saved))``.
    leading : callable, optional
        Called when this server has begun to lead, and has applied all that was committed before.

    Attributes
    ----------
    current_term, voted_for, log
        Figure 2, persistent state on all servers: int, str or None, and `Log`.
    commit_index, last_applied : int
        Figure 2, volatile state on all servers: how many entries are known to be committed, and have been applied.
    next_index, match_index : dict of str to int
        Figure 2, volatile state on leaders: by follower, what to send next, and what it has for certain.
    role : Role
    leader : str or None
        The server that this one believes to lead its term.
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
        leading: Callable[[], None] | None = None,
    ):
        self.servers = tuple(servers)
        if not self.servers or len(set(self.servers)) < len(self.servers):
            raise ValueError(f"servers is {self.servers!r}: it must name each server once, and at least one")
        self.machine, self.config = machine, config or RaftConfig()
        self._leading = leading
        saved = saved or Saved()
        # Figure 2, persistent state on all servers.
        self.current_term, self.voted_for, self.log = saved.current_term, saved.voted_for, Log(saved.log)
        # Figure 2, volatile state on all servers.
        self.commit_index = self.last_applied = 0
        # Figure 2, volatile state on leaders.
        self.next_index: dict[str, int] = {}
        self.match_index: dict[str, int] = {}
        # What figure 2 leaves to the text: who one is, and whose votes one has.
        self.role, self.leader = Role.FOLLOWER, None
        self._majority = len(self.servers) // 2 + 1
        self._timer = Timer()  # of the election, or a leader's heartbeat
        self._stands_at = self._timer_due = 0.0  # when the election timeout is over, and when its timer looks
        self._pre_votes: set[str] = set()
        self._votes: set[str] = set()
        # For clients, on all servers (8): by session, the latest serial and what came of it.
        self._results: dict[str, tuple[int, Any]] = {}
        # For clients, on leaders (8; thesis 6.2 and 6.4).
        self._heard: dict[str, float] = {}  # when each server last answered
        self._acked: dict[str, int] = {}  # the latest round that each server answered
        self._round = 0
        self._noop_index = 0  # its reads wait for this one
        self._writes: dict[int, tuple] = {}  # by index: whom to call when it is applied, or when deposed
        self._reads: list[tuple] = []  # index and round to wait for, question, and the same two

    def __repr__(self) -> str:
        return (
            f"<RaftNode: {self.role} of term {self.current_term}, leader {self.leader}, "
            f"{self.commit_index} of {self.log.last_index} entries committed>"
        )

    def persisted(self) -> Saved:
        """What is on disk at this moment: the term, the vote and the log."""
        return Saved(self.current_term, self.voted_for, tuple(self.log.entries))

    # What the world calls.

    def start(self, env: Env) -> None:
        """Come up as a follower."""
        if env.name not in self.servers:
            raise ValueError(f"{env.name!r} is not among the servers {self.servers!r}")
        env.record(
            "raft-started",
            role=self.role,
            term=self.current_term,
            index=self.log.last_index,
            commit=self.commit_index,
        )
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
        term = getattr(message, "term", 0)  # a client's message has none
        # 5.1: before anything else, so that the rules below meet no later term than their own, but for what is excepted here
        if term > self.current_term and not self._leaves_the_term_alone(sender, message):
            self.current_term, self.voted_for = term, None
            if self.role is Role.FOLLOWER:
                self._become(env, Role.FOLLOWER, "raft-follower")
            self._follow(env, None)
        getattr(self, rule)(env, sender, message)

    def _leaves_the_term_alone(self, sender: str, message: Message) -> bool:
        """Whether a higher term in this message is nobody's term yet, or that of a candidate who is disregarded."""
        kind = type(message)
        if kind is RequestVote:
            return self._has_other_leader(sender)
        # a pre-vote asks about a term that nobody has begun, and a yes repeats that term
        return kind is RequestPreVote or (kind is RequestPreVoteReply and message.vote_granted)

    def _has_other_leader(self, candidate: str) -> bool:
        # thesis 4.2.3 and 9.6: a server that was cut off and comes back must not depose a leader that all others hear
        return self.config.pre_vote and self.leader not in (None, candidate)

    def _send(self, env: Env, to: str, message: Message) -> None:
        env.send_reliably(to, message)

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
        return self._append(env, Entry(self.current_term, command), done, deposed)

    def read(
        self, env: Env, query: Any, done: Callable[[Any], None], deposed: Callable[[], None] = lambda: None
    ) -> bool:
        """Answer a question linearizably, if this server leads: see `Read` in the table; arguments as for `write`."""
        if self.role is not Role.LEADER:
            return False
        # what an earlier leader committed is known to be committed only once an own entry is (8)
        index = max(self.commit_index, self._noop_index)
        # an answer to an earlier round may have been sent before another leader was elected
        self._reads.append((index, self._round + 1, query, done, deposed))
        self._replicate(env)
        self._answer_reads()
        return True

    # Elections.

    def _become(self, env: Env, role: Role, kind: str) -> None:
        self.role = role
        env.record(kind, role=role, term=self.current_term)

    def _await_leader(self, env: Env) -> None:
        """Restart the election timeout."""
        # 5.2: each server draws anew, so that seldom two stand at once and split the votes
        wait_s = self.config.election_timeout_s * (1 + env.random.random())
        self._stands_at = env.now + wait_s
        # every heartbeat comes here: a timer that goes off too early looks at the time, and only a late one is set anew
        if self._timer_due <= env.now or self._stands_at < self._timer_due:
            self._set_timer(env, wait_s)

    def _set_timer(self, env: Env, wait_s: float) -> None:
        self._timer.cancel()
        self._timer, self._timer_due = env.after(wait_s, self._time_is_up, env), env.now + wait_s

    def _time_is_up(self, env: Env) -> None:
        if env.now < self._stands_at:
            self._set_timer(env, self._stands_at - env.now)
        else:
            self._stand(env)

    def _follow(self, env: Env, leader: str | None) -> None:
        if self.role is Role.FOLLOWER:
            self.leader = leader
            return
        # clients that wait for an entry are told that it may be lost: only the next leader knows whether it stays
        writes, reads = self._writes, self._reads
        self._writes, self._reads = {}, []
        self.leader = leader
        if self.role is Role.LEADER:
            self._become(env, Role.FOLLOWER, "raft-deposed")
            self._await_leader(env)  # a leader has no election timeout; all others' runs already
        else:
            self._become(env, Role.FOLLOWER, "raft-follower")
        for _, deposed in writes.values():
            deposed()
        for *_, deposed in reads:
            deposed()

    def _stand(self, env: Env) -> None:
        """The election timeout: nothing was heard of a leader."""
        self.leader = None
        env.count("raft.state.candidate")
        if not self.config.pre_vote:
            return self._campaign(env)
        self._become(env, Role.CANDIDATE, "raft-pre-vote")
        self._await_leader(env)
        self._pre_votes = {env.name}
        self._tell(env, RequestPreVote(self.current_term + 1, *self._log_end()))
        self._count_pre_votes(env)

    def _campaign(self, env: Env) -> None:
        self.current_term += 1
        self.voted_for, self._votes, self._pre_votes = env.name, {env.name}, set()
        self._become(env, Role.CANDIDATE, "raft-candidate")
        self._await_leader(env)
        self._tell(env, RequestVote(self.current_term, *self._log_end()))
        self._count_votes(env)

    def _log_end(self) -> tuple[int, int]:
        return self.log.last_index, self.log.term_at(self.log.last_index)

    def _tell(self, env: Env, message: Message) -> None:
        for server in self.servers:
            if server != env.name:
                self._send(env, server, message)

    def _is_up_to_date(self, request: RequestVote | RequestPreVote) -> bool:
        """5.4.1: the later last term wins; in the same term, the longer log."""
        last_index, last_term = self._log_end()
        return (request.last_log_term, request.last_log_index) >= (last_term, last_index)

    def _on_request_pre_vote(self, env: Env, sender: str, request: RequestPreVote) -> None:
        granted = (
            not self._has_other_leader(sender)
            and request.term >= self.current_term
            and self._is_up_to_date(request)
        )
        # one's own term in a refusal brings a candidate up to date that has fallen behind
        self._send(env, sender, RequestPreVoteReply(request.term if granted else self.current_term, granted))

    def _on_request_pre_vote_reply(self, env: Env, sender: str, reply: RequestPreVoteReply) -> None:
        # a yes to an earlier question has an earlier term; once the campaign has begun, the set is empty
        asking = self.role is Role.CANDIDATE and self._pre_votes
        if asking and reply.vote_granted and reply.term == self.current_term + 1:
            self._pre_votes.add(sender)
            self._count_pre_votes(env)

    def _count_pre_votes(self, env: Env) -> None:
        if len(self._pre_votes) >= self._majority:
            self._campaign(env)

    def _on_request_vote(self, env: Env, sender: str, request: RequestVote) -> None:
        granted = (
            not self._has_other_leader(sender)
            and request.term == self.current_term
            and self.voted_for in (None, sender)
            and self._is_up_to_date(request)
        )
        if granted:
            self.voted_for = sender
            # only a vote that is given restarts the timeout: a candidate that can't win must not keep others from standing
            self._await_leader(env)
        self._send(env, sender, RequestVoteReply(self.current_term, granted))

    def _on_request_vote_reply(self, env: Env, sender: str, reply: RequestVoteReply) -> None:
        if self.role is Role.CANDIDATE and reply.term == self.current_term and reply.vote_granted:
            self._votes.add(sender)
            self._count_votes(env)

    def _count_votes(self, env: Env) -> None:
        if len(self._votes) < self._majority:
            return
        self.leader = env.name
        self._become(env, Role.LEADER, "raft-elected")
        env.count("raft.state.leader")
        others = [server for server in self.servers if server != env.name]
        self.next_index = dict.fromkeys(others, self.log.last_index + 1)
        self.match_index = dict.fromkeys(others, 0)
        self._heard = dict.fromkeys(others, env.now)
        self._acked = dict.fromkeys(others, self._round)
        # 8: a leader does not know which entries are committed before one of its own term is; that is what the no-op is for
        self._noop_index = self.log.last_index + 1
        self._timer.cancel()
        self._timer_due = 0.0
        self._append(env, Entry(self.current_term, None), self._begin_to_lead, lambda: None)
        self._await_heartbeat(env)

    def _await_heartbeat(self, env: Env) -> None:
        wait_s = self.config.heartbeat_s * (1 + env.random.random())
        self._timer = env.after(wait_s, self._heartbeat, env)

    @property
    def leads(self) -> bool:
        """Whether it leads, and has applied all that was committed before: that is so with an entry of its own term."""
        return self.role is Role.LEADER and self.log.term_at(self.last_applied) == self.current_term

    def _begin_to_lead(self, result: None) -> None:
        if self._leading is not None:
            self._leading()

    # Replication.

    def _append(self, env: Env, entry: Entry, done: Callable, deposed: Callable) -> bool:
        if self.role is not Role.LEADER:
            return False
        self._merge(env, self.log.last_index, (entry,))
        self._writes[self.log.last_index] = done, deposed
        env.count("raft.apply")
        self._replicate(env)
        self._commit(env)
        return True

    def _merge(self, env: Env, previous: int, entries: tuple[Entry, ...]) -> None:
        if self.log.merge(previous, entries):
            end, term = self._log_end()
            env.record("raft-appended", index=end, term=term)

    def _replicate(self, env: Env) -> None:
        self._round += 1
        for server in self.next_index:
            self._send_entries(env, server)

    def _send_entries(self, env: Env, server: str) -> None:
        previous = self.next_index[server] - 1
        log = self.log.entries
        entries: tuple[Entry, ...] = ()
        if previous < len(log):
            entries = self._entries_for(env, server, tuple(log[previous : previous + MAX_APPEND_ENTRIES]))
        # the next message goes on behind these, as if they had arrived: where they had not, it is refused, and the refusal says
        # where to go on
        self.next_index[server] += len(entries)
        self._send(
            env,
            server,
            AppendEntries(
                self.current_term,
                previous,
                self.log.term_at(previous),
                entries,
                self.commit_index,
                self._round,
            ),
        )

    def _entries_for(self, env: Env, server: str, entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
        """What a follower is told: the log as it is, see `lying`."""
        return entries

    def _heartbeat(self, env: Env) -> None:
        # thesis 6.2: the latest instant by which a majority, the leader itself included, had been heard. Without this a leader on
        # the small side of a partition would go on taking its clients' writes
        heard = sorted([env.now, *self._heard.values()], reverse=True)[self._majority - 1]
        if env.now - heard > self.config.election_timeout_s:
            return self._follow(env, None)
        self._await_heartbeat(env)
        self._replicate(env)

    def _on_append_entries(self, env: Env, sender: str, request: AppendEntries) -> None:
        if request.term < self.current_term:
            return self._send(env, sender, AppendEntriesReply(self.current_term, False, 0, request.round))
        self._follow(env, sender)
        self._await_leader(env)
        if not self.log.agrees(request.prev_log_index, request.prev_log_term):
            try_next = self.log.first_doubtful(request.prev_log_index)
            return self._send(
                env, sender, AppendEntriesReply(self.current_term, False, try_next, request.round)
            )
        self._merge(env, request.prev_log_index, request.entries)
        # figure 2, AppendEntries 5, "index of last new entry": what the log has behind it may be an earlier leader's, which this
        # one is about to replace
        proven = request.prev_log_index + len(request.entries)
        self._apply(env, min(request.leader_commit, proven))
        self._send(env, sender, AppendEntriesReply(self.current_term, True, proven, request.round))

    def _on_append_entries_reply(self, env: Env, sender: str, reply: AppendEntriesReply) -> None:
        if self.role is not Role.LEADER or reply.term < self.current_term:
            return
        self._heard[sender] = env.now
        self._acked[sender] = max(self._acked[sender], reply.round)
        if reply.success:
            if reply.index > self.match_index[sender]:
                self.match_index[sender] = reply.index
                self.next_index[sender] = max(self.next_index[sender], reply.index + 1)
                self._commit(env)
        else:
            # an old refusal must not take back what has matched since
            self.next_index[sender] = max(self.match_index[sender] + 1, reply.index)
        if self.next_index[sender] <= self.log.last_index:
            self._send_entries(env, sender)
        if self._reads:
            self._answer_reads()

    def _commit(self, env: Env) -> None:
        matched = sorted([self.log.last_index, *self.match_index.values()], reverse=True)[self._majority - 1]
        # 5.4.2, figure 8: an earlier term's entry that a majority has can still be overwritten by a server with a later last
        # term; once an entry of this leader's own term is on a majority, such a server can't win, and all before it is committed
        if self.log.term_at(matched) == self.current_term:
            self._apply(env, matched)

    def _apply(self, env: Env, commit_index: int) -> None:
        if commit_index > self.commit_index:
            self.commit_index = commit_index
            env.record("raft-committed", index=commit_index)
        while self.last_applied < self.commit_index:
            self.last_applied += 1
            entry = self.log.entries[self.last_applied - 1]
            result = self._carry_out(entry)
            env.record("raft-applied", index=self.last_applied, term=entry.term)
            if self.last_applied in self._writes:
                done, _ = self._writes.pop(self.last_applied)
                done(result)

    def _carry_out(self, entry: Entry) -> Any:
        if entry.command is None:
            return None
        if not entry.session:
            return self.machine.apply(entry.command)
        # a client that asks again after a leader's crash has its first result, and the command runs once
        serial, result = self._results.get(entry.session, (-1, None))
        if entry.serial > serial:
            result = self.machine.apply(entry.command)
            self._results[entry.session] = entry.serial, result
        return result

    # Clients.

    def _answer_reads(self) -> None:
        # thesis 6.4: a majority has answered a message that was sent after the question came, so that nobody else had been elected
        # by then
        confirmed = sorted([self._round, *self._acked.values()], reverse=True)[self._majority - 1]
        waiting, self._reads = self._reads, []
        for read in waiting:
            index, round_, query, done, _ = read
            if confirmed >= round_ and self.last_applied >= index:
                done(self.machine.read(query))
            else:
                self._reads.append(read)

    def _on_write(self, env: Env, sender: str, request: Write) -> None:
        def done(result: Any) -> None:
            self._send(env, sender, Answer(request.session, request.serial, result))

        entry = Entry(self.current_term, request.command, request.session, request.serial)
        if not self._append(env, entry, done, lambda: self._redirect(env, sender, request)):
            self._redirect(env, sender, request)

    def _on_read(self, env: Env, sender: str, request: Read) -> None:
        def done(result: Any) -> None:
            self._send(env, sender, Answer(request.session, request.serial, result))

        if not self.read(env, request.query, done, lambda: self._redirect(env, sender, request)):
            self._redirect(env, sender, request)

    def _redirect(self, env: Env, client: str, request: Write | Read) -> None:
        self._send(env, client, Redirect(request.session, request.serial, self.leader))

    # by name, so that a subclass can leave one out: that is how a rule shows what it is for
    _RULES: ClassVar = {
        RequestPreVote: "_on_request_pre_vote",
        RequestPreVoteReply: "_on_request_pre_vote_reply",
        RequestVote: "_on_request_vote",
        RequestVoteReply: "_on_request_vote_reply",
        AppendEntries: "_on_append_entries",
        AppendEntriesReply: "_on_append_entries_reply",
        Write: "_on_write",
        Read: "_on_read",
    }
    MESSAGES = tuple(_RULES)
