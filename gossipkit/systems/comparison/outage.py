"""One story, told to every system: what each believes, what it decides, and how it comes back."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...sim import Network
from ...sim.checks import number, one_of, probability, whole
from ..outages import outages
from ..simulated import Simulated
from .families import FAMILIES, LAYERS, Family

BEGIN_S = 40.0
"""When the fault happens, by the cluster's clock: until then detectors learn their rhythm, and a leader is elected."""
WATCH_S = 100.0
"""For so long after it one watches."""
BEFORE_S, CALM_S = 5.0, 30.0
"""Clients begin so long before it; random outages end so long before the end, so that all are back to be asked."""
STEP_S = 0.25
CLOSE_STEP_S, CLOSE_S = 0.05, 1.0
"""Steps between two looks while much happens: for so long after each moment of a story."""
BEHIND_STEP_S, OFFSET_S = 1.0, 0.2
"""Between two looks for what is missing, and how long after a write each is: what is under way is nothing missed."""
PAUSE_S, CUT_S, DOWN_S, FORGED_S, ANSWER_S = 8.0, 60.0, 30.0, 30.0, 60.0

CRASH, SLOW, CUT, RESTART, JOIN, OLD_NEWS, NOTHING = FAULTS = (
    "a crash",
    "slow for 8 s",
    "cut in half for 60 s",
    "a crash, and back after 30 s",
    "a join",
    "a liar's old news",
    "nothing",
)


@dataclass(frozen=True, eq=False)
class Story:
    """What one system made of it. Times are seconds since the fault; nan is never.

    Attributes
    ----------
    system, fault : str
    times : array, shape (looks,)
    believing : array, shape (looks,)
        Share, 0 to 1, of those whom the fault concerns that take its subject for gone; of a join, that know the newcomer.
        In a cut these are the pairs of nodes on different sides.
    moved : array, shape (looks,)
        Share, 0 to 1, of those who say what a node's work is that have given the subject's away; of a join, that have given
        the newcomer some.
    behind : array of int, shape (looks,)
        How many things some node lacks that another one has: keys, or entries of a log.
    writes : tuple of (time, client, whether it was accepted)
        By time; the client is 0 in the first half, 1 in the subject's.
    lost : int
        Writes that were accepted, and that a read through the first half does not find at the end.
    bytes : mapping of (layer, kind) to int
        What was sent from the fault to the end, without the headers of IP.
    metrics : mapping of str to (before, during, at the end)
        What the product's own metrics say that an operator would look at, a second before the fault, 29 s after it, and at the
        end, over all nodes.
    nodes : int
    """

    system: str
    fault: str
    times: np.ndarray
    believing: np.ndarray
    moved: np.ndarray
    behind: np.ndarray
    writes: tuple[tuple[float, int, bool], ...]
    lost: int
    bytes: dict[tuple[str, str], int]
    metrics: dict[str, tuple[float, float, float]]
    nodes: int

    @property
    def first_s(self) -> float:
        """When the first one believed it."""
        return self._when(self.believing > 0)

    @property
    def everyone_s(self) -> float:
        """When all of them did."""
        return self._when(self.believing >= 1)

    @property
    def acted_s(self) -> float:
        """When the first one who says what a node's work is went by that."""
        return self._when(self.moved > 0)

    @property
    def believed_back_s(self) -> float:
        """When nobody believed it any more; nan if somebody does to the end, or nobody ever did."""
        return self._over(self.believing > 0)

    @property
    def given_back_s(self) -> float:
        """When the subject's work was the subject's again, for everybody."""
        return self._over(self.moved > 0)

    @property
    def most_behind(self) -> int:
        """The largest number of things that somebody lacked."""
        return int(self.behind[self.times >= 0].max())

    @property
    def caught_up_s(self) -> float:
        """When nothing was missing any more."""
        return self._over(self.behind > 0)

    @property
    def refused(self) -> tuple[int, int]:
        """How many writes of the first half's client, and of the other's, were not accepted from the fault on."""
        missed = Counter(client for at, client, accepted in self.writes if at >= 0 and not accepted)
        return missed[0], missed[1]

    @property
    def asked(self) -> tuple[int, int]:
        """How many writes they asked for."""
        asked = Counter(client for at, client, _ in self.writes if at >= 0)
        return asked[0], asked[1]

    def bytes_per_node_s(self, layer: str) -> float:
        """What a node sent for one of the `LAYERS`, in bytes a second."""
        return sum(size for (each, _), size in self.bytes.items() if each == layer) / self.nodes / WATCH_S

    def _when(self, so: np.ndarray) -> float:
        found = self.times[so & (self.times >= 0)]
        return float(found[0]) if len(found) else np.nan

    def _over(self, so: np.ndarray) -> float:
        found = self.times[so & (self.times >= 0)]
        after = self.times[self.times > found[-1]] if len(found) else ()
        return float(after[0]) if len(after) else np.nan


def one_outage(
    fault: str = CRASH,
    *,
    fanout: int | None = None,
    loss: float = 0.0,
    churn_per_min: float = 0.0,
    seed: int = 1,
    systems: Iterable[str] = tuple(FAMILIES),
    **switches: Any,
) -> dict[str, Story]:
    """Play a story on every system.

    Six nodes each. Two clients, in either half of the cluster, write a new key each second.

    Parameters
    ----------
    fault : str
        One of `FAULTS`. A liar's old news comes twice: as it was recorded, and after 30 s with a version that is new; after
        60 s an operator undoes what that has done.
    fanout : int, optional
        How many peers a node tells in a round; by default each product's own.
    loss : float
        Share of datagrams lost, from the fault on.
    churn_per_min : float
        Crashes of nodes that the story isn't about, each for 10 s, from the fault on.
    seed : int
    systems : iterable of str
        Names in `FAMILIES`.
    **switches
        ``gossip``, ``authority`` or ``repair``, each True or False.

    Returns
    -------
    dict of str to Story

    Raises
    ------
    ValueError
        For a number out of range, another fault or another system.
    """
    one_of("fault", fault, FAULTS)
    if fanout is not None:
        whole("fanout", fanout, 1)
    probability("loss", loss)
    number("churn_per_min", churn_per_min)
    names = tuple(systems)
    for name in names:
        one_of("a name in systems", name, tuple(FAMILIES))
    return {name: _told(FAMILIES[name], fault, fanout, loss, churn_per_min, seed, switches) for name in names}


def table(stories: Mapping[str, Story]) -> str:
    """What became of one story in each system, as a Markdown table with a column a system.

    Raises
    ------
    ValueError
        If there is none.
    """
    if not stories:
        raise ValueError("stories is empty: give at least one")

    def row(what: str, say: Callable[[Story], str]) -> str:
        return f"| {what} | {' | '.join(map(say, stories.values()))} |"

    def of(name: str) -> Callable[[Story], str]:
        def say(story: Story) -> str:
            seconds = getattr(story, name)
            return "–" if np.isnan(seconds) else f"{seconds:.1f} s"

        return say

    fault = next(iter(stories.values())).fault
    joins = fault == JOIN
    rows = [
        row("the first believes it", of("first_s")),
        row("all of them do", of("everyone_s")),
        row("its first work is given to it" if joins else "its work is taken from it", of("acted_s")),
    ]
    if not joins:
        rows.append(row("nobody believes it any more", of("believed_back_s")))
        rows.append(row("its work is its own again", of("given_back_s")))
    rows += [
        row("missing somewhere, at most", lambda story: str(story.most_behind)),
        row("nothing is missing any more", of("caught_up_s")),
        row("writes not accepted", lambda story: f"{sum(story.refused)} of {sum(story.asked)}"),
        row("accepted writes that a read misses at the end", lambda story: str(story.lost)),
        row("a node sends", lambda story: f"{sum(map(story.bytes_per_node_s, LAYERS)):.0f} B/s"),
    ]
    return "\n".join([f"| {fault} | {' | '.join(stories)} |", "|---" * (len(stories) + 1) + "|", *rows])


def _told(
    family: Family,
    fault: str,
    fanout: int | None,
    loss: float,
    churn_per_min: float,
    seed: int,
    switches: dict[str, Any],
) -> Story:
    system = family.make(seed, Network(), fanout, trace=True, **switches)
    world = system.world
    if fault == OLD_NEWS:
        family.before_old_news(system)
    if fault == JOIN and family.newcomer in family.nodes:
        world.at(1.0, system.leave, family.newcomer)
    system.run(until=BEGIN_S - BEFORE_S)
    writes = _clients(family, system)
    if loss:
        world.at(BEGIN_S, system.set_loss, loss)
    if churn_per_min:
        spared = {family.subject, family.lied_about, *family.clients}
        world.at(
            BEGIN_S,
            outages,
            system,
            churn_per_min / 60,
            [name for name in family.nodes if name not in spared],
            BEGIN_S + WATCH_S - CALM_S,
        )
    _FAULTS[fault](family, system)
    joining = fault == JOIN
    subject = {JOIN: family.newcomer, OLD_NEWS: family.lied_about}.get(fault, family.subject)
    times, believing, moved, behind = _looks(), [], [], []
    for time in times:
        system.run(until=BEGIN_S + time)
        running = tuple(system.running())
        if fault == CUT:
            here, there = ([name for name in half if name in running] for half in family.halves)
            pairs = [(a, b) for a in here for b in there] + [(b, a) for a in here for b in there]
        else:
            pairs = [(name, subject) for name in running if name != subject]
        gone = [family.takes_for_gone(system, observer, about) != joining for observer, about in pairs]
        believing.append(sum(gone) / len(gone) if gone else 0.0)
        judges = family.judges(system)
        away = [family.has_work(system, judge, subject) == joining for judge in judges]
        moved.append(sum(away) / len(away) if away else 0.0)
        # to look through all copies is dear, and between two writes nothing is under way
        look = round(time - OFFSET_S, 3) % BEHIND_STEP_S == 0
        behind.append(family.behind(system) if look else behind[-1])
    system.run(until=BEGIN_S + WATCH_S)
    sent = _sent(family, system)
    moments = BEGIN_S - 1, BEGIN_S + DOWN_S - 1, BEGIN_S + WATCH_S
    metrics = {
        name: tuple(system.metrics.value(name, at=moment) for moment in moments)
        for name in family.watched
        if name in system.metrics.names
    }
    return Story(
        family.name,
        fault,
        times,
        np.array(believing),
        np.array(moved),
        np.array(behind),
        tuple((put.started_s - BEGIN_S, client, family.accepted(put)) for put, client, _ in writes),
        _lost(family, system, writes),
        sent,
        metrics,
        len(world.names),
    )


def _looks() -> np.ndarray:
    """The times at which one looks, in seconds since the fault."""
    moments = (0.0, PAUSE_S, DOWN_S, CUT_S)
    close = [np.arange(CLOSE_STEP_S, CLOSE_S, CLOSE_STEP_S) + moment for moment in moments]
    return np.unique(np.round(np.concatenate([np.arange(-BEFORE_S, WATCH_S, STEP_S) + OFFSET_S, *close]), 3))


def _clients(family: Family, system: Simulated) -> list[tuple[Any, int, str]]:
    """Have the two clients write, each second, half a second apart; what they write, by whom and as what."""
    written: list[tuple[Any, int, str]] = []

    def write(client: int, key: str) -> None:
        via = family.clients[client]
        if via in system.running():
            action, asked = family.write(key, key, via)
            written.append((getattr(system, action)(**asked), client, key))

    for second in range(int(BEGIN_S - BEFORE_S) + 1, int(BEGIN_S + WATCH_S) - 5):
        system.world.at(second, family.each_second, system, second)
        for client in (0, 1):
            system.world.at(second + client / 2, write, client, f"key-{second}-{client}")
    return written


def _lost(family: Family, system: Simulated, writes: list[tuple[Any, int, str]]) -> int:
    """How many writes that were accepted a read does not find, when the cluster has come to rest."""
    via = family.clients[0]
    if via not in system.running():
        via = next(iter(system.running()))
    system.world.set_loss(0.0)
    reads = []
    for write, _, key in writes:
        if family.accepted(write):
            action, asked = family.read(key, via)
            reads.append((getattr(system, action)(**asked), key))
    system.run(until=system.world.now + 3.0)
    return sum(read.ok and key not in family.found(read) for read, key in reads)


def _sent(family: Family, system: Simulated) -> dict[tuple[str, str], int]:
    """What has been sent since the fault, in bytes, by layer and kind."""
    found: Counter[tuple[str, str]] = Counter()
    for event in system.trace.filter(kind=("send", "stream-send"), after=BEGIN_S):
        for layer, kind, size in family.parts(event.fields["message"]):
            found[layer, kind] += size
    return dict(sorted(found.items(), key=lambda each: (LAYERS.index(each[0][0]), -each[1])))


def _crash(family: Family, system: Any) -> None:
    system.world.at(BEGIN_S, system.crash, family.subject)


def _slow(family: Family, system: Any) -> None:
    system.world.at(BEGIN_S, system.pause, family.subject, PAUSE_S)


def _cut(family: Family, system: Any) -> None:
    system.world.at(BEGIN_S, system.partition, *map(list, family.halves))
    system.world.at(BEGIN_S + CUT_S, system.heal)


def _restart(family: Family, system: Any) -> None:
    _crash(family, system)
    system.world.at(BEGIN_S + DOWN_S, system.restart, family.subject)


def _join(family: Family, system: Any) -> None:
    system.world.at(BEGIN_S, family.join, system)


def _old_news(family: Family, system: Any) -> None:
    def lie(news: Callable[[Any], Any]) -> None:
        liar = system.started(family.clients[0])
        told = news(system)
        for name in family.nodes:
            if name not in (liar.env.name, family.lied_about):
                liar.env.send(name, told)

    system.world.at(BEGIN_S, lie, family.old_news)
    system.world.at(BEGIN_S + FORGED_S, lie, family.forged_news)
    system.world.at(BEGIN_S + ANSWER_S, family.after_forged_news, system)


def _nothing(family: Family, system: Any) -> None:
    pass


_FAULTS: dict[str, Callable[[Family, Any], None]] = dict(
    zip(FAULTS, (_crash, _slow, _cut, _restart, _join, _old_news, _nothing), strict=True)
)
