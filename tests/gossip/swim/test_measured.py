"""The model against real memberlist clusters: a few cells of each table, with as many trials as a test has time for.

The clusters were of memberlist 0.2.2 on virtual time with LAN defaults; the numbers are means and standard deviations over
trials, in seconds for detection and in gossip intervals for dissemination. Tolerances are what the measurement itself is
good for (10 %, 0.15 intervals) and beside it four standard errors of the difference.
"""

from dataclasses import replace
from math import ceil, hypot, sqrt
from random import Random
from statistics import mean, median, stdev

import pytest

from gossipkit.gossip.swim import Compound, SwimConfig, suspicion_timeout
from gossipkit.sim import Network

LAN = SwimConfig.lan()


def agrees(model, measured, deviation, trials, least):
    """Whether two means are as close as trials and measurement allow."""
    error = hypot(stdev(model) / sqrt(len(model)), deviation / sqrt(trials))
    return mean(model) == pytest.approx(measured, abs=max(0.1 * measured, least) + 4 * error)


# members, loss, TCP fallback, trials measured, trials here, and (mean, deviation) of: first suspicion, first death,
# everyone knows, members whose own timer fired
DETECTION = [
    (16, 0.0, True, 60, 100, ((1.85, 1.05), (6.68, 1.05), (6.86, 1.05), (7.80, 2.07))),
    (32, 0.25, True, 60, 40, ((1.79, 1.05), (7.81, 1.05), (8.13, 1.06), (13.23, 3.98))),
    (32, 0.25, False, 60, 12, ((2.19, 1.58), (7.74, 1.90), (8.58, 1.60), (12.93, 3.87))),
    (64, 0.0, True, 60, 16, ((1.97, 0.93), (9.20, 0.93), (9.76, 1.90), (22.68, 5.37))),
]


def crash_one(cluster, n, loss, tcp, seed):
    """Seconds from a crash to first suspicion, first death, and everyone's knowing; and timers that fired."""
    world = cluster(n, replace(LAN, disable_tcp_pings=not tcp), seed=seed, network=Network(loss=loss))
    random = Random(seed)
    world.run(until=5 + 10 * random.random())
    begin, victim = world.now, random.choice(world.names)
    world.crash(victim)
    deaths = []
    while len(deaths) < n - 1:
        world.run(until=world.now + 2)
        deaths = [e for e in world.trace.filter(kind="member-failed") if e.fields["about"] == victim]
    suspicions = (e for e in world.trace.filter(after=begin, kind="suspect") if e.fields["about"] == victim)
    fired = sum(e.fields["by"] == e.node for e in deaths)
    times = next(suspicions).time, deaths[0].time, deaths[-1].time
    return *(time - begin for time in times), fired


@pytest.mark.parametrize("n, loss, tcp, measured_trials, trials, measured", DETECTION)
def test_detection(cluster, n, loss, tcp, measured_trials, trials, measured):
    runs = list(zip(*(crash_one(cluster, n, loss, tcp, seed) for seed in range(trials)), strict=True))
    for model, (average, deviation) in zip(runs, measured, strict=True):
        assert agrees(model, average, deviation, measured_trials, 0.1)
    waits = [dead - suspect for suspect, dead in zip(runs[0], runs[1], strict=True)]
    if tcp:  # where nobody else is accused, two confirmations come in time for the shortest wait
        assert median(waits) == pytest.approx(suspicion_timeout(4, n, 1.0), abs=0.01)


# members, fanout, loss, trials measured, clusters and trials here; (mean, deviation) of the time to 50 % and to 90 %;
# mean copies sent by a member, and the share of them on pings and acks
DISSEMINATION = [
    (16, 3, 0.0, 160, 12, 5, (0.861, 0.377), (1.467, 0.461), 7.997, 0.1176),
    (32, 2, 0.25, 160, 8, 5, (1.614, 0.508), (2.557, 0.574), 7.984, 0.3549),
    (32, 3, 0.5, 160, 8, 5, (1.813, 0.613), (3.057, 0.751), 7.828, 0.2965),
    (64, 4, 0.05, 160, 4, 4, (1.186, 0.340), (1.701, 0.362), 7.995, 0.1195),
]


def updates(cluster, n, fanout, loss, seed, trials):
    """For each of some updates in one cluster: gossip intervals to 50 % and 90 %, copies a member, share piggybacked."""
    config = replace(LAN, gossip_nodes=fanout, push_pull_interval_s=0, reconnect_interval_s=0)
    world, random = cluster(n, config, seed=seed, network=Network(loss=loss)), Random(seed)
    found = []
    for number in range(trials):
        world.run(until=world.now + 2 + random.random())
        begin, tag = world.now, f"v{number}"
        world.processes[random.choice(world.names)].update_metadata(tag)
        world.run(until=begin + 6)
        told = [(e.time - begin) / 0.2 for e in world.trace.filter(after=begin, kind="member-update")]
        copies = riding = 0
        for event in world.trace.filter(after=begin, kind="send"):
            packet = event.fields["message"]
            parts = packet.parts if type(packet) is Compound else (packet,)
            if any(getattr(part, "metadata", "") == tag for part in parts):
                copies += 1
                riding += hasattr(parts[0], "seq_no")
        reached = [
            told[ceil(share * n) - 1] if len(told) >= ceil(share * n) else None for share in (0.5, 0.9)
        ]
        found.append((*reached, copies / n, riding / copies))
    return found


@pytest.mark.parametrize(
    "n, fanout, loss, measured_trials, clusters, trials, t50, t90, copies, riding", DISSEMINATION
)
def test_dissemination(cluster, n, fanout, loss, measured_trials, clusters, trials, t50, t90, copies, riding):
    runs = [updates(cluster, n, fanout, loss, seed, trials) for seed in range(clusters)]
    for place, (average, deviation) in enumerate((t50, t90)):
        # updates of one cluster share the phases of its members: its mean is one observation
        model = [mean(run[place] for run in of_one if run[place] is not None) for of_one in runs]
        assert agrees(model, average, deviation, measured_trials / 4, 0.15)
    assert mean(run[2] for of_one in runs for run in of_one) == pytest.approx(copies, rel=0.03)
    assert mean(run[3] for of_one in runs for run in of_one) == pytest.approx(riding, rel=0.15)


CYCLES, SLOW = 5, 8


def blocked(cluster, variant):
    """64 members, 8 of them blocked for 8 s and free for 64 ms, in step: failed probes and deaths of healthy members."""
    config = replace(LAN.variant(variant), buddy_system=True)  # in memberlist it is always on
    world = cluster(64, config)
    slow = set(world.names[::SLOW])
    world.run(until=10)
    for _ in range(CYCLES):
        for name in slow:
            world.pause(name, 8.0, timers="run")
        world.run(until=world.now + 8.064)
    wrong = [e for e in world.trace.filter(after=10) if e.fields.get("about") in set(world.names) - slow]
    return sum(e.kind == "probe-failed" for e in wrong), sum(e.kind == "member-failed" for e in wrong)


def test_false_positives_of_blocked_members_and_what_each_part_of_lifeguard_does_about_them(cluster):
    """Measured in 14.9 cycles: 107 wrong suspicions, and wrong deaths 452 with SWIM, 464 with LHA-Probe, 1.5 with
    LHA-Suspicion, 1.8 with Lifeguard. The longer wait for confirmations does the work."""
    found = {v: blocked(cluster, v) for v in ("swim", "lha-probe", "lha-suspicion", "lifeguard")}
    for failed_probes, _ in found.values():
        assert failed_probes == pytest.approx(107 * CYCLES / 14.9, rel=0.3)
    deaths = {variant: deaths for variant, (_, deaths) in found.items()}
    # the first cycle accuses and only later ones bury
    for variant in ("swim", "lha-probe"):
        assert deaths[variant] == pytest.approx(452 * (CYCLES - 1) / 13.9, rel=0.4)
    for variant in ("lha-suspicion", "lifeguard"):
        assert deaths[variant] < deaths["swim"] / 20
