"""Checkers of histories: what is known of histories by hand, all orders tried out, and what the systems' clients see."""

from itertools import combinations, pairwise, permutations
from random import Random

import pytest

from gossipkit.authority import AccessList
from gossipkit.systems import Cassandra, Consul, Dynamo, RedisCluster
from gossipkit.systems.checking import (
    Call,
    convergent,
    history,
    linearizable,
    monotonic_reads,
    read_your_writes,
)

from . import handmade

# By hand.


def test_there_are_enough_histories_by_hand_of_both_kinds():
    assert len(handmade.LINEARIZABLE) >= 30 and len(handmade.NOT_LINEARIZABLE) >= 30


@pytest.mark.parametrize("text", handmade.LINEARIZABLE.values(), ids=handmade.LINEARIZABLE)
def test_a_linearizable_history_is_one(text):
    calls = handmade.history(text)
    judgement = linearizable(calls)
    assert judgement.ok and judgement and judgement.misplaced is None and judgement.because == ""
    for key in {call.key for call in calls}:
        assert explains([call for call in judgement.order if call.key == key])
    assert keeps_to_real_time(judgement.order, calls)
    assert {call for call in calls if call.ended_s is not None} <= set(judgement.order)


@pytest.mark.parametrize("text", handmade.NOT_LINEARIZABLE.values(), ids=handmade.NOT_LINEARIZABLE)
def test_a_history_that_is_not_linearizable_is_none(text):
    calls = handmade.history(text)
    judgement = linearizable(calls)
    assert not judgement.ok and not judgement
    assert judgement.misplaced in calls and judgement.misplaced.client in judgement.because
    assert explains(judgement.order) and keeps_to_real_time(judgement.order, calls)
    ended_before = [
        call
        for call in calls
        if call.key == judgement.misplaced.key and call.end_s < judgement.misplaced.end_s
    ]
    assert set(ended_before) <= set(judgement.order)


@pytest.mark.parametrize(("name", "said"), handmade.MISPLACED.items())
def test_the_call_that_cannot_be_placed_is_named_and_why(name, said):
    judgement = linearizable(handmade.history(handmade.NOT_LINEARIZABLE[name]))
    client, value, because = said
    assert (judgement.misplaced.client, judgement.misplaced.value) == (client, value)
    assert because in judgement.because


@pytest.mark.parametrize(("text", "expected"), handmade.SESSIONS.items())
def test_sessions_read_their_writes_and_take_no_step_back(text, expected):
    calls = handmade.history(text)
    assert (read_your_writes(calls).ok, monotonic_reads(calls).ok) == expected


@pytest.mark.parametrize(("case", "expected"), handmade.QUIET.items())
def test_readers_agree_after_quiet(case, expected):
    text, quiet_s = case
    assert convergent(handmade.history(text), quiet_s).ok == expected


def test_what_is_there_at_the_beginning_may_be_read():
    calls = handmade.history("b r7 0 1; a w1 2 3; a r7 4 5")
    assert linearizable(calls[:1], initial=7) and not linearizable(calls[:1])
    assert not linearizable(calls, initial=7) and not read_your_writes(calls, initial=7)
    assert convergent(calls[:1], 0.0, initial=7) and not convergent(calls[:1], 0.0)


# All orders tried out.


def explains(order) -> bool:
    """Whether a register that carries out the calls in this order gives their answers."""
    value = None
    for call in order:
        if call.kind == "read":
            if call.value != value:
                return False
        elif call.kind == "cas" and not call.done and call.ended_s is not None:
            if call.expected == value:
                return False
        elif call.kind == "cas" and call.expected != value:
            return False
        else:
            value = call.value
    return True


def keeps_to_real_time(order, calls) -> bool:
    """Whether no call stands behind one that it precedes."""
    place = {id(call): at for at, call in enumerate(sorted(calls, key=lambda call: call.began_s))}
    return not any(
        call.key == earlier.key and place[id(call)] < place[id(earlier)] and call.end_s <= earlier.began_s
        for earlier, call in combinations(order, 2)
    )


def some_order_explains(calls) -> bool:
    """By definition: of the calls that ended and any of the others, is there an order that keeps to real time?"""
    certain = [call for call in calls if call.ended_s is not None]
    unknown = [call for call in calls if call.ended_s is None and call.kind != "read"]
    return any(
        explains(order) and keeps_to_real_time(order, calls)
        for count in range(len(unknown) + 1)
        for chosen in combinations(unknown, count)
        for order in permutations([*certain, *chosen])
    )


def random_history(random: Random) -> list[Call]:
    values = [None, 1, 2, 3][: random.randint(2, 4)]
    calls = []
    for _ in range(random.randint(2, 6)):
        kind, began = random.choice(["read", "read", "write", "write", "cas"]), random.randint(0, 6)
        calls.append(
            Call(
                random.choice("abc"),
                kind,
                random.choice(values),
                began,
                None if random.random() < 0.2 else began + random.randint(0, 5),
                expected=random.choice(values) if kind == "cas" else None,
                done=kind != "cas" or random.random() < 0.6,
            )
        )
    return calls


def test_the_search_finds_an_order_exactly_if_there_is_one():
    random, found = Random(5), [0, 0]
    for _ in range(1500):
        calls = random_history(random)
        judgement = linearizable(calls)
        assert judgement.ok == some_order_explains(calls), calls
        assert explains(judgement.order) and keeps_to_real_time(judgement.order, calls)
        found[judgement.ok] += 1
    assert min(found) > 300, "both kinds have been seen"


def test_a_linearizable_history_reads_its_writes_and_takes_no_step_back():
    random, weaker = Random(6), 0
    for _ in range(4000):
        calls = random_history(random)
        sessions = read_your_writes(calls).ok and monotonic_reads(calls).ok
        if linearizable(calls):
            assert sessions, calls
        else:
            weaker += sessions
    assert weaker > 100, "and the other way round it does not follow"


def test_ten_thousand_calls_of_eight_clients_need_few_states_also_where_no_order_is_found():
    random, now = Random(1), dict.fromkeys("abcdefgh", 0.0)
    spans = []
    for _ in range(10_000):
        client = min(now, key=now.get)
        began = now[client] + random.expovariate(20)
        now[client] = began + random.expovariate(10)
        spans.append((random.uniform(began, now[client]), client, began, now[client]))
    calls, value = [], None
    for number, (_, client, began, ended) in enumerate(sorted(spans)):
        kind = random.choice(["read", "write"])
        value = number if kind == "write" else value
        calls.append(Call(client, kind, value, began, ended))
    whole = linearizable(calls)
    assert whole and whole.looked_at < 10 * len(calls)
    last = max((call for call in calls if call.kind == "read"), key=lambda call: call.began_s)
    stale = Call(last.client, "read", calls[0].value, last.began_s, last.ended_s)
    broken = linearizable([stale if call is last else call for call in calls])
    assert broken.misplaced == stale and broken.looked_at < 20 * len(calls)


# What the systems' clients see.


def test_a_history_of_consul_has_reads_writes_and_check_and_set_by_value():
    cluster = Consul(agents=2, servers=3, seed=1)
    cluster.run(until=10)
    assert cluster.wait(cluster.write("k", "1", if_index=0)).value is True
    index = cluster.wait(cluster.read("k")).answer[1]
    assert cluster.wait(cluster.write("k", "2", "agent-2", if_index=index)).value is True
    assert cluster.wait(cluster.write("k", "3", if_index=index)).value is False
    assert cluster.wait(cluster.write("k", "4", if_index=99)).value is False
    cluster.wait(cluster.read("k", "agent-2"))
    calls = history(cluster.operations)
    said = [(call.client, call.kind, call.value, call.expected, call.done) for call in calls]
    assert said == [
        ("agent-1", "cas", "1", None, True),
        ("agent-1", "read", "1", None, True),
        ("agent-2", "cas", "2", "1", True),
        ("agent-1", "cas", "3", "1", False),
        ("agent-2", "read", "2", None, True),
    ]
    assert linearizable(calls)
    assert [call.began_s for call in calls] == [
        operation.started_s for operation in cluster.operations if operation.number != 5
    ]


def test_where_a_value_was_written_twice_an_index_says_more_than_it():
    cluster = Consul(agents=2, servers=3, seed=1)
    cluster.run(until=10)
    cluster.wait(cluster.write("k", "1"))
    index = cluster.wait(cluster.read("k")).answer[1]
    cluster.wait(cluster.write("k", "1"))
    assert cluster.wait(cluster.write("k", "2", if_index=index)).value is False, "though 1 is there"
    calls = history(cluster.operations)
    assert [call.kind for call in calls] == ["write", "read", "write"] and linearizable(calls)


def test_what_was_denied_had_no_effect_and_what_timed_out_may_have():
    cluster = Consul(agents=2, servers=3, seed=1, access=AccessList({}))
    cluster.run(until=10)
    cluster.wait(cluster.write("k", "1"))
    cluster.wait(cluster.read("k"))
    assert history(cluster.operations) == ()
    cluster = Consul(agents=2, servers=3, seed=1)
    cluster.run(until=10)
    cluster.partition(["agent-1"])
    cluster.wait(cluster.write("k", "1", timeout_s=2.0))
    cluster.wait(cluster.read("k", timeout_s=2.0))
    (call,) = history(cluster.operations)
    assert (call.kind, call.ended_s) == ("write", None)


def test_a_history_of_cassandra_has_deletions_and_leaves_out_what_was_refused():
    cluster = Cassandra(nodes=3, seed=1)
    for operation in (
        cluster.write("k", "1", "QUORUM", "node-1"),
        cluster.delete("k", "QUORUM", "node-2"),
        cluster.read("k", "QUORUM", "node-3"),
    ):
        cluster.wait(operation)
    cluster.crash("node-2")
    cluster.crash("node-3")
    cluster.run(until=60)
    assert cluster.wait(cluster.write("k", "2", "QUORUM", "node-1")).status == "unavailable"
    calls = history(cluster.operations, client=lambda operation: "all")
    assert [(call.client, call.kind, call.value) for call in calls] == [
        ("all", "write", "1"),
        ("all", "write", None),
        ("all", "read", None),
    ]


def test_a_history_of_dynamo_or_redis_cluster_is_the_same_thing():
    dynamo = Dynamo(4, seed=1, versions="lww")
    redis = RedisCluster(seed=1)
    for cluster, write in ((dynamo, dynamo.put), (redis, redis.set)):
        cluster.run(until=3)
        cluster.wait(write("k", "1"))
        cluster.wait(cluster.get("k"))
        assert [(call.kind, call.value) for call in history(cluster.operations)] == [
            ("write", "1"),
            ("read", "1"),
        ]


def test_siblings_are_no_register():
    cluster = Dynamo(4, seed=1, versions="dotted")
    for value in ("1", "2"):
        cluster.wait(cluster.put("k", value))
    cluster.wait(cluster.get("k"))
    with pytest.raises(ValueError, match="a register has one value"):
        history(cluster.operations)


# Wrong arguments.


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("a", "take", 1, 0.0, 1.0), "kind is 'take': it must be one of 'read', 'write', 'cas'"),
        (("a", "read", [1], 0.0, 1.0), r"value is \[1\]: it must be hashable"),
        (("a", "read", 1, 2.0, 1.0), "ended_s is 1.0: it must be a number, at least 2"),
        (("a", "read", 1, -1.0, 1.0), "began_s is -1.0"),
        (("", "read", 1, 0.0, 1.0), "client is ''"),
        (("a", "cas", 1, 0.0, 1.0, "x", {}), r"expected is \{\}: it must be hashable"),
        (("a", "cas", 1, 0.0, 1.0, "x", None, 1), "done is 1: it must be True or False"),
    ],
)
def test_a_call_that_makes_no_sense_is_refused(arguments, said):
    with pytest.raises(ValueError, match=said):
        Call(*arguments)


def test_checkers_say_what_they_take():
    for check in (linearizable, read_your_writes, monotonic_reads):
        with pytest.raises(ValueError, match="a call of history is 3: it must be a Call"):
            check([3])
        with pytest.raises(ValueError, match="history is None: it must be calls"):
            check(None)
    with pytest.raises(ValueError, match="operations is None: it must be operations"):
        history(None)
    with pytest.raises(ValueError, match="one of operations is 3: it must be an Operation"):
        history([3])
    with pytest.raises(ValueError, match=r"initial is \[\]: it must be hashable"):
        linearizable([], initial=[])
    with pytest.raises(ValueError, match=r"quiet_s is 2\.0: it must be after the last write began"):
        convergent(handmade.history("a w1 3 4"), 2.0)


def test_calls_and_judgements_are_told_in_a_line():
    calls = handmade.history("a w1 0 1; b r_ 2 3; c f1>2 4 5; d c1>2 6 ?")
    assert repr(calls) == (
        "[<a writes x=1: 0 to 1 s>, <b reads x=None: 2 to 3 s>, <c sets x=2 if it is 1, and it is not: 4 to 5 s>, "
        "<d sets x=2 if it is 1: from 6 s, outcome unknown>]"
    )
    assert repr(linearizable(calls[:1])) == "<linearizable>"
    for judgement in (linearizable(calls), read_your_writes(handmade.history("a w1 0 1; a r_ 2 3"))):
        assert repr(judgement).startswith(f"<not {judgement.model}: ")
    assert all(a.began_s <= b.began_s for a, b in pairwise(calls))
