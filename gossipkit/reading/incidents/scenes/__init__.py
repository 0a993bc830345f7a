"""How the incidents are made: a module a scene. Whoever reads on here knows the answers.

Loading an incident needs nothing of this; ``python -m gossipkit.reading.incidents`` records them anew.
"""

from ..taking import Scene
from .cold_caches import ColdCaches
from .edits_that_vanish import EditsThatVanish
from .read_only import ReadOnly

SCENES: dict[str, type[Scene]] = {scene.name: scene for scene in (ReadOnly, ColdCaches, EditsThatVanish)}

__all__ = ["SCENES"]
