"""A cell: what an omniscient observer notes of settings in an environment."""

import math
from dataclasses import replace

import pytest

from gossipkit.gossip.swim import SwimConfig
from gossipkit.sim import Event, Network
from gossipkit.systems.transfer import (
    BORROWED,
    ENVIRONMENTS,
    METRO,
    Environment,
    borrowed,
    cluster,
    environment,
    measure,
    udp_only,
)
from gossipkit.systems.transfer.cells import _known, _wrong
from gossipkit.systems.transfer.large import computed

SMALL = replace(environment("lan"), members=12, warm_up_s=20.0, counted_s=40.0)


def test_halved_means_all_times_and_nothing_else():
    lan, half = SwimConfig.lan(), borrowed("memberlist LAN", 0.5).config
    assert (half.probe_interval_s, half.probe_timeout_s, half.gossip_interval_s) == (0.5, 0.25, 0.1)
    assert (half.push_pull_interval_s, half.suspicion_mult, half.gossip_nodes) == (
        15.0,
        lan.suspicion_mult,
        3,
    )
    gossip = borrowed("Cassandra", 2.0).config
    assert (gossip.interval_s, gossip.max_interval_s, gossip.phi_convict_threshold) == (2.0, 4.0, 8.0)
    assert borrowed("Redis Cluster", 2.0).config.node_timeout_s == 30.0
    assert borrowed("Redis Cluster", 2.0).title == "Redis Cluster × 2"


def test_the_borrowed_settings_are_the_products():
    assert borrowed("memberlist WAN").config == SwimConfig.wan()
    assert borrowed("memberlist Local").config == SwimConfig.local()
    cassandra = borrowed("Cassandra").config
    assert (cassandra.interval_s, cassandra.phi_convict_threshold) == (1.0, 8.0)
    assert borrowed("Redis Cluster").config.node_timeout_s == 15.0


@pytest.mark.parametrize("name", BORROWED)
def test_a_quiet_lan_has_no_false_positive_and_a_crash_is_found_by_all(name):
    cell = measure(SMALL, borrowed(name), seed=2)
    assert cell.false_positives == 0 and cell.missing == 0.0
    assert 0 < cell.first_s <= cell.everyone_s < 120
    assert cell.packets_per_s > 0.1 and cell.bytes_per_s > 28 * cell.packets_per_s


def test_a_seed_replays_a_cell_and_another_gives_another():
    again = [measure(SMALL, borrowed("memberlist LAN"), seed=seed) for seed in (3, 3, 4)]
    assert again[0] == again[1] and again[0].first_s != again[2].first_s


def test_one_long_outage_of_a_region_buries_all_once_by_the_other_side():
    cut = replace(SMALL, outage_every_s=1000.0, outage_s=12.0)
    cell = measure(cut, borrowed("heartbeats to all"))
    # each of 12 is taken for dead by somebody on the other side, and however many do it counts once
    assert cell.false_positives == 12
    # 4 are gone for 8 and 8 for 4, from about 5 s after the cut to about half a second after its end
    expected = (4 * 8 + 8 * 4) * (12 - 5 + 0.5) / 40 / 12
    assert cell.missing == pytest.approx(expected, rel=0.15)


def test_an_outage_that_the_settings_outlast_buries_nobody():
    cut = replace(SMALL, outage_every_s=1000.0, outage_s=12.0)
    assert measure(cut, borrowed("Redis Cluster")).false_positives == 0


def test_flapping_counts_once_a_minute_for_each_member():
    cut = replace(SMALL, one_way_cuts=0.0, network=Network(loss=0.5), counted_s=240.0)
    cell = measure(cut, borrowed("heartbeats to all", 0.5))
    assert 12 * 3 <= cell.false_positives <= 12 * 4


def test_what_a_one_way_cut_hides_is_missing_but_no_event():
    cut = replace(SMALL, one_way_cuts=0.1)
    cell = measure(cut, borrowed("heartbeats to all"))
    assert cell.false_positives == 0 and cell.missing > 0.3
    assert measure(cut, borrowed("memberlist LAN")).missing == 0.0, (
        "helpers reach whom one can't reach oneself"
    )


def test_who_vanishes_by_churn_is_no_false_positive():
    spot = replace(SMALL, churn_per_minute=6.0, counted_s=60.0)
    cell = measure(spot, borrowed("memberlist LAN"))
    assert cell.false_positives == 0 and cell.missing == 0.0


def test_a_newcomer_that_is_not_reached_yet_was_not_declared_dead():
    # Cassandra's gossipers know of a newcomer before it has answered their echo, and hold it for down until then
    spot = replace(SMALL, churn_per_minute=6.0, counted_s=60.0)
    cell = measure(spot, borrowed("Cassandra"), seed=1)
    assert cell.false_positives == 0 and cell.missing < 0.01


def test_newcomers_are_told_of_machines_that_run():
    world = cluster(SMALL, borrowed("memberlist LAN"), seed=1)
    world.run(until=1)
    for name in SMALL.names[:4]:
        world.crash(name)
    world.churn(joins_per_s=2.0, seconds=1.0)
    world.run(until=15)
    newcomers = [name for name in world.names if name.startswith("newcomer")]
    assert newcomers
    for name in newcomers:
        assert set(SMALL.names[4:]) <= set(world.process(name).states)


def test_a_crash_that_nobody_notices_is_never():
    spot = replace(SMALL, counted_s=10.0)
    cell = measure(spot, borrowed("Redis Cluster", 1000.0))
    assert math.isnan(cell.first_s) and math.isnan(cell.everyone_s)


@pytest.mark.parametrize(
    ("told", "known"),
    [
        ([(12, "a", "dead"), (15, "b", "dead")], (2, 5)),
        ([(12, "a", "dead"), (15, "b", "down"), (16, "a", "dead")], (2, 5)),
        # who was wrong before the crash is right with it, and has not declared it
        ([(8, "a", "dead"), (15, "b", "dead")], (5, 5)),
        ([(8, "a", "dead"), (9, "b", "dead")], (math.nan, 0)),
        # who takes it back does not know
        ([(12, "a", "dead"), (13, "b", "dead"), (14, "a", "alive")], (2, math.nan)),
        ([(12, "a", "dead"), (13, "b", "suspect")], (2, math.nan)),
    ],
)
def test_a_crash_is_known_when_the_last_that_runs_has_declared_it(told, known):
    events = [Event(time, node, "belief", {"about": "v", "belief": said}) for time, node, said in told]
    # who came later, and never heard of it, has nothing to learn
    assert _known(events, ("a", "b", "newcomer-1"), "v", 10.0) == pytest.approx(known, nan_ok=True)


def test_a_false_positive_is_one_of_a_living_member_in_the_counted_time():
    def wrong(*told):
        events = [
            Event(time, node, kind, {} if kind == "crash" else {"about": "v", "belief": kind})
            for time, node, kind in told
        ]
        return _wrong(events, ("a", "b", "v"), 100.0, 200.0)

    assert wrong((110, "a", "dead"), (115, "b", "dead"), (120, "a", "alive"), (130, "b", "alive")) == (1, 25)
    assert wrong((110, "a", "dead"), (115, "a", "alive"), (171, "a", "dead")) == (2, 5 + 29), "a minute later"
    assert wrong((90, "a", "dead"), (110, "a", "alive")) == (0, 10), "declared before one counts"
    assert wrong((110, "v", "crash"), (112, "a", "dead")) == (0, 0), "it is true"
    assert wrong((110, "a", "dead"), (112, "v", "crash")) == (1, 2), "it is true from then on"
    assert wrong((110, "a", "dead"), (112, "a", "crash")) == (1, 2), "who has crashed misses nobody"


def test_the_faults_of_an_environment_come_from_the_seed():
    starved = environment("starved")
    assert starved.scenario(1, 100.0) == starved.scenario(1, 100.0)
    assert starved.scenario(1, 100.0).to_json() != starved.scenario(2, 100.0).to_json()


def test_stalls_are_as_frequent_and_as_long_as_told():
    starved = environment("starved")
    lasts = sorted(step.fault.seconds for step in starved.scenario(1, 3600.0).steps)
    # 32 members for an hour at one a minute, less the time stalled (2.6 s in each): a Poisson count
    expected = 32 * 3600 / (60 + 2.6)
    assert len(lasts) == pytest.approx(expected, abs=4 * expected**0.5)
    assert lasts[len(lasts) // 2] == pytest.approx(2.0, rel=0.1)


@pytest.mark.parametrize("name", ["Cassandra", "Redis Cluster", "heartbeats to all"])
def test_what_is_computed_for_a_thousand_agrees_with_messages_among_forty(name):
    place = replace(environment("thousand"), members=40, warm_up_s=30.0, counted_s=10.0)
    seeds = (1, 2, 3)
    run = [measure(place, borrowed(name), seed) for seed in seeds]
    ours = [computed(place, borrowed(name), seed) for seed in range(20)]
    mean = lambda cells, what: sum(getattr(cell, what) for cell in cells) / len(cells)  # noqa: E731
    assert mean(ours, "packets_per_s") == pytest.approx(mean(run, "packets_per_s"), rel=0.08)
    assert mean(ours, "bytes_per_s") == pytest.approx(mean(run, "bytes_per_s"), rel=0.08)
    for what in ("first_s", "everyone_s"):
        values = [getattr(cell, what) for cell in ours]
        centre = mean(ours, what)
        deviation = (sum((value - centre) ** 2 for value in values) / (len(values) - 1)) ** 0.5
        # three runs scatter by deviation / sqrt(3); a tenth of a round's steps and ticks are the model's own
        assert abs(mean(run, what) - centre) <= 3 * deviation * (1 / 3 + 1 / 20) ** 0.5 + 0.05 * centre
    assert all(cell.false_positives == 0 for cell in [*run, *ours])


def test_what_is_computed_knows_no_other_faults():
    with pytest.raises(ValueError, match="neither stalls nor outages"):
        computed(environment("starved"), borrowed("Cassandra"), 1)
    with pytest.raises(ValueError, match="neither churn nor cuts"):
        computed(environment("edge"), borrowed("Cassandra"), 1)
    with pytest.raises(ValueError, match="memberlist LAN"):
        computed(environment("thousand"), borrowed("memberlist LAN"), 1)


def test_wrong_names_are_refused():
    with pytest.raises(ValueError, match="environment is 'moon'"):
        environment("moon")
    with pytest.raises(ValueError, match="settings is 'mine'"):
        borrowed("mine")
    with pytest.raises(ValueError, match="environment is 'lan'"):
        measure("lan", borrowed("Cassandra"))
    with pytest.raises(ValueError, match="members is 100"):
        METRO.smaller(100)
    assert all(isinstance(each, Environment) for each in ENVIRONMENTS.values())


def test_without_tcp_a_lossy_place_needs_helpers():
    lossy = replace(SMALL, network=Network(loss=0.2), counted_s=120.0)
    one, six = (
        measure(lossy, udp_only("x", replace(SwimConfig.lan(), indirect_checks=helpers)))
        for helpers in (0, 6)
    )
    assert one.bytes_per_s > 1.5 * six.bytes_per_s, "each suspicion is news, and its refutation too"
