"""Faults as checked data: each says what it needs and refuses what makes no sense.

| fault | what happens |
|---|---|
| Crash(name) | the process is gone with its timers and everything it knew, but for what it had persisted |
| Restart(name) | a process is built anew from what was persisted, and started; a running one is crashed first |
| Pause(name, seconds, timers) | the process handles nothing and sends nothing; then everything at once, in order |
| Partition(groups) | messages pass inside a group only; who is in no group is in one more |
| Cut(a, b, both, streams) | nothing passes between two nodes, or from one to the other |
| Mend(a, b) | no cut between two nodes any more |
| Heal() | no partition and no cut any more; what was lost stays lost |
| SetLoss(p, src, dst) | loss of datagrams on the links from src to dst, None meaning all; the latest setting of a link holds |
| Corrupt(p) | one field of a message arrives changed, for every sender |
| Clock(name, offset_s, drift_ppm) | what a node takes for the time of day is off, and goes on to be more so |
| Churn(leaves_per_s, joins_per_s, seconds) | Poisson departures of random members, and arrivals of new ones |

A fault that finds its process already down (a second crash, a pause) does nothing: under churn nobody can know. The
methods of `World` of the same names check these values and let them happen; a `Scenario` is a list of them with times,
and calls the same methods.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, fields
from typing import Any, Protocol

from . import checks


class Nodes(Protocol):
    """What a fault asks of a world."""

    now: float
    names: tuple[str, ...]
    newcomer: Callable | None

    def can_restart(self, name: str) -> bool: ...


def known(names: Iterable[str | None], world: Nodes, coming: Collection[str] = ()) -> None:
    """Raise `checks.Refused` unless each of these is a node, or None, or one of those that are to join before."""
    for name in names:
        if name is not None and name not in world.names and name not in coming:
            raise checks.Refused(f"{name!r} is not a node of this world: it has {_listed(world.names)}")


def _listed(names: tuple[str, ...], most: int = 8) -> str:
    shown = ", ".join(map(repr, names[:most]))
    return (f"{shown} and {len(names) - most} more" if len(names) > most else shown) or "no nodes"


@dataclass(frozen=True)
class Fault:
    """What all faults share."""

    def check(self, world: Nodes, coming: Collection[str] = ()) -> None:
        """Raise ValueError if this world cannot suffer this fault."""

    @property
    def arguments(self) -> tuple[Any, ...]:
        """What the method of `World` takes, in its order."""
        return tuple(getattr(self, field.name) for field in fields(self))


@dataclass(frozen=True)
class Crash(Fault):
    name: str

    def __post_init__(self):
        checks.name("name", self.name)

    def check(self, world, coming=()):
        known((self.name,), world, coming)


@dataclass(frozen=True)
class Restart(Fault):
    name: str

    def __post_init__(self):
        checks.name("name", self.name)

    def check(self, world, coming=()):
        known((self.name,), world, coming)
        if self.name not in coming and not world.can_restart(self.name):
            raise ValueError(
                f"{self.name!r} cannot restart: add it with rebuild=, a function that makes its process anew"
            )


@dataclass(frozen=True)
class Pause(Fault):
    name: str
    seconds: float
    timers: str = "wait"

    def __post_init__(self):
        checks.name("name", self.name)
        checks.number("seconds", self.seconds)
        checks.one_of("timers", self.timers, ("wait", "run"))

    def check(self, world, coming=()):
        known((self.name,), world, coming)


@dataclass(frozen=True)
class Partition(Fault):
    groups: tuple[tuple[str, ...], ...]

    def __post_init__(self):
        kinds = (list, tuple, set, frozenset)
        if not isinstance(self.groups, kinds[:2]) or not all(
            isinstance(group, kinds) for group in self.groups
        ):
            raise ValueError(
                f"groups is {self.groups!r}: each group must be a list of names, as in [['a', 'b'], ['c']]"
            )
        for name in (name for group in self.groups for name in group):
            checks.name("name in groups", name)
        # a set has another order in every process: the trace would not be replayed
        groups = (sorted(group) if isinstance(group, kinds[2:]) else group for group in self.groups)
        object.__setattr__(self, "groups", tuple(map(tuple, groups)))
        if not self.groups or not all(self.groups):
            raise ValueError(
                f"groups is {self.groups!r}: there must be at least one group, and a name in each"
            )
        seen = set()
        for name in (name for group in self.groups for name in group):
            if name in seen:
                raise ValueError(f"{name!r} is named twice: a node is on one side of a partition")
            seen.add(name)

    @property
    def arguments(self):
        return self.groups

    def check(self, world, coming=()):
        known(tuple(name for group in self.groups for name in group), world, coming)
        if len(self.groups) == 1 and {*world.names, *coming} <= set(self.groups[0]):
            raise ValueError("the only group holds every node: leave somebody out, or name a second group")


def _ends(a: str, b: str) -> None:
    checks.name("a", a)
    checks.name("b", b)
    if a == b:
        raise ValueError(f"a and b are both {a!r}: a link has two ends")


@dataclass(frozen=True)
class Cut(Fault):
    a: str
    b: str
    both: bool = True
    streams: bool = True

    def __post_init__(self):
        _ends(self.a, self.b)
        checks.truth("both", self.both)
        checks.truth("streams", self.streams)

    def check(self, world, coming=()):
        known((self.a, self.b), world, coming)


@dataclass(frozen=True)
class Mend(Fault):
    a: str
    b: str

    def __post_init__(self):
        _ends(self.a, self.b)

    def check(self, world, coming=()):
        known((self.a, self.b), world, coming)


@dataclass(frozen=True)
class Heal(Fault):
    pass


@dataclass(frozen=True)
class SetLoss(Fault):
    p: float
    src: str | None = None
    dst: str | None = None

    def __post_init__(self):
        checks.probability("loss", self.p)
        for end in ("src", "dst"):
            if getattr(self, end) is not None:
                checks.name(end, getattr(self, end))

    def check(self, world, coming=()):
        known((self.src, self.dst), world, coming)


@dataclass(frozen=True)
class Corrupt(Fault):
    p: float

    def __post_init__(self):
        checks.probability("corrupt", self.p)


@dataclass(frozen=True)
class Clock(Fault):
    name: str
    offset_s: float = 0.0
    drift_ppm: float = 0.0

    def __post_init__(self):
        checks.name("name", self.name)
        checks.number("offset_s", self.offset_s, low=-1e9, high=1e9)
        checks.number("drift_ppm", self.drift_ppm, low=-1e5, high=1e5)

    def check(self, world, coming=()):
        known((self.name,), world, coming)


@dataclass(frozen=True)
class Churn(Fault):
    leaves_per_s: float = 0.0
    joins_per_s: float = 0.0
    seconds: float = 60.0

    def __post_init__(self):
        for name in ("leaves_per_s", "joins_per_s", "seconds"):
            checks.number(name, getattr(self, name))

    def check(self, world, coming=()):
        if self.joins_per_s and world.newcomer is None:
            raise ValueError(
                f"joins_per_s is {self.joins_per_s!r}, but this world has no newcomers: make it with World(newcomer=...)"
            )


FAULTS: dict[str, type[Fault]] = {
    "crash": Crash,
    "restart": Restart,
    "pause": Pause,
    "partition": Partition,
    "cut": Cut,
    "mend": Mend,
    "heal": Heal,
    "set_loss": SetLoss,
    "corrupt": Corrupt,
    "clock": Clock,
    "churn": Churn,
}
