"""Which lie of one Raft server has two values committed, and with how little help."""

import pytest

from gossipkit.authority.lying import ServerLie
from gossipkit.systems.trust.servers import Weather, lies_table, lying_server, lying_servers

SEEDS = range(1, 6)


@pytest.fixture(scope="module")
def runs():
    return lying_servers(SEEDS)


@pytest.mark.parametrize("weather", Weather)
def test_a_crash_in_place_of_the_lie_breaks_nothing(runs, weather):
    assert all(run.safe for run in runs[None, weather])


def test_a_server_that_crashes_does_not_take_the_lock_away(runs):
    for run in runs[None, Weather.CHANGE]:
        assert run.told == {"ann": "ann", "bob": "ann"}
        assert run.terms[-1][2] == 2  # there was another leader, which has what the first one committed


@pytest.mark.parametrize("weather", Weather)
def test_a_leader_that_tells_two_entries_needs_no_help(runs, weather):
    for run in runs[ServerLie.TWO_LOGS, weather]:
        assert run.split == 2
        assert set(run.holders.values()) == {"ann", "bob"}  # whoever has asked first


def test_votes_given_twice_make_two_leaders_of_one_term_where_one_link_is_cut(runs):
    assert all(run.safe for run in runs[ServerLie.VOTES_TWICE, Weather.CALM])
    for run in runs[ServerLie.VOTES_TWICE, Weather.CUT]:
        assert [term for _, _, term in run.terms] == [1, 1]
        assert run.told == {"ann": "ann", "bob": "bob"}
        assert not run.safe


def test_an_entry_that_is_forgotten_costs_what_was_committed_at_the_next_change_of_leader(runs):
    for weather in (Weather.CALM, Weather.CUT):
        assert all(run.safe for run in runs[ServerLie.FORGETS, weather])
    for run in runs[ServerLie.FORGETS, Weather.CHANGE]:
        assert run.told == {"ann": "ann", "bob": "bob"}
        assert run.split == 2


def test_two_more_servers_do_not_help():
    for lie, weather in (
        (ServerLie.TWO_LOGS, Weather.CALM),
        (ServerLie.VOTES_TWICE, Weather.CUT),
        (ServerLie.FORGETS, Weather.CHANGE),
    ):
        assert not any(lying_server(lie, weather, servers=5, seed=seed).safe for seed in SEEDS)
        assert all(lying_server(None, weather, servers=5, seed=seed).safe for seed in SEEDS)


def test_one_seed_replays_a_run():
    runs = [lying_server(ServerLie.VOTES_TWICE, Weather.CUT, seed=3) for _ in range(2)]
    assert runs[0] == runs[1]


def test_what_a_run_and_the_table_say(runs):
    assert repr(runs[ServerLie.TWO_LOGS, Weather.CALM][0]) == (
        "<TwoLogs, server-1 tells half of the followers another entry, nothing else is wrong: "
        "at index 2 server-2 ann, server-3 bob>"
    )
    assert repr(runs[None, Weather.CUT][0]).endswith("one value at each index>")
    lines = lies_table(runs).splitlines()
    assert lines[2] == "| crashes, and is back | safe in 5 of 5 | safe in 5 of 5 | safe in 5 of 5 |"
    assert lines[3].count("two values in 5 of 5") == 3
    with pytest.raises(ValueError, match="runs is empty"):
        lies_table({})


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"lie": "forgets"}, "lie is 'forgets'"),
        ({"weather": "calm"}, "weather is 'calm'"),
        ({"servers": 1}, "servers is 1"),
        ({"servers": 4}, "servers is 4: it must be odd"),
    ],
)
def test_wrong_arguments(arguments, says):
    with pytest.raises(ValueError, match=says):
        lying_server(**({"lie": None} | arguments))
