"""memberlist's settings, under its names, and serf's few that go with them."""

from dataclasses import dataclass, replace

from ...sim import checks

# what of Lifeguard is on: local health, dynamic suspicion, ping+suspect
VARIANTS = {
    "swim": (False, False, False),
    "lha-probe": (True, False, False),
    "lha-suspicion": (False, True, False),
    "buddy": (False, False, True),
    "lifeguard": (True, True, True),
}


@dataclass(frozen=True, kw_only=True)
class SwimConfig:
    """The settings of one member, and by default those of memberlist's DefaultLANConfig.

    Every name is memberlist's in snake case; those that end in ``_s`` are seconds. An interval of 0 switches off what it
    is the interval of; only that of probes must be more. `lan`, `wan` and `local` are memberlist's three presets; `variant`
    takes Lifeguard apart.

    Raises
    ------
    ValueError
        For a number out of range.

    References
    ----------
    hashicorp/memberlist @1b4c746, config.go; hashicorp/serf @a24f620, serf/config.go.

    Examples
    --------
    >>> SwimConfig.wan().probe_interval_s
    5.0
    >>> SwimConfig.lan().variant("lha-probe").suspicion_max_timeout_mult
    1
    """

    probe_interval_s: float = 1.0
    """Time between two probes by one member. Too low: more packets, and a timeout that a slow network cannot keep. Too
    high: a crash stays unnoticed for longer, for every time of detection is a multiple of this."""

    probe_timeout_s: float = 0.5
    """Wait for the direct ack before helpers are asked, and wait of a helper before it sends a nack. Too low: healthy
    members behind slow links cost indirect pings all the time. Too high: no time is left for helpers in the interval. At
    memberlist's half of the interval a nack comes just too late, so that a member in full health which probes a dead one
    loses a point for each helper; once its score is up, its longer interval lets nacks in."""

    indirect_checks: int = 3
    """Helpers that are asked to ping, SWIM's k. Too low: one lost packet or bad link becomes a suspicion. Too high:
    every dead member costs each prober that many packets, four times over."""

    disable_tcp_pings: bool = False
    """No TCP ping beside the indirect ones. On: packet loss alone makes suspects. Off: a member that UDP does not reach
    is kept as alive, and all one sees of it is a warning."""

    suspicion_mult: int = 4
    """A suspect has at least ``suspicion_mult * log10(n)`` probe intervals to refute. Too low: slow members and lost
    refutations become deaths. Too high: a real death is believed later. Less 2, it is also how many confirmations
    Lifeguard hopes for."""

    suspicion_max_timeout_mult: int = 6
    """Lifeguard: an unconfirmed suspicion waits this many times as long. 1: no waiting for confirmations, SWIM's fixed
    timeout. Too high: when few members are left to confirm, a death takes minutes."""

    awareness_max_multiplier: int = 8
    """Lifeguard: local health slows a doubtful member's probing by up to this. 1: off, so that a member which hears
    nothing goes on accusing others. Too high: it also takes longer to notice real failures."""

    buddy_system: bool = True
    """Lifeguard: a ping to a suspect says that it is one. Off: it hears so by gossip only, perhaps too late to refute.
    memberlist has no such switch; there it is always on."""

    retransmit_mult: int = 4
    """Each member sends an update ``retransmit_mult * ceil(log10(n + 1))`` times. Too low: lost packets leave members
    untold, refutations among the news. Too high: packets are full of what everybody knows."""

    gossip_interval_s: float = 0.2
    """Time between two rounds of gossip. Too low: the same copies are sent in less time, as bursts. Too high: news,
    and refutations, travel slowly. 0: news only rides on pings and acks, as in the SWIM paper."""

    gossip_nodes: int = 3
    """Members that are gossiped to in a round, the fanout. Too low: slow news. Too high: the budget of copies is spent
    on members that have just been told by others."""

    gossip_to_the_dead_time_s: float = 30.0
    """For so long a dead member is still gossiped to and remembered. Too low: one that was wrongly buried never hears
    of it. Too high: packets to nobody, and a list that churn fills with the dead."""

    push_pull_interval_s: float = 30.0
    """Time between two exchanges of the whole state with a random living member, stretched in clusters of more than 32.
    Too low: the state of all, times all members, on the wire. Too high or 0: a member that gossip did not reach stays
    untold."""

    tcp_timeout_s: float = 10.0
    """Wait for a connection of a push/pull. Too low: a slow join fails. Too high: a dead partner is noticed late."""

    udp_buffer_size: int = 1400
    """Bytes of the largest packet. Too low: more packets for many updates at once. Too high: IP fragments, and one
    lost fragment loses all."""

    handoff_queue_depth: int = 1024
    """Claims received and not yet looked at, of life and of others each. Too low: a burst, as when a member wakes, loses
    news. Too high: memory."""

    dead_node_reclaim_time_s: float = 0.0
    """After so long a dead member's name may be taken over from another address. Too low: two machines of one name push
    each other out. Too high or 0: who comes back at a new address stays dead until it is forgotten."""

    crc: bool = True
    """Packets carry a CRC32 (protocol version 5), and a damaged one is dropped by its receiver. Off: a flipped bit is
    believed, and gossiped on, as in Amazon S3's outage of July 2008."""

    refuse_unrefutable: bool = False
    """An accusation of the highest incarnation, 2**32 - 1, is ignored, as memberlist's pull request 359 proposes and its
    port to Rust does (al8n/memberlist, pull request 200), and nobody goes beyond it. Off, as in memberlist 0.6.0: one such packet, and its victim begins again at incarnation 0, which nobody
    believes (memberlist's issue 358). On: who has come to the highest incarnation cannot be accused any more, not even when it is dead."""

    queue_check_interval_s: float = 30.0
    """Time between two readings of the metric memberlist.queue.broadcasts. Too low: cost; too high: bursts are not
    seen."""

    reconnect_interval_s: float = 30.0
    """serf: time between two attempts to push/pull with a random failed member; the chance of an attempt is failed to
    alive members. memberlist itself has no such thing, and after a partition that outlived ``suspicion_mult`` its two
    halves do not find each other again. Too low: connections to nobody; too high or 0: late healing, or none."""

    reconnect_timeout_s: float = 86400.0
    """serf: a failed member is forgotten after this. Too low: a long partition does not heal by itself. Too high:
    attempts for what never returns."""

    leave_propagate_delay_s: float = 1.0
    """serf: a leaving member stays for this after its farewell was sent. Too low: the last copies have not spread when
    it falls silent. Too high: a slow shutdown."""

    broadcast_timeout_s: float = 5.0
    """serf: a farewell that could not be sent in this time is given up. Too low: a leave is taken for a failure. Too
    high: a lonely member cannot go."""

    event_buffer: int = 512
    """serf: Lamport times for which user events are remembered. Too low: a burst makes older events unreadable, and
    late copies are dropped unread. Too high: memory, and a longer tail in every push/pull."""

    def __post_init__(self):
        for name in ("probe_interval_s", "probe_timeout_s"):
            checks.number(name, getattr(self, name), low=1e-3)
        for name in (
            "gossip_interval_s",
            "gossip_to_the_dead_time_s",
            "push_pull_interval_s",
            "tcp_timeout_s",
            "dead_node_reclaim_time_s",
            "queue_check_interval_s",
            "reconnect_interval_s",
            "reconnect_timeout_s",
            "leave_propagate_delay_s",
            "broadcast_timeout_s",
        ):
            checks.number(name, getattr(self, name))
        for name in ("indirect_checks", "gossip_nodes"):
            checks.whole(name, getattr(self, name), 0)
        for name in (
            "suspicion_mult",
            "suspicion_max_timeout_mult",
            "awareness_max_multiplier",
            "retransmit_mult",
            "handoff_queue_depth",
            "event_buffer",
        ):
            checks.whole(name, getattr(self, name), 1)
        checks.whole("udp_buffer_size", self.udp_buffer_size, 200)
        for name in ("disable_tcp_pings", "buddy_system", "crc", "refuse_unrefutable"):
            checks.truth(name, getattr(self, name))

    @classmethod
    def lan(cls) -> "SwimConfig":
        """memberlist's DefaultLANConfig: one data centre."""
        return cls()

    @classmethod
    def wan(cls) -> "SwimConfig":
        """memberlist's DefaultWANConfig: members in several data centres."""
        return cls(
            tcp_timeout_s=30.0,
            suspicion_mult=6,
            push_pull_interval_s=60.0,
            probe_timeout_s=3.0,
            probe_interval_s=5.0,
            gossip_nodes=4,
            gossip_interval_s=0.5,
            gossip_to_the_dead_time_s=60.0,
        )

    @classmethod
    def local(cls) -> "SwimConfig":
        """memberlist's DefaultLocalConfig: all members on one machine."""
        return cls(
            tcp_timeout_s=1.0,
            indirect_checks=1,
            retransmit_mult=2,
            suspicion_mult=3,
            push_pull_interval_s=15.0,
            probe_timeout_s=0.2,
            gossip_interval_s=0.1,
            gossip_to_the_dead_time_s=15.0,
        )

    def variant(self, name: str) -> "SwimConfig":
        """These settings with a part of Lifeguard: swim (none), lha-probe, lha-suspicion, buddy, or lifeguard (all).

        A part that is on gets memberlist's default, one that is off the value that switches it off. As in memberlist
        with such values, confirmations are gossiped on also where they shorten nothing.
        """
        checks.one_of("name", name, tuple(VARIANTS))
        probe, suspicion, buddy = VARIANTS[name]
        return replace(
            self,
            awareness_max_multiplier=8 if probe else 1,
            suspicion_max_timeout_mult=6 if suspicion else 1,
            buddy_system=buddy,
        )
