"""Incident files: recorded runs with a hidden fault in one layer, to be found by questions that cost time.

======================  ===============================================================================================
``Incident``            ``load`` one; it shows the page as the operator got it, answers questions, and takes a verdict
``INCIDENTS``           their names, which tell what was seen and not what it was
``LAYERS``              where a fault can be
``MECHANISMS``          what a verdict chooses from
``Finding, score``      what somebody has found, and how near it comes
``separating_metrics``  which panels of a dashboard tell the layers apart, computed from the incidents
======================  ===============================================================================================

The recordings and the answers are stored apart, both compressed, in this folder. ``scenes`` has how they are made: whoever wants
to be puzzled doesn't look there.
"""

from .incident import Incident
from .judging import POINTS, Answer, Finding, score
from .layers import LAYERS, MECHANISMS, NEIGHBOURS, Layer
from .panels import PANELS, Panels, separating_metrics
from .recording import load_answers
from .verdict import COSTS, Verdict

INCIDENTS = tuple(load_answers())

__all__ = [
    "COSTS",
    "INCIDENTS",
    "LAYERS",
    "MECHANISMS",
    "NEIGHBOURS",
    "PANELS",
    "POINTS",
    "Answer",
    "Finding",
    "Incident",
    "Layer",
    "Panels",
    "Verdict",
    "score",
    "separating_metrics",
]
