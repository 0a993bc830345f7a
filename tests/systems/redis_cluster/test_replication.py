"""The stream from a master to its replica: what is in it, and when it is given up."""

from gossipkit.systems import RedisCluster
from gossipkit.systems.redis_cluster.messages import Confirm, Psync, Stream, Write

KEY, OWNER, REPLICA = "{user:1}", "node-2", "node-5"


def made(**options):
    cluster = RedisCluster(
        node_timeout_s=200.0, repl_diskless_sync_delay_s=0.0, seed=1, trace="events", **options
    )
    cluster.run(until=3)
    return cluster


def stream(cluster, name):
    return cluster.started(name).replication


def set_(cluster, value, key=KEY):
    return cluster.wait(cluster.set(key, value, via=OWNER))


def counted(cluster, metric):
    return cluster.metrics.value(metric, OWNER) if metric in cluster.metrics.names else 0


def test_an_offset_grows_by_the_length_of_the_command_and_of_a_ping_each_ten_seconds():
    cluster = made()
    written = set_(cluster, "Ada")
    # *3 $3 SET $8 {user:1} $3 Ada, each with its line ends
    assert written.offset == len("*3\r\n$3\r\nSET\r\n$8\r\n{user:1}\r\n$3\r\nAda\r\n")
    cluster.run(until=11.5)
    assert stream(cluster, OWNER).offset == stream(cluster, REPLICA).offset == written.offset + 14
    cluster.run(until=32)
    assert stream(cluster, OWNER).offset == written.offset + 3 * 14


def test_who_missed_more_than_the_master_keeps_gets_everything():
    for count, full in [(9, 0), (12, 1)]:  # of 100 kB each; the backlog is 1 MiB
        cluster = made()
        cluster.crash(REPLICA)
        cluster.restart(REPLICA)
        cluster.run(until=6)
        synced = counted(cluster, "sync_full")  # that of the restart
        cluster.cut(OWNER, REPLICA)
        stream(cluster, REPLICA)._lost()
        for number in range(count):
            set_(cluster, "x" * 100_000, f"{KEY}{number}")
        cluster.heal()
        cluster.run(until=12)
        assert counted(cluster, "sync_full") - synced == full
        assert cluster.repair.divergent() == ()


def test_a_silent_master_and_a_silent_replica_are_given_up_after_a_minute():
    cluster = made()
    cluster.cut(OWNER, REPLICA)
    cluster.run(until=59)
    assert (cluster.repair.link(REPLICA), set(stream(cluster, OWNER).attached)) == ("up", {REPLICA})
    cluster.run(until=66)
    assert (cluster.repair.link(REPLICA), set(stream(cluster, OWNER).attached)) == ("down", set())
    cluster.heal()
    cluster.run(until=70)
    assert cluster.repair.link(REPLICA) == "up"


def test_a_crashed_replica_is_given_up_within_two_seconds_as_its_connection_closes():
    cluster = made()
    cluster.crash(REPLICA)
    cluster.run(until=5)
    assert set(stream(cluster, OWNER).attached) == set()


def test_a_write_that_is_sent_twice_is_applied_once():
    """Behind a cut TCP sends again; what was there already is not put in anew, nor counted."""
    cluster = made()
    set_(cluster, "0")
    cluster.run(until=3.01)  # it is there, and not confirmed
    cluster.cut(OWNER, REPLICA)
    set_(cluster, "1")
    set_(cluster, "2")
    cluster.run(until=4.4)
    cluster.heal()  # just before it is sent again, 1.4 s after the first time, and before the replica confirms anything
    cluster.run(until=20)
    applied = [
        event.fields["values"] for event in cluster.trace.filter(kind="applied") if event.node == REPLICA
    ]
    assert applied == [("0",), ("1",), ("2",)]
    assert stream(cluster, OWNER).offset == stream(cluster, REPLICA).offset
    assert cluster.repair.backlog() == {}


def test_a_replica_takes_nothing_behind_a_gap():
    cluster = made()
    set_(cluster, "v")
    cluster.run(until=5)
    replica = stream(cluster, REPLICA)
    before = replica.offset
    replica.stream(OWNER, Stream(replica.history, before + 50, (Write("k", "late", before + 90),), False))
    assert (replica.offset, replica.up, "k" in replica.data) == (before, False, False)


def test_a_confirmation_counts_for_its_own_stream_and_takes_nothing_back():
    cluster = made()
    set_(cluster, "v")
    cluster.run(until=5)
    master = stream(cluster, OWNER)
    confirmed = master.attached[REPLICA].acked
    assert confirmed == master.offset > 0
    for history, offset in (("another", confirmed + 1000), (master.history, confirmed - 1)):
        master.confirmed(REPLICA, Confirm(history, offset))
        assert master.attached[REPLICA].acked == confirmed


def test_who_follows_another_node_streams_to_nobody_and_is_asked_in_vain():
    cluster = made()
    master = stream(cluster, OWNER)
    assert list(master.attached) == [REPLICA]
    cluster.started(OWNER).follow("node-1")
    assert master.attached == {}
    master.psync(REPLICA, Psync(master.history, master.offset))
    assert master.attached == {}
