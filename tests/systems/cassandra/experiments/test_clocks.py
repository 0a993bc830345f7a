"""A clock that runs ahead."""

import pytest

from gossipkit.systems.cassandra.experiments import fast_clock


@pytest.mark.parametrize(("ahead_s", "lost"), [(0.0, 0), (0.9, 0), (1.1, 20), (10.0, 20)])
def test_all_updates_within_the_clocks_lead_are_lost_acknowledged_and_equal_on_all_replicas(ahead_s, lost):
    run = fast_clock(ahead_s)
    assert (run.acknowledged, run.lost, run.divergent) == (20, lost, 0)


@pytest.mark.parametrize(
    ("arguments", "said"), [({"ahead_s": 11.0}, "ahead_s is 11.0"), ({"rows": 0}, "rows is 0")]
)
def test_what_makes_no_sense_is_refused_by_name(arguments, said):
    with pytest.raises(ValueError, match=said):
        fast_clock(**arguments)
