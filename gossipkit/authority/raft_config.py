"""Raft's timing, the paper's and Consul's, and whether candidates ask first."""

from dataclasses import dataclass

from ..sim.checks import number, truth


@dataclass(frozen=True)
class RaftConfig:
    """Times are in seconds. The defaults are the paper's (9.3): 150 to 300 ms, for a network of a few milliseconds.

    Parameters
    ----------
    election_timeout_s : float
        A follower waits between this and twice this, drawn anew each time. Too low, and a slow message or a pause starts
        an election that nobody needed; too high, and every crash of a leader costs that long without writes.
    heartbeat_s : float
        A leader speaks again after this to twice this, drawn anew each time, as in hashicorp/raft. It should be several
        times shorter than the election timeout, or one late message dethrones the leader; each halving doubles the
        messages at rest.
    pre_vote : bool
        A candidate begins a term only after a majority has said that it would vote for it, and a server that knows a
        leader votes for nobody else. So a server that hears nothing, or comes back from the wrong side of a partition,
        deposes nobody. hashicorp/raft does both since 1.7 (raft.go, requestPreVote and requestVote). Off, it is the
        paper's figure 2: any higher term deposes the leader, as in the etcd cluster of Cloudflare's outage of 2020.

    Raises
    ------
    ValueError
        Unless 0 < heartbeat_s < election_timeout_s.
    """

    election_timeout_s: float = 0.15
    heartbeat_s: float = 0.05
    pre_vote: bool = True

    def __post_init__(self):
        number("heartbeat_s", self.heartbeat_s, low=1e-6)
        number("election_timeout_s", self.election_timeout_s)
        truth("pre_vote", self.pre_vote)
        if self.election_timeout_s <= self.heartbeat_s:
            raise ValueError(
                f"election_timeout_s is {self.election_timeout_s!r}: it must be more than heartbeat_s, {self.heartbeat_s!r}"
            )

    @classmethod
    def consul(cls, pre_vote: bool = True) -> "RaftConfig":
        """hashicorp/raft's HeartbeatTimeout of 1 s, and a heartbeat after a tenth to a fifth of that.

        That is Consul with ``performance.raft_multiplier`` 1, its recommendation for production; by default it is 5, for
        small machines.

        References
        ----------
        hashicorp/raft config.go and replication.go (heartbeat); Consul's documentation of ``raft_multiplier``.
        """
        return cls(election_timeout_s=1.0, heartbeat_s=0.1, pre_vote=pre_vote)
