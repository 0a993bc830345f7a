"""The world: processes, the network between them, and faults, on a `Kernel` that lets time pass."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from . import checks
from .env import Env, Process
from .faults import Churn, Clock, Corrupt, Crash, Cut, Mend, Partition, Pause, Restart, SetLoss
from .kernel import Kernel, Timer
from .links import Links
from .network import Network, stream
from .scenario import Scenario


class World(Kernel):
    """Processes, the network between them, a clock, and faults.

    Parameters
    ----------
    seed : int
        Replays everything: the same seed and calls give the same trace, byte for byte, everywhere.
    network : Network
        Latency, loss, duplication and corruption of datagrams.
    trace : bool or "events"
        Whether to keep a `Trace`; without it, `trace` stays empty and costs nothing. "events" keeps all but what becomes
        of each single message, see `gossipkit.sim.trace.PACKETS`.
    newcomer : callable, optional
        Makes the process of a node that joins under `churn`, from its name.

    Attributes
    ----------
    now : float
        Simulated seconds since the beginning.
    trace : Trace
    metrics : Metrics

    Examples
    --------
    >>> class Greeter:
    ...     def start(self, env):
    ...         if env.name == "a":
    ...             env.send("b", Hello())
    ...     def receive(self, env, sender, message):
    ...         env.record("greeted", by=sender)
    >>> from gossipkit.sim import Constant, message
    >>> @message
    ... class Hello:
    ...     pass
    >>> world = World(seed=1, network=Network(latency=Constant(0.25)))
    >>> for name in "ab":
    ...     world.add(name, Greeter())
    >>> world.run(until=1.0)
    >>> world.trace.filter(kind="greeted").table()
    [{'time': 0.25, 'node': 'b', 'kind': 'greeted', 'by': 'a'}]
    """

    def __init__(
        self,
        seed: int = 0,
        network: Network | None = None,
        trace: bool | str = True,
        newcomer: Callable[[str], Process] | None = None,
    ):
        if not isinstance(seed, int) or isinstance(seed, bool):
            raise ValueError(f"seed is {seed!r}: it must be an integer")
        if network is not None:
            checks.instance("network", network, Network, "a Network, such as Network(loss=0.1)")
        super().__init__(trace)
        self.seed = seed
        self.network = network or Network()
        self.newcomer = newcomer
        self._links = Links(self.network)
        self._envs: dict[str, Env] = self._links.nodes
        self._churn_random = stream(seed, "churn")
        self._newcomers = 0
        self._pending: dict[str, Timer] = {}  # whose start is to come

    @property
    def names(self) -> tuple[str, ...]:
        """All nodes in the order of adding, also those that are down."""
        return tuple(self._envs)

    @property
    def up(self) -> tuple[str, ...]:
        """The nodes that are not down, in the order of adding."""
        return tuple(name for name, env in self._envs.items() if not env._down)

    @property
    def processes(self) -> Mapping[str, Process]:
        """The running process of each node that is not down, by name."""
        return MappingProxyType({name: env._process for name, env in self._envs.items() if not env._down})

    def process(self, name: str) -> Process | None:
        """The running process of one node; None where it is down, or where there is no node of that name."""
        env = self._envs.get(name)
        return None if env is None or env._down else env._process

    def __contains__(self, name: object) -> bool:
        """Whether there is a node of that name, up or down."""
        return name in self._envs

    def add(self, name: str, process: Process, rebuild: Callable[[Any], Process] | None = None) -> None:
        """Add a node. Its process is started when the world next runs, before anything later happens.

        Parameters
        ----------
        name : str
            Also its address. A name is used once.
        process : Process
            Any object with ``start(env)`` and ``receive(env, sender, message)``.
        rebuild : callable, optional
            What `restart` calls to make the process anew, with what the crashed one had on its disk: the value that its
            ``persisted()`` method returned at the crash, or None if it has no such method. A process object keeps its
            memory, so without ``rebuild`` it cannot restart.

        Raises
        ------
        ValueError
            If the name is taken or is no name, or ``process`` lacks one of the two methods.
        """
        checks.name("name", name)
        for method in ("start", "receive"):
            if not callable(getattr(process, method, None)):
                raise ValueError(
                    f"process is {process!r}: it must have start(env) and receive(env, sender, message)"
                )
        if name in self._envs:
            raise ValueError(f"there is a node {name!r} already")
        env = Env(self, self._links, self.seed, name, process, rebuild)
        self._links.add(name, env)
        self._pending[name] = env.after(0.0, self._start, env)

    @property
    def pending(self) -> tuple[str, ...]:
        """The nodes that were added and have not started yet."""
        return tuple(name for name, timer in self._pending.items() if not timer)

    def begin(self) -> None:
        """Start the processes that were added and have not started yet, now; else the next run does it."""
        for name in self.pending:
            env = self._envs[name]
            if env._pause is not None:
                continue  # it starts when the pause ends
            self._pending[name].cancel()
            caller, self._owner = self._owner, env
            try:
                self._start(env)
            finally:
                self._owner = caller

    def _start(self, env: Env) -> None:
        del self._pending[env.name]
        env._process.start(env)

    @property
    def connected(self) -> bool:
        """Whether nothing keeps nodes apart: there is no partition and no cut, or they have healed."""
        return not self._links.apart

    def _bears(self, error: Exception) -> bool:
        # A damaged message can be one that no process sends, and what it leaves in a process, or what that says to
        # others, can fail much later. Without damage an exception is a bug of the protocol.
        if not self._damaged or not isinstance(self._owner, Env):
            return False
        self.record(self._owner.name, "crash", error=repr(error))
        if not self._owner._down:
            self._owner._crash()
        return True

    def play(self, scenario: Scenario) -> None:
        """Let a scenario's faults happen at their times, which count from the beginning of the world.

        At its instant a step comes before what was asked for after ``play``, as a timer set later; a method called
        between two runs comes after all of the instant.

        Raises
        ------
        ValueError
            If any of its steps is in the past or makes no sense in this world; then none is applied.
        """
        checks.instance("scenario", scenario, Scenario, "a Scenario, such as Scenario([(5, 'heal')])")
        scenario.check(self)
        for step in scenario.steps:
            self._schedule(step.at, getattr(self, step.action), *step.fault.arguments)

    def at(self, seconds: float, callback: Callable[..., None], *arguments: Any) -> None:
        """Have something called at a time, in seconds from the beginning of the world, as a step of a scenario is.

        Raises
        ------
        ValueError
            If that is in the past.
        """
        checks.number("seconds", seconds, low=self.now)
        self._schedule(float(seconds), callback, *arguments)

    def crash(self, name: str) -> None:
        """Stop a process at once: its timers and all that it had not persisted are gone, and nobody is told.

        A process that is crashed from within its own handler does nothing more either: what the rest of the handler
        sends, records, counts or sets a timer for does not happen.
        """
        Crash(name).check(self)
        env = self._envs[name]
        if not env._down:
            self.record(name, "crash")
            env._crash()

    def can_restart(self, name: str) -> bool:
        """Whether a node was added with ``rebuild``, so that `restart` can make its process anew."""
        return self._envs[name]._rebuild is not None

    def restart(self, name: str) -> None:
        """Build a process anew from what it had persisted, and start it; a running one is crashed first.

        If its own handler asks for this, the new process starts at the same instant, when the handler has ended.

        Raises
        ------
        ValueError
            If the node was added without ``rebuild``.
        """
        Restart(name).check(self)
        self.crash(name)
        env = self._envs[name]
        if self._owner is env:
            self._schedule(self.now, self._start_anew, env)
        else:
            self._start_anew(env)

    def _start_anew(self, env: Env) -> None:
        if env._down:
            self.record(env.name, "restart")
            caller, self._owner = self._owner, env
            env._restart()
            self._owner = caller

    def pause(self, name: str, seconds: float, timers: str = "wait") -> None:
        """Stall a process: it handles and sends nothing for a while, and then handles all that waited, at once.

        Parameters
        ----------
        name : str
            The process. A pause during a pause prolongs it if it ends later.
        seconds : float
            How long.
        timers : {"wait", "run"}
            With "wait" the whole process stands still: a timer that is due during the pause goes off at its end, in its
            place among the messages that waited, unless handling one of those has cancelled it. That is what a slow node
            does, in a long garbage collection, while it swaps or its virtual machine is stalled: no thread of it runs, so
            its timers don't either, and it is the default. With "run" only its input and output are blocked: timers go off
            on time, messages that arrive wait, and what is sent leaves at the end of the pause, before what waited is
            handled. This is "blocked" in Lifeguard's experiments (arXiv 1707.00788), where a member accuses others because
            it cannot hear them.
        """
        Pause(name, seconds, timers).check(self)
        env = self._envs[name]
        if not env._down:
            self.record(name, "pause", seconds=seconds, timers=timers)
            env._be_paused(seconds, timers == "run")

    def partition(self, *groups: list[str]) -> None:
        """Let messages pass only inside each group; nodes in no group are together in one more.

        It replaces an earlier partition, and leaves cuts as they are. What is under way between groups is lost if it arrives
        before the end.
        """
        fault = Partition(groups)
        fault.check(self)
        self.record(None, "partition", groups=fault.groups)
        self._links.partition(fault.groups)

    def heal(self) -> None:
        """End the partition and all cuts; what they cost stays lost. Losses that were set stay."""
        self.record(None, "heal")
        self._links.heal()

    def cut(self, a: str, b: str, both: bool = True, streams: bool = True) -> None:
        """Let nothing pass between two nodes, which may both reach all others, until `mend` or `heal`.

        Several cuts make what no partition can: a node that reaches some members and not others, or the only bridge between
        two halves. Cuts add up. What is under way is lost if it arrives before the end.

        Parameters
        ----------
        a, b : str
            The two nodes.
        both : bool
            Whether datagrams are lost in both directions, or only from ``a`` to ``b``.
        streams : bool
            Whether reliable messages fail too. They fail in both directions, even if only one is cut: a connection needs
            packets that go and packets that come back. False is a firewall that stops datagrams only.
        """
        Cut(a, b, both, streams).check(self)
        self.record(None, "cut", a=a, b=b, both=both, streams=streams)
        self._links.cut(a, b, both, streams)

    def mend(self, a: str, b: str) -> None:
        """End all cuts between two nodes, in both directions; what they cost stays lost."""
        Mend(a, b).check(self)
        self.record(None, "mend", a=a, b=b)
        self._links.mend(a, b)

    def set_loss(self, p: float, src: str | None = None, dst: str | None = None) -> None:
        """Of datagrams only: set the probability of loss on all links, or from ``src``, or towards ``dst``, or from one to
        the other. Reliable messages arrive as before.
        """
        SetLoss(p, src, dst).check(self)
        self.record(None, "set_loss", p=p, src=src, dst=dst)
        self._links.set_loss(p, src, dst)

    def corrupt(self, p: float) -> None:
        """Set the probability that one field of a datagram arrives changed to another value of its type.

        Once a process has handled a damaged message, an exception in a handler, of this or of another process, is that
        process's crash: the trace's "crash" has the ``error``. Before that, an exception is a bug of the protocol, and
        leaves `run`.
        """
        Corrupt(p).check(self)
        self.record(None, "set_corrupt", p=p)
        self._links.set_corrupt(p)

    def clock(self, name: str, offset_s: float = 0.0, drift_ppm: float = 0.0) -> None:
        """Set a node's wall clock, `Env.clock`; with the defaults it is right again. It stays so across a restart.

        Timers and latencies go by the world's time whatever a wall clock says. It never shows less than 0, where the
        simulation begins.

        Parameters
        ----------
        name : str
            The node.
        offset_s : float
            By how many seconds it is ahead from now on; negative, it is behind.
        drift_ppm : float
            How much it gains from now on, in millionths: microseconds a second. A quartz clock drifts by tens.
        """
        Clock(name, offset_s, drift_ppm).check(self)
        self.record(name, "clock", offset_s=offset_s, drift_ppm=drift_ppm)
        self._envs[name]._wall = offset_s, drift_ppm / 1e6, self.now

    def churn(self, leaves_per_s: float = 0.0, joins_per_s: float = 0.0, seconds: float = 60.0) -> None:
        """Let random members leave for good, and new ones join, as two Poisson processes, for a while.

        Parameters
        ----------
        leaves_per_s, joins_per_s : float
            Mean number of events a second in the whole world. A leave is a crash without a word; a join adds
            ``newcomer-1``, ``newcomer-2`` and so on, of which names that are taken are left out.
        seconds : float
            How long.
        """
        Churn(leaves_per_s, joins_per_s, seconds).check(self)
        self.record(None, "churn", leaves_per_s=leaves_per_s, joins_per_s=joins_per_s, seconds=seconds)
        end = self.now + seconds
        self._churn_on(end, leaves_per_s, self._leave)
        self._churn_on(end, joins_per_s, self._join)

    def _churn_on(self, end: float, rate: float, event: Callable[[], None]) -> None:
        """Let the next event of a Poisson process happen, and the one after that, until the end."""
        if rate:
            # whole nanoseconds: logarithms differ in their last bit from one platform to another
            at = self.now + round(self._churn_random.expovariate(rate), 9)
            if at <= end:
                self._schedule(at, self._churned, end, rate, event)

    def _churned(self, end: float, rate: float, event: Callable[[], None]) -> None:
        event()
        self._churn_on(end, rate, event)

    def _leave(self) -> None:
        if members := self.up:
            name = self._churn_random.choice(members)
            self.record(name, "leave")
            self._envs[name]._crash()

    def _join(self) -> None:
        self._newcomers += 1
        while (name := f"newcomer-{self._newcomers}") in self._envs:
            self._newcomers += 1
        self.record(name, "join")
        self.add(name, self.newcomer(name))
