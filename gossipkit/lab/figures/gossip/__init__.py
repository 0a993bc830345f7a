"""What draws an epidemic, `gossipkit.gossip.spread`, an overlay, and a test of its mean."""

from .assertions import assertion
from .network import network_chart
from .spreading import epidemic, rounds_by_label, spread_curves, uninformed_share

__all__ = ["assertion", "epidemic", "network_chart", "rounds_by_label", "spread_curves", "uninformed_share"]
