"""A scenario, a seed and parameters become a run of a window, always from the beginning.

Nothing is kept between two runs: a simulated world can't be copied in the middle, and need not be, since the same seed and
the same steps give the same trace, byte for byte. So a step that is added leaves everything before it as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ...gossip.membership_history import LEAVE
from ...sim import Network, Scenario
from ...sim.checks import number
from ...systems.simulated import Simulated
from .cast import Cast, in_the_middle
from .columns import ABSENT, CRASHED, JOINING, LEFT, PAUSED, STATES, UP, Folded, Packets, packets

SAMPLE_S = 0.5  # between two looks at what only the system can be asked

STATE_OF = {
    "crash": CRASHED,
    "leave": CRASHED,  # of churn: a crash without a word
    "restart": UP,
    "pause": PAUSED,
    "join": UP,
    "joining": JOINING,
    "joined": UP,
    "left": LEFT,
}


class Abandoned(Exception):
    """A newer request has made this run superfluous."""


@dataclass(frozen=True)
class Setting:
    """What is run: everything but the steps and the length of the window."""

    cast: Cast
    seed: int
    make: Callable[[], Any]
    """A system that has not begun, or what holds one and has asked it for something (`gossipkit.reading.evidence.System`)."""
    missing: Callable[[Any], str] | None = None
    """Asked each second what is missing for a claim to be seen; "" if nothing is."""


def cluster_of(system: Any) -> Simulated:
    """The system itself, without what holds it."""
    return getattr(system, "cluster", system)


def of_family(cast: Cast, seed: int, network: Network, parameters: Mapping[str, Any]) -> Setting:
    """A family at some parameters, of which loss and churn are the network's."""

    def make() -> Simulated:
        values = dict(parameters)
        loss, per_minute = values.pop("loss", network.loss), values.pop("churn", 0)
        number("churn", per_minute)
        try:
            system = cast.make(seed, replace(network, loss=loss), **values)
        except TypeError as error:
            raise ValueError(f"{cast.title} cannot be made with {', '.join(values)}: {error}") from None
        if per_minute:
            cast.churn(system, per_minute / 60)
        return system

    return Setting(cast, seed, make)


@dataclass(eq=False)
class Run:
    """What a window of a run was: the trace read once."""

    cast: Cast
    names: tuple[str, ...]
    first: tuple[str, ...]
    """The nodes that are there from the beginning: the first of the names."""
    seconds: float
    packets: Packets
    kinds: list[tuple[str, bool]]
    """The kinds of packets: name, and whether it goes by streams."""
    folded: Folded
    others: list[tuple]
    """Time, node, kind and fields of the trace's other events."""
    samples: list[tuple[float, Any]]
    """What only the system could be asked: time and answer, at each change."""
    facts: dict
    groups: list[dict]
    places: list[dict]
    missed: list[tuple[float, str]]
    """What is missing for the claim that is watched: time and what, at each change."""


def replay(
    setting: Setting,
    scenario: Scenario,
    until: float,
    looks: Callable[[Any, float], None] | None = None,
    wanted: Callable[[float], bool] = lambda time: True,
) -> Any:
    """The system at a time, after the scenario's steps.

    Parameters
    ----------
    setting : Setting
    scenario : Scenario
    until : float
        Seconds.
    looks : callable, optional
        Called with the system and the time each half second, the beginning and the end included.
    wanted : callable
        Asked as often, with the time in the run, whether that is still wanted.

    Raises
    ------
    ValueError
        For a scenario or parameters that do not fit the system.
    Abandoned
        If it is wanted no more.
    """
    system = setting.make()
    system.play(scenario)
    count = int(until / SAMPLE_S)
    for time in [at * SAMPLE_S for at in range(count + 1)] + [until] * (count * SAMPLE_S < until):
        if not wanted(time):
            raise Abandoned
        system.run(until=time)
        if looks is not None:
            looks(system, time)
    return system


def watch(
    setting: Setting, scenario: Scenario, seconds: float, wanted: Callable[[float], bool] = lambda time: True
) -> list[tuple[float, str]]:
    """What is missing for the setting's claim: time and what, at each change. Parameters and errors are those of `replay`."""
    missed: list[tuple[float, str]] = []
    replay(setting, scenario, seconds, _noting(setting, missed), wanted)
    return missed


def _noting(setting: Setting, missed: list[tuple[float, str]]) -> Callable[[Any, float], None]:
    def looks(system: Any, time: float) -> None:
        if setting.missing is not None and time == int(time):
            missing = setting.missing(system)
            if not missed or missed[-1][1] != missing:
                missed.append((time, missing))

    return looks


def play(
    setting: Setting, scenario: Scenario, seconds: float, wanted: Callable[[float], bool] = lambda time: True
) -> Run:
    """Run a window and read its trace. Parameters and errors are those of `replay`."""
    cast, samples, places, missed = setting.cast, [], [], []
    noting = _noting(setting, missed)

    def looks(system: Any, time: float) -> None:
        cluster = cluster_of(system)
        if not places:
            places.extend(cast.places(cluster))
        value = cast.sample(cluster)
        if value is not None and (not samples or samples[-1][1] != value):
            samples.append((time, value))
        noting(system, time)

    system = replay(setting, scenario, seconds, looks, wanted)
    return read(cast, cluster_of(system), places, seconds, samples, missed)


def read(
    cast: Cast, system: Simulated, places: list[dict], seconds: float, samples: list, missed: list
) -> Run:
    """All that a stage shows of a system that has run."""
    names = system.world.names
    known: dict[tuple[str, bool], int] = {}

    def kind_of(message: Any, stream: bool) -> int:
        return known.setdefault((cast.sort(message), stream), len(known))

    travelled, others = packets(system.trace, kind_of)
    words = [belief.word for belief in cast.beliefs]
    folded = Folded(
        names,
        len(places),
        words,
        words.index(cast.unknown),
        frozenset(map(words.index, cast.good)),
        frozenset(map(STATES.index, cast.there)),
        cast.pairs(system),
    )
    fold(cast, folded, others)
    groups = cast.groups(system)
    return Run(
        cast,
        names,
        names[: len(places)],
        seconds,
        travelled,
        list(known),
        folded,
        others,
        samples,
        cast.facts(system),
        groups,
        places + in_the_middle(names[len(places) :], groups[-1]["name"]),
        missed,
    )


def fold(cast: Cast, folded: Folded, others: list[tuple]) -> None:
    """Follow states and beliefs through a trace's events."""
    index = folded.index
    for time, node, kind, told in others:
        at = index.get(node)
        if at is None:
            continue
        state = STATE_OF.get(kind)
        if state is None and kind == "wake" and folded.state[at] == PAUSED:
            state = UP
        if state is None and folded.state[at] == ABSENT:
            state = UP  # the first that is heard of one that came later
        if state is not None:
            folded.is_now(time, at, state)
        if kind == "membership-change" and told["about"] in index:
            # an administrator's word; the process that leaves stays up for a while
            about = index[told["about"]]
            if told["action"] == LEAVE:
                folded.is_now(time, about, LEFT)
            elif folded.state[about] in (LEFT, ABSENT):
                folded.is_now(time, about, UP)
        if kind == "beliefs":
            folded.believes_all(time, at, told["view"])
        elif (opinion := cast.opinion(kind, told)) is not None and opinion[0] in index:
            about, word = index[opinion[0]], opinion[1]
            if about != at:
                folded.believes(time, at, about, folded.word(word))
            elif word in ("left", "leaving"):
                folded.is_now(time, at, LEFT)
