"""What draws the runs of `gossipkit.systems.consul.experiments`, in modules of the same names."""

from .failures import failure
from .layers import crash_through_layers
from .rotation import rotate_keys

__all__ = ["crash_through_layers", "failure", "rotate_keys"]
