"""Redis Cluster's bus: pings, doubts, reports, failures, each rule by itself, with a host that only notes what it is asked."""

from random import Random
from types import SimpleNamespace

import pytest

from gossipkit.gossip.cluster_bus import Belief, ClusterBus, Entry

T = 10.0
NODES = ("b", "c", "d", "e", "f")


class Host:
    """Two masters are needed, and this node is one, unless a test says otherwise."""

    def __init__(self):
        self.votes, self.quorum, self.done = True, 2, []

    def note(self, what):
        return lambda about: self.done.append((what, getattr(about, "name", about)))

    def __getattr__(self, what):
        return self.note(what)

    def connect(self, peer):
        peer.link = SimpleNamespace(since_s=0.0)
        self.done.append(("connect", peer.name))

    def drop(self, peer):
        peer.link = None
        self.done.append(("drop", peer.name))


def made(nodes=NODES, fanout=1, entries=None, now=0.0):
    host = Host()
    bus = ClusterBus(host, "a", T, fanout, entries)
    for name in nodes:
        bus.add(name, now).link = SimpleNamespace(since_s=-T)
    return bus, host


def doubted(bus, name="b", now=100.0):
    """A node that has been silent for longer than the timeout, and pinged as long."""
    peer = bus.peers[name]
    peer.ping_sent_s, peer.data_received_s = now - T - 0.1, now - T - 0.1
    for other in bus.peers.values():
        if other is not peer:
            other.pong_received_s = other.data_received_s = now
    bus.cron(now, Random(1))
    return peer


def entry(name, belief=Belief.OK, pong_s=0):
    return Entry(name, belief, pong_s)


# Pings.


def test_one_node_in_ten_runs_is_pinged_that_has_the_oldest_pong_of_five_drawn():
    pinged = []
    for seed in range(300):
        bus, host = made(now=100.0)
        for age, name in enumerate(NODES):
            bus.peers[name].pong_received_s = 100.0 - age / 10
        random = Random(seed)
        for run in range(10):
            bus.cron(100.0, random)
            assert len(host.done) == (run == 9)
        pinged += [name for what, name in host.done if what == "ping"]
    # the oldest of all is among five draws out of six with probability 1 - (5/6)^5 = 0.598; error of 300 trials 0.028
    assert abs(pinged.count("f") / 300 - 0.598) < 4 * 0.028
    assert pinged.count("b") < 5  # only if all draws fall on it or on this node itself


def test_with_a_fanout_so_many_are_pinged_in_a_second():
    bus, host = made(fanout=3, now=100.0)
    random = Random(1)
    for _ in range(10):
        bus.cron(100.0, random)
    assert len(host.done) == 3
    assert len(set(host.done)) == 3  # one that has a ping on its way is not pinged again


def test_who_was_not_heard_for_half_the_timeout_is_pinged_at_once_and_only_once():
    bus, host = made()
    bus.cron(T / 2, Random(1))
    assert host.done == []
    bus.cron(T / 2 + 0.1, Random(1))
    assert host.done == [("ping", name) for name in NODES]
    bus.cron(T / 2 + 0.2, Random(1))
    assert len(host.done) == len(NODES)


def test_a_link_that_is_gone_is_made_anew_by_the_next_run():
    bus, host = made(now=100.0)
    bus.peers["c"].link = None
    bus.cron(100.0, Random(1))
    assert host.done == [("connect", "c")]


def test_a_link_is_given_up_when_a_ping_has_waited_for_half_the_timeout_and_nothing_else_came():
    for change, given_up in [
        ({}, True),
        ({"data_received_s": 100.0 - T / 2 + 0.1}, False),  # other packets come
        ({"ping_sent_s": 100.0 - T / 2 + 0.1}, False),  # not so long
        ({"link": SimpleNamespace(since_s=100.0 - T + 0.1)}, False),  # the link is new
    ]:
        bus, host = made(("b",), now=100.0)
        peer = bus.peers["b"]
        peer.ping_sent_s = peer.data_received_s = 100.0 - T / 2 - 0.1
        for name, value in change.items():
            setattr(peer, name, value)
        bus.cron(100.0, Random(1))
        assert (host.done == [("drop", "b")]) is given_up
        assert peer.ping_sent_s is not None  # a new link makes a ping no younger


# Doubts.


def test_a_node_is_in_doubt_when_a_ping_and_the_last_packet_are_both_older_than_the_timeout():
    for ping_age_s, data_age_s, belief in [
        (T + 0.1, T + 0.1, Belief.PFAIL),
        (T - 0.1, T + 0.1, Belief.OK),
        (T + 0.1, T - 0.1, Belief.OK),
        (None, T + 0.1, Belief.OK),
    ]:
        bus, host = made(("b",), now=100.0)
        peer = bus.peers["b"]
        peer.ping_sent_s = None if ping_age_s is None else 100.0 - ping_age_s
        peer.data_received_s = 100.0 - data_age_s
        assert bus.cron(100.0, Random(1)) is (belief is Belief.PFAIL)
        assert peer.belief is belief
        assert (("believed", "b") in host.done) is (belief is Belief.PFAIL)


def test_a_pong_ends_a_doubt():
    bus, _ = made()
    peer = doubted(bus)
    bus.pong(peer, 100.5, owns_slots=True)
    assert (peer.belief, peer.ping_sent_s, peer.pong_received_s) == (Belief.OK, None, 100.5)


def test_other_packets_do_not():
    bus, _ = made()
    peer = doubted(bus)
    bus.heard("b", 100.5)
    assert peer.belief is Belief.PFAIL


# Gossip sections.


def test_a_section_has_a_tenth_of_the_nodes_and_at_least_three_never_the_own_and_none_twice():
    for count, wanted in [(5, 3), (30, 3), (59, 6)]:
        bus, _ = made([f"n{number}" for number in range(count)])
        for seed in range(20):
            names = [each.name for each in bus.section(Random(seed), 0.0, ())]
            assert len(set(names)) == len(names) <= wanted
            assert "a" not in names
    sizes = [len(bus.section(Random(seed), 0.0, ())) for seed in range(20)]
    assert max(sizes) == 6


def test_of_three_nodes_a_section_has_one_and_of_two_none():
    assert max(len(made(("b", "c"))[0].section(Random(seed), 0.0, ())) for seed in range(20)) == 1
    assert made(("b",))[0].section(Random(1), 0.0, ()) == ()


def test_all_that_are_in_doubt_are_added_from_the_next_run_on():
    bus, _ = made(entries=0)
    doubted(bus)
    assert bus.section(Random(1), 0.0, ()) == ()
    bus.cron(100.1, Random(1))
    assert [(each.name, each.belief) for each in bus.section(Random(1), 0.0, ())] == [("b", Belief.PFAIL)]


def test_who_is_put_in_doubt_beside_others_waits_for_the_next_run_as_well():
    bus, _ = made()
    doubted(bus, "b")
    doubted(bus, "c")
    for told in (["b"], ["b", "c"]):
        section = bus.section(Random(1), 0.0, ())
        assert sorted(each.name for each in section if each.belief is Belief.PFAIL) == told
        bus.cron(100.0, Random(1))


def test_nodes_without_a_link_are_spoken_of_only_if_they_own_slots():
    bus, _ = made(("b", "c", "d"))
    bus.peers["b"].link = bus.peers["c"].link = None
    spoken = {each.name for seed in range(40) for each in bus.section(Random(seed), 0.0, {"c"})}
    assert spoken == {"c", "d"}


def test_pongs_are_told_in_whole_seconds_of_the_wall_clock():
    bus, _ = made(("b", "c"))
    bus.peers["b"].pong_received_s = bus.peers["c"].pong_received_s = 7.5
    (told,) = next(filter(None, (bus.section(Random(seed), 0.7, ()) for seed in range(20))))
    assert told.pong_s == 8


# What others say.


def test_a_later_pong_that_somebody_tells_of_spares_a_ping():
    bus, _ = made()
    bus.told("c", True, (entry("b", pong_s=8),), 9.0, 0.0)
    assert bus.peers["b"].pong_received_s == 8.0
    bus.told("c", True, (entry("b", pong_s=7),), 9.0, 0.0)
    assert bus.peers["b"].pong_received_s == 8.0


@pytest.mark.parametrize("case", ["future", "pinged", "reported", "doubted there"])
def test_but_not_if(case):
    """It lies in the future, a ping is on its way, a master doubts the node, or the teller itself does."""
    bus, _ = made()
    peer = bus.peers["b"]
    pong_s, belief = 8, Belief.OK
    if case == "future":
        pong_s = 10  # more than half a second ahead of 9.0
    if case == "pinged":
        peer.ping_sent_s = 8.9
    if case == "reported":
        peer.reports["d"] = 8.9
    if case == "doubted there":
        belief = Belief.PFAIL
    bus.told("c", True, (entry("b", belief, pong_s),), 9.0, 0.0)
    assert peer.pong_received_s == 0.0


def test_the_clocks_of_both_count():
    bus, _ = made()
    bus.told("c", True, (entry("b", pong_s=1008),), 9.0, 1000.5)
    assert bus.peers["b"].pong_received_s == 7.5


def test_a_majority_of_masters_with_this_one_makes_a_failure_and_everybody_is_told():
    bus, host = made()
    peer = doubted(bus)
    bus.told("c", True, (entry("b", Belief.PFAIL),), 101.0, 0.0)
    assert (peer.belief, peer.fail_s) == (Belief.FAIL, 101.0)
    assert host.done[-1] == ("confirmed", "b")


def test_a_failure_reported_counts_as_a_doubt_does():
    bus, _ = made()
    peer = doubted(bus)
    bus.told("c", True, (entry("b", Belief.FAIL),), 101.0, 0.0)
    assert peer.belief is Belief.FAIL


def test_a_replica_s_own_doubt_does_not_count_and_its_reports_neither():
    bus, host = made()
    peer = doubted(bus)
    bus.told("c", False, (entry("b", Belief.PFAIL),), 101.0, 0.0)
    assert (peer.belief, bus.reports(peer, 101.0)) == (Belief.PFAIL, 0)
    host.votes = False
    bus.told("c", True, (entry("b", Belief.PFAIL),), 101.0, 0.0)
    assert peer.belief is Belief.PFAIL
    bus.told("d", True, (entry("b", Belief.PFAIL),), 101.0, 0.0)
    assert peer.belief is Belief.FAIL


def test_reports_make_no_failure_of_a_node_that_is_reachable_from_here():
    bus, _ = made()
    for master in "cde":
        bus.told(master, True, (entry("b", Belief.PFAIL),), 1.0, 0.0)
    assert bus.reports(bus.peers["b"], 1.0) == 3
    assert bus.peers["b"].belief is Belief.OK


def test_a_report_holds_for_twice_the_timeout_and_a_master_counts_once():
    bus, host = made()
    host.quorum = 3
    peer = doubted(bus)
    bus.told("c", True, (entry("b", Belief.PFAIL),), 101.0, 0.0)
    bus.told("c", True, (entry("b", Belief.PFAIL),), 102.0, 0.0)
    assert bus.reports(peer, 102.0) == 1
    assert bus.reports(peer, 102.0 + 2 * T) == 1
    bus.told("d", True, (entry("b", Belief.PFAIL),), 102.1 + 2 * T, 0.0)
    assert (bus.reports(peer, 102.1 + 2 * T), peer.belief) == (1, Belief.PFAIL)


def test_a_master_that_reaches_the_node_again_takes_its_report_back():
    bus, _ = made()
    peer = bus.peers["b"]
    bus.told("c", True, (entry("b", Belief.PFAIL),), 1.0, 0.0)
    bus.told("d", True, (entry("b", Belief.PFAIL),), 1.0, 0.0)
    bus.told("c", True, (entry("b"),), 2.0, 0.0)
    assert list(peer.reports) == ["d"]


def test_what_is_said_of_this_node_itself_changes_nothing_and_of_an_unknown_one_introduces_it():
    bus, host = made()
    bus.told("c", True, (entry("a", Belief.FAIL), entry("new")), 1.0, 0.0)
    assert host.done == [("introduced", "new")]


def test_a_failure_that_is_told_is_believed_at_once_also_of_a_reachable_node():
    bus, _ = made()
    bus.failed(bus.peers["b"], 5.0)
    bus.failed(bus.peers["b"], 9.0)
    assert (bus.peers["b"].belief, bus.peers["b"].fail_s) == (Belief.FAIL, 5.0)


@pytest.mark.parametrize(
    ("owns_slots", "after_s", "cleared"),
    [(False, 0.1, True), (True, 0.1, False), (True, 2 * T, False), (True, 2 * T + 0.1, True)],
)
def test_what_ends_a_failure(owns_slots, after_s, cleared):
    """A pong: at once of a replica and a master without slots, of one with slots only after twice the timeout."""
    bus, _ = made()
    peer = bus.peers["b"]
    bus.failed(peer, 5.0)
    bus.pong(peer, 5.0 + after_s, owns_slots)
    assert (peer.belief is Belief.OK) is cleared


def test_a_failed_node_is_not_put_in_doubt():
    bus, _ = made()
    peer = bus.peers["b"]
    bus.failed(peer, 90.0)
    doubted(bus)
    assert peer.belief is Belief.FAIL
