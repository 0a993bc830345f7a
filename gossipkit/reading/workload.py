"""Clients for evidence: what is read and written while a scenario is played."""

from collections.abc import Callable

from ..sim import Scenario
from .evidence import System


class Busy:
    """A cluster whose clients act at set times.

    Parameters
    ----------
    cluster : System
    steps : list of (float, callable)
        When, in order, and what is done with the cluster then.
    """

    def __init__(self, cluster: System, steps: list[tuple[float, Callable]]):
        self.cluster, self._steps = cluster, steps

    def play(self, scenario: Scenario) -> None:
        """Let a scenario's faults happen."""
        self.cluster.play(scenario)

    def run(self, until: float) -> None:
        """Let time pass, and clients act."""
        for at, act in [step for step in self._steps if step[0] <= until]:
            self.cluster.run(until=at)
            act(self.cluster)
        self._steps = [step for step in self._steps if step[0] > until]
        self.cluster.run(until=until)
