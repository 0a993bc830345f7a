"""What all systems have alike: time passes, clients and operators act, and faults happen."""

from collections.abc import Collection, Iterable, Mapping
from inspect import Parameter, signature
from typing import Any, ClassVar, NamedTuple

from ..sim import Metrics, Network, Scenario, Signal, Trace, World, checks
from ..sim.faults import FAULTS
from ..sim.scenario import Step
from .operation import Operation

NEVER_S = 1e6
"""An interval whose end no run lives to see: so a part that works at intervals is switched off."""


class Action(NamedTuple):
    """What a system says of one of its methods that a scenario may name.

    A method ``_check_<action>`` with the same parameters, where the class has one, raises ValueError for arguments that
    are wrong at any time; the method itself asks it first.
    """

    nodes: tuple[str, ...] = ()
    """The parameters that name nodes which must be there by then."""
    adds: str | None = None
    """The parameter that names a new node."""


class Refusal(NamedTuple):
    """A step of a scenario that could not be done at its time."""

    at: float
    action: str
    arguments: dict[str, Any]
    reason: str


class Simulated:
    """A system in a simulated world; the systems derive from it.

    Attributes
    ----------
    world : World
        For what has no method here.
    operations : list of Operation
        All that clients have asked for, in the order of asking.
    refused : list of Refusal
        The steps of scenarios that could not be done at their time.
    """

    ACTIONS: ClassVar[dict[str, Action]] = {}
    """What a scenario may name besides faults: methods of this class."""

    gossip: Any

    def __init__(self, seed: int, network: Network | None, trace: bool | str):
        self.world = World(seed=seed, network=network, trace=trace)
        self.operations: list[Operation] = []
        self.refused: list[Refusal] = []

    # Time.

    def run(self, until: float | Signal) -> None:
        """Let time pass until ``until`` seconds, or until an operation has ended, see `World.run`."""
        self.world.run(until)

    def wait(self, operation: Operation) -> Operation:
        """Let time pass until an operation has ended, and give it back; at most its patience.

        Raises
        ------
        ValueError
            If it is none of this cluster's.
        """
        if not any(operation is each for each in reversed(self.operations)):
            raise ValueError(
                f"operation is {operation!r}: it must be one that a client of this cluster has begun"
            )
        self.run(until=operation)
        return operation

    # Scenarios.

    def play(self, scenario: Scenario) -> None:
        """Let a scenario's faults and actions happen at their times.

        What clients ask for is in ``operations``. A step that is right but can't be done at its time (a client asks a node
        that is down, a name is taken by then) does nothing: it is in ``refused``, and in the trace.

        Raises
        ------
        ValueError
            If any of its steps is in the past or makes no sense in this cluster; then none is played.
        """
        checks.instance("scenario", scenario, Scenario, "a Scenario, such as Scenario([(5, 'heal')])")
        scenario.check(self.world, self)
        for step in scenario.steps:
            self.world.at(step.at, self._do, step)

    def _do(self, step: Step) -> None:
        try:
            if step.fault is not None:
                getattr(self.world, step.action)(*step.fault.arguments)
            else:
                getattr(self, step.action)(**step.arguments)
        except checks.Refused as error:
            self.refused.append(Refusal(step.at, step.action, step.arguments, str(error)))
            self.world.record(None, "refused", what=step.action, reason=str(error))

    def check_action(
        self, action: str, arguments: Mapping[str, Any], coming: Collection[str]
    ) -> tuple[str, ...]:
        """What `Scenario.check` asks: whether an action is one of this cluster's, with arguments that it takes.

        Parameters
        ----------
        action : str
        arguments : mapping
        coming : collection of str
            Nodes that are to join before.

        Returns
        -------
        tuple of str
            The nodes that it adds.

        Raises
        ------
        ValueError
            If not.
        """
        if action not in self.ACTIONS:
            raise ValueError(
                f"action is {action!r}: a {type(self).__name__} has {_listed(self.ACTIONS)}, and the faults {_listed(FAULTS)}"
            )
        parameters = signature(getattr(self, action))
        try:
            parameters.bind(**arguments)
        except TypeError:
            raise ValueError(
                f"{action} was given {', '.join(arguments) or 'nothing'}: it takes {action}({_usage(parameters.parameters)})"
            ) from None
        declared = self.ACTIONS[action]
        adds = [arguments[declared.adds]] if declared.adds else []
        for called in declared.nodes:
            if arguments.get(called) is not None:
                self._known(arguments[called], called, [*coming, *adds])
        check = getattr(self, f"_check_{action}", None)
        if check is not None:
            check(**arguments)
        return tuple(adds)

    # Faults.

    def crash(self, name: str) -> None:
        """Stop a node without a word; what it has on disk stays."""
        self.world.crash(name)

    def restart(self, name: str) -> None:
        """Bring a node back from its disk."""
        self.world.restart(name)

    def pause(self, name: str, seconds: float, timers: str = "wait") -> None:
        """Stall a node, as a slow machine or a long garbage collection does: all of it stands still, see `World.pause`.

        With ``timers="run"`` only its input and output are blocked, as in Lifeguard's experiments.
        """
        self.world.pause(name, seconds, timers)

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

    def corrupt(self, p: float) -> None:
        """Of datagrams only: set the probability that one arrives damaged, see `World.corrupt`."""
        self.world.corrupt(p)

    def clock(self, name: str, offset_s: float = 0.0, drift_ppm: float = 0.0) -> None:
        """Set a node's wall clock: how many seconds it is ahead, and how fast it gains, see `World.clock`."""
        self.world.clock(name, offset_s, drift_ppm)

    # Who there is.

    def _known(self, name: Any, called: str = "name", coming: Collection[str] = ()) -> None:
        """Raise ValueError unless that is a node, or one of those that are to join."""
        checks.name(called, name)
        if name not in self.world and name not in coming:
            raise checks.Refused(
                f"{name!r} is not a node of this cluster: it has {', '.join(self.world.names)}"
            )

    def running(self) -> dict[str, Any]:
        """The processes of the nodes that are up, by name. Where the cluster has not begun to run, it begins now."""
        self.world.begin()
        return dict(self.world.processes)

    def started(self, name: str, called: str = "name") -> Any:
        """A node's process, as `running` has it; ``called`` is the argument that errors speak of.

        Raises
        ------
        ValueError
            If there is no such node, or it is down.
        """
        self._known(name, called)
        self.world.begin()
        node = self.world.process(name)
        if node is None:
            raise checks.Refused(f"{name!r} is down: restart it first")
        return node

    def any_started(self, name: str | None = None, called: str = "name") -> Any:
        """A node's process, by default that of the first one that runs.

        Raises
        ------
        ValueError
            If there is no such node, or it is down; without a name, if none runs.
        """
        return next(iter(self._up().values())) if name is None else self.started(name, called)

    def _up(self) -> dict[str, Any]:
        """As `running`; a `checks.Refused` where nobody does."""
        up = self.running()
        if not up:
            raise checks.Refused("no node is up: restart one first")
        return up

    def __repr__(self) -> str:
        world, name = self.world, type(self).__name__
        if world.pending:
            return f"<{name} at {world.now:.3f} s: {len(world.pending)} of {len(world.names)} nodes have not started>"
        running = self.running()
        says = self._summary() if running else "nobody to ask"
        return f"<{name} at {world.now:.3f} s: {len(running)} of {len(world.names)} nodes up, {says}>"

    def _summary(self) -> str:
        """What a student wants to know of a cluster that runs, in half a line: the leader or the ring, the disagreement."""
        return f"{len(self.gossip.disagreement())} wrong beliefs"

    # What was seen.

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
        """Every event, under the names that stand at the top of `gossipkit.sim.trace`."""
        return self.world.trace


def _listed(names: Iterable[str]) -> str:
    return ", ".join(map(repr, names)) or "none"


def _usage(parameters: Mapping[str, Parameter]) -> str:
    return ", ".join(
        name if parameter.default is Parameter.empty else f"{name}={parameter.default!r}"
        for name, parameter in parameters.items()
    )
