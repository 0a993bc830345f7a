"""The run whose history a checker looks at: what its clients and its weather do."""

import itertools

import pytest

from gossipkit.systems.comparison import STORES, register
from gossipkit.systems.comparison.registers import BEGIN_S, CUT_S, END_S, HEAL_S, LAST_S


def asked(**settings):
    return [
        (one.via, str(one.kind), one.value, one.started_s, str(one.status))
        for one in register(**settings).operations
    ]


@pytest.mark.parametrize("store", STORES)
def test_four_clients_ask_one_after_the_other_and_write_no_value_twice(store):
    system = register(store)
    by_client = {}
    for operation in system.operations:
        assert operation.key == "x" and BEGIN_S <= operation.started_s <= LAST_S
        by_client.setdefault(operation.via, []).append(operation)
    assert len(by_client) == 4
    for theirs in by_client.values():
        for before, after in itertools.pairwise(theirs):
            assert before.finished_s is not None and after.started_s > before.finished_s
    written = [one.value for one in system.operations if str(one.kind) == "put" or one.kind == "write"]
    if store.startswith(("Cassandra", "Dynamo")):
        assert len(set(written)) == len(written) > 20


def test_the_same_seed_gives_the_same_history_and_another_one_another():
    assert asked(churn_per_min=20.0) == asked(churn_per_min=20.0) != asked(churn_per_min=20.0, seed=2)


def test_the_cut_keeps_the_minoritys_clients_waiting_and_without_it_nobody_waits():
    def waiting(**settings):
        return {one.via for one in register(**settings).operations if not one.ok}

    assert waiting(cut=False) == set()
    system = register()
    assert {one.via for one in system.operations if not one.ok} < {one.via for one in system.operations}
    assert all(CUT_S - 2 <= one.started_s <= HEAL_S + 2 for one in system.operations if not one.ok)


def test_churn_takes_nodes_away_and_all_are_back_at_the_end():
    system = register(churn_per_min=20.0)
    crashed = list(system.trace.filter(kind="crash"))
    assert crashed and all(BEGIN_S <= event.time <= HEAL_S for event in crashed)
    assert len(system.running()) == 6 and system.world.now == END_S


def test_one_of_the_two_consuls_has_no_log():
    def led(store):
        return [event.node for event in register(store).trace.filter(kind="raft-elected")]

    assert led("Consul") and not led("Consul without its log")


def test_the_level_of_cassandra_is_what_the_stores_name_says():
    for store, level in (("Cassandra, QUORUM", "QUORUM"), ("Cassandra, ONE", "ONE")):
        assert {one.consistency for one in register(store).operations} == {level}


@pytest.mark.parametrize(
    "wrong", [{"store": "etcd"}, {"fanout": 0}, {"loss": 2}, {"churn_per_min": -1}, {"seed": -1}]
)
def test_wrong_arguments_are_named(wrong):
    (name,) = wrong
    with pytest.raises(ValueError, match=name):
        register(**wrong)


def test_loss_leaves_calls_without_an_answer_where_requests_are_datagrams():
    def unanswered(**settings):
        asked = register("Cassandra, QUORUM", cut=False, **settings).operations
        return sum(not operation.ok for operation in asked) / len(asked)

    assert unanswered() == 0 and unanswered(loss=0.3) > 0.2


@pytest.mark.parametrize("store", STORES)
def test_a_higher_fanout_sends_more_packets_of_gossip(store):
    def sent(fanout):
        metrics = register(store, fanout, churn_per_min=20.0).metrics
        return metrics.value("datagram.sent.messages")

    assert sent(6) > sent(1)
