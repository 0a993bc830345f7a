"""gossipsub, the open overlay of libp2p: messages on a mesh, gossip about them beside it, and scores against liars.

====================  ================================================================================================
`Gossipsub`           a router, as a process; settings in `GossipsubConfig`
`Mesh`                whom it sends every message in full, and how that is mended
`PeerScore`           P1 to P7 of each of its peers; weights in `ScoreParams`, doors in `Thresholds`
`MessageCache`        what it can still send; `SeenCache`, what it has looked at; `Promises`, who owes it something
`Liar`                a router that breaks the rules by `Silence`, `Promise`, `Spam`, `GraftFlood`
`deliver`, `eclipse`  runs: a topic with liars in it, and one router with liars around it
`no_gossip`           the chance that gossip about a message passes a peer by
`Verdict`             accept, reject or ignore: what an application's validator says
====================  ================================================================================================
"""

from .config import GossipsubConfig
from .delivery import Attack, Delivery, deliver
from .liars import Behaviour, GraftFlood, Liar, Promise, Silence, Spam
from .memory import MessageCache, Promises, Seen, SeenCache
from .mesh import Answer, Mesh, Why
from .messages import Connect, Graft, IHave, IWant, Prune, Publish, Verdict
from .node import Gossipsub
from .score import NoScore, PeerScore
from .score_params import ScoreParams, Thresholds
from .siege import Eclipse, Rules, eclipse
from .theory import no_gossip

__all__ = [
    "Answer",
    "Attack",
    "Behaviour",
    "Connect",
    "Delivery",
    "Eclipse",
    "Gossipsub",
    "GossipsubConfig",
    "Graft",
    "GraftFlood",
    "IHave",
    "IWant",
    "Liar",
    "Mesh",
    "MessageCache",
    "NoScore",
    "PeerScore",
    "Promise",
    "Promises",
    "Prune",
    "Publish",
    "Rules",
    "ScoreParams",
    "Seen",
    "SeenCache",
    "Silence",
    "Spam",
    "Thresholds",
    "Verdict",
    "Why",
    "deliver",
    "eclipse",
    "no_gossip",
]
