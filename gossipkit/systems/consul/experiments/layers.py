"""A crash on its way from belief to decision to answer."""

from dataclasses import dataclass

import numpy as np

from ....sim import Network
from ....sim.checks import number, whole
from ..cluster import Consul

LAYERS_STEP_S = 0.05
"""Between two looks at a crash. Belief, decision and answer are less than half a second apart, so it must be short."""


@dataclass(frozen=True, eq=False)
class Layers:
    """A crash on its way through membership, catalog and answer. Times count from the crash, in seconds; nan for never."""

    times: np.ndarray
    believing: np.ndarray
    """Share of the reachable nodes that take the crashed one for dead, shape (samples,)."""
    answered: np.ndarray
    """Share of the reachable servers that name it for its service, shape (samples,)."""
    logged: bool
    """Whether there was a log."""
    back_s: float
    """When the servers that were cut off were reachable again."""
    first_suspicion_s: float
    everyone_s: float
    """When every reachable node took it for dead."""
    decided_s: float
    """When the catalog first said so: by a commit or, without a log, because a reachable server wrote it down."""
    unnamed_s: float
    """When no reachable server named it; 0 where none did when it crashed."""

    def __repr__(self) -> str:
        return (
            f"<Layers: believed by all after {self.everyone_s:.1f} s, decided after {self.decided_s:.1f} s, out of the answers after "
            f"{self.unnamed_s:.1f} s>"
        )


def crash_through_layers(
    agents: int = 17,
    *,
    loss: float = 0.0,
    servers_lost: int = 0,
    back_s: float | None = None,
    authority: bool = True,
    seed: int = 1,
    seconds: float = 90.0,
) -> Layers:
    """Crash the agent that offers a service, and watch its death pass from belief to decision to answer.

    Parameters
    ----------
    agents : int
        Beside them there are three servers.
    loss : float
        Share of packets lost.
    servers_lost : int
        Servers that are cut off from everybody in the same moment, 0 to 2 of 3. The others are the reachable ones.
    back_s : float, optional
        How long they stay cut off, in seconds; without it, to the end. From then on they count as reachable.
    authority : bool
        Whether there is a log.
    seed : int
    seconds : float
        For how long to watch.

    Raises
    ------
    ValueError
        For a number out of range.
    """
    whole("agents", agents, 1)
    whole("servers_lost", servers_lost, 0, 2)
    number("seconds", seconds, low=LAYERS_STEP_S)
    if back_s is not None:
        number("back_s", back_s)
    begin, victim = 20.0, "agent-1"
    network = Network(loss=loss)
    consul = Consul(agents=agents, seed=seed, network=network, authority=authority, trace="events")
    consul.register(victim, "web")
    consul.run(until=begin)
    consul.crash(victim)
    servers = consul.servers_of(1)
    lost = servers[:servers_lost]
    if lost:
        consul.partition(*([name] for name in lost))
    times = np.arange(0.0, seconds + 1e-9, LAYERS_STEP_S)
    believing, answered, everyone_s, rows = [], [], np.nan, 0
    for time in times:
        if back_s is not None and time >= back_s and not consul.connected:
            consul.run(until=begin + back_s)
            consul.heal()
        consul.run(until=begin + time)
        if len(consul.trace) == rows:  # no belief, no catalog and no partition changes without a row
            believing.append(believing[-1])
            answered.append(answered[-1])
            continue
        rows = len(consul.trace)
        apart = () if consul.connected else lost
        reachable = {name: process for name, process in consul.running().items() if name not in apart}
        dead = [process.swim.state_of(victim) == "dead" for process in reachable.values()]
        believing.append(sum(dead) / len(dead))
        if np.isnan(everyone_s) and believing[-1] == 1:
            buried = consul.trace.filter(after=begin, kind="member-failed", node=reachable)
            everyone_s = max(event.time for event in buried if event.fields["about"] == victim) - begin
        asked = [name for name in reachable if name in servers]
        answered.append(sum(victim in consul.authority.answer("web", name) for name in asked) / len(asked))
    # a commit counts wherever it is made; what a server alone writes down counts where somebody can ask for it
    counted = {"suspect": lost, "reconciled": () if authority else lost}
    first = {"suspect": np.nan, "reconciled": np.nan}
    for event in consul.trace.filter(after=begin, kind=tuple(first)):
        decided = event.fields.get("state", "dead") == "dead" and event.node not in counted[event.kind]
        if event.fields["about"] == victim and decided and np.isnan(first[event.kind]):
            first[event.kind] = event.time - begin
    return Layers(
        times,
        np.array(believing),
        np.array(answered),
        authority,
        np.nan if back_s is None or not lost else back_s,
        first["suspect"],
        everyone_s,
        first["reconciled"],
        next((float(time) for time, share in zip(times, answered, strict=True) if share == 0), np.nan),
    )
