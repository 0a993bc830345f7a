"""Nodes that come and go in a Cassandra cluster, and what is left of them when they do so badly."""

from types import SimpleNamespace

import pytest

from gossipkit.gossip.scuttlebutt import EndpointState, GossipConfig, HeartBeatState, VersionedValue
from gossipkit.systems import Cassandra
from gossipkit.systems.cassandra.streaming import Joining

KEYS = tuple(f"k{i}" for i in range(60))
BOTH = pytest.mark.parametrize("membership", ["gossip", "log"])


def filled(nodes=5, until=5.0, **options):
    cluster = Cassandra(nodes, **{"seed": 3, "vnodes": 4} | options)
    cluster.run(until=until)
    for key in KEYS:
        assert cluster.wait(cluster.write(key, "v")).ok
    return cluster


def times(cluster, kind):
    return {row["node"]: row["time"] for row in cluster.trace.filter(kind=kind).table()}


def states(cluster, observer="node-1"):
    return {row["node"]: row["status"] for row in cluster.status(observer)}


@BOTH
def test_a_node_that_leaves_hands_over_its_rows_before_it_is_asked_no_more(membership):
    cluster = filled(membership=membership, repair=None)
    begin = cluster.world.now
    cluster.leave("node-5")
    unread = 0
    while cluster.world.now < begin + 80:
        new = cluster.write(f"new-{cluster.world.now}", "v")
        reads = [cluster.read(key) for key in (*KEYS[::6], *[one.key for one in cluster.operations[-12:-8]])]
        cluster.run(until=cluster.world.now + 1)
        unread += sum(read.stale or not read.ok for read in reads) + (not new.ok)
    assert unread == 0
    assert cluster.authority.ring().nodes == ("node-1", "node-2", "node-3", "node-4")
    assert cluster.repair.divergent() == ()
    assert "node-5" not in cluster.world.up
    assert "node-5" not in states(cluster) and cluster.gossip.view("node-1")["node-5"] == "left"
    assert cluster.gossip.disagreement() == []


def test_a_node_that_leaves_is_still_read_and_is_shown_as_leaving():
    cluster = filled()
    cluster.leave("node-5")
    cluster.run(until=cluster.world.now + 10)
    assert states(cluster)["node-5"] == "UL"
    key = next(key for key in KEYS if "node-5" in cluster.authority.replicas(key))
    write = cluster.wait(cluster.write(key, "w", "QUORUM", "node-1"))
    assert write.required == len(write.acks) == 3, "who will own it is one more to wait for"


@BOTH
def test_a_node_that_restarts_after_it_left_joins_anew(membership):
    cluster = filled(membership=membership)
    cluster.leave("node-5")
    cluster.run(until=cluster.world.now + 100)
    cluster.restart("node-5")
    cluster.run(until=cluster.world.now + 200)
    assert times(cluster, "joined")["node-5"] > times(cluster, "left")["node-5"]
    assert cluster.gossip.converged() and cluster.repair.divergent() == ()
    assert states(cluster)["node-5"] == "UN"


def test_by_the_log_leaving_goes_on_after_a_restart_and_by_gossip_it_is_forgotten():
    for membership, nodes in (("log", 4), ("gossip", 5)):
        cluster = filled(membership=membership)
        cluster.leave("node-5")
        cluster.run(until=cluster.world.now + 0.01)
        if membership == "log":
            assert cluster.authority.metadata("node-5").operation("node-5") is not None
        cluster.crash("node-5")
        cluster.run(until=cluster.world.now + 3)
        cluster.restart("node-5")
        cluster.run(until=cluster.world.now + 120)
        assert len(cluster.authority.ring().nodes) == nodes
        assert cluster.repair.divergent() == ()


def test_two_operators_who_take_nodes_out_at_once_leave_gaps_by_gossip_and_none_by_the_log():
    gaps = {}
    for membership in ("gossip", "log"):
        cluster = filled(6, membership=membership, repair=None)
        cluster.leave("node-5")
        cluster.leave("node-6")
        cluster.run(until=cluster.world.now + 200)
        assert set(times(cluster, "left")) == {"node-5", "node-6"}
        assert (times(cluster, "leave-refused") != {}) is (membership == "log")
        gaps[membership] = len(cluster.repair.divergent())
    assert gaps["gossip"] > 0 and gaps["log"] == 0


def test_a_partition_only_delays_a_node_that_leaves():
    cluster = filled()
    cluster.leave("node-5")
    cluster.run(until=cluster.world.now + 20)
    cluster.partition(["node-1"])
    cluster.run(until=cluster.world.now + 60)
    assert times(cluster, "left") == {}
    cluster.heal()
    cluster.run(until=cluster.world.now + 60)
    assert "node-5" in times(cluster, "left") and cluster.repair.divergent() == ()


def test_who_cannot_leave_is_told_why_and_nothing_happens():
    cluster = filled(4)
    cluster.join("node-5")
    cluster.run(until=cluster.world.now + 1)
    for name, said in [("node-9", "is not a node"), ("node-5", "owns nothing yet")]:
        with pytest.raises(ValueError, match=said):
            cluster.leave(name)
    cluster.leave("node-4")
    with pytest.raises(ValueError, match="'node-4' is leaving already"):
        cluster.leave("node-4")
    cluster.run(until=cluster.world.now + 0.1)
    with pytest.raises(ValueError, match="2 would stay in dc1, for 3 replicas"):
        filled(3).leave("node-3")
    with pytest.raises(ValueError, match="node-4' is down or has left"):
        cluster.run(until=cluster.world.now + 45)
        cluster.leave("node-4")


def test_who_is_to_get_what_another_leaver_has_cannot_leave_before_it_has_it():
    cluster = Cassandra(6, seed=1)
    cluster.run(until=30)
    cluster.leave("node-5")
    cluster.run(until=35)
    untouched = len(cluster.trace)
    with pytest.raises(
        ValueError, match="'node-6' cannot leave: data is moving to it because of node-5, wait"
    ):
        cluster.leave("node-6")
    assert len(cluster.trace) == untouched and states(cluster)["node-6"] == "UN"
    cluster.run(until=100)
    cluster.leave("node-6")
    cluster.run(until=200)
    left = times(cluster, "left")
    assert left["node-5"] + 60 < left["node-6"]
    assert set(cluster.authority.ring().nodes) == {f"node-{i}" for i in range(1, 5)}


def test_two_that_leave_before_they_have_heard_of_each_other_both_go():
    cluster = Cassandra(6, seed=1)
    cluster.run(until=30)
    cluster.leave("node-5")
    cluster.leave("node-6")
    cluster.run(until=120)
    assert set(times(cluster, "left")) == {"node-5", "node-6"}


def test_a_node_to_which_nothing_moves_can_leave_while_another_one_leaves():
    """One token each and one replica: what node-1 has goes to the one after it on the ring, and to nobody else."""
    cluster = Cassandra(5, replication=1, vnodes=1, seed=1)
    cluster.run(until=30)
    ring = [owner for _, owner in sorted(cluster.authority.ring().tokens.items())]
    leaver, heir, other = ring[0], ring[1], ring[3]
    cluster.leave(leaver)
    cluster.run(until=35)
    with pytest.raises(ValueError, match=f"data is moving to it because of {leaver}"):
        cluster.leave(heir)
    cluster.leave(other)
    cluster.run(until=100)
    assert set(times(cluster, "left")) == {leaver, other}


def test_who_is_leaving_does_not_count_as_one_who_stays():
    cluster = Cassandra(4, vnodes=1, seed=1)
    cluster.run(until=30)
    cluster.leave("node-4")
    cluster.run(until=35)
    with pytest.raises(ValueError, match="'node-1' cannot leave: 2 would stay in dc1, for 3 replicas"):
        cluster.leave("node-1")


def test_a_node_that_crashes_while_it_joins_by_gossip_is_forgotten():
    cluster = filled(4)
    begin = cluster.world.now
    cluster.join("node-5")
    cluster.run(until=begin + 45)
    waiting = [cluster.wait(cluster.write(key, "w")).required for key in KEYS[:10]]
    assert states(cluster)["node-5"] == "UJ"
    cluster.crash("node-5")
    cluster.run(until=begin + 45 + 100)
    assert "node-5" not in states(cluster)
    assert {cluster.wait(cluster.write(key, "x")).required for key in KEYS[:10]} == {2}
    assert max(waiting) == 3, "while it was on its way, its acknowledgement was one more"
    cluster.join("node-6")
    cluster.run(until=cluster.world.now + 90)
    assert "node-6" in times(cluster, "joined"), "and does not keep others from joining"


@pytest.mark.parametrize(
    ("tokens", "said"),
    [
        ([], r"tokens is \(\)"),
        ([-1], "token is -1"),
        ([2**128], "token is 340282366920938463463374607431768211456"),
    ],
)
@BOTH
def test_a_join_with_tokens_that_cannot_be_is_refused_before_anything_happens(membership, tokens, said):
    cluster = Cassandra(4, seed=3, membership=membership)
    with pytest.raises(ValueError, match=said):
        cluster.join("node-5", tokens)
    with pytest.raises(ValueError, match="'node-1' has it already"):
        cluster.join("node-5", cluster.started("node-1").tokens[:1])
    with pytest.raises(ValueError, match="name is ''"):
        cluster.join("")
    taken = cluster.started("node-4").tokens[:1]
    cluster.crash("node-4")
    with pytest.raises(ValueError, match="'node-4' has it already"):
        cluster.join("node-5", taken)
    assert "node-5" not in cluster.world.names
    cluster.join("node-5", [12345])
    with pytest.raises(ValueError, match="token is 12345: 'node-5' has it already"):
        cluster.join("node-6", [12345])


def test_a_node_starts_again_without_seeds_as_it_knows_the_others_and_a_newcomer_does_not():
    cluster = filled(5)
    for name in ("node-1", "node-2", "node-5"):
        cluster.crash(name)
    cluster.run(until=cluster.world.now + 20)
    cluster.restart("node-5")
    cluster.join("node-6")
    cluster.run(until=cluster.world.now + 70)
    assert "node-5" in cluster.running() and "node-6" not in cluster.running()
    assert cluster.gossip.view("node-5")["node-3"] == "up"


def test_a_node_that_reaches_nobody_does_not_start():
    cluster = filled(5)
    cluster.crash("node-5")
    cluster.partition(["node-5"])
    cluster.restart("node-5")
    cluster.run(until=cluster.world.now + 70)
    assert "node-5" not in cluster.world.up
    cluster.heal()
    cluster.restart("node-5")
    cluster.run(until=cluster.world.now + 10)
    assert states(cluster)["node-5"] == "UN" and cluster.gossip.disagreement() == []


def test_an_acknowledgement_by_a_node_that_left_meanwhile_still_counts():
    config = GossipConfig(ring_delay_s=5.0)
    cluster = filled(4, config=config, repair=None)
    cluster.set_loss(0.3)
    cluster.leave("node-4")
    operations = []
    until = cluster.world.now + 30
    while cluster.world.now < until:
        operations += [cluster.write(key, "w", "ALL", "node-1") for key in KEYS[:5]]
        cluster.run(until=cluster.world.now + 0.5)
    assert any("node-4" in operation.acks for operation in operations)
    assert {operation.status for operation in operations[:-20]} <= {"ok", "timeout"}


def test_repair_passes_over_a_node_that_owns_nothing_yet():
    cluster = filled(4)
    cluster.join("node-5")
    cluster.run(until=cluster.world.now + 0.01)
    assert cluster.authority.ring("node-5") is None
    cluster.repair.run()
    cluster.run(until=cluster.world.now + 5)
    assert cluster.repair.last_sync("node-1") is not None
    assert cluster.repair.last_sync("node-5") is None


def refused(cluster):
    return [(row["node"], row["reason"]) for row in cluster.trace.filter(kind="join-refused").table()]


@pytest.mark.parametrize("gap_s", [31, 45, 59])
def test_a_join_that_begins_while_another_one_is_told_of_is_refused_at_the_shadow_round(gap_s):
    cluster = Cassandra(4, seed=1)
    cluster.run(until=30)
    cluster.join("x")
    cluster.run(until=30 + gap_s)
    assert states(cluster)["x"] == "UJ"
    cluster.join("y")
    cluster.run(until=30 + gap_s + 1)
    assert refused(cluster) == [("y", "other bootstrapping/leaving/moving nodes: x")]
    assert "y" not in cluster.gossip.view("node-1"), "nobody has heard of it"
    assert "y" not in cluster.running() and cluster.gossip.disagreement() == []
    with pytest.raises(ValueError, match="'y' was turned away and waits"):
        cluster.gossip.view("y")
    cluster.run(until=30 + gap_s + 160)
    joined = times(cluster, "joined")
    assert joined["x"] < times(cluster, "joining")["y"] < joined["y"]
    assert cluster.gossip.converged()


def test_a_join_while_another_node_leaves_is_refused_at_the_first_look_or_at_the_second():
    for joins_s, leaves_s, at_s in ((45, 30, 45), (30, 45, 60)):
        cluster = Cassandra(5, seed=1)
        for time, act in sorted(
            [
                (joins_s, lambda cluster=cluster: cluster.join("x")),
                (leaves_s, lambda cluster=cluster: cluster.leave("node-5")),
            ],
            key=lambda each: each[0],
        ):
            cluster.run(until=time)
            act()
        cluster.run(until=200)
        (first, *_) = cluster.trace.filter(kind="join-refused").table()
        assert first["reason"] == "other bootstrapping/leaving/moving nodes: node-5"
        assert first["time"] == pytest.approx(at_s, abs=0.1)
        assert times(cluster, "left")["node-5"] < times(cluster, "joining")["x"]
        assert set(cluster.authority.ring().nodes) == {"node-1", "node-2", "node-3", "node-4", "x"}


def test_two_joins_so_close_that_neither_has_heard_of_the_other_go_on():
    cluster = Cassandra(4, seed=1)
    cluster.run(until=30)
    cluster.join("x")
    cluster.join("y")
    cluster.run(until=130)
    assert refused(cluster) == [] and set(times(cluster, "joined")) == {"x", "y"}


def test_a_joiner_whose_source_dies_asks_another():
    cluster = filled(4, vnodes=1, repair=None)
    begin = cluster.world.now
    cluster.join("x")
    cluster.run(until=begin + 59.5)
    cluster.crash(
        "node-4"
    )  # the replica whose place x takes in one of its ranges; nobody has convicted it yet
    cluster.run(until=begin + 70)
    streamed = {row["source"] for row in cluster.trace.filter(kind="streamed").table()}
    assert streamed == {"node-1", "node-3"} and times(cluster, "joined") == {}
    cluster.run(until=begin + 90)
    assert "x" in times(cluster, "joined")
    mine = [key for key in KEYS if "x" in cluster.authority.replicas(key)]
    assert mine and all(cluster.storage("x").read(key, cluster.world.now) is not None for key in mine)


def test_a_node_says_by_gossip_how_much_it_stores_and_others_know_no_more_than_that():
    cluster = Cassandra(4, seed=1)
    assert [row["load"] for row in cluster.status("node-1")] == ["0 rows", "?", "?", "?"]
    cluster.run(until=30)
    assert cluster.gossip.gossipinfo("node-1")["node-2"]["LOAD"].endswith(":0")
    assert cluster.wait(cluster.write("k", "v", "ALL")).ok
    owners = set(cluster.authority.replicas("k"))
    cluster.run(until=55)

    def loads(observer):
        return {row["node"]: row["load"] for row in cluster.status(observer)}

    assert loads("node-1") == dict.fromkeys(cluster.world.names, "0 rows") | (
        {"node-1": "1 rows"} if "node-1" in owners else {}
    ), "of itself it knows at first hand, of others what they said a while ago"
    cluster.run(until=75)
    assert loads("node-1") == {name: f"{int(name in owners)} rows" for name in cluster.world.names}
    cluster.partition(["node-1"])
    key = next(f"x{i}" for i in range(99) if "node-1" not in cluster.authority.replicas(f"x{i}"))
    assert cluster.wait(cluster.write(key, "v", "ALL", "node-2")).ok
    before = loads("node-1")
    cluster.run(until=200)
    assert loads("node-2")["node-3"] == f"{int('node-3' in owners) + 1} rows"
    assert loads("node-1") == before, "what a node does not hear it does not know"


def test_hints_go_on_after_their_holder_crashed_in_the_middle():
    cluster = Cassandra(3, seed=5, read_repair=False, merkle=False)
    cluster.run(until=2)
    cluster.crash("node-3")
    cluster.run(until=32)
    for i in range(300):
        cluster.write(f"k{i}", "v", "QUORUM", "node-1")
    cluster.run(until=45)
    cluster.restart("node-3")
    while cluster.repair.backlog()["node-1", "node-3"] > 290:
        cluster.run(until=cluster.world.now + 0.01)
    cluster.crash("node-1")
    cluster.run(until=cluster.world.now + 1)
    cluster.restart("node-1")
    cluster.run(until=cluster.world.now + 60)
    assert cluster.repair.backlog() == {} and cluster.repair.divergent() == ()


def test_hints_for_a_node_that_is_gone_for_good_are_given_up():
    cluster = filled(4)
    cluster.crash("node-4")
    cluster.run(until=cluster.world.now + 30)
    for key in KEYS:
        cluster.write(key, "w")
    cluster.run(until=cluster.world.now + 3)
    held = sum(cluster.repair.backlog().values())
    cluster.started("node-1").gossiper.assassinate("node-4")
    cluster.run(until=cluster.world.now + 60)
    dropped = [row["about"] for row in cluster.trace.filter(kind="hint-dropped").table()]
    assert held > 0 and cluster.repair.backlog() == {} and dropped == ["node-4"] * held
    assert "node-4" not in states(cluster, "node-2")


def test_a_coordinator_that_was_paused_finds_its_answers_too_late_and_the_read_times_out():
    cluster = Cassandra(3, seed=7, hints=False, merkle=False)
    cluster.run(until=2)
    cluster.crash("node-3")
    cluster.run(until=32)
    assert cluster.wait(cluster.write("k", "v", "ONE", "node-1")).ok
    cluster.restart("node-3")
    cluster.run(until=cluster.world.now + 10)
    read = cluster.read("k", "ALL", "node-1")
    cluster.pause("node-1", seconds=8)
    cluster.run(until=cluster.world.now + 20)
    assert read.status == "timeout" and read.latency_s == pytest.approx(8.0, abs=0.1)


def test_a_newcomer_announces_itself_and_waits_before_it_is_sent_anything():
    cluster = filled()
    cluster.join("node-6")
    cluster.run(until=120)
    joining, joined = times(cluster, "joining")["node-6"], times(cluster, "joined")["node-6"]
    assert joined - joining >= GossipConfig().ring_delay_s


def test_a_newcomer_is_not_turned_away_by_its_own_earlier_life():
    waits, refused = [], []
    node = SimpleNamespace(
        name="d",
        env=SimpleNamespace(
            after=lambda seconds, then: waits.append(seconds), record=lambda kind, **_: refused.append(kind)
        ),
        settings=SimpleNamespace(gossip=GossipConfig()),
        start_gossip=None,
    )
    boot = EndpointState(HeartBeatState(1, 9), {"STATUS": VersionedValue("BOOT", 2)})
    assert Joining(node, (1,)).admitted({"d": boot}) and refused == []
    assert not Joining(node, (1,)).admitted({"d": boot, "e": boot}) and refused == ["join-refused"]
