"""Raft's timing: the paper's, and Consul's."""

from dataclasses import dataclass

from ..sim.checks import number


@dataclass(frozen=True)
class RaftConfig:
    """Timing, in seconds. The defaults are the paper's (9.3): 150 to 300 ms, for a network of a few milliseconds.

    Parameters
    ----------
    election_timeout_s : float
        A follower waits between this and twice this, drawn anew each time. Too low, and a slow message or a pause starts
        an election that nobody needed; too high, and every crash of a leader costs that long without writes.
    heartbeat_s : float
        How often a leader speaks. It should be several times shorter than the election timeout, or one lost message
        dethrones the leader; each halving doubles the messages at rest.

    Raises
    ------
    ValueError
        Unless 0 < heartbeat_s < election_timeout_s.
    """

    election_timeout_s: float = 0.15
    heartbeat_s: float = 0.05

    def __post_init__(self):
        number("heartbeat_s", self.heartbeat_s, low=1e-6)
        number("election_timeout_s", self.election_timeout_s)
        if self.election_timeout_s <= self.heartbeat_s:
            raise ValueError(
                f"election_timeout_s is {self.election_timeout_s!r}: it must be more than heartbeat_s, {self.heartbeat_s!r}"
            )

    @classmethod
    def consul(cls, raft_multiplier: int = 5) -> "RaftConfig":
        """Consul's: hashicorp/raft's HeartbeatTimeout of 1 s and heartbeats ten times as often, times a multiplier.

        hashicorp/raft draws each heartbeat between a tenth and a fifth of the timeout; here it is the tenth.

        Parameters
        ----------
        raft_multiplier : int
            Consul's ``performance.raft_multiplier``, 1 to 10; 5 is its default, for small machines, and 1 what it
            recommends for production.

        References
        ----------
        hashicorp/raft config.go and replication.go; Consul's documentation of ``raft_multiplier``.
        """
        number("raft_multiplier", raft_multiplier, low=1, high=10)
        return cls(election_timeout_s=1.0 * raft_multiplier, heartbeat_s=0.1 * raft_multiplier)
