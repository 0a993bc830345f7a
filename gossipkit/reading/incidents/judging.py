"""A finding, the answer, and the distance between the two: never all or nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ...sim.checks import number, one_of
from .layers import LAYERS, MECHANISMS, NEIGHBOURS, Layer, layer_of

if TYPE_CHECKING:
    from .incident import Incident
    from .recording import Recording

POINTS = {"layer": 30, "node": 20, "moment": 15, "mechanism": 20, "first metric": 5}
"""What each part of a finding is worth. The remaining 10 points are for economy, see `Incident.verdict`."""
NEAR_LAYER, SAME_ROLE, SAME_LAYER, LATER_METRIC = 0.25, 0.1, 0.25, 0.5
SURE_S, FAR_S = 5.0, 30.0
"""A moment that is at most so far off counts in full; from so far on, not at all."""
SCRAPE_S = 5.0
"""Between two values of a metric, in seconds."""


@dataclass(frozen=True)
class Finding:
    """What somebody has found: a part that is None says nothing, and earns nothing.

    Parameters
    ----------
    layer : Layer or str, optional
    node : str, optional
        The node at which the fault is.
    moment_s : float, optional
        When it began, in seconds of the recording.
    mechanism : str, optional
        One of `MECHANISMS`.
    first_metric : str, optional
        The metric that showed it first.
    """

    layer: str | None = None
    node: str | None = None
    moment_s: float | None = None
    mechanism: str | None = None
    first_metric: str | None = None


@dataclass(frozen=True)
class Answer:
    """What was so.

    Attributes
    ----------
    layer : Layer
    nodes : tuple of str
        Any of these is right.
    moment_s : float
    mechanism : str
    moved_s : dict of str to float
        By metric, when it first left the range that it keeps in a run without the fault, in seconds.
    path : tuple of (str, tuple, str)
        The reference path: of one question after the other its name, its arguments, and the piece of the reply that counts.
    source : str
        What really happened, and where one reads of it.
    debrief : str
        What happened here, with the run's numbers.
    """

    layer: Layer
    nodes: tuple[str, ...]
    moment_s: float
    mechanism: str
    moved_s: Mapping[str, float] = field(default_factory=dict)
    path: tuple[tuple[str, tuple, str], ...] = ()
    source: str = ""
    debrief: str = ""

    def to_json(self) -> dict[str, Any]:
        """As JSON."""
        return vars(self) | {"moved_s": dict(self.moved_s)}

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> "Answer":
        """From what `to_json` gave."""
        path = tuple(
            (name, tuple(tuple(each) if isinstance(each, list) else each for each in arguments), shows)
            for name, arguments, shows in said["path"]
        )
        return cls(**{**said, "layer": Layer(said["layer"]), "nodes": tuple(said["nodes"]), "path": path})


def check(incident: "Incident | Recording", finding: Finding) -> None:
    """Raise ValueError for a layer, node, moment, mechanism or metric that there is not in an incident."""
    if finding.layer is not None:
        one_of("layer", finding.layer, LAYERS)
    if finding.node is not None:
        one_of("node", finding.node, tuple(incident.nodes))
    if finding.moment_s is not None:
        number("moment_s", finding.moment_s, high=incident.duration_s)
    if finding.mechanism is not None:
        one_of("mechanism", finding.mechanism, tuple(MECHANISMS))
    if finding.first_metric is not None:
        one_of("first_metric", finding.first_metric, tuple(incident.metrics))


def score(incident: "Incident | Recording", finding: Finding, answer: Answer) -> dict[str, float]:
    """How near a finding comes, part by part, each from 0 to 1; `POINTS` says what a part is worth.

    The layer's neighbours (`NEIGHBOURS`) count a quarter, a node of the same role a tenth, another mechanism of the same layer a
    quarter. A moment counts in full up to 5 s off, and less and less up to 30 s. The metric that moved first counts in full
    with those that moved in the same 5 s, and half if it moved later.

    Parameters
    ----------
    incident : Incident or Recording
    finding : Finding
    answer : Answer

    Raises
    ------
    ValueError
        For a layer, node, moment, mechanism or metric that there is not in this incident.
    """
    check(incident, finding)
    return {
        "layer": _layer(finding.layer, answer),
        "node": _node(finding.node, answer, incident.nodes),
        "moment": _moment(finding.moment_s, answer),
        "mechanism": _mechanism(finding.mechanism, answer),
        "first metric": _metric(finding.first_metric, answer),
    }


def _layer(layer: str | None, answer: Answer) -> float:
    if layer == answer.layer:
        return 1.0
    return NEAR_LAYER if layer in NEIGHBOURS[answer.layer] else 0.0


def _node(node: str | None, answer: Answer, roles: Mapping[str, str]) -> float:
    if node in answer.nodes:
        return 1.0
    near = node is not None and any(roles[node] == roles[each] for each in answer.nodes)
    return SAME_ROLE if near else 0.0


def _moment(moment_s: float | None, answer: Answer) -> float:
    if moment_s is None:
        return 0.0
    off = abs(moment_s - answer.moment_s)
    return max(0.0, min(1.0, (FAR_S - off) / (FAR_S - SURE_S)))


def _mechanism(mechanism: str | None, answer: Answer) -> float:
    if mechanism == answer.mechanism:
        return 1.0
    return SAME_LAYER if mechanism is not None and layer_of(mechanism) == answer.layer else 0.0


def _metric(metric: str | None, answer: Answer) -> float:
    if metric not in answer.moved_s:
        return 0.0
    return 1.0 if answer.moved_s[metric] <= min(answer.moved_s.values()) else LATER_METRIC
