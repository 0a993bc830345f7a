"""What can happen to every system: time passes, and faults."""

from ..sim import Metrics, Scenario, Signal, Trace, World


class Simulated:
    """A system in a simulated world; the systems derive from it.

    Attributes
    ----------
    world : World
        For what has no method here.
    """

    world: World

    def run(self, until: float | Signal) -> None:
        """Let time pass until ``until`` seconds, or until an operation has ended, see `World.run`."""
        self.world.run(until)

    def play(self, scenario: Scenario) -> None:
        """Let a scenario's faults happen at their times."""
        self.world.play(scenario)

    def crash(self, name: str) -> None:
        """Stop a node without a word; what it has on disk stays."""
        self.world.crash(name)

    def restart(self, name: str) -> None:
        """Bring a node back from its disk."""
        self.world.restart(name)

    def partition(self, *groups: list[str]) -> None:
        """Let messages pass only inside each group."""
        self.world.partition(*groups)

    def heal(self) -> None:
        """End the partition and all cuts."""
        self.world.heal()

    def cut(self, a: str, b: str, both: bool = True, streams: bool = True) -> None:
        """Let nothing pass between two nodes, or no datagram from ``a`` to ``b``, see `World.cut`."""
        self.world.cut(a, b, both, streams)

    def mend(self, a: str, b: str) -> None:
        """End all cuts between two nodes."""
        self.world.mend(a, b)

    def set_loss(self, p: float, src: str | None = None, dst: str | None = None) -> None:
        """Of datagrams only: set the loss on all links, or on some."""
        self.world.set_loss(p, src, dst)

    def clock(self, name: str, offset_s: float = 0.0, drift_ppm: float = 0.0) -> None:
        """Set a node's wall clock: how many seconds it is ahead, and how fast it gains, see `World.clock`."""
        self.world.clock(name, offset_s, drift_ppm)

    @property
    def connected(self) -> bool:
        """Whether no partition and no cut keeps nodes apart."""
        return self.world.connected

    @property
    def metrics(self) -> Metrics:
        """Counters and gauges per node over time, under the product's names."""
        return self.world.metrics

    @property
    def trace(self) -> Trace:
        """Every event."""
        return self.world.trace
