"""Second-order traps, each beside its control."""

import math

import pytest

from gossipkit.systems.transfer import (
    after_change,
    borrowed,
    full_state,
    hints_and_grace,
    stall_and_crash,
    storm,
)

seeds = pytest.mark.parametrize("seed", (1, 2, 3))


@seeds
def test_detection_quicker_than_a_pause_buries_who_pauses(seed):
    quick, slow = (
        stall_and_crash(borrowed("memberlist LAN", times), 3.0, seed=seed) for times in (0.25, 1.0)
    )
    assert quick.crash_s < 3.0 < slow.crash_s
    assert quick.buried_by == 23 and slow.buried_by == 0


@seeds
def test_a_node_timeout_below_a_slow_fsync_fails_the_node(seed):
    quick, slow = (
        stall_and_crash(borrowed("Redis Cluster", times), 4.0, members=9, seed=seed)
        for times in (2 / 15, 1.0)
    )
    assert quick.buried_by == 8 and slow.buried_by == 0


def test_full_state_grows_with_the_cluster_unless_it_is_stretched():
    small, large = full_state(32), full_state(256)
    never = full_state(256, stretched=False)
    assert large.longest == pytest.approx(8 * small.longest, rel=0.02)
    assert never.bytes_per_s == pytest.approx(8 * small.bytes_per_s, rel=0.02)
    assert large.bytes_per_s == pytest.approx(never.bytes_per_s / 4, rel=0.05)


def test_a_window_of_phi_that_may_not_learn_convicts_before_each_beat():
    control, slower, scaled = after_change(1, 1), after_change(1, 20), after_change(1, 20, max_interval_s=40)
    assert control.wrongly == 0 and control.convict_s == pytest.approx(18.42, abs=0.01)
    assert slower.wrongly == slower.of
    assert scaled.wrongly <= 2 and scaled.convict_s > 10 * control.convict_s


def test_a_window_remembers_the_old_rhythm():
    quicker = after_change(1, 0.2)
    assert quicker.convict_s > 2 * 18.42 * 0.2, "half of its thousand intervals are old ones"


@seeds
def test_hints_older_than_gc_grace_are_not_delivered_and_rows_come_back(seed):
    short, long = hints_and_grace(60, seed=seed), hints_and_grace(360, seed=seed)
    assert (short.delivered, short.expired, short.back) == (0, 10, 10)
    assert (long.delivered, long.expired, long.back) == (10, 0, 0)


@seeds
def test_one_layer_that_retries_recovers_and_two_never_do(seed):
    none, client, gateway, both = (storm(c, g, seed=seed) for c, g in ((0, 0), (1, 0), (0, 1), (1, 1)))
    assert none.lasts_s < client.lasts_s < 60 and none.lasts_s < gateway.lasts_s < 60
    assert math.isnan(both.lasts_s)
    # 40 a second asked, twice by each layer: 80 are below the server's 100, 160 are not
    assert both.arrived[-20:].mean() > 100
    assert client.arrived[30:45].sum() > none.arrived[30:45].sum()


@pytest.mark.parametrize(
    "call",
    [
        lambda: storm(-1, 0),
        lambda: storm(0, 1.5),
        lambda: stall_and_crash(borrowed("Cassandra"), -1),
        lambda: full_state(1),
        lambda: after_change(0, 1),
        lambda: hints_and_grace(60, down_s=1),
    ],
)
def test_wrong_arguments_are_refused(call):
    with pytest.raises(ValueError, match=" is "):
        call()
