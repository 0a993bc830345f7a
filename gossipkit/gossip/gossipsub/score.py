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
from dataclasses import dataclass, field, fields

from ...sim import checks
from .memory import Seen
from .messages import Verdict

PARTS = ("P1", "P2", "P3", "P3b", "P4", "P5", "P6", "P7")


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """Which score closes which door. By default Filecoin's.

    Raises
    ------
    ValueError
        For thresholds in the wrong order, or of the wrong sign.

    References
    ----------
    libp2p/go-libp2p-pubsub, score_params.go (PeerScoreThresholds); filecoin-project/lotus, node/modules/lp2p/pubsub.go.
    """

    gossip: float = -500.0
    """Below: no IHAVE to it, and none from it is listened to. (Below 0 it is out of the mesh already.)"""
    publish: float = -1000.0
    """Below: it does not get the router's own messages either."""
    graylist: float = -2500.0
    """Below: whatever it says is dropped unread."""
    accept_px: float = 1000.0
    """From here on it may name other peers when it prunes."""
    opportunistic_graft: float = 2.5
    """A mesh whose median is below is to be improved."""

    def __post_init__(self):
        for name in ("accept_px", "opportunistic_graft"):
            checks.number(name, getattr(self, name))
        for name in ("gossip", "publish", "graylist"):
            checks.number(name, getattr(self, name), low=-1e12, high=0.0)
        if not self.graylist <= self.publish <= self.gossip:
            raise ValueError(
                f"graylist, publish and gossip are {self.graylist:g}, {self.publish:g} and {self.gossip:g}: "
                f"they must not fall in this order"
            )


@dataclass(frozen=True, kw_only=True)
class ScoreParams:
    """Weights, caps and decays, under the names of score_params.go in snake case; ``_s`` are seconds.

    The defaults are those of Filecoin's topic of messages (over one a second) as it first shipped. The specification gives
    none: they follow from a topic's rate of messages. Lotus later switched P3 off for blocks, which come a few a minute: too few
    to tell a silent peer from an unlucky one.

    Raises
    ------
    ValueError
        For a weight of the wrong sign, a decay that isn't between 0 and 1, and other numbers out of range.

    References
    ----------
    libp2p/go-libp2p-pubsub, score_params.go (validate); filecoin-project/lotus, node/modules/lp2p/pubsub.go.
    """

    topic_weight: float = 0.05
    topic_score_cap: float = 0.0
    """Most that P1 to P4 may add; 0 is no cap."""

    time_in_mesh_weight: float = 0.0002778
    time_in_mesh_quantum_s: float = 1.0
    time_in_mesh_cap: float = 1.0

    first_message_deliveries_weight: float = 1.0
    first_message_deliveries_decay: float = 0.99833
    first_message_deliveries_cap: float = 1000.0

    mesh_message_deliveries_weight: float = -4.0
    mesh_message_deliveries_decay: float = 0.99833
    mesh_message_deliveries_cap: float = 1000.0
    mesh_message_deliveries_threshold: float = 5.0
    mesh_message_deliveries_window_s: float = 0.01
    """A copy that comes at most so long after the first one counts for P3. Too long: who sends back what it has just got from
    us earns with it."""
    mesh_message_deliveries_activation_s: float = 60.0

    mesh_failure_penalty_weight: float = -4.0
    mesh_failure_penalty_decay: float = 0.99666

    invalid_message_deliveries_weight: float = -1000.0
    invalid_message_deliveries_decay: float = 0.99972

    app_specific_weight: float = 1.0

    ip_colocation_factor_weight: float = -100.0
    ip_colocation_factor_threshold: int = 1
    """So many peers at one address cost nothing. Too low: honest peers behind one NAT pay."""

    behaviour_penalty_weight: float = -10.0
    behaviour_penalty_decay: float = 0.99872
    """0.01 in an hour, as the others of an hour's memory."""

    decay_interval_s: float = 1.0
    decay_to_zero: float = 0.01
    retain_score_s: float = 6 * 3600.0
    """A peer with a score of at most 0 that disconnects is remembered for so long: to hang up and dial again clears nothing."""

    thresholds: Thresholds = field(default_factory=Thresholds)

    def __post_init__(self):
        for name in (
            "time_in_mesh_weight",
            "first_message_deliveries_weight",
            "topic_weight",
            "topic_score_cap",
        ):
            checks.number(name, getattr(self, name))
        for each in fields(self):
            value = getattr(self, each.name)
            if each.name.startswith(("mesh_", "invalid_", "ip_", "behaviour_")) and each.name.endswith(
                "_weight"
            ):
                checks.number(each.name, value, low=-1e12, high=0.0)
            elif each.name.endswith("_decay"):
                checks.number(each.name, value, high=1.0)
        for name in ("time_in_mesh_cap", "first_message_deliveries_cap", "mesh_message_deliveries_cap"):
            checks.number(name, getattr(self, name))
        for name in (
            "mesh_message_deliveries_threshold",
            "mesh_message_deliveries_window_s",
            "retain_score_s",
        ):
            checks.number(name, getattr(self, name))
        checks.number("app_specific_weight", self.app_specific_weight)
        checks.number(
            "mesh_message_deliveries_activation_s", self.mesh_message_deliveries_activation_s, low=1.0
        )
        checks.number("time_in_mesh_quantum_s", self.time_in_mesh_quantum_s, low=1e-3)
        checks.number("decay_interval_s", self.decay_interval_s, low=1.0)
        checks.probability("decay_to_zero", self.decay_to_zero)
        checks.whole("ip_colocation_factor_threshold", self.ip_colocation_factor_threshold, 1)
        checks.instance("thresholds", self.thresholds, Thresholds, "Thresholds")


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
