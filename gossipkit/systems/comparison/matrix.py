"""One mechanism off at a time, in each system, under the same story: which outcome breaks."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ...sim import Network, Scenario
from ...sim.checks import one_of, whole
from .families import AUTHORITY, FAMILIES, GOSSIP, REPAIR

NOTHING = "nothing"
MECHANISMS = (NOTHING, GOSSIP, AUTHORITY, REPAIR)
"""What is switched off."""
CRASH_S, BACK_S, JOIN_S, CUT_S, HEAL_S, LAST_S, END_S = 30.0, 60.0, 62.0, 75.0, 105.0, 110.0, 200.0
"""The story: a node crashes, and is back with its disk; where nodes can join, one does; the cluster is cut in half, and the
halves meet again; clients write until `LAST_S`."""
NOISE = 0.15
"""By so much the share of missed reads may differ from a control's that has some without anything being wrong: some 40 reads
are asked. Where the control has none, none is allowed."""
EACH_S, LATER_S = 2, 10
"""Seconds between two writes, and how long after a write its key is read, through the other client."""


@dataclass(frozen=True)
class Outcome:
    """What became of one system with one mechanism off.

    Attributes
    ----------
    system, off : str
    noticed : bool
        Whether more than half of the running nodes took the crashed one for gone a second before it was back.
    moved : bool
        Whether all who say what a node's work is had then taken the crashed one's away.
    wrong : int
        Pairs of nodes of which, at the end, one is wrong about the other.
    agreed : bool
        Whether at the end all who say what a node's work is say the same: of the node that was back and of the newcomer, or,
        where a failover gives work away for good, of everybody.
    accepted, asked : int
        Writes.
    missed, found : int
        Reads of keys whose write had been accepted, ten seconds later: those that did not find it, and those that did.
    lost : int
        Writes that were accepted, of keys that nobody else wrote, and that a read at the end does not find.
    differ : int
        Keys, and a node's own entries, of which at the end, 90 s after the last write, those who are to have them have
        different contents, or lack them.
    """

    system: str
    off: str
    noticed: bool
    moved: bool
    wrong: int
    agreed: bool
    accepted: int
    asked: int
    missed: int
    found: int
    lost: int
    differ: int

    def beside(self, control: "Outcome") -> dict[str, tuple[str, bool]]:
        """Each outcome in words, and whether it is worse than in the control, a run of the same story with nothing off.

        Parameters
        ----------
        control : Outcome
        """
        share, usual = (each.missed / max(1, each.missed + each.found) for each in (self, control))
        return {
            "most notice the crash": (_word(self.noticed), control.noticed > self.noticed),
            "its work is moved": (_word(self.moved), control.moved > self.moved),
            "wrong beliefs at last": (f"{self.wrong} pairs", self.wrong > control.wrong),
            "one set of owners at last": (_word(self.agreed), control.agreed > self.agreed),
            "writes accepted": (f"{self.accepted} of {self.asked}", self.accepted < 0.9 * control.accepted),
            "reads that miss one": (
                f"{self.missed} of {self.missed + self.found}",
                share > usual + (NOISE if usual else 0.0),
            ),
            "writes lost at last": (str(self.lost), self.lost > control.lost),
            "keys that differ at last": (str(self.differ), self.differ > control.differ),
        }


def _word(so: bool) -> str:
    return "yes" if so else "no"


def scenario(system: str, each_s: int = EACH_S) -> Scenario:
    """The story of the matrix, as a scenario of one system: what a stage can play.

    Parameters
    ----------
    system : str
        One of `FAMILIES`.
    each_s : int
        Seconds between two writes.

    Raises
    ------
    ValueError
        For another system, or less than a second.
    """
    one_of("system", system, tuple(FAMILIES))
    whole("each_s", each_s, 1)
    family = FAMILIES[system]
    here, there = family.clients
    steps: list[tuple[float, str, dict[str, Any]]] = [
        (CRASH_S, "crash", {"name": family.subject}),
        (BACK_S, "restart", {"name": family.subject}),
        *family.join_steps(JOIN_S),
        (CUT_S, "partition", {"groups": family.halves}),
        (HEAL_S, "heal"),
    ]
    for count, second in enumerate(range(int(CRASH_S) - 6, int(LAST_S), each_s)):
        via, other = (here, there) if count % 2 else (there, here)
        key = f"key-{second}"
        steps.append((second, *family.write(key, key, via)))
        steps.append((second + LATER_S, *family.read(key, other)))
        if count % 3 == 0:
            steps += family.entry_steps(second + 0.25)
            for each in (here, there):  # in the same instant, through two nodes
                steps.append((second + 0.5, *family.write(f"both-{second}", f"{each}'s", each)))
    return Scenario(steps)


def switches(off: str) -> dict[str, None]:
    """What a cluster is made with, so that one mechanism is off.

    Raises
    ------
    ValueError
        For anything that is not one of `MECHANISMS`.
    """
    one_of("off", off, MECHANISMS)
    return {} if off == NOTHING else {off: None}


def switched_off(system: str, off: str = NOTHING, seed: int = 1) -> Outcome:
    """Play the story on one system with one mechanism off.

    Parameters
    ----------
    system : str
        One of `FAMILIES`.
    off : str
        One of `MECHANISMS`.
    seed : int

    Raises
    ------
    ValueError
        For another system or mechanism.
    """
    off_now = switches(off)
    steps = scenario(system)
    family = FAMILIES[system]
    cluster = family.make(seed, Network(), trace=False, **off_now)
    cluster.play(steps)
    cluster.run(until=BACK_S - 1.0)
    believing = [family.takes_for_gone(cluster, name, family.subject) for name in cluster.running()]
    noticed = 2 * sum(believing) > len(believing)
    moved = not any(family.has_work(cluster, judge, family.subject) for judge in family.judges(cluster))
    cluster.run(until=END_S)
    expected = [family.subject, *(step[2]["name"] for step in family.join_steps(JOIN_S))]
    wrong, agreed = len(cluster.gossip.disagreement()), family.agreed(cluster, expected)
    writes = [each for each in cluster.operations if each.kind in ("write", "put", "set")]
    differ = family.apart(cluster, sorted({each.key for each in writes}))
    accepted = {each.key for each in writes if family.accepted(each)}
    reads = [
        each.key in family.found(each)
        for each in cluster.operations
        if each.kind in ("read", "get") and each.key in accepted and each.ok
    ]
    last = []
    for key in sorted(key for key in accepted if key.startswith("key-")):
        action, asked = family.read(key, family.clients[0])
        last.append(getattr(cluster, action)(**asked))
    cluster.run(until=END_S + 3.0)
    lost = sum(each.ok and each.key not in family.found(each) for each in last)
    return Outcome(
        system,
        off,
        noticed,
        moved,
        wrong,
        agreed,
        sum(map(family.accepted, writes)),
        len(writes),
        len(reads) - sum(reads),
        sum(reads),
        lost,
        differ,
    )


def matrix(
    systems: Iterable[str] = tuple(FAMILIES), mechanisms: Iterable[str] = MECHANISMS, seed: int = 1
) -> dict[tuple[str, str], Outcome]:
    """`switched_off` for each system and mechanism; the rows in which nothing is off are the control."""
    return {(system, off): switched_off(system, off, seed) for system in systems for off in mechanisms}
