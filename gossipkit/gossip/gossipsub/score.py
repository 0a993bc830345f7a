"""The score that a router gives each of its peers, from what it has seen of it. It is never told to others.

=====  ==========================  ==========================================================  ===========================
part   name                        value                                                       by default
=====  ==========================  ==========================================================  ===========================
P1     time in mesh                seconds since the graft by a quantum, capped                0.0002778 each, at most 1
P2     first message deliveries    a counter, capped, that decays                              1 each, at most 1000
P3     mesh message deliveries     (threshold - counter)², once it has been in the mesh for    -4
                                   ``activation``; 0 above the threshold
P3b    mesh failure penalty        P3 at each prune, summed; decays                            -4
P4     invalid messages            counter²; decays                                            -1000
P5     application                 what the application says                                   1
P6     IP colocation               (peers at its address - threshold)²; 0 up to the threshold  -100
P7     behaviour                   counter²; decays: grafts within the backoff, broken          -10
                                   promises
=====  ==========================  ==========================================================  ===========================

P1 to P4 are a topic's: they are summed, multiplied by the topic's weight, and capped if there is a cap; then P5 to P7 are added.
Every ``decay_interval_s`` a counter is multiplied by its factor, and is 0 when it falls below ``decay_to_zero``: a P2 of 120
becomes 120 × 0.97 = 116.4 (the specification, in its section Topic Parameter Calculation and Decay, prints 110.4).
"""

from collections.abc import Mapping

from .memory import Seen
from .messages import Verdict
from .score_params import ScoreParams, Thresholds

PARTS = ("P1", "P2", "P3", "P3b", "P4", "P5", "P6", "P7")


class PeerStats:
    """What a router has counted of one peer (score.go, peerStats and topicStats)."""

    __slots__ = (
        "active",
        "address",
        "behaviour_penalty",
        "connected",
        "expire_s",
        "first_message_deliveries",
        "graft_s",
        "in_mesh",
        "invalid_message_deliveries",
        "mesh_failure_penalty",
        "mesh_message_deliveries",
        "mesh_s",
    )

    def __init__(self, address: str):
        self.address, self.connected, self.expire_s = address, True, 0.0
        self.in_mesh, self.graft_s, self.mesh_s = False, 0.0, 0.0
        self.active = False  # whether P3 counts already
        self.first_message_deliveries = self.mesh_message_deliveries = 0.0
        self.mesh_failure_penalty = self.invalid_message_deliveries = self.behaviour_penalty = 0.0


class PeerScore:
    """All peers' scores at one router; an interpreter of the table above.

    Parameters
    ----------
    params : ScoreParams
    application : mapping of str to float
        P5 by peer; 0 for those that are not in it.

    References
    ----------
    libp2p/go-libp2p-pubsub, score.go.

    Examples
    --------
    >>> scores = PeerScore(ScoreParams())
    >>> scores.add_peer("b", "10.0.0.2")
    >>> scores.invalid_message("b"), scores.invalid_message("b")
    (None, None)
    >>> scores.score("b")  # 0.05 * -1000 * 2²
    -200.0
    """

    def __init__(self, params: ScoreParams, application: Mapping[str, float] | None = None):
        self.params = params
        self._application = dict(application or {})
        self._stats: dict[str, PeerStats] = {}
        self._at: dict[str, int] = {}  # how many known peers there are at an address
        # scores that nothing has changed since they were last asked for
        self._known: dict[str, float] = {}

    def score(self, peer: str) -> float:
        """The weighted sum of the parts; 0 for a stranger."""
        known = self._known.get(peer)
        if known is None:
            *topic, application, colocation, behaviour = self._weighted(peer)
            known, cap = sum(topic), self.params.topic_score_cap
            if cap > 0:
                known = min(known, cap)
            self._known[peer] = known = known + application + colocation + behaviour
        return known

    def parts(self, peer: str) -> dict[str, float]:
        """P1 to P7 by name, weighted, as they are added up; P1 to P4 with the topic's weight, before the cap."""
        return dict(zip(PARTS, self._weighted(peer), strict=True))

    def _weighted(self, peer: str) -> tuple[float, ...]:
        stats, params = self._stats.get(peer), self.params
        if stats is None:
            return (0.0,) * len(PARTS)
        time = (
            min(stats.mesh_s / params.time_in_mesh_quantum_s, params.time_in_mesh_cap) if stats.in_mesh else 0
        )
        surplus = max(0, self._at[stats.address] - params.ip_colocation_factor_threshold)
        topic = params.topic_weight
        return (
            topic * params.time_in_mesh_weight * time,
            topic * params.first_message_deliveries_weight * stats.first_message_deliveries,
            topic * params.mesh_message_deliveries_weight * self._deficit(stats) ** 2,
            topic * params.mesh_failure_penalty_weight * stats.mesh_failure_penalty,
            topic * params.invalid_message_deliveries_weight * stats.invalid_message_deliveries**2,
            params.app_specific_weight * self._application.get(peer, 0.0),
            params.ip_colocation_factor_weight * surplus**2,
            params.behaviour_penalty_weight * stats.behaviour_penalty**2,
        )

    def _deficit(self, stats: PeerStats) -> float:
        if not stats.active:
            return 0.0
        return max(0.0, self.params.mesh_message_deliveries_threshold - stats.mesh_message_deliveries)

    # Who is connected, and who is in the mesh.

    def add_peer(self, peer: str, address: str) -> None:
        """A peer has connected; what is still remembered of it counts again."""
        stats = self._stats.get(peer)
        if stats is None:
            stats = self._stats[peer] = PeerStats(address)
            self._at[address] = self._at.get(address, 0) + 1
        stats.connected = True
        self._known.clear()  # its neighbours at that address pay, too

    def remove_peer(self, peer: str, now: float) -> None:
        """A peer has disconnected. Only a score of at most 0 is kept: a good one would be an asset to build up and use later."""
        stats = self._stats.get(peer)
        if stats is None:
            return
        if self.score(peer) > 0:
            return self._forget(peer)
        self._fail(stats)
        stats.first_message_deliveries = 0.0
        stats.in_mesh = stats.connected = False
        stats.expire_s = now + self.params.retain_score_s
        self._known.pop(peer, None)

    def _forget(self, peer: str) -> None:
        address = self._stats.pop(peer).address
        self._at[address] -= 1
        if not self._at[address]:
            del self._at[address]
        self._known.clear()

    def graft(self, peer: str, now: float) -> None:
        """It is in the mesh from now on."""
        stats = self._stats.get(peer)
        if stats is not None:
            stats.in_mesh, stats.graft_s, stats.mesh_s, stats.active = True, now, 0.0, False
            self._known.pop(peer, None)

    def prune(self, peer: str) -> None:
        """It is not any more; what it owed to the mesh sticks to it."""
        stats = self._stats.get(peer)
        if stats is not None:
            self._fail(stats)
            stats.in_mesh = False
            self._known.pop(peer, None)

    def _fail(self, stats: PeerStats) -> None:
        if stats.in_mesh:
            stats.mesh_failure_penalty += self._deficit(stats) ** 2

    # What it delivers, and what it does.

    def first_delivery(self, peer: str) -> None:
        """It was the first to bring a valid message."""
        stats = self._stats.get(peer)
        if stats is not None:
            params = self.params
            stats.first_message_deliveries = min(
                stats.first_message_deliveries + 1, params.first_message_deliveries_cap
            )
            self._delivered(peer, stats)

    def duplicate(self, peer: str, seen: Seen, now: float) -> None:
        """It brought a message that was there already; each message counts once for a peer."""
        stats = self._stats.get(peer)
        if stats is None or peer in seen.senders:
            return
        seen.senders.add(peer)
        if seen.verdict is Verdict.REJECT:
            self.invalid_message(peer)
        elif (
            seen.verdict is Verdict.ACCEPT
            and now <= seen.first_s + self.params.mesh_message_deliveries_window_s
        ):
            self._delivered(peer, stats)

    def _delivered(self, peer: str, stats: PeerStats) -> None:
        if stats.in_mesh:
            cap = self.params.mesh_message_deliveries_cap
            stats.mesh_message_deliveries = min(stats.mesh_message_deliveries + 1, cap)
        self._known.pop(peer, None)

    def invalid_message(self, peer: str) -> None:
        """It brought a message that the validator rejects."""
        stats = self._stats.get(peer)
        if stats is not None:
            stats.invalid_message_deliveries += 1
            self._known.pop(peer, None)

    def penalise(self, peer: str, count: int = 1) -> None:
        """It has misbehaved: P7's counter."""
        stats = self._stats.get(peer)
        if stats is not None:
            stats.behaviour_penalty += count
            self._known.pop(peer, None)

    def refresh(self, now: float) -> None:
        """An interval is over: counters decay, time in the mesh is read, and who is gone for long is forgotten."""
        params = self.params
        for peer, stats in list(self._stats.items()):
            if not stats.connected:
                # what is retained does not decay: waiting outside clears nothing
                if now > stats.expire_s:
                    self._forget(peer)
                continue
            for name, decay in DECAYING:
                value = getattr(stats, name)
                if value:
                    value *= getattr(params, decay)
                    setattr(stats, name, value if value >= params.decay_to_zero else 0.0)
            if stats.in_mesh:
                stats.mesh_s = now - stats.graft_s
                stats.active = stats.active or stats.mesh_s > params.mesh_message_deliveries_activation_s
        self._known.clear()


DECAYING = tuple(
    (name, f"{name}_decay")
    for name in (
        "first_message_deliveries",
        "mesh_message_deliveries",
        "mesh_failure_penalty",
        "invalid_message_deliveries",
        "behaviour_penalty",
    )
)


class NoScore:
    """What a router without scores asks: everybody has 0, and nothing changes that (a nil peerScore in score.go)."""

    params = ScoreParams(
        thresholds=Thresholds(gossip=0.0, publish=0.0, graylist=0.0, accept_px=0.0, opportunistic_graft=0.0)
    )

    def score(self, peer: str) -> float:
        return 0.0

    def _nothing(self, *_: object) -> None:
        pass

    add_peer = remove_peer = graft = prune = first_delivery = duplicate = _nothing
    invalid_message = penalise = _nothing
