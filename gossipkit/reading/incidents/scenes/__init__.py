"""How the incidents are made: a module a scene. Whoever reads on here knows the answers.

Loading an incident needs nothing of this; ``python -m gossipkit.reading.incidents`` records them anew.
"""

from ..taking import Scene
from .all_green import AllGreen
from .back_from_deletion import BackFromDeletion
from .cluster_down import ClusterDown
from .cold_caches import ColdCaches
from .edits_that_vanish import EditsThatVanish
from .flapping import Flapping
from .full_carts import FullCarts
from .growing_pains import GrowingPains
from .not_found import NotFound
from .quiet_agent import QuietAgent
from .read_only import ReadOnly
from .ring_in_doubt import RingInDoubt
from .short_breaks import ShortBreaks
from .storage_storm import StorageStorm
from .two_ledgers import TwoLedgers

SCENES: dict[str, type[Scene]] = {
    scene.name: scene
    for scene in (
        ReadOnly,
        ColdCaches,
        EditsThatVanish,
        BackFromDeletion,
        RingInDoubt,
        ClusterDown,
        QuietAgent,
        Flapping,
        GrowingPains,
        StorageStorm,
        NotFound,
        TwoLedgers,
        AllGreen,
        ShortBreaks,
        FullCarts,
    )
}

__all__ = ["SCENES"]
