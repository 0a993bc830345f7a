"""Consul: what gossip spreads, what the servers decide, what anti-entropy corrects, and what breaks without each."""

from functools import partial

import pytest

from gossipkit.authority import AccessList, Policy, Rule
from gossipkit.gossip.swim import Dead, SwimConfig
from gossipkit.sim import Network, Scenario
from gossipkit.systems import Consul
from gossipkit.systems.consul import Denied, Deregister, PutKey, ScriptCheck, SetHealth, TTLCheck

OLD, NEW = b"o" * 16, b"n" * 32


def cluster(**options):
    """Ten agents and three servers, settled, with the service web on three of the agents."""
    options = {"agents": 10, "servers": 3, "seed": 7} | options
    made = Consul(**options)
    for name in ("agent-1", "agent-2", "agent-3"):
        made.register(name, "web", check=ScriptCheck(interval_s=5))
    made.run(until=20)
    return made


def first(trace, kind, **fields):
    """When an event first happened, in seconds."""
    return next(row["time"] for row in trace.filter(kind=kind).table() if fields.items() <= row.items())


def test_a_settled_cluster_agrees_in_all_three_parts():
    consul = cluster()
    assert consul.gossip.disagreement() == []
    assert set(consul.authority.catalog().nodes) == set(consul.nodes_of(1))
    assert consul.repair.backlog() == {}
    assert sorted(consul.authority.answer("web")) == ["agent-1", "agent-2", "agent-3"]
    assert all(consul.repair.last_sync(name) is not None for name in consul.nodes_of(1))


def test_a_crash_passes_through_membership_then_catalog_then_answers():
    consul = cluster()
    consul.crash("agent-2")
    consul.run(until=25)
    assert "agent-2" in consul.authority.answer("web"), "suspected or not: nothing is decided yet"
    consul.run(until=60)
    leader, after = consul.authority.leader(), consul.trace.filter(after=20)
    suspected = first(after, "suspect", about="agent-2")
    failed = first(after, "member-failed", about="agent-2")
    leader_knows = first(after, "member-failed", about="agent-2", node=leader)
    committed = first(after, "reconciled", about="agent-2", state="dead")
    assert 20 < suspected < failed <= leader_knows < committed
    assert sorted(consul.authority.answer("web")) == ["agent-1", "agent-3"]
    assert consul.gossip.view("agent-9")["agent-2"] == "dead"


def test_a_short_pause_is_suspected_refuted_and_never_reaches_the_catalog():
    consul = cluster()
    consul.pause("agent-2", seconds=4)
    consul.run(until=60)
    after = consul.trace.filter(after=20)
    assert len(after.filter(kind="suspect")) > 0
    assert len(after.filter(kind="refute", node="agent-2")) > 0
    assert len(after.filter(kind="reconciled")) == 0
    assert "agent-2" in consul.authority.answer("web")


def test_a_service_fails_while_its_node_lives():
    consul = cluster()
    consul.process("agent-1").working["web"] = False
    consul.run(until=40)
    assert consul.gossip.view("agent-2")["agent-1"] == "alive"
    assert sorted(consul.authority.answer("web")) == ["agent-2", "agent-3"]
    consul.process("agent-1").working["web"] = True
    consul.run(until=60)
    assert "agent-1" in consul.authority.answer("web")


def test_a_ttl_check_is_critical_until_and_unless_it_is_passed():
    consul = cluster()
    consul.register("agent-5", "db", check=TTLCheck(ttl_s=10))
    consul.run(until=25)
    assert consul.authority.answer("db") == ()
    consul.process("agent-5").pass_ttl("db")
    consul.run(until=30)
    assert consul.authority.answer("db") == ("agent-5",)
    consul.run(until=40)
    assert consul.authority.answer("db") == ()


def test_a_leave_is_deregistered_at_once_and_is_no_failure():
    consul = cluster()
    consul.leave("agent-2")
    consul.run(until=30)
    assert consul.gossip.view("agent-9")["agent-2"] == "left"
    assert "agent-2" not in consul.authority.catalog().nodes
    assert len(consul.trace.filter(kind="member-failed")) == 0


def test_a_service_that_is_deregistered_leaves_the_catalog():
    consul = cluster()
    consul.process("agent-3").deregister("web")
    consul.run(until=25)
    assert sorted(consul.authority.answer("web")) == ["agent-1", "agent-2"]
    assert consul.repair.backlog() == {}


def test_without_a_majority_gossip_goes_on_and_nothing_is_decided():
    consul = cluster()
    minority = ["server-1", "agent-1", "agent-2"]
    consul.partition(minority)
    consul.run(until=80)
    assert consul.authority.write("k", "1", via="agent-1", timeout_s=5) is None
    assert consul.authority.write("k", "1", via="agent-9", timeout_s=5) is True
    assert consul.gossip.view("agent-1")["agent-9"] == "dead", (
        "the minority's gossip works, and believes the rest dead"
    )
    assert consul.authority.leader() != "server-1"
    consul.heal()
    consul.run(until=200)
    assert consul.gossip.disagreement() == []
    assert consul.repair.backlog() == {}
    assert consul.authority.read("k", via="agent-1") == "1"


def test_without_authority_there_are_as_many_truths_as_servers():
    consul = cluster(authority=None)
    consul.run(until=150)
    assert consul.gossip.disagreement() == []
    answers = {server: consul.authority.answer("web", server) for server in consul.servers_of(1)}
    assert len(set(answers.values())) > 1
    wrote = [
        consul.authority.write("leader", name, via=name)
        for name in ("agent-1", "agent-2", "agent-4", "agent-9")
    ]
    assert wrote == [True] * 4, "everybody was told that it is done"
    values = {
        consul.process(server).store.machine.keys.get("leader", (None,))[0] for server in consul.servers_of(1)
    }
    assert len(values) > 1


@pytest.mark.parametrize("repair", [True, None], ids=["with anti-entropy", "without"])
def test_what_the_catalog_lost_comes_back_by_anti_entropy_or_never(repair):
    consul = cluster(repair=repair)
    assert consul.authority.command(Deregister("agent-1"), via="agent-5") is True
    assert "agent-1" not in consul.authority.answer("web")
    consul.run(until=400)
    assert ("agent-1" in consul.authority.answer("web")) == bool(repair)
    assert ("agent-1" in consul.repair.backlog()) != bool(repair)


@pytest.mark.parametrize("repair", [True, None], ids=["with push/pull", "without"])
def test_a_long_partition_heals_by_full_state_exchange_or_never(repair):
    consul = cluster(repair=repair)
    consul.partition(list(consul.nodes_of(1)[:7]))
    consul.run(until=150)
    consul.heal()
    consul.run(until=500)
    assert (consul.gossip.disagreement() == []) == bool(repair)


def test_repair_can_be_run_by_hand():
    consul = cluster()
    consul.authority.command(Deregister("agent-1"), via="agent-5")
    consul.repair.run("agent-1")
    consul.run(until=consul.world.now + 5)
    assert "agent-1" in consul.authority.answer("web")
    with pytest.raises(ValueError, match="repair is switched off"):
        cluster(repair=None).repair.run("agent-1")


def test_a_restarted_agent_comes_back_with_its_services():
    consul = cluster()
    consul.crash("agent-2")
    consul.run(until=60)
    consul.restart("agent-2")
    consul.run(until=90)
    assert "agent-2" in consul.authority.answer("web")
    assert consul.gossip.disagreement() == []


def test_a_restarted_server_gets_the_log_back():
    consul = cluster()
    consul.authority.write("k", "1")
    leader = consul.authority.leader()
    consul.crash(leader)
    consul.run(until=50)
    assert consul.authority.leader() not in (None, leader)
    assert consul.authority.write("k", "2") is True
    consul.restart(leader)
    consul.run(until=80)
    assert consul.authority.catalog(leader).keys["k"][0] == "2"


def rotate(consul, steps):
    """Run (what, key, nodes) one after the other, two seconds apart."""
    for what, key, nodes in steps:
        for name in nodes:
            getattr(consul.gossip.keyring(name), what)(key)
        consul.run(until=consul.world.now + 2)


def test_a_key_is_rotated_without_an_outage_in_the_right_order():
    consul = cluster(gossip_key=OLD)
    everybody = consul.nodes_of(1)
    rotate(consul, [("install", NEW, everybody), ("use", NEW, everybody), ("remove", OLD, everybody)])
    consul.run(until=60)
    assert consul.gossip.unreadable() == []
    assert len(consul.trace.filter(kind=("unreadable", "suspect"))) == 0


def test_a_key_that_is_used_before_everybody_has_it_cuts_members_off():
    consul = cluster(gossip_key=OLD)
    some, others = consul.nodes_of(1)[:5], consul.nodes_of(1)[5:]
    rotate(consul, [("install", NEW, some), ("use", NEW, some)])
    consul.run(until=80)
    assert set(consul.gossip.unreadable()) == {(sender, receiver) for sender in some for receiver in others}
    assert consul.gossip.disagreement(), "members that live are taken for dead"
    rotate(consul, [("install", NEW, others)])
    consul.run(until=300)
    assert consul.gossip.disagreement() == []


def test_a_restarted_agent_still_has_the_rotated_key():
    consul = cluster(gossip_key=OLD)
    everybody = consul.nodes_of(1)
    rotate(consul, [("install", NEW, everybody), ("use", NEW, everybody), ("remove", OLD, everybody)])
    consul.crash("agent-4")
    consul.restart("agent-4")
    consul.run(until=90)
    assert consul.gossip.disagreement() == []


def test_the_gossip_key_is_no_token():
    """Whoever is in the pool can bury a member and so take a service out of the answers, but not write a key."""
    agents = Policy("agents", (Rule("node", "write", prefix=True), Rule("service", "write", prefix=True)))
    access = AccessList(
        {"agents": [agents], "operator": [Policy("op", (Rule("key", "write", prefix=True),))]}
    )
    consul = cluster(access=access, token="agents")
    assert consul.authority.write("k", "1", via="agent-9") == Denied("write", "key", "k")
    assert consul.authority.write("k", "1", via="agent-9", token="agents") == Denied("write", "key", "k")
    assert consul.authority.write("k", "1", via="agent-9", token="operator") is True
    assert consul.authority.command(SetHealth("agent-1", "critical"), via="agent-9") == Denied(
        "write", "node", "agent-1"
    )
    consul.crash("agent-1")  # so that it cannot refute what is said of it
    for observer in consul.nodes_of(1):
        if observer != "agent-1":
            consul.process(observer).swim.apply(Dead(1, "agent-1", "agent-9"))
    consul.run(until=consul.world.now + 2)
    assert "agent-1" not in consul.authority.answer("web")


def test_check_and_set_is_decided_by_the_log():
    consul = cluster()
    claim = partial(consul.authority.command, PutKey("lock", "mine", if_index=0))
    assert claim(via="agent-1") is True
    assert claim(via="agent-2") is False


def test_two_data_centres_share_nothing_but_the_pool_of_servers():
    consul = Consul(agents=4, servers=3, datacentres=2, seed=3)
    consul.run(until=40)
    assert consul.authority.leader(1) in consul.servers_of(1)
    assert consul.authority.leader(2) in consul.servers_of(2)
    assert set(consul.gossip.view("agent-1")) == set(consul.nodes_of(1))
    servers = {*consul.servers_of(1), *consul.servers_of(2)}
    assert set(consul.process("server-1").wan.states) == servers
    assert set(consul.process("dc2-server-1").store.machine.nodes) == set(consul.nodes_of(2))
    consul.crash("dc2-server-3")
    consul.run(until=200)
    assert consul.process("server-1").wan.states["dc2-server-3"] == "dead"
    assert "dc2-server-3" not in consul.gossip.view("agent-1")


def test_the_shortest_suspicion_buries_the_living():
    def buried(suspicion_mult):
        config = SwimConfig.lan()
        config = SwimConfig(
            **{name: getattr(config, name) for name in config.__dataclass_fields__}
            | {"suspicion_mult": suspicion_mult, "suspicion_max_timeout_mult": 1}
        )
        consul = Consul(agents=17, servers=3, seed=5, config=config, network=Network(loss=0.1))
        consul.play(
            Scenario(
                [
                    (10 + 5 * i, "pause", {"name": f"agent-{i}", "seconds": 3, "timers": "run"})
                    for i in range(1, 7)
                ]
            )
        )
        consul.run(until=60)
        return len({row["about"] for row in consul.trace.filter(kind="member-failed").table()})

    assert buried(1) > buried(4) == 0


def test_a_run_is_replayed_by_its_seed():
    def run(seed):
        consul = cluster(seed=seed, gossip_key=OLD, network=Network(loss=0.1))
        consul.crash("agent-1")
        consul.run(until=40)
        return consul.trace.to_jsonl()

    assert run(1) == run(1)
    assert run(1) != run(2)


def test_metrics_have_the_products_names():
    consul = cluster(network=Network(loss=0.05))
    consul.crash("agent-2")
    consul.run(until=60)
    names = set(consul.metrics.names)
    assert {
        "memberlist.msg.suspect",
        "serf.member.failed",
        "raft.apply",
        "consul.leader.reconcileMember",
    } <= names
    assert consul.metrics.value("serf.member.failed") == len(consul.world.up)


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (lambda: Consul(servers=0), "servers is 0: it must be a whole number, at least 1"),
        (lambda: Consul(agents=-1), "agents is -1: it must be a whole number, at least 0"),
        (lambda: Consul(agents=2).gossip.view("agent-9"), "'agent-9' is not a node of this cluster"),
        (lambda: Consul(agents=2).gossip.keyring("agent-1"), "does not encrypt gossip"),
        (lambda: Consul(agents=2).register("agent-7", "web"), "'agent-7' is not a node of this cluster"),
        (lambda: Consul(agents=2).partition(["agent-1", "nobody"]), "'nobody' is not a node"),
    ],
)
def test_bad_input_is_named(bad, words):
    with pytest.raises(ValueError, match=words):
        bad()


def test_who_is_down_has_no_view():
    consul = cluster()
    consul.crash("agent-1")
    with pytest.raises(ValueError, match="'agent-1' is down"):
        consul.gossip.view("agent-1")


def test_a_service_is_critical_until_its_check_has_passed():
    consul = cluster()
    consul.register("agent-5", "db", check=ScriptCheck(interval_s=30))
    assert consul.process("agent-5").local.checks["service:db"].status == "critical"
    consul.run(until=51)
    assert consul.authority.answer("db") == ("agent-5",)


def test_registering_again_keeps_the_status_and_gives_a_heartbeat_its_full_time():
    consul = cluster()
    agent = consul.process("agent-5")
    consul.register("agent-5", "db", check=TTLCheck(ttl_s=10))
    agent.pass_ttl("db")
    consul.run(until=28)
    consul.register("agent-5", "db", port=81, check=TTLCheck(ttl_s=10))
    assert agent.local.checks["service:db"].status == "passing"
    consul.run(until=37)
    assert agent.local.checks["service:db"].status == "passing", (
        "the first registration's time is over, not this one's"
    )
    consul.run(until=38.5)
    assert agent.local.checks["service:db"].status == "critical"


def test_a_service_that_is_registered_anew_has_nothing_of_the_old_one():
    consul = cluster()
    agent = consul.process("agent-5")
    consul.register("agent-5", "db", check=TTLCheck(ttl_s=10))
    consul.run(until=28)
    agent.deregister("db")
    consul.register("agent-5", "db", check=TTLCheck(ttl_s=10))
    agent.pass_ttl("db")
    consul.run(until=35)
    assert agent.local.checks["service:db"].status == "passing", "the old timer would have run out at 30 s"
    consul.register("agent-5", "db")
    consul.run(until=60)
    assert agent.local.checks == {}, "a service without a check is not judged by one"
    assert consul.authority.answer("db") == ("agent-5",)


def test_a_script_that_is_registered_twice_runs_once_an_interval():
    consul, check = cluster(), ScriptCheck(interval_s=10)
    for _ in range(3):
        consul.register("agent-5", "db", check=check)
    agent, answers = consul.process("agent-5"), []

    class Working(dict):
        def __getitem__(self, name):
            answers.append(consul.world.now)
            return True

    agent.working = Working(agent.working)
    consul.run(until=70)
    assert len(answers) == 5


def test_who_has_left_stays_out_of_the_catalog():
    consul = cluster()
    consul.leave("agent-2")
    consul.run(until=400)  # several of its comparisons, had it gone on comparing
    assert "agent-2" not in consul.authority.catalog().nodes
    assert sorted(consul.authority.answer("web")) == ["agent-1", "agent-3"]
    assert consul.gossip.disagreement() == []
    assert consul.repair.backlog() == {}
    assert consul.metrics.value("serf.member.left") >= 12
    consul.restart("agent-2")
    consul.run(until=440)
    assert "agent-2" in consul.authority.answer("web")
    assert consul.gossip.disagreement() == []


def test_a_farewell_of_a_server_is_refused():
    with pytest.raises(ValueError, match="'server-1' is a server: only an agent can leave"):
        cluster().leave("server-1")


def test_a_member_that_comes_back_soon_flaps():
    consul = cluster()
    consul.pause("agent-2", seconds=25)
    consul.run(until=40)
    assert consul.metrics.value("serf.member.failed") > 0
    assert "serf.member.flap" not in consul.metrics.names
    consul.run(until=80)
    assert consul.metrics.value("serf.member.flap") > 0


def test_the_leader_needs_no_token_to_make_a_failure_a_fact():
    """The agents' token is good for services alone, and without a token nothing is allowed."""
    services = Policy("services", (Rule("service", "write", prefix=True),))
    consul = cluster(access=AccessList({"agents": [services]}), token="agents")
    catalog = consul.authority.catalog()
    assert catalog.nodes["agent-2"].checks["serfHealth"].status == "passing"
    consul.crash("agent-2")
    consul.run(until=60)
    assert consul.authority.catalog().nodes["agent-2"].checks["serfHealth"].status == "critical"
    assert consul.authority.command(
        SetHealth("agent-1", "critical"), via="agent-9", token="agents"
    ) == Denied("write", "node", "agent-1")


def test_news_that_changes_before_it_is_committed_leaves_the_catalog_right():
    consul = cluster()
    leader = consul.process(consul.authority.leader())
    leader._reconcile("agent-2", "dead")  # a moment later gossip knows better, as agent-2 is alive
    consul.run(until=21)
    assert "agent-2" in consul.authority.answer("web")
    told = consul.trace.filter(after=20, kind="reconciled").table()
    assert [row["state"] for row in told] == ["dead", "alive"]


def test_servers_that_were_all_restarted_do_not_throw_everybody_out():
    consul = cluster()
    for server in consul.servers_of(1):
        consul.crash(server)
    consul.run(until=25)
    for server in consul.servers_of(1):
        consul.restart(server)
    for second in range(26, 60):
        consul.run(until=second)
        if consul.authority.leader() is not None and consul.authority.catalog().nodes:
            assert set(consul.authority.catalog().nodes) == set(consul.nodes_of(1)), f"at {second} s"
    assert sorted(consul.authority.answer("web")) == ["agent-1", "agent-2", "agent-3"]
    assert consul.gossip.disagreement() == []


def test_agents_that_come_up_before_the_servers_find_them_later():
    consul = cluster()
    everybody = consul.nodes_of(1)
    for name in everybody:
        consul.crash(name)
    for name in everybody[3:]:
        consul.restart(name)
    consul.run(until=40)
    for name in everybody[:3]:
        consul.restart(name)
    consul.run(until=200)
    assert consul.gossip.disagreement() == []
    assert sorted(consul.authority.answer("web")) == ["agent-1", "agent-2", "agent-3"]


def test_a_server_that_joins_is_told_everything_soon():
    consul = cluster()
    consul.crash("server-1")
    consul.run(until=60)
    consul.restart("server-1")
    consul.run(until=70)
    assert all(consul.repair.last_sync(name) > 60 for name in consul.nodes_of(1))


def test_dns_answers_without_a_leader():
    consul = cluster()
    for name in ("server-1", "server-2"):
        consul.crash(name)
    consul.run(until=60)
    assert consul.authority.leader() is None
    assert consul.authority.catalog() is None
    assert sorted(consul.authority.answer("web")) == ["agent-1", "agent-2", "agent-3"]
    consul.crash("server-3")
    assert consul.authority.answer("web") == ()


def test_without_anti_entropy_what_changes_twice_in_a_moment_is_told_as_it_is():
    consul = cluster(repair=None)
    agent = consul.process("agent-1")
    agent._set_check("web", "critical")
    agent._set_check("web", "passing")
    consul.run(until=22)
    assert "agent-1" in consul.authority.answer("web")
    assert "agent-1" not in consul.repair.backlog()


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (
            lambda c: c.process("agent-1").pass_ttl("web"),
            "'web' has no TTL check that runs: those that do are none",
        ),
        (lambda c: c.process("agent-1").pass_ttl("db"), "'db' has no TTL check that runs"),
        (lambda c: c.process("agent-1").deregister("db"), "'db' is not registered here: there is web"),
        (lambda c: c.register("agent-1", "db", check="ttl"), "check is 'ttl': it must be a TTLCheck"),
        (lambda c: c.authority.answer("web", "agent-1"), "'agent-1' is no server"),
        (lambda c: c.authority.leader(2), "datacentre is 2: it must be a whole number, from 1 to 1"),
        (lambda c: ScriptCheck(interval_s=0), "interval_s is 0: it must be a number, at least 1"),
        (lambda c: TTLCheck(ttl_s=0), "ttl_s is 0"),
    ],
)
def test_bad_requests_are_named_and_change_nothing(bad, words):
    consul = cluster()
    before = [consul.process("agent-1").local, consul.authority.answer("db")]
    with pytest.raises(ValueError, match=words):
        bad(consul)
    assert [consul.process("agent-1").local, consul.authority.answer("db")] == before
