"""A Dynamo cluster: versions, quorums, stand-ins, membership, repair, and each part switched off."""

import pytest

from gossipkit.authority.versions import VectorClock
from gossipkit.sim import Constant, Network, Scenario
from gossipkit.systems import Dynamo
from gossipkit.systems.dynamo import union
from gossipkit.systems.dynamo.experiments import figure_3
from gossipkit.systems.dynamo.messages import Fetch
from gossipkit.systems.dynamo.objects import NOTHING

KEY = "cart"
SINGLE = {"hints": False, "read_repair": False, "merkle": False}


def put(cluster, value, context=None, via=None, key=KEY):
    return cluster.wait(cluster.put(key, value, context, via))


def get(cluster, via=None, key=KEY):
    return cluster.wait(cluster.get(key, via))


def write_many(cluster, keys, value, every_s=0.1):
    for number in range(keys):
        cluster.put(f"k{number}", value)
        cluster.run(until=cluster.world.now + every_s)


# Versions.


def test_d1_to_d5_of_the_paper_through_the_system():
    replay = figure_3()
    assert {each.name: each.clock.counters for each in replay.history.nodes} == {
        "D1": {"Sx": 1},
        "D2": {"Sx": 2},
        "D3": {"Sx": 2, "Sy": 1},
        "D4": {"Sx": 2, "Sz": 1},
        "D5": {"Sx": 3, "Sy": 1, "Sz": 1},
    }
    assert replay.siblings == ("D3", "D4")
    assert replay.context.counters == {"Sx": 2, "Sy": 1, "Sz": 1}
    assert replay.final == ("D5",)
    assert set(replay.history.edges) == {("D1", "D2"), ("D2", "D3"), ("D2", "D4"), ("D3", "D5"), ("D4", "D5")}


def test_dots_tell_the_same_story_and_timestamps_lose_d3():
    assert figure_3("dotted").siblings == ("D3", "D4")
    assert figure_3("lww").siblings == ("D4",)


def blind_writes_through_one_node(versions):
    cluster = Dynamo(seed=1, versions=versions)
    via = cluster.authority.homes(KEY)[0]
    put(cluster, "ann's", via=via)
    put(cluster, "bob's", via=via)
    return get(cluster, via=via).siblings


def test_through_one_coordinator_a_vector_clock_takes_the_second_writer_for_a_reader_of_the_first():
    assert blind_writes_through_one_node("vector") == ("bob's",)
    assert blind_writes_through_one_node("dotted") == ("ann's", "bob's")


@pytest.mark.parametrize(("versions", "each"), [("vnode", 8), ("dotted", 1)])
@pytest.mark.parametrize("clients", [2, 3, 5])
def test_interleaved_writers_make_siblings_explode_without_dots(versions, each, clients):
    cluster = Dynamo(seed=1, versions=versions)
    homes = cluster.authority.homes(KEY)
    seen = dict.fromkeys(range(clients))
    for turn in range(8):
        for client in seen:  # through different coordinators: it is no matter of one node's counter
            via = homes[(turn + client) % len(homes)]
            seen[client] = put(cluster, f"{client}-{turn}", seen[client], via).context
    siblings = get(cluster).siblings
    assert len(siblings) == clients * each
    assert {f"{client}-7" for client in seen} <= set(siblings)
    # who reads before it writes ends it
    merged = put(cluster, "merged", get(cluster).context)
    assert merged.ok and get(cluster).siblings == ("merged",)
    cluster.run(until=60.0)
    assert cluster.repair.divergent() == ()


def test_a_truncated_clock_makes_a_sibling_of_an_ancestor():
    found = {}
    for truncate_at in (2, 10):
        cluster = Dynamo(3, seed=1, truncate_at=truncate_at, **SINGLE)
        homes = cluster.authority.homes(KEY)
        first = put(cluster, "first", via=homes[0])
        cluster.partition([homes[0]], homes[1:])
        cluster.run(until=5.0)
        context = first.context
        for number, via in enumerate((*homes[1:], homes[1])):  # a third entry pushes out the oldest
            context = put(cluster, f"later {number}", context, via=via).context
        cluster.heal()
        cluster.run(until=10.0)
        everything = cluster.authority.everything(KEY)
        found[truncate_at] = everything.values
    assert found == {2: ("later 0", "later 2"), 10: ("later 2",)}


def test_a_truncated_clock_lets_a_concurrent_write_replace_an_acknowledged_one():
    found = {}
    for truncate_at in (2, 10):
        cluster = Dynamo(3, seed=1, truncate_at=truncate_at)
        one, other, third = cluster.authority.homes(KEY)
        cluster.put(KEY, "ann's", via=one)
        cluster.run(until=0.0001)  # on its way still
        bob = put(cluster, "bob's", via=other)
        read = get(cluster, via=third)
        assert set(read.siblings) == {"ann's", "bob's"}
        assert put(cluster, "both", read.context, via=third).ok
        put(cluster, "bob's second", bob.context, via=third)
        cluster.run(until=30.0)
        found[truncate_at] = set(get(cluster).siblings)
    assert found == {2: {"ann's", "bob's second"}, 10: {"both", "bob's second"}}


def test_while_rings_differ_a_strict_quorum_misses_acknowledged_puts_and_afterwards_none():
    missed = {True: [], False: []}
    for seed in range(3):
        cluster = Dynamo(6, sloppy=False, versions="dotted", seed=seed, trace=False)
        for number in range(3):
            cluster.join(f"newcomer-{number}", via="node-1")
        while cluster.world.now < 5.0:
            differ = len(cluster.gossip.rings()) > 1
            written = put(cluster, "new", key=f"key-{cluster.world.now}")
            read = get(cluster, key=written.key)
            if written.ok and read.ok:
                missed[differ].append(cluster.authority.missed(read) != ())
            cluster.run(until=cluster.world.now + 0.02)
    assert any(missed[True])
    assert len(missed[False]) > 100 and not any(missed[False])


def test_a_node_that_is_alone_in_its_ring_refuses_a_write_for_two_and_hides_one_for_itself():
    for w, status, found in ((2, "unavailable", ()), (1, "ok", ("milk",))):
        cluster = Dynamo(4, r=1, w=w, seed=1, seeds=())
        cluster.join("node-x", via="node-x")
        assert put(cluster, "milk", via="node-x").status == status
        cluster.run(until=60.0)
        assert get(cluster, via="node-1").siblings == ()
        cluster.join("node-x", via="node-1")
        cluster.run(until=75.0)
        assert get(cluster, via="node-1").siblings == found


def test_a_policy_merges_what_a_reader_gets():
    cluster = Dynamo(3, seed=1, merge=union)
    one, other, _ = cluster.authority.homes(KEY)
    base = put(cluster, ("book",), via=one)
    put(cluster, ("book", "milk"), base.context, via=one)
    put(cluster, ("book", "eggs"), base.context, via=other)
    read = get(cluster)
    assert set(read.siblings) == {("book", "milk"), ("book", "eggs")}
    assert read.value == ("book", "eggs", "milk")
    put(cluster, read.value, read.context)
    assert get(cluster).siblings == (("book", "eggs", "milk"),)


def test_without_a_policy_siblings_have_no_value():
    cluster = Dynamo(3, seed=1)
    one, other, _ = cluster.authority.homes(KEY)
    put(cluster, "a", via=one)
    put(cluster, "b", via=other)
    assert (get(cluster).siblings, get(cluster).value) == (("a", "b"), None)


def test_a_key_that_nobody_has():
    cluster = Dynamo(seed=1)
    read = get(cluster)
    assert (read.ok, read.siblings, read.value, read.context) == (True, (), None, VectorClock())
    assert cluster.authority.everything(KEY).values == ()


# Quorums.


def test_a_put_reaches_n_homes_and_is_acknowledged_by_w():
    cluster = Dynamo(seed=1)
    done = put(cluster, "v")
    assert len(done.acks) == 2
    cluster.run(until=3.0)
    assert set(cluster.authority.holders(KEY)) == set(cluster.authority.homes(KEY))


@pytest.mark.parametrize("sloppy", [True, False])
def test_only_a_sloppy_quorum_writes_while_homes_are_down(sloppy):
    cluster = Dynamo(seed=1, sloppy=sloppy)
    homes = cluster.authority.homes(KEY)
    for name in homes[:2]:
        cluster.crash(name)
    first = put(cluster, "one", via=homes[2])
    second = put(cluster, "two", via=homes[2])
    assert [first.status, second.status] == (["ok", "ok"] if sloppy else ["timeout", "unavailable"])
    # the first one found out who has failed, and waited for it: half a second, or until the deadline
    assert first.latency_s == pytest.approx(0.5 if sloppy else 2.0, abs=0.05)


def test_an_unavailable_put_has_begun_nothing_and_a_put_out_of_time_may_have_been_kept():
    cluster = Dynamo(seed=1, sloppy=False, **SINGLE)
    homes = cluster.authority.homes(KEY)
    for name in homes[:2]:
        cluster.crash(name)
    put(cluster, "out of time", via=homes[2])
    put(cluster, "refused", via=homes[2])
    assert cluster.authority.holders(KEY) == {homes[2]: ("out of time",)}


def test_a_stand_in_is_the_next_healthy_node_and_hands_over():
    cluster = Dynamo(seed=1, read_repair=False, merkle=False)
    preference = cluster.authority.preference_list(KEY)
    cluster.crash(preference[1])
    put(cluster, "v", via=preference[0])
    cluster.run(until=3.0)
    assert cluster.repair.backlog() == {(preference[3], preference[1]): 1}
    assert cluster.repair.hints() == {preference[3]: {preference[1]: 1}}
    assert cluster.authority.siblings(KEY, preference[3]) == ("v",)
    cluster.restart(preference[1])
    cluster.run(until=6.0)
    assert cluster.repair.hints() == {}
    assert cluster.authority.siblings(KEY, preference[1]) == ("v",)


def test_hints_survive_the_crash_of_their_holder():
    cluster = Dynamo(seed=1, read_repair=False, merkle=False)
    preference = cluster.authority.preference_list(KEY)
    cluster.crash(preference[1])
    put(cluster, "v", via=preference[0])
    cluster.run(until=3.0)
    cluster.crash(preference[3])
    cluster.restart(preference[1])
    cluster.restart(preference[3])
    cluster.run(until=8.0)
    assert cluster.authority.siblings(KEY, preference[1]) == ("v",)


def test_a_get_repairs_the_homes_that_answered_with_less():
    cluster = Dynamo(seed=1, sloppy=False, hints=False, merkle=False)
    homes = cluster.authority.homes(KEY)
    cluster.set_loss(1.0, dst=homes[2])
    put(cluster, "v", via=homes[0])
    cluster.set_loss(0.0)
    cluster.run(until=5.0)
    assert cluster.repair.lacking() == {homes[2]: (KEY,)}
    get(cluster, via=homes[0])
    cluster.run(until=8.0)
    assert cluster.repair.lacking() == {}
    assert cluster.metrics.value("read_repairs") == 1


def test_a_get_does_not_write_to_stand_ins():
    cluster = Dynamo(seed=1)
    preference = cluster.authority.preference_list(KEY)
    put(cluster, "v", via=preference[0])
    cluster.run(until=2.0)
    cluster.crash(preference[1])
    for _ in range(2):  # the first one finds out who has failed
        read = get(cluster, via=preference[0])
        cluster.run(until=cluster.world.now + 3.0)
    assert cluster.metrics.value("datagram.received.messages", preference[3]) > 0
    assert read.ok
    assert set(cluster.authority.holders(KEY)) == set(preference[:3])


def test_failure_is_each_nodes_own_opinion():
    cluster = Dynamo(seed=1)
    a, b, c = cluster.authority.homes(KEY)
    cluster.set_loss(1.0, src=b, dst=a)
    for via in (a, c):
        put(cluster, "v", via=via)
    cluster.run(until=5.0)
    assert (cluster.gossip.view(a)[b], cluster.gossip.view(c)[b]) == ("failed", "up")
    assert (a, b, "failed") in cluster.gossip.disagreement()


# Coordination.


def test_a_load_balancer_costs_a_detour_that_a_client_with_the_ring_saves():
    latency = {}
    for coordination in ("server", "client"):
        cluster = Dynamo(12, seed=1, coordination=coordination, network=Network(latency=Constant(0.01)))
        done = [get(cluster, key=f"k{number}") for number in range(40)]
        latency[coordination] = {round(each.latency_s, 3) for each in done}
        redirected = "coord_redirs" in cluster.metrics.names
        assert redirected == (coordination == "server")
    assert latency == {"server": {0.02, 0.04}, "client": {0.02}}


def test_a_client_with_an_old_ring_still_reaches_a_node():
    cluster = Dynamo(seed=1, coordination="client")
    get(cluster)
    cluster.crash(cluster.authority.homes(KEY)[0])
    assert get(cluster).ok


# Membership.


@pytest.mark.parametrize("strategy", [1, 2, 3])
def test_who_joins_is_sent_its_ranges_and_who_leaves_gives_them_back(strategy):
    cluster = Dynamo(5, seed=2, strategy=strategy, read_repair=False, merkle=False)
    write_many(cluster, 40, "v")
    cluster.join("node-6")
    cluster.run(until=20.0)
    assert cluster.gossip.rings() == (tuple(f"node-{i}" for i in range(1, 7)),)
    assert cluster.repair.divergent() == ()
    assert any("node-6" in cluster.authority.homes(f"k{number}") for number in range(40))
    kept = [event.fields for event in cluster.trace.filter(kind="hint-stored")]
    told = [hint["key"] for hint in kept if hint["about"] == "node-6"]
    assert told and len(told) == len(set(told)), "of all that had a range one sends it"
    cluster.leave("node-1")
    cluster.run(until=40.0)
    assert cluster.gossip.rings() == (tuple(f"node-{i}" for i in range(2, 7)),)
    assert cluster.repair.divergent() == ()


def test_what_was_kept_for_a_node_that_leaves_goes_to_the_homes_of_then():
    cluster = Dynamo(seed=1, read_repair=False, merkle=False)
    preference = cluster.authority.preference_list(KEY)
    for name in preference[:3]:
        cluster.crash(name)
    assert (
        put(cluster, "too early", via=preference[3]).status == "timeout"
    )  # passed on to a home that is down
    assert put(cluster, "v", via=preference[3]).ok  # by stand-ins alone
    for name in preference[1:3]:
        cluster.restart(name)
    cluster.leave(preference[0], via=preference[3])
    cluster.run(until=20.0)
    assert preference[0] not in cluster.authority.homes(KEY, via=preference[3])
    assert (cluster.repair.divergent(), cluster.repair.hints()) == ((), {})


def test_the_only_copy_kept_for_a_node_that_leaves_goes_to_the_homes_of_then():
    cluster = Dynamo(4, w=1, seed=1, read_repair=False, merkle=False)
    preference = cluster.authority.preference_list(KEY)
    for name in preference[:3]:
        cluster.crash(name)
    while not put(cluster, "v", via=preference[3]).ok:
        pass  # passed on to a home that is down, and so known to be
    cluster.run(until=cluster.world.now + 3.0)  # nothing is under way any more
    ((missing, _),) = cluster.repair.hints()[preference[3]].items()
    others = [name for name in preference[:3] if name != missing]
    for name in others:
        cluster.restart(name)
    cluster.leave(missing, via=preference[3])
    cluster.run(until=cluster.world.now + 20.0)
    assert [cluster.authority.siblings(KEY, name) for name in others] == [("v",)] * 2


def test_a_hint_waits_for_a_home_that_is_believed_down():
    cluster = Dynamo(seed=1, read_repair=False, merkle=False)
    preference = cluster.authority.preference_list(KEY)
    home, stand_in = preference[1], preference[3]
    cluster.crash(home)
    put(cluster, "v", via=preference[0])
    cluster.world.process(stand_in).silent(home)  # as after a request of its own
    begin = cluster.world.now
    cluster.run(until=begin + 15.0)
    sent = cluster.trace.filter(kind="send", node=stand_in, after=begin)
    assert not [
        event
        for event in sent
        if event.fields["to"] == home and type(event.fields["message"]).__name__ == "Replicate"
    ]
    assert cluster.repair.hints() == {stand_in: {home: 1}}


def test_a_node_without_a_ring_refuses_and_one_with_a_ring_of_its_own_has_too_few_nodes():
    cluster = Dynamo(3, seed=1, seeds=())
    cluster.join("x", via="x")
    assert put(cluster, "v", via="x").status == "unavailable"
    cluster.leave("x")
    assert cluster.gossip.ring("x") is None
    assert get(cluster, via="x").status == "unavailable"


@pytest.mark.parametrize("age_s", [5.0, 15.0])
def test_a_client_that_coordinates_goes_by_a_ring_that_is_up_to_ten_seconds_old(age_s):
    cluster = Dynamo(3, seed=1, coordination="client", network=Network(latency=Constant(0.001)))
    get(cluster)
    for number in range(4, 8):
        cluster.join(f"node-{number}")
    cluster.run(until=age_s)
    entries = {cluster.get(f"k{number}").via for number in range(50)}
    assert (entries <= {"node-1", "node-2", "node-3"}) == (age_s < 10.0)


@pytest.mark.parametrize(("seeds", "rings"), [((), 3), (None, 1)])
def test_without_seeds_nodes_that_two_administrators_add_stay_in_rings_of_their_own(seeds, rings):
    cluster = Dynamo(4, seed=1, seeds=seeds)
    for name in ("x", "y"):
        cluster.join(name, via=name)
    cluster.run(until=30.0)
    assert len(cluster.gossip.rings()) == rings


def test_an_outage_is_no_departure():
    cluster = Dynamo(seed=1)
    before = cluster.authority.preference_list(KEY)
    cluster.crash("node-3")
    cluster.run(until=120.0)
    assert cluster.authority.preference_list(KEY) == before


def test_all_nodes_that_know_the_same_have_the_same_ring():
    cluster = Dynamo(4, seed=1, strategy=3)
    cluster.join("x", via="node-1")
    cluster.join("y", via="node-2")
    cluster.run(until=20.0)
    rings = {tuple(cluster.gossip.ring(name).tokens.items()) for name in cluster.world.up}
    assert len(rings) == 1


# Parts switched off.


def test_without_repair_stand_ins_keep_what_they_have():
    cluster = Dynamo(seed=1, repair=None)
    preference = cluster.authority.preference_list(KEY)
    cluster.crash(preference[1])
    assert put(cluster, "v", via=preference[0]).ok
    cluster.run(until=5.0)
    cluster.restart(preference[1])
    cluster.run(until=60.0)
    get(cluster)
    cluster.run(until=120.0)
    assert cluster.authority.siblings(KEY, preference[1]) == ()
    assert cluster.repair.hints() == {preference[3]: {preference[1]: 1}}
    with pytest.raises(ValueError, match="merkle is False"):
        cluster.repair.run(preference[0])


def test_merkle_trees_alone_make_replicas_equal():
    cluster = Dynamo(seed=1, sloppy=False, hints=False, read_repair=False, merkle_interval_s=5.0)
    cluster.crash("node-2")
    write_many(cluster, 30, "v")
    cluster.restart("node-2")
    assert cluster.repair.lacking()["node-2"]
    cluster.repair.run("node-2")
    cluster.run(until=cluster.world.now + 1.0)
    assert "node-2" not in cluster.repair.lacking()
    assert cluster.repair.last_sync("node-2") is not None


def test_without_authority_one_answer_is_enough_and_the_last_to_arrive_stays():
    cluster = Dynamo(3, seed=1, w=3, r=3, authority=None, repair=None)
    one, other, _ = cluster.authority.homes(KEY)
    cluster.partition([one], [name for name in cluster.world.names if name != one])
    assert put(cluster, "here", via=one).acks == (one,)
    assert put(cluster, "there", via=other).ok
    cluster.heal()
    cluster.run(until=10.0)
    assert set(cluster.authority.holders(KEY).values()) == {("here",), ("there",)}
    put(cluster, "again", get(cluster, via=one).context, via=one)
    cluster.run(until=20.0)
    assert set(cluster.authority.holders(KEY).values()) == {("again",)}


def test_the_same_seed_gives_the_same_trace_and_another_seed_another():
    def trace(seed):
        cluster = Dynamo(seed=seed, latencies="LNKD-DISK", versions="dotted")
        cluster.play(Scenario([(2, "crash", {"name": "node-2"}), (6, "restart", {"name": "node-2"})]))
        write_many(cluster, 80, "v")
        cluster.join("node-7")
        cluster.run(until=20.0)
        return cluster.trace.to_jsonl()

    assert trace(1) == trace(1) != trace(2)


@pytest.mark.parametrize("seed", range(8))
def test_damaged_messages_are_dropped_and_the_run_goes_on(seed):
    cluster = Dynamo(seed=seed)
    cluster.world.corrupt(0.3)
    write_many(cluster, 60, ("a", "b"))
    assert cluster.trace.filter(kind="damaged")
    assert any(operation.ok for operation in cluster.operations)


# What is refused.


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"n": 0}, "n is 0"),
        ({"n": 7}, "n is 7"),
        ({"r": 4}, "r is 4"),
        ({"w": 0}, "w is 0"),
        ({"strategy": 4}, "strategy is 4"),
        ({"vnodes": 0}, "vnodes is 0"),
        ({"coordination": "both"}, "coordination is 'both'"),
        ({"versions": "none"}, "versions is 'none'"),
        ({"latencies": "LAN"}, "latencies is 'LAN'"),
        ({"truncate_at": 0}, "truncate_at is 0"),
        ({"merkle_interval_s": 0}, "merkle_interval_s is 0"),
        ({"nodes": 0}, "nodes is 0"),
        ({"nodes": 3.0}, r"nodes is 3\.0"),
        ({"nodes": True}, "nodes is True"),
        ({"nodes": None}, "nodes is None: it must be names of nodes"),
        ({"nodes": "abc"}, "nodes is 'abc': it must be names of nodes"),
        ({"nodes": ("a", "")}, "a name in nodes is ''"),
        ({"nodes": ("a", "b", "a")}, "nodes names 'a' twice"),
        ({"nodes": ()}, "the number of nodes is 0"),
        ({"n": True}, "n is True"),
        ({"r": "2"}, "r is '2'"),
        ({"strategy": "1"}, "strategy is '1'"),
        ({"strategy": [1]}, r"strategy is \[1\]"),
        ({"sloppy": "no"}, "sloppy is 'no': it must be True or False"),
        ({"merge": "union"}, "merge is 'union': it must be a function"),
        ({"seeds": "node-1"}, "seeds is 'node-1': it must be names"),
        ({"seeds": 1}, "seeds is 1"),
        ({"seeds": ("node-7",)}, "seeds names 'node-7': it must name nodes of this cluster, node-1"),
        ({"seeds": (1,)}, "a name in seeds is 1"),
        ({"seed": "7"}, "seed is '7'"),
        ({"network": "lossy"}, "network is 'lossy': it must be a Network"),
        ({"latencies": 5}, "latencies is 5: it must be a Wars, or one of 'LNKD-SSD'"),
        ({"authority": "raft"}, "authority is 'raft': it must be True or False"),
        ({"repair": 1}, "repair is 1: it must be True or False"),
        ({"hints": None}, "hints is None"),
        ({"merkle": "yes"}, "merkle is 'yes'"),
        ({"merkle_interval_s": "10"}, "merkle_interval_s is '10'"),
        ({"trace": None}, "trace is None"),
    ],
)
def test_what_makes_no_cluster(options, says):
    with pytest.raises(ValueError, match=says):
        Dynamo(**options)


def test_what_makes_no_request():
    cluster = Dynamo(seed=1)
    cluster.crash("node-1")
    for call, says in (
        (lambda: cluster.get("k", via="nobody"), "'nobody' is not a node"),
        (lambda: cluster.get("k", via="node-1"), "'node-1' is down"),
        (lambda: cluster.put("k", object()), "value is <object"),
        (lambda: cluster.put("k", "v", "v1"), "context is 'v1': it must be that of a get"),
        (lambda: cluster.put("k", "v", {"node-1": 1}), "context is {'node-1': 1}: it must be that of a get"),
        (lambda: cluster.put("k", "v", via=2), "via is 2: it must be the name of a node"),
        (lambda: cluster.put("k", "v", timestamp="now"), "timestamp is 'now'"),
        (lambda: cluster.put(7, "v"), "key is 7: it must be a text"),
        (lambda: cluster.get(""), "key is ''"),
        (lambda: cluster.get(None), "key is None"),
        (lambda: cluster.wait(None), "operation is None"),
        (lambda: cluster.join(""), "name is ''"),
        (lambda: cluster.join(5, via="node-2"), "name is 5"),
        (lambda: cluster.join("new", via="nobody"), "'nobody' is not a node"),
        (lambda: cluster.leave(None), "name is None"),
        (lambda: cluster.storage("nobody"), "'nobody' is not a node"),
        (lambda: cluster.authority.copy("k", "nobody"), "'nobody' is not a node"),
        (lambda: cluster.authority.homes("k", via="nobody"), "'nobody' is not a node"),
        (lambda: cluster.authority.homes(3), "key is 3"),
        (lambda: cluster.authority.missed("k"), "get is 'k': it must be an Operation"),
        (lambda: cluster.repair.last_sync("nobody"), "'nobody' is not a node"),
        (lambda: cluster.join("node-2"), "join is 'node-2'"),
        (lambda: cluster.leave("node-3", via="node-1"), "'node-1' is down"),
        (lambda: cluster.gossip.view("node-1"), "'node-1' is down"),
    ):
        with pytest.raises(ValueError, match=says):
            call()
    assert cluster.operations == []
    assert cluster.world.names == tuple(f"node-{number}" for number in range(1, 7))


def test_a_cluster_and_its_parts_fit_on_a_line():
    cluster = Dynamo(4, seed=1)
    put(cluster, "v")
    cluster.run(until=5.0)
    cluster.crash("node-2")
    assert repr(cluster) == (
        "<Dynamo at 5.000 s: 3 of 4 nodes up, one ring of 4, 3 wrong beliefs, 0 keys that differ>"
    )
    assert repr(cluster.gossip) == "<gossip of Dynamo: one ring of 4, 3 wrong beliefs>"
    assert (
        repr(cluster.authority) == "<authority of Dynamo: N=3 R=2 W=2, sloppy, versions by 'vector', 1 keys>"
    )
    assert repr(cluster.repair) == "<repair of Dynamo: 0 keys that differ, 0 hints held>"
    for name in cluster.world.up:
        cluster.crash(name)
    assert repr(cluster) == "<Dynamo at 5.000 s: 0 of 4 nodes up, nobody to ask>"


def test_a_cluster_of_which_nobody_runs_can_still_be_printed():
    cluster = Dynamo(nodes=3, seed=1)
    cluster.run(until=1.0)
    for name in cluster.world.names:
        cluster.crash(name)
    assert "nobody to ask" in repr(cluster.gossip) and "nobody to ask" in repr(cluster.repair)


def test_an_answer_that_comes_twice_is_one_answer():
    cluster = Dynamo(seed=1, w=3, network=Network(duplicate=1.0))
    for number in range(10):
        written = put(cluster, "v", key=f"k{number}")
        assert written.ok and len(set(written.acks)) == len(written.acks) == 3


def test_a_stand_in_that_is_silent_has_a_stand_in_with_a_hint_for_the_home():
    cluster = Dynamo(seed=1, w=3, read_repair=False, merkle=False)
    preference = cluster.authority.preference_list(KEY)
    for name in (preference[1], preference[3]):
        cluster.crash(name)
    assert put(cluster, "v", via=preference[0]).ok
    assert cluster.repair.hints() == {preference[4]: {preference[1]: 1}}


def test_too_few_answers_until_the_deadline_are_a_timeout():
    cluster = Dynamo(seed=1, sloppy=False, **SINGLE)
    homes = cluster.authority.homes(KEY)
    for name in homes[1:]:
        cluster.crash(name)
    written = put(cluster, "v", via=homes[0])
    assert (written.status, written.acks) == ("timeout", (homes[0],))
    assert written.finished_s - written.started_s == pytest.approx(2.0, abs=0.1)


def test_two_puts_of_one_instant_at_one_coordinator_have_two_versions():
    cluster = Dynamo(seed=1)
    home = cluster.authority.homes(KEY)[0]
    both = [cluster.put(KEY, value, None, home) for value in ("a", "b")]
    contexts = [cluster.wait(one).context.counters for one in both]
    assert contexts[0] != contexts[1]


def test_a_get_makes_one_of_what_all_have_answered():
    cluster = Dynamo(seed=1, **SINGLE)
    homes = cluster.authority.homes(KEY)
    cluster.run(until=1.0)
    for via, value in ((homes[0], "here"), (homes[1], "there")):
        cluster.world.process(via).keep(
            KEY, cluster.world.process(via).storage.nothing.put(value, NOTHING, via, 0.0)
        )
    assert set(get(cluster, via=homes[0]).siblings) == {"here", "there"}


def test_whoever_says_something_has_not_failed_and_who_has_left_need_not_answer():
    cluster = Dynamo(seed=1)
    cluster.run(until=1.0)
    node, other = cluster.world.process("node-1"), cluster.world.process("node-2")
    node.silent("node-2")
    node.silent("left long ago")
    assert not node.detector.up("node-2") and node.detector.up("left long ago")
    node.receive(node.env, "node-2", Fetch(10**6, KEY))
    assert node.detector.up("node-2") and other.detector.up("node-1")
