"""Two data centres and the link between them."""

import pytest

from gossipkit.systems.cassandra.experiments import centres


def test_a_local_quorum_goes_on_and_is_right_in_its_own_centre_only():
    run = centres("LOCAL_QUORUM")
    assert (run.required, run.accepted, run.seen_here, run.seen_there, run.seen_later) == (2, 10, 10, 0, 10)


@pytest.mark.parametrize(("level", "required"), [("QUORUM", 4), ("ALL", 6)])
def test_a_level_over_both_centres_refuses_while_they_are_apart(level, required):
    run = centres(level)
    assert (run.required, run.accepted, run.refused_there) == (required, 0, 10)


def test_one_is_accepted_everywhere_and_seen_where_a_replica_was_written():
    run = centres("ONE")
    assert run.accepted == run.seen_later == 10 and run.seen_there == 0


@pytest.mark.parametrize(
    ("arguments", "said"), [({"level": "TWO"}, "level is 'TWO'"), ({"rows": 0}, "rows is 0")]
)
def test_what_makes_no_sense_is_refused_by_name(arguments, said):
    with pytest.raises(ValueError, match=said):
        centres(**arguments)
