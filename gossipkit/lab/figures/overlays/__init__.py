"""Figures of open overlays with liars in them: gossipsub's meshes, and the views of peer sampling."""

from .delivery import deliver
from .infiltration import infiltrate
from .siege import eclipse

__all__ = ["deliver", "eclipse", "infiltrate"]
