"""Pure functions from results to charts.

=========================  ===========================================================================================
`spread_curves`            the share informed, round by round: median and 10-90 % band of one or several spreads
`epidemic`                 one spread: its curve, and what it sends
`uninformed_share`         the share that does not know, on a logarithmic axis: the tail
`rounds_by_label`          rounds to 50, 99 and 100 % for several spreads side by side
`messages_per_node`        messages per node until 50, 99 and 100 % know
`model_against_measured`   curves of the model and points that somebody measured
`residue_against_traffic`  what stays untold against what was sent, with Demers' law
`heatmap`                  one number for every pair of two parameters
`curves`                   any labelled rows of numbers over rounds
`over_time`                any labelled lines over seconds, with moments marked
`failure`                  who believes what of a member that crashed
`layers`                   a crash on its way through membership, catalog and answer
`rotation`                 who cannot read whom while gossip keys are rotated
`beside_measured`          the model's numbers and those that somebody measured, row by row
`three_parts`              the course's frame: gossip spreads, authority decides, repair corrects
=========================  ===========================================================================================
"""

from .comparison import beside_measured, curves, heatmap, model_against_measured, residue_against_traffic
from .frame import three_parts
from .overtime import failure, layers, over_time, rotation
from .spreading import epidemic, messages_per_node, rounds_by_label, spread_curves, uninformed_share

__all__ = [
    "beside_measured",
    "curves",
    "epidemic",
    "failure",
    "heatmap",
    "layers",
    "messages_per_node",
    "model_against_measured",
    "over_time",
    "residue_against_traffic",
    "rotation",
    "rounds_by_label",
    "spread_curves",
    "three_parts",
    "uninformed_share",
]
