"""Charts that set one thing beside another: numbers beside numbers, systems beside systems."""

from .matrix import matrix
from .numbers import beside_measured, curves, heatmap, model_against_measured
from .outage import one_outage
from .wire import on_the_wire

__all__ = [
    "beside_measured",
    "curves",
    "heatmap",
    "matrix",
    "model_against_measured",
    "on_the_wire",
    "one_outage",
]
