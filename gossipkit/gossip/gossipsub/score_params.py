"""What a router's scores weigh and where they close a door, under the names of score_params.go."""

from dataclasses import dataclass, field, fields

from ...sim import checks


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
