"""What draws the runs of `gossipkit.systems.trust`, in modules of the same names."""

from .blast import blast_radius
from .deciders import deciders
from .servers import lying_server
from .shutting_out import shut_out
from .votes import one_vote

__all__ = ["blast_radius", "deciders", "lying_server", "one_vote", "shut_out"]
