"""The four incidents of the exercise ``incidents``: how they are made, and their answers.

Students have the recordings, and nothing of this folder. ``python -m gossipkit.reading.unseen.incidents`` records them anew.
"""

from pathlib import Path

from ...incidents.judging import Answer
from ...incidents.recording import SUFFIX, load_answers
from ...incidents.taking import Scene
from .checkout import Checkout
from .ghosts import Ghosts
from .night_shift import NightShift
from .standstill import Standstill

SCENES: dict[str, type[Scene]] = {scene.name: scene for scene in (NightShift, Checkout, Ghosts, Standstill)}
FILE = Path(__file__).parent / f"answers{SUFFIX}"
ANSWERS: dict[str, Answer] = {name: Answer.from_json(said) for name, said in load_answers(FILE).items()}

__all__ = ["ANSWERS", "SCENES"]
