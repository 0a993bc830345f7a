"""Consul: what gossip spreads, what the servers decide, what anti-entropy corrects, and what breaks without each."""

from dataclasses import replace
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gossipkit.authority import AccessList, Policy, Rule
from gossipkit.gossip.swim import Dead, State, SwimConfig
from gossipkit.sim import Network, Scenario
from gossipkit.systems import Consul
from gossipkit.systems.consul import Denied, Deregister, PutKey, ScriptCheck, SetHealth, TTLCheck
from gossipkit.systems.consul.settings import LAN, WAN

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
    assert consul.repair.divergent() == ()
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
    consul.run(until=34)
    assert consul.authority.answer("db") == ("agent-5",), "its ten seconds have begun anew at 25"
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
    assert consul.repair.divergent() == ()


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
    assert consul.repair.divergent() == ()
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
    assert ("agent-1" in consul.repair.divergent()) != bool(repair)


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
    assert consul.repair.divergent() == ()
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


def test_who_has_failed_is_not_remembered_on_disk_as_one_to_join():
    consul = cluster()
    consul.crash("agent-2")
    consul.run(until=50)
    remembered = consul.process("agent-1").persisted().alive
    assert "agent-2" not in remembered and {"agent-3", "server-1"} <= set(remembered)


def test_who_was_gone_for_more_than_a_minute_does_not_flap():
    consul = cluster()
    consul.pause("agent-2", seconds=100)
    consul.run(until=160)
    assert consul.gossip.view("agent-1")["agent-2"] == "alive"
    assert consul.metrics.value("serf.member.failed") > 0
    assert "serf.member.flap" not in consul.metrics.names


def test_what_is_not_sealed_is_not_heard_in_a_sealed_pool():
    for key, heard in ((None, "dead"), (b"k" * 32, "alive")):
        consul = cluster(gossip_key=key)
        agent = consul.process("agent-1")
        agent.receive(
            agent.env, "agent-9", Dead(agent.swim.members["agent-2"].incarnation, "agent-2", "agent-9")
        )
        consul.run(until=20.001)
        assert agent.swim.state_of("agent-2") == heard


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
    leader._reconciliation.one(
        "agent-2", State.DEAD
    )  # a moment later gossip knows better, as agent-2 is alive
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
    assert "agent-1" not in consul.repair.divergent()


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


# Consul's own settings, and what its nodes do to find each other.


def test_consul_has_three_settings_of_serf_otherwise():
    """agent/consul/config.go and lib/serf/serf.go."""
    for config, preset in ((LAN, SwimConfig.lan()), (WAN, SwimConfig.wan())):
        assert config == replace(
            preset, reconnect_timeout_s=259_200.0, leave_propagate_delay_s=3.0, dead_node_reclaim_time_s=30.0
        )
    consul = Consul(agents=2, datacentres=2)
    consul.run(until=1)
    assert consul.process("agent-1").swim.config == LAN
    assert consul.process("server-1").wan.config == WAN
    assert Consul(agents=1, config=SwimConfig.lan()).process("agent-1").settings.swim == SwimConfig.lan()


@pytest.mark.parametrize(
    ("servers", "cut_off"),
    [
        (3, ["agent-1", "agent-2"]),
        (3, ["server-1", "agent-1"]),
        (2, ["server-1"]),
        (5, ["server-1", "server-2", "agent-1"]),
    ],
)
def test_who_restarts_during_a_partition_finds_the_others_within_a_minute_of_its_healing(servers, cut_off):
    """retry_join: also where the servers of each side have found each other, and agents a server of theirs."""
    consul = Consul(agents=4, servers=servers, seed=1)
    consul.register("agent-1", "web")
    consul.run(until=20)
    consul.partition(cut_off)
    consul.run(until=80)
    for name in consul.nodes_of(1):
        consul.restart(name)
    consul.run(until=140)
    assert consul.gossip.disagreement()
    consul.heal()
    consul.run(until=200)
    assert consul.gossip.disagreement() == []
    consul.run(until=240)
    assert consul.authority.answer("web") == ("agent-1",)
    asked = consul.trace.filter(kind="retry-join", after=240)
    consul.run(until=400)
    assert len(consul.trace.filter(kind="retry-join", after=240)) == len(asked) == 0, "everybody is known"


def test_without_repair_nobody_asks_the_servers_again():
    consul = Consul(agents=2, servers=3, seed=1, repair=None)
    consul.run(until=20)
    consul.partition(["agent-1"])
    consul.restart("agent-1")
    consul.run(until=60)
    consul.heal()
    consul.run(until=300)
    assert set(consul.gossip.view("agent-1")) == {"agent-1"}


def test_servers_of_two_data_centres_find_each_other_again():
    consul = Consul(agents=0, servers=1, datacentres=2, seed=3)
    consul.run(until=20)
    consul.partition(["server-1"])
    for name in ("server-1", "dc2-server-1"):
        consul.restart(name)
    consul.run(until=60)
    assert set(consul.process("server-1").wan.states) == {"server-1"}
    consul.heal()
    consul.run(until=100)
    assert consul.process("server-1").wan.states == dict.fromkeys(["server-1", "dc2-server-1"], "alive")


def test_an_agent_that_dies_in_the_middle_of_its_leave_has_left():
    consul = cluster()
    consul.leave("agent-2")
    consul.run(until=20.5)
    consul.crash("agent-2")
    consul.run(until=60)
    assert consul.gossip.view("agent-9")["agent-2"] == "left"
    assert "agent-2" not in consul.authority.catalog().nodes
    assert consul.gossip.disagreement() == []


# What damage does.


@pytest.mark.parametrize("seed", range(3))
def test_damage_reaches_neither_the_log_nor_membership(seed):
    """The servers talk over streams, and a damaged packet of gossip fails its checksum."""
    consul = Consul(agents=3, servers=3, seed=seed)
    consul.run(until=5)
    consul.world.corrupt(0.05)
    for number in range(5):
        assert consul.authority.write(f"k{number}", "v") is True
    consul.run(until=60)
    first, *others = (consul.process(name).store.log.entries for name in consul.servers_of(1))
    assert others == [first, first]
    assert set(consul.gossip.view("agent-1")) == set(consul.nodes_of(1))
    assert consul.metrics.value("datagram.checksum.failed") > 10
    assert not [row for row in consul.trace.filter(kind="crash").table() if "error" in row]


@pytest.mark.parametrize("key", [None, OLD], ids=["in the clear", "encrypted"])
def test_without_a_checksum_damage_is_believed_unless_gossip_is_encrypted(key):
    consul = Consul(agents=3, servers=3, seed=2, config=replace(LAN, crc=False), gossip_key=key)
    consul.run(until=5)
    consul.world.corrupt(0.3)
    for number in range(40):
        consul.process("agent-1").swim.update_metadata(f"version={number}")
        consul.run(until=5 + number / 2)
    members = {name for process in consul.world.processes.values() for name in process.swim.states}
    invented = members - set(consul.nodes_of(1))
    believed = {m.metadata for p in consul.world.processes.values() for m in p.swim.members}
    strange = {text for text in believed if text and not text.removeprefix("version=").isdigit()}
    assert bool(invented or strange) is (key is None)
    assert bool(consul.trace.filter(kind="unreadable")) is (key is not None)


# Elections.


def test_a_bridge_between_servers_that_cannot_hear_each_other_elects_nobody_with_pre_vote():
    def bridged(pre_vote):
        consul = Consul(agents=3, servers=3, seed=1, pre_vote=pre_vote)
        consul.run(until=20)
        leader = consul.authority.leader()
        consul.cut(leader, next(name for name in consul.servers_of(1) if name != leader))
        consul.run(until=80)
        assert consul.authority.write("k", "v") is True
        return [event.node for event in consul.trace.filter(kind="raft-elected", after=20)]

    assert bridged(pre_vote=True) == []
    assert len(bridged(pre_vote=False)) >= 2


def test_lost_packets_cost_no_election():
    consul = cluster(network=Network(loss=0.5))
    assert len(consul.trace.filter(kind="raft-elected")) == 1
    consul.run(until=80)
    assert len(consul.trace.filter(kind="raft-elected")) == 1


# Looking.


def test_what_an_agent_knows_to_be_untold_and_what_differs_have_two_names():
    consul = cluster()
    consul.partition(["agent-1"])
    consul.register("agent-1", "db", check=TTLCheck())
    consul.run(until=25)
    assert consul.repair.backlog() == {("agent-1", "catalog"): 2}, "the service and its check"
    assert consul.repair.divergent() == ("agent-1",)
    consul.heal()
    consul.run(until=28)
    assert consul.repair.backlog() == {} and consul.repair.divergent() == ()
    consul.authority.command(Deregister("agent-2"), via="agent-5")
    assert consul.repair.divergent() == ("agent-2",)
    assert ("agent-2", "catalog") not in consul.repair.backlog(), "agent-2 does not know yet"


def test_everything_says_on_a_line_what_it_is():
    consul = cluster(agents=3)
    consul.crash("agent-3")
    consul.run(until=40)
    leader = consul.authority.leader()
    assert repr(consul) == f"<Consul at 40.000 s: 5 of 6 nodes up, leader {leader}, 0 wrong beliefs>"
    parts = (
        consul.gossip,
        consul.authority,
        consul.repair,
        consul.process("agent-1"),
        consul.process(leader),
    )
    swim, store = consul.process(leader).swim, consul.process(leader).store
    for thing in (*parts, swim, store, swim.members["agent-3"]):
        assert repr(thing).startswith("<") and "object at" not in repr(thing)
        assert len(repr(thing)) <= 110 and "\n" not in repr(thing)
    assert repr(Consul(agents=1)) == "<Consul at 0.000 s: 4 of 4 nodes have not started>"


def test_services_and_checks_can_be_rebuilt_from_the_trace():
    consul = cluster()
    consul.process("agent-2").working["web"] = False
    consul.register("agent-4", "db", port=5432, check=TTLCheck(ttl_s=5))
    consul.run(until=30)
    consul.process("agent-3").deregister("web")
    consul.crash("agent-1")
    consul.restart("agent-1")
    consul.run(until=60)
    rebuilt = {name: {} for name in consul.world.names}
    for node, kind, fields in ((e.node, e.kind, e.fields) for e in consul.trace):
        if kind in ("crash", "restart"):
            rebuilt[node].clear()
        elif kind == "registered":
            rebuilt[node][fields["about"]] = [fields["service"], fields["port"], fields["status"]]
        elif kind == "deregistered":
            del rebuilt[node][fields["about"]]
        elif kind == "check":
            rebuilt[node][fields["about"]][2] = fields["status"]
    for name, process in consul.world.processes.items():
        local = process.local
        statuses = {check.service_id: check.status for check in local.checks.values()}
        assert rebuilt[name] == {
            about: [service.name, service.port, statuses.get(about)]
            for about, service in local.services.items()
        }
    leader = consul.authority.leader()
    committed = {}
    for event in consul.trace.filter(kind=("raft-started", "raft-committed", "raft-applied")):
        fields = event.fields
        committed[event.node] = fields["commit"] if event.kind == "raft-started" else fields["index"]
    assert {name: committed[name] for name in consul.servers_of(1)} == {
        name: consul.process(name).store.commit_index for name in consul.servers_of(1)
    }
    assert committed[leader] == consul.process(leader).store.log.last_index


# Whatever happens: when it is over, members agree and the servers answer.

NODES = ("server-1", "server-2", "server-3", "agent-1", "agent-2", "agent-3")
FAULTS = st.one_of(
    st.tuples(st.just("crash"), st.sampled_from(NODES)),
    st.tuples(st.just("restart"), st.sampled_from(NODES)),
    st.tuples(st.just("pause"), st.sampled_from(NODES), st.sampled_from([3.0, 20.0])),
    st.tuples(
        st.just("cut"), st.permutations(NODES).map(lambda names: names[:2]), st.booleans(), st.booleans()
    ),
    st.tuples(st.just("mend"), st.permutations(NODES).map(lambda names: names[:2])),
    st.tuples(st.just("partition"), st.sets(st.sampled_from(NODES), min_size=1, max_size=4)),
    st.tuples(st.just("heal")),
    st.tuples(st.just("clock"), st.sampled_from(NODES), st.sampled_from([-100.0, 100.0])),
    st.tuples(st.just("corrupt"), st.sampled_from([0.0, 0.2])),
    st.tuples(st.just("set_loss"), st.sampled_from([0.0, 0.5])),
)


def happen(consul, what, arguments):
    if what == "cut":
        (a, b), both, streams = arguments
        consul.cut(a, b, both, streams)
    elif what == "mend":
        consul.mend(*arguments[0])
    elif what == "partition":
        consul.partition(sorted(arguments[0]))
    elif what == "corrupt":
        consul.world.corrupt(*arguments)
    else:
        getattr(consul, what)(*arguments)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    seed=st.integers(0, 1000),
    story=st.lists(st.tuples(st.sampled_from([1.0, 10.0, 40.0]), FAULTS), max_size=8),
)
def test_after_any_story_members_agree_and_the_servers_answer(seed, story):
    consul = Consul(agents=3, servers=3, seed=seed, trace=False)
    consul.register("agent-1", "web")
    consul.run(until=10)
    for wait_s, (what, *arguments) in story:
        consul.run(until=consul.world.now + wait_s)
        happen(consul, what, arguments)
    consul.heal()
    consul.set_loss(0.0)
    consul.world.corrupt(0.0)
    for name in set(NODES) - set(consul.world.up):
        consul.restart(name)
    consul.run(until=consul.world.now + 400)
    assert consul.gossip.disagreement() == []
    assert consul.authority.write("over", "yes", via="agent-2") is True
    assert consul.authority.read("over", via="agent-3") == "yes"
    assert consul.authority.answer("web") == ("agent-1",)
    assert consul.repair.divergent() == ()


def test_a_new_leader_makes_a_fact_of_what_gossip_said_while_there_was_none():
    consul = cluster()
    consul.run(until=62)  # behind the minute at which all is looked at in any case
    for name in ("server-2", "server-3"):
        consul.crash(name)
    consul.run(until=63)
    consul.crash("agent-1")
    consul.run(until=95)
    assert consul.gossip.view("agent-2")["agent-1"] == "dead"
    for name in ("server-2", "server-3"):
        consul.restart(name)
    consul.run(until=115)
    assert "agent-1" not in consul.authority.answer("web") and len(consul.authority.answer("web")) == 2


def test_who_says_farewell_tells_the_catalog_nothing_more():
    consul = cluster()
    consul.leave("agent-5")
    consul.run(until=27)
    assert "agent-5" not in consul.authority.catalog().nodes
    consul.register("agent-5", "db")
    consul.run(until=34)
    assert "agent-5" not in consul.authority.catalog().nodes and consul.authority.answer("db") == ()


def test_what_was_denied_is_still_untold():
    nodes = Policy("nodes", (Rule("node", "write", prefix=True),))
    consul = cluster(access=AccessList({"agents": [nodes]}), token="agents")
    consul.register("agent-5", "db")
    consul.run(until=30)
    assert set(consul.process("agent-5").anti_entropy.untold().register_services) == {"db"}
