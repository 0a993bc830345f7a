"""One node's opinion of another."""

from ...sim import Word
from .states import DEPARTED, EndpointState


class Belief(Word):
    """What a node believes of another."""

    UP = "up"
    DOWN = "down"
    LEFT = "left"
    """It was taken out of the cluster, and is still remembered."""


class Endpoint:
    """What one node believes of another: its state, whether it is ``alive``, and when there was last news (seconds)."""

    __slots__ = ("alive", "state", "updated_s")

    def __init__(self, state: EndpointState, now_s: float, alive: bool = False):
        self.state, self.updated_s, self.alive = state, now_s, alive

    @property
    def belief(self) -> Belief:
        """Whether the other one is up, in this node's own opinion."""
        if self.state.status in DEPARTED:
            return Belief.LEFT
        return Belief.UP if self.alive else Belief.DOWN

    def __repr__(self) -> str:
        return f"<Endpoint {self.belief}: {self.state.status or 'no STATUS'}, {self.state.heartbeat}>"
