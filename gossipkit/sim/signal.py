"""What a run can wait for: something that happens once, such as the answer to a client."""

from collections.abc import Callable


class Signal:
    """Something that happens once; `World.run` can wait for it.

    Parameters
    ----------
    latest_s : float, optional
        When a run that waits for it gives up, in simulated seconds since the world began. Without it a run waits as long as
        anything is left to happen.

    Attributes
    ----------
    triggered : bool
        Whether it has happened.

    Examples
    --------
    >>> from gossipkit.sim import World
    >>> class Sleeper:
    ...     def start(self, env):
    ...         env.after(1.25, done.trigger)
    ...     def receive(self, env, sender, message):
    ...         pass
    >>> world, done = World(), Signal()
    >>> world.add("a", Sleeper())
    >>> world.run(until=done)
    >>> world.now, done.triggered
    (1.25, True)
    """

    triggered = False
    latest_s: float | None = None
    _heard: Callable[[], None] | None = None  # set by the run that waits

    def __init__(self, latest_s: float | None = None):
        self.latest_s = latest_s

    def trigger(self) -> None:
        """Let it happen, now; a second time, this changes nothing."""
        if not self.triggered:
            self.triggered = True
            if self._heard is not None:
                self._heard()
