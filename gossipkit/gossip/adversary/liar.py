"""A liar: a process that runs an honest member and breaks the rules beside it."""

from collections.abc import Iterable
from typing import Any

from ...sim import Env, Message, Process, checks
from ..scuttlebutt import Gossiper
from ..swim import State, SwimNode
from .base import Behaviour, Speaks
from .wrapper import Send, Wrapper, member


class Nobody:
    """The process of who is no member: it says nothing, and hears nothing."""

    def start(self, env: Env) -> None:
        """Do nothing."""

    def receive(self, env: Env, sender: str, message: Message) -> None:
        """Ignore it."""


class Acting:
    """One behaviour while it lasts.

    Attributes
    ----------
    behaviour : Behaviour
    liar : Liar
    until_s : float
        When it ends, in seconds.
    count : int
        How often it has spoken.
    kept : list
        What it remembers.
    """

    __slots__ = ("behaviour", "count", "kept", "liar", "until_s")

    def __init__(self, behaviour: Behaviour, liar: "Liar", until_s: float):
        self.behaviour, self.liar, self.until_s = behaviour, liar, until_s
        self.count, self.kept = 0, []


class Liar(Wrapper):
    """A process that lies, from the beginning or on demand; without behaviours it is the honest process, byte for byte.

    Each lie is a ``lie`` in the trace: the ``behaviour``, ``about`` whom, and ``to`` whom it is told.

    Parameters
    ----------
    process : Process or None
        The honest one inside. None: no member, who only knows how to send packets, and must be told to whom.
    behaviours : iterable of Behaviour
        Each begins at its own time.

    Raises
    ------
    ValueError
        For what is no process or no behaviour.

    Examples
    --------
    >>> from gossipkit.gossip.swim import SwimNode
    >>> from gossipkit.sim import World
    >>> from gossipkit.gossip.adversary import Forge
    >>> world, names = World(seed=1), ("a", "b", "c", "d")
    >>> for name in names:
    ...     world.add(name, Liar(SwimNode(members=names)))
    >>> world.run(until=5)
    >>> world.process("d").lie(Forge(about="a"))
    >>> world.run(until=5.1)
    >>> world.process("b").process.states["a"]
    'dead'
    >>> world.run(until=7)  # the victim has refuted it
    >>> world.process("b").process.states["a"]
    'alive'
    """

    def __init__(self, process: Process | None, behaviours: Iterable[Behaviour] = ()):
        super().__init__(Nobody() if process is None else process)
        self._first = tuple(behaviours)
        for each in self._first:
            _checked(each)
        self._acting: list[Acting] = []

    @property
    def behaviours(self) -> tuple[Behaviour, ...]:
        """Those that act now."""
        return tuple(acting.behaviour for acting in self._acting)

    def start(self, env: Env) -> None:
        """Come up as the honest process does; lies begin at their times."""
        self._acting = []
        super().start(env)
        for each in self._first:
            self.lie(each)

    def lie(self, behaviour: Behaviour) -> None:
        """Begin a behaviour at its time, or at once if that is past; of a process that has not started, when it does.

        Raises
        ------
        ValueError
            For what is no behaviour.
        """
        _checked(behaviour)
        if not hasattr(self, "env"):
            self._first += (behaviour,)
        elif behaviour.at_s > self.env.now:
            self.env.after(behaviour.at_s - self.env.now, self._begin, behaviour)
        else:
            self._begin(behaviour)

    def stop(self) -> None:
        """Be honest from now on; what was to begin later still does."""
        self._acting.clear()

    def _begin(self, behaviour: Behaviour) -> None:
        lasts_s = float("inf") if behaviour.for_s is None else behaviour.for_s
        acting = Acting(behaviour, self, self.env.now + lasts_s)
        self._acting.append(acting)
        if behaviour.for_s is not None:
            self.env.after(behaviour.for_s, self._end, acting)
        self._step(acting)

    def _end(self, acting: Acting) -> None:
        if acting in self._acting:
            self._acting.remove(acting)

    def _step(self, acting: Acting) -> None:
        if acting not in self._acting:
            return
        behaviour = acting.behaviour
        behaviour.step(acting)
        acting.count += 1
        every_s = behaviour.every_s if isinstance(behaviour, Speaks) else 0.0
        if every_s and self.env.now + every_s < acting.until_s:
            self.env.after(every_s, self._step, acting)
        elif not behaviour.lasts:
            self._end(acting)

    def receive(self, env: Env, sender: str, message: Message) -> None:
        """Hear a message, and let the honest process hear what is left of it."""
        heard: Message | None = message
        for acting in tuple(self._acting):
            heard = acting.behaviour.hears(acting, sender, heard)
            if heard is None:
                return
        self.process.receive(env, sender, heard)

    def sends(self, to: str, message: Message, send: Send) -> None:
        """The honest process says something: send what the behaviours make of it."""
        leaving = [(0.0, message)]
        for acting in self._acting:
            leaving = [
                (late_s + more_s, made)
                for late_s, each in leaving
                for more_s, made in acting.behaviour.sends(acting, to, each)
            ]
        for late_s, each in leaving:
            if late_s:
                self.env.after(late_s, send, each)
            else:
                send(each)

    # what behaviours do and ask

    def say(self, to: str, message: Message) -> None:
        """Send something of one's own making to a member, wherever that lives."""
        node = member(self.process)
        known = node.members.get(to) if isinstance(node, SwimNode) else None
        self.env.send(to if known is None else known.address, message)

    def note(self, behaviour: Behaviour, **fields: Any) -> None:
        """Write a lie into the trace."""
        self.env.record("lie", behaviour=behaviour.called, **fields)

    def known(self, name: str) -> int:
        """The incarnation in which the honest process knows a member; 1, the first one, where it does not."""
        node = member(self.process)
        known = node.members.get(name) if isinstance(node, SwimNode) else None
        return 1 if known is None else known.incarnation

    def others(self, but: str | None = None) -> tuple[str, ...]:
        """The members that the honest process takes for alive, but one."""
        node = member(self.process)
        if isinstance(node, Gossiper):
            return tuple(name for name in node.live if name != but)
        if node is None:
            return ()
        here = (State.ALIVE, State.SUSPECT)
        return tuple(
            each.name
            for each in sorted(node.members, key=lambda each: each.name)
            if each is not node.members.me and each.name != but and each.state in here
        )

    def event_time(self) -> int:
        """The Lamport time of the latest user event that the honest process has heard of."""
        node = member(self.process)
        return node.events.clock.time if isinstance(node, SwimNode) else 0


def liar(process: Process | None) -> Liar | None:
    """The liar in a process, however it is wrapped; None where there is none."""
    while isinstance(process, Wrapper):
        if isinstance(process, Liar):
            return process
        process = process.process
    return None


def _checked(behaviour: Behaviour) -> None:
    checks.instance("behaviour", behaviour, Behaviour, "a Behaviour, such as Forge(about='m-1')")
