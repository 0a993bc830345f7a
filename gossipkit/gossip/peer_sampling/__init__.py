"""Peer sampling: how a member of a large open overlay gets to know a few random others, and who can spoil that.

=================  =====================================================================================================
`Cyclon`           swaps parts of views; believes what it is given
`Brahms`           limits what pushes, pulls and a flood can do to a view; settings in `BrahmsConfig`
`Samplers`         one name out of a stream, however often each is said in it
`Infiltrator`      a liar that names liars only, and pushes or shuffles as often as it can
`infiltrate`       a run with both: the share of liars in honest views, round by round
`fixed_point`      where that share comes to rest
=================  =====================================================================================================
"""

from .brahms import Brahms, BrahmsConfig
from .cyclon import Cyclon
from .infiltration import Infiltration, infiltrate
from .liars import Infiltrator, Protocol
from .messages import Probe, PullReply, PullRequest, Push, Shuffle, ShuffleReply
from .sampler import Samplers
from .theory import fixed_point, next_share

__all__ = [
    "Brahms",
    "BrahmsConfig",
    "Cyclon",
    "Infiltration",
    "Infiltrator",
    "Probe",
    "Protocol",
    "PullReply",
    "PullRequest",
    "Push",
    "Samplers",
    "Shuffle",
    "ShuffleReply",
    "fixed_point",
    "infiltrate",
    "next_share",
]
