"""Redis Cluster's elections: a replica asks for votes in a new epoch, and each master gives one vote an epoch.

How it works. A replica whose master has failed waits for half a second and a random part of another, and a second for each
replica of that master that has more data. Then it counts the cluster's epoch up and asks everybody for a vote. The masters
that own slots vote, as `Voter.vote` says; a majority of them makes the replica the master, and the epoch of the election
becomes its configEpoch, by which it takes over the slots. That two replicas win in one epoch is impossible, for a master
votes once an epoch and writes down the epoch before it answers.

References
----------
redis 7.0 src/cluster.c: clusterHandleSlaveFailover, clusterGetSlaveRank, clusterSendFailoverAuthIfNeeded,
clusterHandleConfigEpochCollision.
"""

from collections.abc import Iterable
from random import Random

from ..sim import Word

FIXED_DELAY_S = 0.5
"""Before an election, so that the news of the failure reaches the voters first."""
RANDOM_DELAY_S = 0.5
"""At most so much is added at random, so that replicas don't ask in the same instant."""
RANK_DELAY_S = 1.0
"""Is added for each replica of the same master that has more data."""
LEAST_TIMEOUT_S = 2.0
"""An election lasts twice the node timeout, but no less than this."""


def majority(size: int) -> int:
    """How many of ``size`` masters with slots must agree, on a failure and on a promotion."""
    return size // 2 + 1


def election_timeout_s(node_timeout_s: float) -> float:
    """How long votes are waited for, in seconds; after twice as long the replica tries again."""
    return max(2 * node_timeout_s, LEAST_TIMEOUT_S)


def rank(offset: int, others: Iterable[int]) -> int:
    """How many of the other replicas of the same master have more data: of their offsets, those above ``offset``."""
    return sum(other > offset for other in others)


def must_move_on(own: str, epoch: int, other: str, other_epoch: int) -> bool:
    """Whether a master takes a new configEpoch because another one has the same: the one with the smaller name does
    (clusterHandleConfigEpochCollision).
    """
    return other_epoch == epoch and own < other


class Verdict(Word):
    """A voter's answer to a replica; only the first is sent, the others are in its log."""

    GRANTED = "granted"
    NO_VOTER = "no master with slots"
    OLD_EPOCH = "request epoch is old"
    VOTED = "already voted for this epoch"
    A_MASTER = "it is a master node"
    MASTER_UNKNOWN = "I don't know its master"
    MASTER_UP = "its master is up"
    VOTED_LATELY = "can't vote about this master yet"
    OLD_SLOTS = "slots have a newer owner"


class Voter:
    """One node's votes.

    Parameters
    ----------
    node_timeout_s : float
    last_vote : int
        The epoch in which it has voted last, from its disk.

    Attributes
    ----------
    last_vote : int
    """

    def __init__(self, node_timeout_s: float, last_vote: int = 0):
        self._wait_s = 2 * node_timeout_s
        self.last_vote = last_vote
        self._voted_s: dict[str, float] = {}  # by master, when this node has voted for a replica of it

    def vote(
        self,
        now: float,
        *,
        voter: bool,
        epoch: int,
        current: int,
        master: str | None,
        is_master: bool,
        failed: bool,
        outdated: bool,
    ) -> Verdict:
        """Vote for a replica, if nothing speaks against it (clusterSendFailoverAuthIfNeeded); in this order.

        Parameters
        ----------
        now : float
            Seconds.
        voter : bool
            Whether this node is a master and owns slots.
        epoch, current : int
            That of the request; this node's, which is no lower after it has read the request.
        master : str or None
            Of the replica that asks.
        is_master : bool
            Whether it is a master itself, as this node knows it.
        failed : bool
            Whether this node, too, takes that master for failed.
        outdated : bool
            Whether the replica claims slots that somebody owns by a higher epoch.
        """
        if not voter:
            return Verdict.NO_VOTER
        if epoch < current:
            return Verdict.OLD_EPOCH
        if self.last_vote == current:
            return Verdict.VOTED
        if is_master:
            return Verdict.A_MASTER
        if master is None:
            return Verdict.MASTER_UNKNOWN
        if not failed:
            return Verdict.MASTER_UP
        voted_s = self._voted_s.get(master)
        if voted_s is not None and now - voted_s < self._wait_s:
            return Verdict.VOTED_LATELY
        if outdated:
            return Verdict.OLD_SLOTS
        self.last_vote, self._voted_s[master] = current, now
        return Verdict.GRANTED


class Step(Word):
    """What a replica whose master has failed does now."""

    WAIT = "wait"
    SCHEDULED = "scheduled"
    DELAYED = "delayed"
    ASK = "ask"
    WON = "won"
    EXPIRED = "expired"


class Candidacy:
    """One replica's elections, one after the other.

    Attributes
    ----------
    at_s : float or None
        When it asks for votes, in seconds; None before the first election.
    rank : int
        See `rank`, as it was counted last.
    epoch : int or None
        Of the election for which it has asked; None while it has not.
    votes : list of str
        Who has voted for it.
    """

    def __init__(self, node_timeout_s: float):
        self._timeout_s = election_timeout_s(node_timeout_s)
        self.at_s: float | None = None
        self.rank = 0
        self.epoch: int | None = None
        self.votes: list[str] = []

    def step(self, now: float, random: Random, rank: int, size: int) -> Step:
        """Look what is to be done, ten times a second and after each vote (clusterHandleSlaveFailover).

        The caller has made sure that the master has failed and owned slots, and that this replica's data are new enough.

        Parameters
        ----------
        now : float
            Seconds.
        random : random.Random
        rank : int
            By the offsets that are known now.
        size : int
            Masters with slots.

        Returns
        -------
        Step
            ``SCHEDULED``: an election was set up, tell the other replicas the own offset. ``DELAYED``: others have more data,
            it comes later now. ``ASK``: count the epoch up and ask, then `asked`. ``WON``: a majority has voted. ``EXPIRED``: too
            few did in time. ``WAIT``: for the delay, for votes, or for the next try.
        """
        if self.at_s is None or now - self.at_s > 2 * self._timeout_s:
            # the product draws whole milliseconds
            delay = FIXED_DELAY_S + random.randrange(int(RANDOM_DELAY_S * 1000)) / 1000
            self.rank, self.epoch, self.votes = rank, None, []
            self.at_s = now + delay + rank * RANK_DELAY_S
            return Step.SCHEDULED
        if self.epoch is None and rank > self.rank:
            self.at_s += (rank - self.rank) * RANK_DELAY_S
            self.rank = rank
            return Step.DELAYED
        if now < self.at_s:
            return Step.WAIT
        if now - self.at_s > self._timeout_s:
            return Step.EXPIRED
        if self.epoch is None:
            return Step.ASK
        return Step.WON if len(self.votes) >= majority(size) else Step.WAIT

    def asked(self, epoch: int) -> None:
        """Votes have been asked for in this epoch."""
        self.epoch = epoch

    def voted(self, voter: str, owns_slots: bool, epoch: int) -> bool:
        """Take a vote: it counts if it is a master's with slots, and not of an earlier epoch; whether it did."""
        counts = owns_slots and self.epoch is not None and epoch >= self.epoch
        if counts:
            self.votes.append(voter)
        return counts
