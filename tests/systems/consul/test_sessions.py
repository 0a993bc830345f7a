"""Sessions: a lock's tie to gossip."""

import pytest

from gossipkit.authority import AccessList, Policy, Rule
from gossipkit.repair import Changes, Check, Service
from gossipkit.systems.consul import (
    Acquire,
    Consul,
    CreateSession,
    Denied,
    Deregister,
    Request,
    SetHealth,
    Sync,
)
from gossipkit.systems.consul.catalog import Catalog
from gossipkit.systems.consul.messages import ByLeader


def catalog(access=None):
    made = Catalog(access)
    for name in ("a", "b"):
        made.apply(ByLeader(SetHealth(name, "passing")))
    return made


def do(catalog, *commands, token=None):
    return [catalog.apply(Request(command, token)) for command in commands]


def test_one_session_holds_a_key_and_may_set_it_again():
    made = catalog()
    assert do(made, CreateSession("a", "s"), CreateSession("b", "t")) == [True, True]
    assert do(made, Acquire("k", "1", "s"), Acquire("k", "2", "t"), Acquire("k", "3", "s")) == [
        True,
        False,
        True,
    ]
    assert made.locks == {"k": "s"} and made.keys["k"][0] == "3"


def test_a_critical_node_loses_its_locks_and_whoever_waits_sees_the_key_change():
    made = catalog()
    do(made, CreateSession("a", "s"), CreateSession("b", "t"), Acquire("k", "1", "s"), Acquire("l", "1", "t"))
    before = made.keys["k"][1]
    made.apply(ByLeader(SetHealth("a", "critical")))
    assert made.locks == {"l": "t"} and set(made.sessions) == {"t"}
    assert made.keys["k"] == ("1", made.index) and made.index > before
    assert do(made, Acquire("k", "2", "s"), Acquire("k", "2", "t")) == [False, True]
    made.apply(ByLeader(SetHealth("a", "passing")))
    assert "s" not in made.sessions, "health that is back brings no session back"


def test_a_session_without_a_check_outlives_the_word_of_gossip_and_not_the_nodes_entry():
    made = catalog()
    do(made, CreateSession("a", "s", health=False), Acquire("k", "1", "s"))
    made.apply(ByLeader(SetHealth("a", "critical")))
    assert made.locks == {"k": "s"}
    assert do(made, CreateSession("a", "again", health=False)) == [True]
    made.apply(ByLeader(Deregister("a")))
    assert made.locks == {} and made.sessions == {}


@pytest.mark.parametrize("session", ["s", "none"])
def test_there_is_no_session_of_a_node_that_is_gone_or_twice(session):
    made = catalog()
    made.apply(ByLeader(SetHealth("b", "critical")))
    do(made, CreateSession("a", "s"))
    assert do(made, CreateSession("c", session), CreateSession("b", session), CreateSession("a", "s")) == [
        False,
        False,
        False,
    ]
    # a node that has registered itself and of which gossip has said nothing yet has no check to tie a session to
    do(made, Sync("d", Changes()))
    assert do(made, CreateSession("d", "u"), CreateSession("d", "v", health=False)) == [False, True]


def test_a_session_and_a_lock_need_a_token():
    policy = Policy("p", (Rule("session", "write", "a"), Rule("key", "write", "k")))
    made = catalog(AccessList({"t": [policy]}))
    wanted = CreateSession("a", "s"), Acquire("k", "1", "s")
    assert do(made, *wanted) == [Denied("write", "session", "a"), Denied("write", "key", "k")]
    assert do(made, *wanted, token="t") == [True, True]
    assert do(made, CreateSession("b", "t"), token="t") == [Denied("write", "session", "b")]


def test_a_session_can_be_asked_for_by_whoever_may_read_it():
    policy = Policy("p", (Rule("session", "write", "a"),))
    made = catalog(AccessList({"t": [policy]}))
    session = CreateSession("a", "s")
    do(made, session, token="t")
    assert made.read(Request(("session", "s"), "t")) == session
    assert made.read(Request(("session", "s"))) == Denied("read", "session", "a")
    assert made.read(Request(("session", "none"))) is None


def test_the_leader_gives_nobody_a_key_before_its_delay_is_over():
    consul = Consul(agents=2, servers=3, seed=1)
    command = consul.authority.command
    consul.run(until=5)
    for node in ("agent-1", "agent-2"):
        assert command(CreateSession(node, f"of-{node}", lock_delay_s=10.0), via=node)
    assert command(Acquire("k", "1", "of-agent-1"), via="agent-1")
    assert command(SetHealth("agent-1", "critical"), via="agent-2")
    ended_s = consul.world.now
    entries = consul.process(consul.authority.leader()).store.log.last_index
    acquire = Acquire("k", "2", "of-agent-2")
    consul.run(until=ended_s + 9.9)
    before = consul.process(consul.authority.leader()).store.log.last_index
    assert command(acquire, via="agent-2") is False
    # reconciliation has made the node healthy again; the refusal itself is no entry of the log
    assert consul.process(consul.authority.leader()).store.log.last_index == before >= entries
    consul.run(until=ended_s + 10.1)
    assert command(acquire, via="agent-2") is True


def test_a_delay_outlives_a_leader_and_another_key_has_none():
    consul = Consul(agents=2, servers=3, seed=1)
    command = consul.authority.command
    consul.run(until=5)
    for node in ("agent-1", "agent-2"):
        command(CreateSession(node, f"of-{node}"), via=node)
    command(Acquire("k", "1", "of-agent-1"), via="agent-1")
    command(SetHealth("agent-1", "critical"), via="agent-2")
    ended_s = consul.world.now
    consul.crash(consul.authority.leader())
    consul.run(until=ended_s + 6)
    assert command(Acquire("other", "2", "of-agent-2"), via="agent-2") is True
    assert command(Acquire("k", "2", "of-agent-2"), via="agent-2") is False
    # the next leader counts from when it has applied the end of the session, which may be an election later
    consul.run(until=ended_s + 15 + 5)
    assert command(Acquire("k", "2", "of-agent-2"), via="agent-2") is True


def test_who_is_denied_is_told_so_during_a_delay_too():
    made = catalog(
        AccessList({"t": [Policy("p", (Rule("session", "write", prefix=True), Rule("key", "write", "k")))]})
    )
    do(made, CreateSession("a", "s"), Acquire("k", "1", "s"), token="t")
    made.apply(ByLeader(SetHealth("a", "critical")))
    acquire = Acquire("k", "1", "s")
    assert made.delayed(Request(acquire, "t")) and not made.delayed(Request(acquire))
    made.clock = lambda: 15.0
    assert not made.delayed(Request(acquire, "t"))


def test_a_session_is_of_a_node_of_the_catalog_also_without_a_check():
    assert do(catalog(), CreateSession("gone", "s", health=False)) == [False]


def test_a_registration_needs_the_right_to_node_and_service_and_a_question_the_right_to_read():
    rules = Rule("node", "write", prefix=True), Rule("key", "read", "k")
    made = catalog(AccessList({"agent": [Policy("agent", rules)]}))
    web = Changes(register_services={"web-1": Service("web", 80)})
    assert do(made, Sync("a", Changes()), Sync("a", web), token="agent") == [
        True,
        Denied("write", "service", "web"),
    ]
    assert "web-1" not in made.nodes["a"].services
    assert made.index == 4, "also what is refused is an entry of the log"
    asked = [("key", "k"), ("key", "l"), ("service", "web")]
    assert [made.read(Request(each, "agent")) for each in asked] == [
        (None, 0),
        Denied("read", "key", "l"),
        Denied("read", "service", "web"),
    ]


def test_a_check_goes_with_its_service():
    made = catalog()
    web = Changes(
        register_services={"web-1": Service("web", 80)},
        register_checks={"service:web-1": Check("passing", "web-1")},
    )
    do(made, Sync("a", web))
    assert set(made.nodes["a"].checks) == {"serfHealth", "service:web-1"}
    do(made, Sync("a", Changes(deregister_services=("web-1",))))
    assert set(made.nodes["a"].checks) == {"serfHealth"}
