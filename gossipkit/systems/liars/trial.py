"""One liar against one defence: what breaks in the beliefs of the honest, what it costs, and what the defence costs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ...gossip.adversary import Guarded, Liar, member
from ...gossip.scuttlebutt import Gossiper
from ...gossip.swim import State, SwimNode
from ...sim import Network, Word, World, checks
from .story import (
    CRASH_S,
    CRASHED,
    DAMAGE,
    DAMAGED,
    END_S,
    LIE_S,
    MEMBERLIST,
    OUTSIDER,
    SYSTEMS,
    THIEF,
    UPDATE_S,
    behaviours,
    defences,
    settings,
)

GONE = (State.DEAD, State.LEFT)


class Harm(Word):
    """The worst that came of it for what honest members believe."""

    NOTHING = "nothing"
    REFUTED = "refuted"
    TWO_TRUTHS = "two truths"
    GHOSTS = "ghosts"
    FOR_GOOD = "for good"


@dataclass(frozen=True)
class Outcome:
    """What became of one run. A pair is an honest observer and somebody whom it believes to be there or not.

    Attributes
    ----------
    adversary, defence : str
    seed, members, liars : int
    loss : float
    wrong_pair_s : float
        Pairs in which the other one runs, is honest, and is taken for dead, gone, or at another address: summed seconds.
    worst_pairs : int
        The most of these at one time.
    longest_s : float
        The longest that one of them lasted.
    right_again_s : float or None
        Seconds from the first of them to the end of the last; 0 where there was none, None where one lasted to the end.
    ghost_pair_s : float
        Pairs in which the other one does not run, or does not exist, and is taken for alive: summed seconds. A crash costs
        some of them in any case, until it is found.
    ghosts : int
        Names that at the end somebody honest takes for alive, and that don't run.
    faces : int
        The most different things that honest members hold at the end of one member under one incarnation or version.
    detect_first_s, detect_all_s : float or None
        Seconds from the crash until the first honest member takes the crashed one for dead, and until the last does; None
        where that did not happen.
    refutations : int
        By honest members.
    refused : int
        Words that defences did not let through.
    bytes_per_member_s, packets_per_member_s : float
        What an honest member sent, a second: datagrams, and messages over connections.
    system : str
        "memberlist" or "Scuttlebutt".
    """

    adversary: str
    defence: str
    seed: int
    members: int
    liars: int
    loss: float
    wrong_pair_s: float
    worst_pairs: int
    longest_s: float
    right_again_s: float | None
    ghost_pair_s: float
    ghosts: int
    faces: int
    detect_first_s: float | None
    detect_all_s: float | None
    refutations: int
    refused: int
    bytes_per_member_s: float
    packets_per_member_s: float
    system: str = MEMBERLIST

    @property
    def settings(self) -> dict[str, Any]:
        """The arguments of `trial` that give it again, and of `play` that show it."""
        return {
            name: getattr(self, name)
            for name in ("adversary", "defence", "seed", "members", "liars", "loss", "system")
        }

    @property
    def harm(self) -> Harm:
        """In one word: false deaths that last, names of nobody, two truths at a time, false deaths that were refuted."""
        if self.right_again_s is None:
            return Harm.FOR_GOOD
        if self.ghosts:
            return Harm.GHOSTS
        if self.faces > 1:
            return Harm.TWO_TRUTHS
        return Harm.REFUTED if self.wrong_pair_s else Harm.NOTHING

    def __repr__(self) -> str:
        return f"<{self.adversary} against {self.defence}: {self.harm}>"


class Watch:
    """Who is there in whose eyes, from moment to moment.

    Attributes
    ----------
    seen : dict of (str, str) to list of (float, bool)
        By observer and observed, when that changed, in seconds, and whether the one is there for the other from then on.
    """

    def __init__(self, names: tuple[str, ...]):
        self.names = names
        self.seen: dict[tuple[str, str], list[tuple[float, bool]]] = {
            (one, other): [(0.0, True)] for one in names for other in names if one != other
        }

    def watcher(self, world: World, observer: str) -> Any:
        """The delegate of one member."""

        def changed(change: str, subject: Any) -> None:
            name = getattr(subject, "name", None)
            if name is None or not hasattr(subject, "state"):
                return  # a user event
            # at the liar's address there may be somebody, but not the one whose name it is
            here = subject.state not in GONE and (name not in self.names or subject.address == name)
            self._note(world.now, observer, name, here)

        return changed

    def follower(self, world: World, observer: str) -> Any:
        """The delegate of one gossiper."""

        def changed(change: str, name: str, state: Any) -> None:
            self._note(world.now, observer, name, name in member(world.process(observer)).live)

        return changed

    def _note(self, now: float, observer: str, name: str, here: bool) -> None:
        told = self.seen.setdefault((observer, name), [(0.0, False)])
        if told[-1][1] is not here:
            told.append((now, here))

    def spans(
        self, observer: str, name: str, here: bool, begin: float, end: float
    ) -> list[tuple[float, float]]:
        """When the one took the other for here, or for gone, between two moments."""
        told = self.seen.get((observer, name), [(0.0, False)])
        ends = [time for time, _ in told[1:]] + [float("inf")]
        spans = (
            (max(since, begin), min(until, end))
            for (since, was), until in zip(told, ends, strict=True)
            if was is here
        )
        return [(since, until) for since, until in spans if since < until]


def play(
    adversary: str,
    defence: str,
    seed: int = 1,
    members: int = 8,
    liars: int = 1,
    loss: float = 0.0,
    system: str = MEMBERLIST,
) -> tuple[World, Watch]:
    """The run of `trial` with its trace, played to the end, and who was there in whose eyes."""
    world, watch = _made(adversary, defence, seed, members, liars, loss, system, trace=True)
    world.run(until=END_S)
    return world, watch


def trial(
    adversary: str,
    defence: str,
    seed: int = 1,
    members: int = 8,
    liars: int = 1,
    loss: float = 0.0,
    system: str = MEMBERLIST,
) -> Outcome:
    """Let a liar lie to members that have a defence, and measure.

    Parameters
    ----------
    adversary : str
        One of `ADVERSARIES`, or of `STATE_ADVERSARIES`.
    defence : str
        One of `DEFENCES`, or of `STATE_DEFENCES`.
    seed : int
    members : int
        From 6 to 64, liars among them.
    liars : int
        So many of the last members do the same; at most half.
    loss : float
        Of datagrams, between 0 and 1.
    system : {"memberlist", "Scuttlebutt"}
        Which also says what adversaries and defences there are.

    Returns
    -------
    Outcome

    Raises
    ------
    ValueError
        For a name that is not known, or a number out of range.
    ModuleNotFoundError
        For signatures, without the package ``cryptography``.

    Examples
    --------
    >>> trial("a forged death", "none"), trial("a forged death", "quorum")
    (<a forged death against none: refuted>, <a forged death against quorum: nothing>)
    """
    world, watch = _made(adversary, defence, seed, members, liars, loss, system, trace="events")
    world.run(until=END_S)
    honest = watch.names[: members - (0 if adversary in (OUTSIDER, DAMAGE) else liars)]
    return Outcome(
        adversary,
        defence,
        seed,
        members,
        liars,
        loss,
        **_beliefs(watch, honest),
        **_detection(watch, honest),
        faces=_faces(world, honest),
        refutations=sum(event.node in honest for event in world.trace.filter(kind="refute")),
        refused=sum(event.node in honest for event in world.trace.filter(kind="claim-refused")),
        **_money(world, honest),
        system=system,
    )


def _made(
    adversary: str,
    defence: str,
    seed: int,
    members: int,
    liars: int,
    loss: float,
    system: str,
    trace: bool | str,
) -> tuple[World, Watch]:
    checks.one_of("system", system, tuple(SYSTEMS))
    checks.whole("members", members, 6, 64)
    checks.whole("liars", liars, 1, members // 2)
    names = tuple(f"m-{number}" for number in range(1, members + 1))
    lies, guards = behaviours(adversary, names, system), defences(defence, names, system)
    network = Network(loss=checks.probability("loss", loss))
    world, watch = World(seed=seed, network=network, trace=trace), Watch(names)
    for number, name in enumerate(names):
        if system == MEMBERLIST:
            node = SwimNode(settings(defence), members=names, delegate=watch.watcher(world, name))
        else:
            node = Gossiper(seeds=names[:2], members=names, delegate=watch.follower(world, name))
        lying = number >= members - liars and adversary != OUTSIDER
        world.add(name, Guarded(Liar(node, lies if lying else ()), guards))
    if adversary == OUTSIDER:
        world.add(THIEF, Liar(None, lies))
    if adversary == DAMAGE:
        world.at(LIE_S, world.corrupt, DAMAGED)
    world.at(UPDATE_S, _update, world)
    world.at(CRASH_S, world.crash, CRASHED)
    return world, watch


def _update(world: World) -> None:
    node = member(world.process(CRASHED))
    if isinstance(node, SwimNode):
        node.update_metadata("v2")
    else:
        node.announce("RELEASE_VERSION", "v2")


def _ends(name: str) -> float:
    """Until when a member runs."""
    return CRASH_S if name == CRASHED else END_S


def _beliefs(watch: Watch, honest: tuple[str, ...]) -> dict[str, Any]:
    wrong = [
        span
        for one in honest
        for other in honest
        if one != other
        for span in watch.spans(one, other, False, 0.0, min(_ends(one), _ends(other)))
    ]
    steps = sorted([(since, 1) for since, _ in wrong] + [(until, -1) for _, until in wrong])
    now = worst = 0
    for _, step in steps:
        now += step
        worst = max(worst, now)
    first, last = (
        min((since for since, _ in wrong), default=0.0),
        max((until for _, until in wrong), default=0.0),
    )
    others = {other for _, other in watch.seen} - set(watch.names)
    ghosts = [
        (other, span)
        for one in honest
        for other in (*others, CRASHED)
        if one != CRASHED
        for span in watch.spans(one, other, True, CRASH_S if other == CRASHED else 0.0, END_S)
    ]
    return {
        "wrong_pair_s": sum(until - since for since, until in wrong),
        "worst_pairs": worst,
        "longest_s": max((until - since for since, until in wrong), default=0.0),
        "right_again_s": None if last == END_S else last - first,
        "ghost_pair_s": sum(until - since for _, (since, until) in ghosts),
        "ghosts": len({other for other, (_, until) in ghosts if until == END_S}),
    }


def _detection(watch: Watch, honest: tuple[str, ...]) -> dict[str, float | None]:
    found = []
    for one in honest:
        if one != CRASHED:
            spans = watch.spans(one, CRASHED, False, CRASH_S, END_S)
            found.append(spans[0][0] - CRASH_S if spans else None)
    noticed = [each for each in found if each is not None]
    return {
        "detect_first_s": min(noticed, default=None),
        "detect_all_s": max(noticed) if len(noticed) == len(found) else None,
    }


def _faces(world: World, honest: tuple[str, ...]) -> int:
    held: dict[tuple, set[str]] = {}
    for name in honest:
        if name != CRASHED:
            for version, said in _held(member(world.process(name))):
                held.setdefault(version, set()).add(said)
    return max(map(len, held.values()))


def _held(node: SwimNode | Gossiper) -> Iterator[tuple[tuple, str]]:
    """What a member believes that others say of themselves, by its version."""
    if isinstance(node, SwimNode):
        for each in node.members:
            yield (each.name, each.incarnation), each.metadata
    else:
        for name, known in node.endpoints.items():
            for application, (value, version) in known.state.applications.items():
                yield (name, known.state.heartbeat.generation, application, version), value


def _money(world: World, honest: tuple[str, ...]) -> Mapping[str, float]:
    def a_second(*metrics: str) -> float:
        sent = (
            world.metrics.value(metric, name)
            for metric in metrics
            if metric in world.metrics.names
            for name in honest
        )
        return sum(sent) / sum(map(_ends, honest))

    return {
        "bytes_per_member_s": a_second("datagram.sent.bytes", "stream.sent.bytes"),
        "packets_per_member_s": a_second("datagram.sent.messages", "stream.sent.messages"),
    }
