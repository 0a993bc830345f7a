"""What lesson 08 says of its experiments, with three seeds each: the same functions, and the sentence as an assertion."""

from itertools import islice

import pytest

from gossipkit.authority import RaftConfig, RaftNode
from gossipkit.authority.raft_messages import RequestVoteReply
from gossipkit.gossip.assertions import SIZES, assertion
from gossipkit.lab import Stage
from gossipkit.reading import CONSUL_EXAMPLE, INCIDENTS, Incident, judge
from gossipkit.sim import Scenario, World
from gossipkit.systems import Consul
from gossipkit.systems.checking import (
    BUGS,
    Call,
    Trial,
    cases,
    history,
    linearizable,
    promises,
    search,
    shrink,
)
from gossipkit.systems.checking.grounds import Nothing, names_of
from gossipkit.systems.comparison import register

FIVE = (1, 2, 3, 4, 5)
seeds = pytest.mark.parametrize("seed", (1, 2, 3))


# See it


def night(seed, *steps, until=60.0):
    """The stage's cluster, with the link cut between who leads at 15 s and another server."""
    watched = Stage(Consul, agents=4, servers=3, pre_vote=False, seed=seed, seconds=10)
    leader = next(node for _, node, kind, _ in watched.run.others if kind == "raft-elected")
    other, third = (name for name in ("server-1", "server-2", "server-3") if name != leader)
    cut = (15, "cut", {"a": leader, "b": other})
    stage = Stage(
        Consul,
        agents=4,
        servers=3,
        pre_vote=False,
        seed=seed,
        seconds=until,
        scenario=Scenario([cut, *((at, what, {"name": third}) for at, what in steps)]),
    )
    return third, stage.run.others


def on_the_stage(*more):
    writes = [
        (at, "write", {"key": "setting", "value": str(at), "via": "agent-1", "timeout_s": 1.0})
        for at in range(5, 60, 5)
    ]
    scenario = Scenario([(15, "cut", {"a": "server-1", "b": "server-3"}), *writes, *more])
    return Stage(
        Consul, agents=4, servers=3, pre_vote=False, scenario=scenario, seed=1, seconds=60
    ).run.others


def test_on_the_lesson_s_stage_server_1_leads_until_the_cut_and_server_2_at_30_s():
    others = on_the_stage()
    won = [(time, node) for time, node, kind, _ in others if kind == "raft-elected"]
    assert [node for time, node in won if time < 15] == ["server-1"]
    assert [node for time, node in won if time < 30][-1] == "server-2"
    assert any(kind == "raft-committed" and time > 50 for time, _, kind, _ in others)


def test_between_16_and_19_s_servers_stand_for_election_and_later_there_is_peace():
    others = on_the_stage()
    stood = [time for time, _, kind, _ in others if kind == "raft-candidate" and time > 15]
    assert len(stood) > 1 and min(stood) > 16 and max(stood) < 19
    assert not any(kind == "raft-committed" and 16 < time < 18 for time, _, kind, _ in others)


def test_when_it_crashes_there_nothing_is_committed_any_more():
    others = on_the_stage((30, "crash", {"name": "server-2"}))
    assert not any(kind == "raft-committed" and time > 31 for time, _, kind, _ in others)


@seeds
def test_a_broken_link_makes_elections_until_the_server_in_the_middle_leads_and_gossip_takes_nobody_for_dead(
    seed,
):
    third, others = night(seed)
    won = [node for time, node, kind, _ in others if kind == "raft-elected" and time > 15]
    assert won and won[-1] == third
    assert not any(told.get("belief") in ("failed", "dead") for _, _, _, told in others)


@seeds
def test_when_the_server_in_the_middle_crashes_nobody_leads_any_more(seed):
    third, others = night(seed, (30.0, "crash"))
    won = [(time, node) for time, node, kind, _ in others if kind == "raft-elected"]
    assert won[-1][1] == third and won[-1][0] < 30


# Lab


def moved(starts_s, reads):
    return linearizable(
        (
            Call("ann", "write", 1, 0.0, 3.0),
            Call("bob", "write", 2, 4.0, 7.0),
            Call("dee", "read", 2, 5.0, 6.0),
            Call("cid", "read", reads, starts_s, starts_s + 1.0),
        )
    ).ok


def test_whoever_begins_after_dee_s_read_can_not_read_the_older_value():
    assert moved(5.5, 1) and not moved(6.0, 1) and not moved(6.5, 1), "though Bob's write ends at 7 s"
    assert not moved(2.5, 2) and moved(3.5, 2), "and nobody reads 2 before Bob has begun"


def explained(store, seed, **settings):
    return linearizable(history(register(store, seed=seed, **settings).operations)).ok


@seeds
def test_consul_s_histories_can_be_explained_whatever_fanout_loss_and_churn_do(seed):
    for settings in ({}, {"fanout": 1}, {"loss": 0.3}, {"churn_per_min": 20.0}):
        assert explained("Consul", seed, **settings)


@seeds
def test_so_can_cassandra_s_at_quorum_in_this_weather(seed):
    assert explained("Cassandra, QUORUM", seed)


@seeds
def test_without_the_log_or_with_last_write_wins_they_can_not(seed):
    assert not explained("Consul without its log", seed)
    assert not explained("Dynamo, last write wins", seed)


def test_one_replica_s_word_is_seldom_enough():
    assert sum(explained("Cassandra, ONE", seed) for seed in FIVE) <= 2


@seeds
def test_churn_leaves_more_calls_without_an_answer(seed):
    def unanswered(**settings):
        asked = register(seed=seed, **settings).operations
        return sum(not operation.ok for operation in asked) / len(asked)

    assert unanswered(churn_per_min=20.0) > unanswered()


@seeds
def test_twenty_runs_mostly_miss_a_loss_of_four_instead_of_two_per_cent(seed):
    found = assertion(loss=0.02, runs=20, width=3.0, seed=seed)
    assert 0.5 < found.seen_misses[SIZES.index(20)] < 0.85
    assert 55 < found.needed < 130
    assert assertion(loss=0.1, seed=seed).needed < found.needed / 4
    assert assertion(loss=0.0, seed=seed).needed is None


# Investigate


def test_the_worked_incident_is_found_by_what_the_lesson_asks():
    night = Incident.load("read-only")
    assert night.series("raft.state.candidate").values.sum() > 0
    assert night.series("serf.member.failed").values.sum() == 0
    assert "heartbeat timeout reached" in str(night.logs("server-2", after=55))
    servers = [name for name, role in night.nodes.items() if role == "server"]
    between = {}
    for _, one, other, _, arrived_s in night.diagram(servers, after=64.5, before=70).messages:
        between.setdefault(frozenset((one, other)), []).append(arrived_s)
    silent = [pair for pair, arrived in between.items() if all(each is None for each in arrived)]
    assert len(silent) == 1 and "server-2" in silent[0] and len(between) == 3
    verdict = night.verdict("network", "server-2", 64, "partial partition", "raft.state.candidate")
    assert 95 < verdict.score < 100
    moved = verdict.answer.moved_s
    assert (
        min(moved, key=moved.get).startswith("datagram.")
        and min(moved.values()) < moved["raft.state.candidate"]
    )


def test_in_the_half_one_the_catalog_says_what_is_so_and_the_router_makes_more_of_it():
    cold = Incident.load("cold-caches")
    assert cold.series("db.queries").values[-12:].max() > 350 > cold.series("db.queries").values[:12].max()
    assert "is not in the catalog" in str(cold.logs("router-1", after=60, before=80))
    assert "restarted" in str(cold.logs("agent-1", after=60)) and "memory kept" in str(
        cold.ask("agent-1", 85)
    )
    assert cold.series("serf.member.failed").values.sum() == 0


def test_blaming_gossip_every_time_earns_little():
    scores = [Incident.load(name).verdict(layer="gossip").score for name in INCIDENTS]
    assert sum(scores) / len(scores) < 20


def test_gossip_is_at_fault_in_few_of_the_incidents():
    layers = [Incident.load(name).verdict().answer.layer for name in INCIDENTS]
    assert 0 < layers.count("gossip") <= len(layers) / 4


# Break it


def test_a_vote_that_is_given_twice_passes_the_first_three_runs():
    assert not any(
        Trial("vote given twice")(case) for case in islice(cases("vote given twice", range(1000)), 3)
    )


@seeds
def test_a_vote_that_is_given_twice_is_found_among_a_hundred_runs(seed):
    among = cases("vote given twice", range(1000 * (seed - 1), 1000 * (seed - 1) + 100))
    found = search(Trial("vote given twice"), among)
    assert found is not None and "lead term" in found.failure.what


def test_what_is_left_is_short_and_a_test():
    found = search(Trial("vote given twice"), cases("vote given twice", range(1000)))
    left = shrink(Trial("vote given twice"), found.case).after
    assert len(left.scenario) < len(found.case.scenario) and left.seconds < found.case.seconds
    assert Trial("vote given twice")(left) and not Trial("vote given twice", planted=False)(left)
    world, names = World(seed=left.seed), names_of(left.nodes)
    for name in names:
        world.add(name, RaftNode(names, Nothing(), RaftConfig()))
    world.play(left.scenario)
    with BUGS["vote given twice"].planted():
        world.run(until=left.seconds)
    sent = [
        (event.node, event.fields["to"], event.fields["message"])
        for event in world.trace.filter(kind="stream-send")
    ]
    votes = {
        (voter, to)
        for voter, to, said in sent
        if isinstance(said, RequestVoteReply) and said.term == 2 and said.vote_granted
    }
    one, other = sorted({to for _, to in votes})
    third = {voter for voter, _ in votes} - {one, other}
    assert len(third) == 1 and votes == {
        (one, other),
        (other, one),
        *((who, to) for who in third for to in (one, other)),
    }


@seeds
def test_clients_seldom_learn_of_a_hint_that_counts(seed):
    with BUGS["quorum that counts a hint"].planted():
        bad = sum(
            not explained("Cassandra, QUORUM", each, churn_per_min=20.0)
            for each in range(20 * seed, 20 * seed + 4)
        )
    assert bad <= 1, "of four histories"


def test_an_invariant_inside_learns_of_it_soon():
    for first in range(0, 500, 100):
        found = search(
            Trial("quorum that counts a hint"),
            islice(cases("quorum that counts a hint", range(first, first + 100)), 40),
        )
        assert found is not None


# Reading loop


def test_of_the_evidence_the_pause_can_go_and_no_crash():
    steps = [(20, "crash", {"name": name}) for name in ("agent-1", "server-1", "server-2")]
    pause = (25, "pause", {"name": "agent-2", "seconds": 3.0})
    assert judge(CONSUL_EXAMPLE, Scenario([*steps, pause]), at=45).shown
    assert judge(CONSUL_EXAMPLE, Scenario(steps), at=45).shown
    for left_out in range(3):
        fewer = [step for number, step in enumerate(steps) if number != left_out]
        assert not judge(CONSUL_EXAMPLE, Scenario(fewer), at=45).shown


@seeds
def test_consul_keeps_all_four_models_and_one_replica_s_word_is_not_linearizable(seed):
    block = range(100 * seed, 100 * seed + 6)
    assert not any(promises("Consul", block).broken.values())
    assert promises("Cassandra at ONE", block).broken["linearizable"] > 0


def test_ten_runs_miss_what_happens_in_one_of_four_once_in_eighteen_times():
    assert round(1 / 0.75**10) == 18
