"""Evidence: a scenario that shows a claim, judged by replaying it.

A claim of the reading loop is about a mechanism ("what gossip buried is still in the catalog, because only the log
decides"). A run in which it can be seen is evidence only if the same run on a system *without* that mechanism doesn't
show it too; otherwise the run shows something else. So `judge` plays a scenario on both, with several seeds.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from ..sim import Scenario
from ..sim.checks import number
from ..sim.faults import FAULTS

LONGEST_S = 300.0
MOST_STEPS = 40
SEEDS = (1, 2, 3)


class System(Protocol):
    """What a claim is about: a cluster that can be played on."""

    def play(self, scenario: Scenario) -> None: ...

    def run(self, until: float) -> None: ...


@dataclass(frozen=True)
class Claim:
    """Something that can be seen in a run.

    Parameters
    ----------
    statement : str
        What is claimed, in words.
    system, variant : callable
        From a seed to a cluster: the real one, and one in which the claim is false. With ``trace=True`` it keeps a trace.
    because : str
        What the variant does otherwise.
    seen : callable
        From a cluster at the moment of the evidence to "" if the claim is to be seen there, else to what is missing.
    actions : tuple of str
        The faults with which it is to be shown: a claim of what happens in a whole network is not shown by a partition.
    """

    statement: str
    system: Callable[..., System]
    variant: Callable[..., System]
    because: str
    seen: Callable[[System], str]
    actions: tuple[str, ...] = tuple(FAULTS)


@dataclass(frozen=True)
class Verdict:
    """Whether the evidence shows the claim, and the reason if not."""

    shown: bool
    reason: str


def judge(claim: Claim, scenario: Scenario, at: float, seeds: tuple[int, ...] = SEEDS) -> Verdict:
    """Replay a scenario and look at one moment.

    Parameters
    ----------
    claim : Claim
    scenario : Scenario
        At most 40 steps.
    at : float
        The moment, in seconds; at most 300.
    seeds : tuple of int
        With each of them the claim must be seen on the system, and must not be seen on the variant.

    Raises
    ------
    ValueError
        For a scenario that is none or too long, or does not fit the system, and for a moment out of range.
    """
    if not isinstance(scenario, Scenario):
        raise ValueError(f"scenario is {scenario!r}: it must be a gossipkit.sim.Scenario")
    if len(scenario) > MOST_STEPS:
        raise ValueError(f"scenario has {len(scenario)} steps: at most {MOST_STEPS} are allowed")
    number("at", at, high=LONGEST_S)
    for step in scenario.steps:
        if step.action not in claim.actions:
            return Verdict(
                False,
                f"there is a {step.action} at {step.at:g} s: this is to be shown with {', '.join(claim.actions)} alone",
            )
    for seed in seeds:
        missing = _played(claim, claim.system(seed), scenario, at)
        if missing:
            return Verdict(False, f"with seed {seed}, at {at:g} s: {missing}")
        if not _played(claim, claim.variant(seed), scenario, at):
            return Verdict(
                False,
                f"with seed {seed}, the same is to be seen where {claim.because}: so this run shows something else",
            )
    return Verdict(True, "")


def _played(claim: Claim, system: System, scenario: Scenario, at: float) -> str:
    system.play(scenario)
    system.run(at)
    return claim.seen(system)
