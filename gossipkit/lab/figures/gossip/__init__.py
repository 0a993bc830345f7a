"""What draws an epidemic, `gossipkit.gossip.spread`, and an overlay."""

from .network import network_chart
from .spreading import epidemic, rounds_by_label, spread_curves, uninformed_share

__all__ = ["epidemic", "network_chart", "rounds_by_label", "spread_curves", "uninformed_share"]
