"""Cluster metadata as a committed log: Cassandra's later design, in which membership, schema and placement left gossip.

`gossipkit.authority.log_rules` says what the entries mean; here they are committed, spread, caught up with and waited for.

How to use it. Every node has a `LogNode`, as a process or as the part of one that gets the messages in `LogNode.MESSAGES`.

======================================  ===============================================================================
``node.epoch``, ``node.metadata``       how far this node's own log goes, and the `ClusterMetadata` that it makes
``node.ring``                           a `Ring`: who owns what at that epoch
``node.placement(token)``               who is read and written to, and quorums; it differs from the ring's replicas
                                        while an operation is in progress
``node.commit(env, entry, done)``       have a transformation committed: ``done(Committed(epoch) or Rejected(reason))``
``node.join(env, tokens, done)``        register, and join step by step, waiting at each barrier
``node.leave(env, done)``               the same for leaving
``node.heard(env, sender, epoch)``      call it with the epoch that came in any message: a node that is behind catches up
``node.judge(env, sender, epoch, at)``  a replica's question before it serves a request, see `Judgement`
======================================  ===============================================================================

The CMS (cluster metadata service) is the few nodes that commit: here a Raft group, in Cassandra replicas of the table
``system_cluster_metadata.distributed_metadata_log``, to which an entry is appended by a Paxos lightweight transaction that
succeeds only for the epoch after the last. Both give one order that a majority has agreed on. A transformation that does
not apply is rejected and gets no epoch; Raft's own log keeps it, Cassandra's does not. Everybody is told of an entry that was
committed, once, without retries. A node that missed it finds out from the epoch in some later message, and gets what it lacks
from the sender of that message or else from the CMS.

A progress barrier stands after each step of an operation but the last: for every range that changes, a majority of those who
keep it before or after must have the step's epoch. Gossip goes on saying who is alive, and nothing else.

References
----------
apache/cassandra, src/java/org/apache/cassandra/tcm/TCM_implementation.md, PaxosBackedProcessor.java, PeerLogFetcher.java,
sequences/ProgressBarrier.java, sequences/BootstrapAndJoin.java; exceptions/CoordinatorBehindException.java.
"""

from collections.abc import Callable, Iterable

from ..sim import Env, Message, Timer, Word
from .log_driver import RETRY_S, Driver
from .log_entries import (
    AskEpoch,
    AtEpoch,
    Committed,
    FetchLog,
    LogEntry,
    LogState,
    PrepareJoin,
    PrepareLeave,
    Register,
    Rejected,
    Transformation,
)
from .log_rules import REGISTERED, ClusterMetadata, Operation, Placement, Refused, apply
from .raft import RaftNode, Role
from .raft_client import RaftClient
from .raft_config import RaftConfig
from .ring import Place, Ring


class Judgement(Word):
    """What a replica makes of a request, by the epoch at which its coordinator planned it."""

    CURRENT = "current"
    COORDINATOR_BEHIND = "coordinator behind"
    """The placement has changed since: the request is refused."""
    REPLICA_BEHIND = "replica behind"
    """It is served, and the replica catches up."""


class MetadataLog:
    """Entries and the metadata that each of them made; the state machine of the CMS, and every node's own copy.

    Parameters
    ----------
    first : ClusterMetadata
        Of epoch 1, the same at all nodes.
    committed : callable, optional
        Called with each `LogEntry` that is added.

    Attributes
    ----------
    entries : list of LogEntry

    Raises
    ------
    ValueError
        If the first metadata is of another epoch.
    """

    def __init__(self, first: ClusterMetadata, committed: Callable[[LogEntry], None] = lambda entry: None):
        if first.epoch != 1:
            raise ValueError(f"first has epoch {first.epoch}: a log begins with epoch 1")
        self.entries: list[LogEntry] = []
        self._history, self._committed = [first], committed

    @property
    def metadata(self) -> ClusterMetadata:
        return self._history[-1]

    def at(self, epoch: int) -> ClusterMetadata:
        """The metadata of an earlier epoch, or of this one.

        Raises
        ------
        ValueError
            For an epoch that is not in the log.
        """
        if not 1 <= epoch <= len(self._history):
            raise ValueError(f"epoch is {epoch!r}: it must be from 1 to {len(self._history)}")
        return self._history[epoch - 1]

    def since(self, epoch: int) -> tuple[LogEntry, ...]:
        """The entries that make the epochs after this one."""
        return tuple(self.entries[max(0, epoch - 1) :])

    def apply(self, command: Transformation) -> Committed | Rejected:
        """Add a transformation, if it applies."""
        try:
            metadata = apply(self.metadata, command)
        except Refused as refusal:
            return Rejected(str(refusal), self.metadata.epoch)
        self._add(LogEntry(metadata.epoch, command), metadata)
        return Committed(metadata.epoch)

    def read(self, query: int) -> tuple[LogEntry, ...]:
        """The entries after an epoch: TCM_FETCH_CMS_LOG_REQ."""
        return self.since(query)

    def follow(self, entries: Iterable[LogEntry]) -> bool:
        """Take over entries of another log: those that come next; whether there was one."""
        before = self.metadata.epoch
        for entry in entries:
            if entry.epoch == self.metadata.epoch + 1:
                self._add(entry, apply(self.metadata, entry.transformation))
        return self.metadata.epoch > before

    def _add(self, entry: LogEntry, metadata: ClusterMetadata) -> None:
        self.entries.append(entry)
        self._history.append(metadata)
        self._committed(entry)


class LogNode:
    """A node with its own copy of the log; if it belongs to the CMS, also one of those that commit.

    Parameters
    ----------
    first : ClusterMetadata
        Of epoch 1, the same at all nodes.
    cms : tuple of str
        The members of the CMS; they never change.
    config : RaftConfig, optional
    saved : dict, optional
        What `persisted` returned before a crash.
    place : Place, optional
        Where this node stands, for `join`.
    stream : callable, optional
        Called with the `Operation` and a function, between its start and its middle: send the new replicas what the old
        ones have (see `gossipkit.authority.layouts.moves`), then call the function. By default nothing is sent.

    Attributes
    ----------
    log : MetadataLog
    raft : RaftNode or None
    drivers : dict of str to Driver
        Of the operations that it drives, by the node that joins or leaves.
    """

    MESSAGES = (*RaftNode.MESSAGES, *RaftClient.MESSAGES, FetchLog, LogState, AskEpoch, AtEpoch)

    def __init__(
        self,
        first: ClusterMetadata,
        cms: tuple[str, ...],
        config: RaftConfig | None = None,
        saved: dict | None = None,
        place: Place = Place(),  # noqa: B008 - it is frozen
        stream: Callable[[Operation, Callable[[], None]], None] = lambda operation, done: done(),
    ):
        self._first, self._cms, self._config, self._saved = first, tuple(cms), config, saved or {}
        self._place, self.stream = place, stream
        self._client = RaftClient(self._cms)
        self.log = MetadataLog(first)
        self.raft: RaftNode | None = None
        self.drivers: dict[str, Driver] = {}

    @property
    def metadata(self) -> ClusterMetadata:
        return self.log.metadata

    @property
    def epoch(self) -> int:
        return self.log.metadata.epoch

    @property
    def ring(self) -> Ring:
        """The ring that is read at this epoch, see `ClusterMetadata.ring`."""
        return self.metadata.ring

    def placement(self, token: int) -> Placement:
        """Who is read and written to at a position, at this epoch."""
        return self.metadata.placement(token)

    def persisted(self) -> dict:
        """What is on disk: the log's copy, and for a member of the CMS what Raft keeps."""
        return {"entries": tuple(self.log.entries), "raft": self.raft and self.raft.persisted()}

    # What the world calls.

    def start(self, env: Env) -> None:
        """Come up with what was on disk; an operation of this node's that is in progress goes on."""
        self._env = env
        self._wanted, self._fetching = 1, Timer()
        self.drivers = {}
        self._client.start(env)
        self.log = MetadataLog(self._first, self._entered)
        self.log.follow(self._saved.get("entries", ()))
        if env.name in self._cms:
            machine = MetadataLog(self._first, self._applied)
            self.raft = RaftNode(self._cms, machine, self._config, self._saved.get("raft"))
            self.raft.start(env)
        if self.metadata.operation(env.name):
            self.drive(env, env.name)

    def receive(self, env: Env, sender: str, received: Message) -> None:
        """Handle a message, one of `MESSAGES`."""
        kind = type(received)
        if kind in RaftNode.MESSAGES:
            if self.raft is not None:
                self.raft.receive(env, sender, received)
        elif kind in RaftClient.MESSAGES:
            self._client.receive(env, sender, received)
        elif kind is FetchLog:
            env.send(sender, LogState(self.log.since(received.since)))
        elif kind is LogState:
            self.log.follow(received.entries)
            if received.entries:
                self.heard(env, sender, received.entries[-1].epoch)
            self.go_on()
        elif kind is AskEpoch:
            self.heard(env, sender, received.epoch)
            env.send(sender, AtEpoch(self.epoch))
        else:
            self.heard(env, sender, received.epoch)
            for driver in self.drivers.values():
                driver.acked(sender, received.epoch)
            self.go_on()

    def _entered(self, entry: LogEntry) -> None:
        step = type(entry.transformation).__name__
        self._env.record(
            "epoch", epoch=entry.epoch, step=step, about=getattr(entry.transformation, "node", "")
        )

    def _applied(self, entry: LogEntry) -> None:
        """A member of the CMS has seen an entry committed; its leader tells everybody, once."""
        self.log.follow((entry,))
        if self.raft.role is Role.LEADER:
            for node in self.metadata.nodes:
                if node != self._env.name:
                    self._env.send(node, LogState((entry,)))
        self.go_on()

    # Catching up.

    def heard(self, env: Env, sender: str, epoch: int) -> None:
        """An epoch came in a message: if it is ahead of this node's, ask its sender for what is missing."""
        # many messages carry the same epoch: only the first of them is a reason to ask
        if epoch > max(self.epoch, self._wanted):
            self._wanted = epoch
            self._fetch(env, sender)

    def _fetch(self, env: Env, peer: str) -> None:
        env.send(peer, FetchLog(self.epoch))
        self._fetching.cancel()
        self._fetching = env.after(RETRY_S, self._fetch_again, env)

    def _fetch_again(self, env: Env) -> None:
        if self.epoch < self._wanted:
            self._fetch(env, env.random.choice([name for name in self._cms if name != env.name] or self._cms))

    def judge(self, env: Env, sender: str, epoch: int, token: int) -> Judgement:
        """Whether a replica may serve a request that its coordinator planned at an epoch.

        A coordinator that is behind is refused only if the placement at that position has changed since: then it asked
        the wrong nodes. The one of the two that is behind catches up.

        Parameters
        ----------
        env : Env
        sender : str
            The coordinator.
        epoch : int
            At which it planned.
        token : int
            Where the key lies.

        Returns
        -------
        Judgement
        """
        if epoch > self.epoch:
            self.heard(env, sender, epoch)
            return Judgement.REPLICA_BEHIND
        # not each new epoch concerns each key: a coordinator that is behind elsewhere asked the right nodes here
        if self.log.at(epoch).placement(token) != self.placement(token):
            env.record("coordinator-behind", coordinator=sender, epoch=epoch)
            return Judgement.COORDINATOR_BEHIND
        return Judgement.CURRENT

    # Changing something.

    def commit(
        self,
        env: Env,
        transformation: Transformation,
        done: Callable[[Committed | Rejected], None] = lambda _: None,
    ) -> None:
        """Have a transformation committed by the CMS, however long that takes; nothing happens without a majority."""

        def answered(result: Committed | Rejected) -> None:
            if type(result) is Rejected:
                env.record("rejected", step=type(transformation).__name__, reason=result.reason)
            # the answer does not say which server it came from; any member of the CMS may have the entry
            self.heard(env, env.random.choice(self._cms), result.epoch)
            done(result)

        self._client.write(env, transformation, answered)

    def join(
        self, env: Env, tokens: Iterable[int], done: Callable[[Committed | Rejected], None] = lambda _: None
    ) -> None:
        """Register this node, if it has not been yet, and take tokens, step by step.

        ``done`` is called with the epoch in which all is finished, or with the rejection of the preparation: the tokens
        can be asked for again later.
        """
        prepare = PrepareJoin(env.name, tuple(tokens))
        if self.metadata.nodes.get(env.name) is REGISTERED:
            self._begin(env, prepare, done)
        else:
            # rejected where this node's copy is behind and it is registered already: the preparation tells
            self.commit(env, Register(env.name, self._place), lambda _: self._begin(env, prepare, done))

    def leave(
        self, env: Env, done: Callable[[Committed | Rejected], None] = lambda _: None, node: str | None = None
    ) -> None:
        """Give this node's ranges away, or those of one that is down, step by step; ``done`` as for `join`."""
        self._begin(env, PrepareLeave(node or env.name), done)

    def _begin(
        self, env: Env, prepare: PrepareJoin | PrepareLeave, done: Callable[[Committed | Rejected], None]
    ) -> None:
        def prepared(result: Committed | Rejected) -> None:
            if type(result) is Rejected:
                done(result)
            else:
                self.drive(env, prepare.node, done)

        self.commit(env, prepare, prepared)

    def drive(
        self, env: Env, node: str, done: Callable[[Committed | Rejected], None] = lambda _: None
    ) -> None:
        """Take the operation in progress of a node on, until it is finished; ``done`` as for `join`."""
        self.drivers[node] = Driver(env, self, node, done)
        self.go_on()

    def go_on(self) -> None:
        """Let the drivers do what can be done now that something has changed."""
        for node, driver in tuple(self.drivers.items()):
            # what one of them does can end another; and a step is not judged by a copy of the log that is known to be old
            if self.drivers.get(node) is driver and self.epoch >= self._wanted and not driver.go_on():
                del self.drivers[node]
                driver.end()
