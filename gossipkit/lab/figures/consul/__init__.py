"""What draws the runs of `gossipkit.systems.consul.experiments`, in modules of the same names."""

from .failures import failure
from .layers import layers
from .rotation import rotation

__all__ = ["failure", "layers", "rotation"]
