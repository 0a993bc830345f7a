"""What a cluster does: detect, refute, heal, join, leave, tell; and what that costs."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gossipkit.gossip.swim import (
    Alive,
    Compound,
    LeaveIntent,
    Ping,
    Suspect,
    SwimConfig,
    SwimNode,
    retransmit_limit,
    suspicion_timeout,
)
from gossipkit.sim import Constant, Network, World

LAN = SwimConfig.lan()
ALONE = replace(LAN, push_pull_interval_s=0, reconnect_interval_s=0)  # gossip and nothing else


def beliefs(world, about):
    """What every living node believes of one."""
    return {process.members.known_as(about) for name, process in world.processes.items() if name != about}


def everyone_alive(world):
    return all(
        process.members.known_as(name) in ("alive", "self")
        for process in world.processes.values()
        for name in world.up
    )


def about(world, name, *kinds, **span):
    return [event for event in world.trace.filter(kind=kinds, **span) if event.fields["about"] == name]


def parts(event):
    """The messages in a packet."""
    packet = event.fields["message"]
    return packet.parts if type(packet) is Compound else (packet,)


# detection


def test_a_refutation_is_looked_at_before_the_accusation_that_came_with_it(cluster):
    world = cluster(4, LAN)
    world.run(until=5)
    node = world.processes["n000"]
    incarnation = node.members["n001"].incarnation
    for claim in (Suspect(incarnation, "n001", "n002"), Alive(incarnation + 1, "n001")):
        node.receive(None, "n002", claim)  # its world is the one in which it started
    world.run(until=5.001)
    assert node.members["n001"].incarnation == incarnation + 1
    assert not about(world, "n001", "suspect")


@pytest.mark.parametrize("variant", ["swim", "lha-probe", "lha-suspicion", "buddy", "lifeguard"])
def test_a_crash_is_found_and_nobody_else_accused(cluster, variant):
    world = cluster(16, LAN.variant(variant))
    world.run(until=20)
    world.crash("n003")
    world.run(until=45)
    assert beliefs(world, "n003") == {"dead"}
    assert {e.fields["about"] for e in world.trace.filter(kind=("suspect", "member-failed"))} == {"n003"}


def test_round_robin_finds_a_crash_within_two_rounds_of_probes(cluster):
    n = 8
    for seed in range(10):
        world = cluster(n, seed=seed)
        world.run(until=10 + seed / 3)
        world.crash("n000")
        at = world.now
        world.run(until=60)
        # 2n - 1 periods between two probes of one target, one until the first, and the probe itself
        accusers = {e.node for e in about(world, "n000", "suspect", "confirm") if e.fields["by"] == e.node}
        first = about(world, "n000", "suspect")[0]
        assert accusers and first.time - at <= 2 * n + 1


def test_a_death_follows_the_first_suspicion_by_the_least_timeout_once_confirmed(cluster):
    world = cluster(32)
    world.run(until=20)
    world.crash("n003")
    world.run(until=60)
    suspect, dead = about(world, "n003", "suspect")[0], about(world, "n003", "member-failed")[0]
    assert dead.time - suspect.time == pytest.approx(suspicion_timeout(4, 32, 1.0), abs=0.01)


def test_without_confirmations_lifeguard_waits_six_times_as_long(cluster):
    """Two of four members crash at once: the two that are left cannot confirm each other twice."""
    waits = {}
    for variant in ("swim", "lifeguard"):
        world = cluster(4, LAN.variant(variant))
        world.run(until=20)
        world.crash("n002")
        world.crash("n003")
        world.run(until=120)
        first = about(world, "n003", "suspect", "member-failed")
        waits[variant] = next(e.time for e in first if e.kind == "member-failed") - first[0].time
    assert waits["swim"] == pytest.approx(4.0)
    # one confirmation of two: 24 - ln 2 / ln 3 * 20 seconds, beside what the last one took
    assert waits["lifeguard"] == pytest.approx(11.38, abs=0.01)


def test_packet_loss_makes_suspects_only_where_tcp_may_not_vouch(cluster):
    def suspicions(**changes):
        world = cluster(16, replace(LAN, **changes), network=Network(loss=0.3))
        world.run(until=60)
        return len(world.trace.filter(kind="suspect")), len(world.trace.filter(kind="tcp-only"))

    accused, vouched = suspicions()
    assert accused == 0 and vouched > 0
    accused, vouched = suspicions(disable_tcp_pings=True)
    assert accused > 0 and vouched == 0


def test_a_helper_acks_what_it_reaches_and_nacks_what_it_does_not(cluster):
    world = cluster(8, replace(LAN, disable_tcp_pings=True))
    world.run(until=20)
    world.set_loss(1.0, src="n000", dst="n001")  # n000 alone cannot reach n001
    world.run(until=60)
    assert not world.trace.filter(kind="suspect")
    world.crash("n001")
    world.run(until=100)
    kinds = {type(e.fields["message"]).__name__ for e in world.trace.filter(kind="send", after=60)}
    assert {"IndirectPing", "Nack"} <= kinds


# local health


def health(world, name):
    return world.processes[name].health.score


def deaf(cluster, variant, seconds):
    """A cluster in which n000 has heard no packet for a while."""
    world = cluster(16, replace(LAN.variant(variant), disable_tcp_pings=True))
    world.run(until=20)
    world.set_loss(1.0, dst="n000")
    world.run(until=20 + seconds)
    return world


def test_a_deaf_member_doubts_itself_and_a_hearing_one_does_not(cluster):
    world = deaf(cluster, "lifeguard", 20)
    assert health(world, "n000") == 7
    assert world.metrics.value("memberlist.degraded.probe", "n000") > 0
    world.set_loss(0.0)
    world.run(until=120)
    assert max(health(world, name) for name in world.up) == 0
    _, values = world.metrics.series("memberlist.health.score", "n000")
    assert max(values) == 7 and values[-1] == 0
    # the others may lose points once, for nacks that come too late
    for name in world.names[1:]:
        assert max(world.metrics.series("memberlist.health.score", name)[1], default=0) < 7


def test_at_memberlists_timeout_nacks_come_too_late_for_a_member_in_full_health(cluster):
    """Half an interval until helpers are asked and half until they nack: with a shorter timeout no point is lost."""
    for timeout_s, points in ((0.5, 3), (0.4, 0)):
        world = cluster(16, replace(LAN, probe_timeout_s=timeout_s))
        world.run(until=20)
        world.crash("n003")
        world.run(until=24)
        accuser = world.trace.filter(kind="probe-failed")[0].node
        health_known = "memberlist.health.score" in world.metrics.names
        scores = world.metrics.series("memberlist.health.score", accuser)[1] if health_known else [0]
        assert max(scores) == points


def test_a_doubtful_member_accuses_less(cluster):
    def accused(variant):
        world = deaf(cluster, variant, 12)
        own = world.trace.filter(after=20, node="n000", kind=("suspect", "confirm"))
        return len({e.fields["about"] for e in own if e.fields["by"] == "n000"})

    assert accused("lha-probe") < accused("swim") / 2


def test_a_member_whose_sending_blocks_stops_probing_and_gossiping_but_its_suspicions_run_on(cluster):
    world = cluster(16, LAN.variant("swim"))
    world.run(until=20)
    world.crash("n003")
    world.run(until=24)
    assert world.processes["n000"].members.known_as("n003") == "suspect"
    world.pause("n000", 20, timers="run")
    world.run(until=43.9)
    assert len(world.trace.filter(after=24, node="n000", kind="send")) <= 1
    assert world.processes["n000"].members.known_as("n003") == "dead"
    world.pause("n000", 20, timers="run")
    world.run(until=50)
    world.crash("n000")  # while its sending blocks
    world.run(until=65)
    assert beliefs(world, "n000") == {"dead"}


# refutation


@pytest.mark.parametrize("timers", ["wait", "run"])
def test_a_paused_member_refutes_when_it_wakes(cluster, timers):
    world = cluster(16)
    world.run(until=20)
    world.pause("n003", 3.5, timers=timers)
    world.run(until=40)
    assert about(world, "n003", "suspect")
    assert len(about(world, "n003", "refute")) >= 1
    assert not about(world, "n003", "member-failed")
    assert beliefs(world, "n003") == {"alive"}
    assert world.processes["n003"].members.me.incarnation == 1 + len(about(world, "n003", "refute"))


def test_one_that_was_buried_while_it_slept_comes_back_through_gossip_to_the_dead(cluster):
    world = cluster(16, ALONE)
    world.run(until=20)
    world.pause("n003", 15, timers="wait")
    world.run(until=34)
    assert beliefs(world, "n003") == {"dead"}
    world.run(until=60)
    assert beliefs(world, "n003") == {"alive"}
    assert about(world, "n003", "member-join")


def test_the_dead_are_gossiped_to_for_a_while_and_then_no_more(cluster):
    world = cluster(8, ALONE)
    world.run(until=20)
    world.crash("n003")
    world.run(until=40)
    died = max(e.time for e in about(world, "n003", "member-failed"))
    for second in range(40, 70):
        world.run(until=second)
        world.processes["n000"].update_metadata(f"version={second}")
    told = [e.time - died for e in world.trace.filter(after=40, kind="send") if e.fields["to"] == "n003"]
    assert 25 < max(told) <= 30


@pytest.mark.parametrize("variant, told", [("lha-suspicion", False), ("buddy", True)])
def test_only_the_buddy_system_tells_a_suspect_with_the_ping(cluster, variant, told):
    world = cluster(2, LAN.variant(variant))
    world.run(until=20)
    world.crash("n001")
    world.run(until=30)
    suspected = about(world, "n001", "suspect")[0].time
    # by then gossip has sent its copies of the suspicion, and there is no death yet
    sent = world.trace.filter(after=suspected + 0.9, before=suspected + 3.9, kind="send")
    pings = [parts(e) for e in sent if type(parts(e)[0]) is Ping]
    assert len(pings) >= 2
    assert all(packet[1:] == ((Suspect(1, "n001", "n000"),) if told else ()) for packet in pings)


# partitions


def partitioned(cluster, config, seconds):
    world = cluster(16, config)
    half = [f"n{number:03}" for number in range(8)]
    world.run(until=20)
    world.partition(half)
    world.run(until=20 + seconds)
    world.heal()
    world.run(until=20 + seconds + 180)
    return world


def test_a_partition_shorter_than_suspicion_heals_by_refutation(cluster):
    world = partitioned(cluster, ALONE, 3.0)
    assert everyone_alive(world)
    assert world.trace.filter(kind="refute") and not world.trace.filter(kind="member-failed")


@pytest.mark.parametrize(
    "push_pull_s, reconnect_s, heals",
    [(0, 0, False), (30, 0, False), (0, 30, True), (30, 30, True)],
)
def test_a_partition_that_buried_both_sides_heals_only_by_full_state_exchange(
    cluster, push_pull_s, reconnect_s, heals
):
    """Gossip says nothing about settled matters, and push/pull asks the living only: somebody must try the dead."""
    config = replace(LAN, push_pull_interval_s=push_pull_s, reconnect_interval_s=reconnect_s)
    world = partitioned(cluster, config, 90)
    assert everyone_alive(world) is heals
    if not heals:
        left, right = world.processes["n000"], world.processes["n015"]
        assert left.members.known_as("n015") in ("dead", "unknown")
        assert right.members.known_as("n000") in ("dead", "unknown")


def half_cut(cluster, seconds=120, **how):
    """n000 and ten others do not reach each other, but each of them reaches n001, for two minutes."""
    world = cluster(12)
    world.run(until=5)
    for name in world.names[2:]:
        world.cut("n000", name, **how)
    world.run(until=5 + seconds)
    return world


def suspicions(world, about):
    return [event for event in world.trace.filter(kind="suspect") if event.fields["about"] in about]


@pytest.mark.parametrize("both", [True, False])
def test_a_member_that_reaches_only_one_other_makes_its_neighbours_accuse_healthy_members(cluster, both):
    """As reported of Consul, hashicorp/consul#5928: it is dead for some, and accuses those whom it cannot reach."""
    world = half_cut(cluster, both=both)
    assert suspicions(world, {"n000"})
    healthy = set(world.names[1:])
    accused = {event.fields["about"] for event in suspicions(world, healthy)}
    assert len(accused) >= 8
    assert len(suspicions(world, healthy)) > 20
    assert world.trace.filter(kind="refute", node=healthy)
    failed = {event.fields["about"] for event in world.trace.filter(kind="member-failed")}
    assert "n000" in failed and failed & healthy
    world.heal()
    world.run(until=400)
    assert everyone_alive(world)


def test_where_only_datagrams_are_cut_a_probe_over_tcp_saves_the_member(cluster):
    world = half_cut(cluster, streams=False)
    assert suspicions(world, set(world.names)) == []


def test_push_pull_tells_what_gossip_never_did(cluster):
    """All copies of an update are lost: without push/pull it stays so for good."""

    def informed(push_pull_s):
        config = replace(ALONE, push_pull_interval_s=push_pull_s)
        world = cluster(16, config)
        world.run(until=20)
        world.set_loss(1.0)
        world.processes["n000"].update_metadata("zone=b")
        world.run(until=25)
        world.set_loss(0.0)
        world.run(until=150)
        return sum(p.members["n000"].metadata == "zone=b" for p in world.processes.values())

    assert informed(0) == 1
    assert informed(30) == 16


# join, restart, leave


def test_members_that_join_through_one_seed_find_each_other():
    world = World(seed=3)
    for number in range(20):
        world.add(f"n{number:03}", SwimNode(seeds=("n000",) if number else ()))
    world.run(until=60)
    assert everyone_alive(world)


def test_a_seed_that_is_not_there_is_reported():
    world = World(seed=3)
    world.add("a", SwimNode(seeds=("nobody",)))
    world.run(until=30)
    assert world.trace.filter(kind="push-pull-failed").table() == [
        {"time": 10.0, "node": "a", "kind": "push-pull-failed", "about": "nobody"}
    ]


def test_a_restarted_member_finds_itself_buried_and_refutes(cluster):
    world = cluster(16)
    world.run(until=20)
    world.crash("n003")
    world.run(until=40)
    world.restart("n003")
    world.run(until=60)
    assert beliefs(world, "n003") == {"alive"}
    assert world.processes["n003"].members.me.incarnation > 1


def test_a_leave_is_not_a_failure(cluster):
    world = cluster(16)
    world.run(until=20)
    world.processes["n003"].leave()
    world.run(until=50)
    assert world.processes["n003"].stopped
    gone = world.trace.filter(kind="member-leave")
    assert {e.fields["about"] for e in gone} == {"n003"} and len(gone) == 16
    assert not world.trace.filter(kind=("suspect", "member-failed"))
    # and it is not asked to come back
    sent = world.trace.filter(after=30, kind=("send", "stream-send"))
    assert not [e for e in sent if e.fields["to"] == "n003"]


def test_a_failed_member_is_given_up_after_the_reconnect_timeout(cluster):
    world = cluster(4, replace(LAN, reconnect_timeout_s=60))
    world.run(until=20)
    world.crash("n003")
    world.run(until=180)
    assert {e.node for e in about(world, "n003", "member-reap")} == {"n000", "n001", "n002"}
    last = max(e.time for e in about(world, "n003", "member-reap"))
    assert not [e for e in world.trace.filter(after=last, kind="stream-send") if e.fields["to"] == "n003"]


def test_churn_of_newcomers_and_crashes_settles():
    names = tuple(f"n{number:03}" for number in range(16))
    world = World(seed=5, newcomer=lambda name: SwimNode(seeds=names[:3]))
    for name in names:
        world.add(name, SwimNode(members=names))
    world.run(until=10)
    world.churn(leaves_per_s=0.1, joins_per_s=0.1, seconds=60)
    world.run(until=200)
    living = set(world.up)
    for process in world.processes.values():
        assert {m.name for m in process.members if m.state == "alive"} == living


# news


def test_new_metadata_reach_all_and_each_member_sends_them_as_often_as_the_limit_says(cluster):
    world = cluster(32, ALONE)
    world.run(until=10)
    world.processes["n000"].update_metadata("zone=b")
    world.run(until=20)
    updates = world.trace.filter(kind="member-update")
    assert {e.node for e in updates} == set(world.names)
    copies = 0
    for event in world.trace.filter(after=10, kind="send"):
        copies += sum(getattr(part, "metadata", None) == "zone=b" for part in parts(event))
    assert copies == 32 * retransmit_limit(4, 32)


def test_metadata_of_one_byte_too_many_change_nothing(cluster):
    world = cluster(2)
    world.run(until=1)
    node = world.processes["n000"]
    with pytest.raises(ValueError, match="metadata is 513 bytes: at most 512"):
        node.update_metadata("x" * 513)
    assert node.members.me.metadata == ""
    with pytest.raises(ValueError, match="metadata is 514 bytes"):
        SwimNode(metadata="é" * 257)


def test_user_events_are_delivered_once_by_everyone_and_lamport_time_goes_on(cluster):
    world = cluster(16, network=Network(duplicate=0.2))
    world.run(until=10)
    world.processes["n000"].user_event("deploy", "v1")
    world.run(until=15)
    world.processes["n007"].user_event("deploy", "v2")
    world.run(until=120)
    heard = world.trace.filter(kind="user-event")
    for payload in ("v1", "v2"):
        assert sorted(e.node for e in heard if e.fields["payload"] == payload) == sorted(world.names)
    # whoever had heard the first dated the second later
    assert {(e.fields["payload"], e.fields["ltime"]) for e in heard} == {("v1", 0), ("v2", 1)}


def test_a_newcomer_hears_of_earlier_events_through_push_pull():
    heard = []
    world = World(seed=1)
    world.add("a", SwimNode())
    world.run(until=1)
    world.processes["a"].user_event("deploy", "v1")
    world.add("b", SwimNode(seeds=("a",), delegate=lambda change, subject: heard.append((change, subject))))
    world.run(until=30)
    assert [(subject.name, subject.payload) for change, subject in heard if change == "user-event"] == [
        ("deploy", "v1")
    ]
    assert [subject.name for change, subject in heard if change == "member-join"] == ["a"]


def test_no_packet_is_larger_than_the_buffer_even_when_everybody_joins_at_once():
    world = World(seed=2)
    for number in range(48):
        world.add(f"n{number:03}", SwimNode(seeds=("n000",) if number else (), metadata="x" * 108))
    world.run(until=20)
    sizes = [e.fields["message"].size_bytes for e in world.trace.filter(kind="send")]
    assert 1300 < max(sizes) <= 1400


# cost


def test_packets_per_member_are_constant_from_16_to_128_members(cluster):
    for n in (16, 32, 64, 128):
        world = cluster(n, trace=False)
        world.run(until=31)
        sent = world.metrics.value("datagram.sent.messages") - world.metrics.value(
            "datagram.sent.messages", at=1
        )
        assert sent / n / 30 == pytest.approx(2.0, abs=0.01)  # a ping and an ack each second


def test_bytes_per_member_at_rest_are_as_measured(cluster):
    """97 bytes a second for real members, whose names and addresses had other lengths."""
    world = cluster(32, trace=False)
    world.run(until=61)
    sent = world.metrics.value("datagram.sent.bytes") - world.metrics.value("datagram.sent.bytes", at=1)
    assert sent / 32 / 60 == pytest.approx(97, rel=0.15)


def test_the_same_seed_is_the_same_run(cluster):
    def run():
        world = cluster(12, seed=9, network=Network(latency=Constant(0.01), loss=0.2))
        world.run(until=10)
        world.crash("n004")
        world.run(until=40)
        return world.trace.to_jsonl()

    assert run() == run()


def damaged(cluster, crc):
    """News in a cluster in which one packet in ten arrives with a flipped bit, for a minute."""
    world = cluster(8, replace(LAN, crc=crc), network=Network(corrupt=0.1))
    for second in range(10, 20):
        world.run(until=second)
        world.processes["n000"].update_metadata(f"version={second}")
    world.run(until=60)
    return world


def test_a_damaged_packet_is_dropped_and_counted(cluster):
    """memberlist's CRC32 (protocol version 5)."""

    world = damaged(cluster, crc=True)
    dropped = [e for e in world.trace.filter(kind="lost") if e.fields["reason"] == "checksum"]
    assert len(dropped) > 50
    assert world.metrics.value("datagram.checksum.failed") == len(dropped)
    assert len(world.trace.filter(kind="corrupt")) == pytest.approx(
        len(dropped), abs=3
    )  # some were on their way
    handled = {(e.fields["sender"], e.fields["number"]) for e in world.trace.filter(kind="receive")}
    assert not handled & {(e.node, e.fields["number"]) for e in dropped}
    assert {e.fields["about"] for e in world.trace.filter(kind="member-update")} == {"n000"}
    assert {m.name for p in world.processes.values() for m in p.members} == set(world.names)


def test_without_a_checksum_a_flipped_bit_is_believed_and_gossiped_on(cluster):
    """Amazon S3, July 2008. It makes a member that nobody is, or accuses one that is well: the first dies, the second
    refutes."""
    world = damaged(cluster, crc=False)
    assert {e.fields["about"] for e in world.trace.filter(kind="member-join")} - set(world.names)
    assert "datagram.checksum.failed" not in world.metrics.names
    world.corrupt(0.0)
    world.run(until=160)
    assert everyone_alive(world)
    assert {m.name for p in world.processes.values() for m in p.members if m.state != "dead"} == set(
        world.names
    )


# names and addresses


def machines(reclaim_s, seed=1):
    """Three members, and a fourth called db on host-1; host-2 is there to take its name over."""
    config = replace(LAN, dead_node_reclaim_time_s=reclaim_s)
    world = World(seed=seed)
    for name in "abc":
        world.add(name, SwimNode(config, members=("a", "b", "c")))
    world.add("host-1", SwimNode(config, seeds=("a",), name="db"))
    world.run(until=20)
    return world, SwimNode(config, seeds=("a",), name="db")


def test_a_name_can_have_another_address_and_is_probed_there():
    world, _ = machines(30.0)
    assert {world.processes[name].members["db"].address for name in ("a", "b", "c", "host-1")} == {"host-1"}
    assert beliefs(world, "db") == {"alive", "self"}
    assert not world.trace.filter(kind=("suspect", "probe-failed", "name-conflict"))
    world.crash("host-1")
    world.run(until=50)
    assert {world.processes[name].members.known_as("db") for name in "abc"} == {"dead"}


def test_a_name_that_is_taken_is_refused_to_another_address():
    world, usurper = machines(30.0)
    world.add("host-2", usurper)
    world.run(until=60)
    assert {world.processes[name].members["db"].address for name in "abc"} == {"host-1"}
    conflicts = world.trace.filter(kind="name-conflict").table()
    assert {(row["about"], row["address"], row["known"]) for row in conflicts if row["node"] in "abc"} == {
        ("db", "host-2", "host-1")
    }


@pytest.mark.parametrize(("reclaim_s", "after_s", "taken_over"), [(30.0, 20.0, False), (15.0, 40.0, True)])
def test_a_dead_member_s_name_can_be_taken_over_after_the_reclaim_time(reclaim_s, after_s, taken_over):
    world, heir = machines(reclaim_s)
    world.crash("host-1")
    world.run(until=20 + after_s)
    died = max(e.time for e in about(world, "db", "member-failed"))
    assert (world.now - died > reclaim_s) is taken_over
    world.add("host-2", heir)
    world.run(until=world.now + 3)
    assert (world.processes["a"].members["db"].address == "host-2") is taken_over
    assert bool(about(world, "db", "name-conflict")) is not taken_over


def test_without_a_reclaim_time_a_dead_name_stays_taken_until_it_is_forgotten():
    """memberlist's default of 0. Consul's is 30 s."""
    world, heir = machines(0.0)
    world.crash("host-1")
    world.run(until=50)
    world.add("host-2", heir)
    world.run(until=53)
    assert {world.processes[name].members["db"].address for name in "abc"} == {"host-1"}


def test_the_name_of_a_member_that_has_left_is_free_at_once():
    world, heir = machines(30.0)
    world.processes["host-1"].leave()
    world.run(until=30)
    world.add("host-2", heir)
    world.run(until=40)
    assert {world.processes[name].members["db"].address for name in "abc"} == {"host-2"}


# intents


def test_a_death_after_a_farewell_is_a_leave_and_without_one_a_failure(cluster):
    """The leaving member crashes between its intent and its own burial: by memberlist it is dead, by serf it has left."""
    world = cluster(16)
    world.run(until=20)
    world.processes["n003"].leave()
    world.run(until=20.4)
    world.crash("n003")
    world.run(until=22)
    assert {process.states["n003"] for process in world.processes.values()} == {"leaving"}
    world.run(until=60)
    assert {e.kind for e in about(world, "n003", "member-leave", "member-failed")} == {"member-leave"}
    assert {process.states["n003"] for process in world.processes.values()} == {"left"}


def test_a_farewell_of_an_earlier_life_is_older_than_the_join(cluster):
    world = cluster(8)
    world.run(until=20)
    node = world.processes["n003"]
    node.leave()
    world.run(until=40)
    world.crash("n003")
    world.restart("n003")
    world.run(until=60)
    assert {process.states["n003"] for process in world.processes.values()} == {"alive"}
    stale = LeaveIntent(1, "n003")
    world.processes["n000"].heard_intent(stale)
    world.run(until=70)
    assert {process.states["n003"] for process in world.processes.values()} == {"alive"}
    assert not [e for e in world.trace.filter(after=60, kind="send") if stale in parts(e)]


def test_whoever_is_said_to_leave_and_does_not_says_so(cluster):
    world = cluster(8)
    world.run(until=20)
    world.processes["n000"].heard_intent(LeaveIntent(5, "n003"))
    assert world.processes["n000"].states["n003"] == "leaving"
    world.run(until=30)
    assert {process.states["n003"] for process in world.processes.values()} == {"alive"}
    assert not world.trace.filter(kind="member-leave")


def test_a_farewell_that_comes_after_the_death_makes_it_a_leave(cluster):
    world = cluster(8)
    world.run(until=20)
    world.crash("n003")
    world.run(until=40)
    assert {process.states["n003"] for process in world.processes.values()} == {"dead"}
    world.processes["n000"].heard_intent(LeaveIntent(9, "n003"))
    world.run(until=45)
    assert {process.states["n003"] for process in world.processes.values()} == {"left"}
    # and a newcomer hears of it by push/pull, which passes nothing on
    world.add("late", SwimNode(LAN, seeds=("n001",)))
    world.run(until=50)
    assert world.processes["late"].states.get("n003") != "alive"


def test_beliefs_can_be_rebuilt_from_the_trace(cluster):
    world = cluster(10, network=Network(loss=0.2))
    world.run(until=10)
    world.crash("n003")
    world.processes["n004"].leave()
    world.pause("n005", 20.0, timers="run")
    world.run(until=50)
    world.restart("n003")
    world.run(until=120)
    rebuilt = {}
    for event in world.trace:
        if event.kind == "beliefs":
            rebuilt[event.node] = {
                name: belief for belief, names in event.fields["view"].items() for name in names
            }
        elif "belief" in event.fields:
            rebuilt[event.node][event.fields["about"]] = event.fields["belief"]
    for name, process in world.processes.items():
        assert {k: v for k, v in rebuilt[name].items() if v is not None} == process.states


def test_the_queue_s_length_is_in_the_trace(cluster):
    world = cluster(8)
    world.run(until=10)
    assert not world.trace.filter(kind="queue")
    world.processes["n000"].update_metadata("zone=b")
    world.run(until=20)
    for name in world.names:
        lengths = [e.fields["length"] for e in world.trace.filter(kind="queue", node=name)]
        assert lengths[0] == 1 and lengths[-1] == 0


# Whatever happens: when it is over, serf's members find each other.

NAMES = tuple(f"n{number:03}" for number in range(8))
FAULTS = st.one_of(
    st.tuples(st.just("crash"), st.sampled_from(NAMES)),
    st.tuples(st.just("restart"), st.sampled_from(NAMES)),
    st.tuples(st.just("pause"), st.sampled_from(NAMES), st.sampled_from([3.0, 30.0])),
    st.tuples(st.just("cut"), st.sampled_from(NAMES[1:]), st.just("n000"), st.booleans(), st.booleans()),
    st.tuples(st.just("partition"), st.sets(st.sampled_from(NAMES), min_size=1, max_size=5).map(sorted)),
    st.tuples(st.just("heal")),
    st.tuples(st.just("set_loss"), st.sampled_from([0.0, 0.5, 1.0])),
    st.tuples(st.just("corrupt"), st.sampled_from([0.0, 0.2])),
)


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    seed=st.integers(0, 1000),
    story=st.lists(st.tuples(st.sampled_from([1.0, 10.0, 60.0]), FAULTS), max_size=8),
)
def test_after_any_story_everybody_takes_everybody_for_alive(cluster, seed, story):
    world = cluster(8, seed=seed, trace=False)
    world.run(until=10)
    for wait_s, (what, *arguments) in story:
        world.run(until=world.now + wait_s)
        getattr(world, what)(*arguments)
    world.heal()
    world.set_loss(0.0)
    world.corrupt(0.0)
    # a restarted member asks its seeds once, which is why Consul has retry_join
    for name in (*NAMES, *NAMES[::-1]):
        if name not in world.up or set(world.processes[name].states) != set(NAMES):
            world.restart(name)
            world.run(until=world.now + 1)
    world.run(until=world.now + 400)
    assert everyone_alive(world)
    assert {tuple(sorted(process.states)) for process in world.processes.values()} == {NAMES}
