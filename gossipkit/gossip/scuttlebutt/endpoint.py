"""One node's opinion of another."""

from .states import EndpointState


class Endpoint:
    """What one node believes of another: its state, whether it is ``alive``, and when there was last news (seconds)."""

    __slots__ = ("alive", "state", "updated_s")

    def __init__(self, state: EndpointState, now_s: float, alive: bool = False):
        self.state, self.updated_s, self.alive = state, now_s, alive

    def __repr__(self) -> str:
        return (
            f"<{'up' if self.alive else 'down'}, {self.state.heartbeat}, {self.state.status or 'no status'}>"
        )
