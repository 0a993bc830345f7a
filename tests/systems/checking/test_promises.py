"""What clients of the systems see in trouble: no false alarm where a system is linearizable, and an alarm where it is not."""

import pytest

from gossipkit.systems.checking import WATCHED, Model, linearizable, promises, seen_by_clients
from gossipkit.systems.checking.promises import CALLS, KEYS, QUIET_S, TROUBLE_S

LINEARIZABLE, OWN, MONOTONIC, CONVERGENT = Model


def test_no_false_alarm_consul_keeps_all_promises_whatever_happens_to_it():
    seen = promises("Consul", range(25))
    assert seen.broken == dict.fromkeys(Model, 0), seen.first
    assert (seen.runs, seen.first) == (25, {})
    assert seen.calls > 1000 and seen.unknown > 10, "also with calls whose outcome nobody knows"


def test_a_level_of_one_is_caught_and_quorums_that_meet_are_not():
    one, quorum = (promises(f"Cassandra at {level}", range(10)) for level in ("ONE", "QUORUM"))
    assert one.broken[LINEARIZABLE] >= 3 and one.broken[OWN] >= 1
    assert quorum.broken[LINEARIZABLE] == quorum.broken[OWN] == 0
    assert one.broken[CONVERGENT] == quorum.broken[CONVERGENT] == 0, "hints have brought what was missed"


def test_a_sloppy_quorum_is_caught():
    assert promises("Dynamo, sloppy", [4]).broken[LINEARIZABLE] == 1


def test_an_asynchronous_replica_that_takes_over_is_caught():
    assert promises("Redis Cluster", [0]).broken[LINEARIZABLE] == 1


def test_the_first_breach_can_be_had_again_from_its_seed():
    seen = promises("Cassandra at ONE", range(3))
    seed, judgement = seen.first[LINEARIZABLE]
    assert linearizable(seen_by_clients("Cassandra at ONE", seed)) == judgement
    assert not judgement and f"linearizable {seen.broken[LINEARIZABLE]}" in repr(seen)


@pytest.mark.parametrize("system", WATCHED)
def test_clients_write_values_of_their_own_during_the_trouble_and_read_after_quiet(system):
    calls = seen_by_clients(system, 3)
    written = [call.value for call in calls if call.writes]
    assert len(set(written)) == len(written) > 10
    assert max(call.began_s for call in calls if call.writes) < TROUBLE_S
    assert {call.key for call in calls} == set(KEYS) and CALLS / 2 < len(calls) < CALLS + 20
    assert sum(call.began_s >= QUIET_S for call in calls) >= 6


def test_other_systems_are_refused():
    for ask in (lambda: seen_by_clients("Paxos", 1), lambda: promises("Paxos", [1])):
        with pytest.raises(ValueError, match="system is 'Paxos': it must be one of 'Consul'"):
            ask()
