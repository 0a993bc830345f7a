"""How long a node that has gone is taken for up."""

from math import log

import pytest

from gossipkit.systems.cassandra.experiments import endings


@pytest.mark.parametrize("fanout", [1, 3])
def test_a_crash_takes_phi_times_ln_ten_intervals_for_the_first_and_gossips_delay_more_for_the_last(fanout):
    run = endings("crash", fanout=fanout)
    assert len(run.convicted_s) == run.peers == 5
    assert 8 * log(10) - 1.0 <= run.convicted_s[0] <= 8 * log(10) + 2.0
    assert list(run.convicted_s) == sorted(run.convicted_s)


def test_a_lower_threshold_convicts_in_proportion_sooner():
    low, usual = (endings(threshold=threshold).convicted_s[0] for threshold in (4.0, 8.0))
    # each is phi's time, later by up to the second between two looks, sooner by up to the second that the last beat is old:
    # off by up to 1 s, and half of the other by up to 0.5 s
    assert low == pytest.approx(usual / 2, abs=1.5)


def test_a_shutdown_is_believed_at_once_unless_its_word_is_lost():
    assert endings("shutdown").convicted_s[-1] < 0.1
    assert endings("shutdown", loss=0.5).convicted_s[-1] > 1.0


def test_a_fanout_of_three_costs_nearly_three_times_the_messages():
    one, three = (endings(fanout=fanout).messages for fanout in (1, 3))
    assert 2.2 < three / one <= 3.0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"ending": "fire"}, "ending is 'fire'"),
        ({"nodes": 2}, "nodes is 2"),
        ({"fanout": 0}, "fanout is 0"),
        ({"threshold": 0}, "threshold is 0"),
        ({"loss": 1.5}, "loss is 1.5"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(arguments, said):
    with pytest.raises(ValueError, match=said):
        endings(**arguments)
