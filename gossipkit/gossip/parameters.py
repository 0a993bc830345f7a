"""What an epidemic needs to know, checked before anything runs."""

from __future__ import annotations

import numbers
from dataclasses import dataclass
from typing import Literal

from ..sim.checks import probability, whole
from .neighbours import Neighbours, Overlay

MODES = ("push", "pull", "push-pull")


@dataclass(frozen=True, kw_only=True, eq=False)
class Parameters:
    """The parameters of :func:`gossipkit.gossip.spread`, which explains them."""

    nodes: int
    mode: Literal["push", "pull", "push-pull"] = "push"
    fanout: int = 1
    loss: float = 0.0
    churn: float = 0.0
    overlay: Overlay | None = None
    max_rounds: int = 100
    retransmit: float | None = None
    trials: int = 1
    seed: int = 0
    track: bool = False

    def __post_init__(self):
        keep = lambda name, value: object.__setattr__(self, name, value)  # noqa: E731 - a frozen dataclass's own setter
        keep("nodes", whole("nodes", self.nodes, 2))
        if self.mode not in MODES:
            raise ValueError(f"mode is {self.mode!r}: it must be one of {', '.join(MODES)}")
        keep("fanout", whole("fanout", self.fanout, 1, self.nodes - 1))
        keep("loss", probability("loss", self.loss))
        keep("churn", probability("churn", self.churn))
        keep("max_rounds", whole("max_rounds", self.max_rounds, 1))
        keep("trials", whole("trials", self.trials, 1))
        keep("seed", whole("seed", self.seed, 0))
        if self.retransmit is not None:
            known_number = isinstance(self.retransmit, numbers.Real)
            if not known_number or not 0.5 < self.retransmit * self.fanout < float("inf"):
                raise ValueError(
                    f"retransmit is {self.retransmit!r}: it must be None (for ever) or a number of rounds that makes "
                    f"at least one copy, here more than {0.5 / self.fanout:.3g}"
                )
        if self.overlay is not None:
            keep("overlay", Neighbours.of(self.overlay))
            if self.overlay.nodes != self.nodes:
                raise ValueError(
                    f"overlay has {self.overlay.nodes} nodes: it must have as many as nodes, {self.nodes}"
                )

    @property
    def copies(self) -> int | None:
        """How many copies a node that learnt the rumour sends altogether; None without limit."""
        return None if self.retransmit is None else round(self.retransmit * self.fanout)
