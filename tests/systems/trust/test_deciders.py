"""The same lies against what decides: which beliefs fall, and which decisions."""

import pytest

from gossipkit.systems import RedisCluster
from gossipkit.systems.redis_cluster.messages import Fail
from gossipkit.systems.trust.deciders import DECIDERS, END_S, LIE_S, Attack, attacks, deciders_table, one_liar

SEEDS = (1, 2)
CATALOG, TIED, DELAYED, FREE, READS, LOG, VOTES = DECIDERS


@pytest.fixture(scope="module")
def runs():
    """Each attack against each system, once for each seed, as far as a test asks for it."""
    known = {}

    def of(system, attack):
        if (system, attack) not in known:
            known[system, attack] = [one_liar(system, attack, seed) for seed in SEEDS]
        return known[system, attack]

    return of


@pytest.mark.parametrize("system", DECIDERS)
def test_without_a_lie_nothing_is_wrong(runs, system):
    for run in runs(system, Attack.NOTHING):
        assert run.decided == "" and run.worst_pairs == 0 and run.operations > 90


def test_a_forged_death_takes_a_service_out_of_the_answers_for_moments_and_touches_no_key(runs):
    for run in runs(CATALOG, Attack.DEATH):
        crash = runs(CATALOG, Attack.CRASH)[0]
        assert 0 < run.lost_s < crash.lost_s / 5
        assert 0 < run.worst_pairs <= 4  # everybody but the liar and the accused
        assert run.wrong_reads == run.lost == run.unavailable == 0


def test_an_accusation_is_only_a_suspicion(runs):
    for system in (CATALOG, TIED, VOTES):
        for run in runs(system, Attack.ACCUSE):
            assert run.decided == "" and run.worst_pairs == 0
            # which costs money all the same
            assert run.bytes > 1.1 * runs(system, Attack.NOTHING)[SEEDS.index(run.seed)].bytes
    assert Attack.ACCUSE not in attacks(READS)


def test_without_a_token_nothing_is_written(runs):
    for system in (CATALOG, TIED, DELAYED, FREE):
        assert all(run.decided == "" for run in runs(system, Attack.OWNERSHIP))


def test_a_lock_that_gossip_can_free_has_two_holders_by_a_forged_death(runs):
    for run in runs(TIED, Attack.DEATH):
        assert 0 < run.two_holders_s <= 5 + 0.1  # until its holder looks
    for run in runs(FREE, Attack.DEATH):
        assert run.lost_s == run.two_holders_s == 0 < run.wrong_pair_s


def test_a_lock_delay_gives_its_holder_time_to_look_and_does_not_give_the_lock_back(runs):
    for delayed, at_once in zip(runs(DELAYED, Attack.DEATH), runs(TIED, Attack.DEATH), strict=True):
        assert delayed.two_holders_s == 0
        assert 14 < at_once.lost_s - delayed.lost_s < 16
    # the price is paid for a true death as well
    for delayed, at_once in zip(runs(DELAYED, Attack.CRASH), runs(TIED, Attack.CRASH), strict=True):
        assert 14 < at_once.lost_s - delayed.lost_s < 16


def test_and_one_that_gossip_can_not_free_stays_with_the_dead(runs):
    for run in runs(TIED, Attack.CRASH):
        assert run.lost_s > 50 and run.two_holders_s == 0
    assert all(run.lost_s == 0 for run in runs(FREE, Attack.CRASH))


@pytest.mark.parametrize("attack", [Attack.STALE, Attack.VALUE])
def test_the_leader_of_a_log_is_believed(runs, attack):
    for run in runs(CATALOG, attack):
        assert run.wrong_reads > 40 and run.unavailable == run.lost == 0
        assert run.forged_reads == (run.wrong_reads if attack is Attack.VALUE else 0)


def test_a_lie_about_who_is_up_makes_quorum_reads_fail_and_never_wrong(runs):
    for system in (READS, LOG):
        for run in runs(system, Attack.DEATH):
            assert run.unavailable > 0 and run.wrong_reads == run.lost == 0
            assert run.wrong_pair_s > 100  # nobody can refute a generation


def test_a_lie_about_tokens_moves_the_ring_only_where_tokens_are_gossiped(runs):
    for gossiped, logged in zip(*(runs(system, Attack.OWNERSHIP) for system in (READS, LOG)), strict=True):
        assert gossiped.lost_s > 50 and logged.lost_s == 0
        assert logged.lost == logged.wrong_reads == 0 < logged.unavailable
    # what was accepted before is looked for at nodes that don't have it
    assert sum(run.lost + run.wrong_reads for run in runs(READS, Attack.OWNERSHIP)) > 0


def test_a_quorum_masks_a_replica_that_has_nothing_and_not_one_with_a_newer_value(runs):
    for run in runs(READS, Attack.STALE):
        assert run.decided == ""
    for run in runs(READS, Attack.VALUE):
        assert 0 < run.forged_reads == run.wrong_reads
        # read repair has given it to honest replicas
        assert run.lost > 0


def test_votes_follow_a_fail_that_somebody_made_up(runs):
    for run in runs(VOTES, Attack.DEATH):
        assert run.lost_s > END_S - LIE_S - 2  # the accused is well, and its replica has its slots for good
        assert run.wrong_reads == 0
    for run in runs(VOTES, Attack.CRASH):
        assert run.lost_s < END_S - LIE_S - 15  # a true one takes a node timeout to be noticed


@pytest.mark.parametrize("masters", [3, 5])
def test_a_liar_who_does_not_vote_needs_five_masters(masters):
    cluster = RedisCluster(masters=masters, replicas=1, seed=1, trace=False)
    cluster.run(until=20)
    liar = cluster.started("node-2")
    for name in cluster.world.up:
        if name not in ("node-2", "node-3"):
            liar.env.send(name, Fail(liar.header(), "node-3"))
    cluster.run(until=25)
    assert ("node-3" in cluster.authority.slots("node-1")) is (masters == 3)
    assert cluster.authority.state("node-1") == ("fail" if masters == 3 else "ok")
    cluster.run(until=20 + 2 * 15)  # two node timeouts
    assert cluster.authority.state("node-1") == ("fail" if masters == 3 else "ok")


def test_the_highest_epoch_owns_everything(runs):
    for run in runs(VOTES, Attack.OWNERSHIP):
        assert run.lost > 0 and run.worst_pairs == 0  # nobody is wrong about who is up


@pytest.mark.parametrize("attack", [Attack.STALE, Attack.VALUE])
def test_a_master_is_believed_for_its_slots(runs, attack):
    for run in runs(VOTES, attack):
        assert 0 < run.wrong_reads < run.operations / 3


def test_what_a_run_and_the_table_say(runs):
    run = runs(TIED, Attack.DEATH)[0]
    assert repr(run) == (
        f"<Damage to a lock tied to gossip, liar forges a death: {run.wrong_pair_s:.0f} pair seconds of wrong beliefs; "
        f"two holders for {run.two_holders_s:.1f} s>"
    )
    assert repr(runs(READS, Attack.NOTHING)[0]).endswith("no decision is wrong>")
    assert run == one_liar(TIED, Attack.DEATH, 1)
    table = deciders_table({(TIED, Attack.DEATH): runs(TIED, Attack.DEATH)}).splitlines()
    assert len(table) == 3 and table[2].startswith("| a lock tied to gossip | forges a death | 4 | ")
    with pytest.raises(ValueError, match="runs is empty"):
        deciders_table({})


def test_wrong_arguments():
    with pytest.raises(ValueError, match="system is 'etcd'"):
        one_liar("etcd", Attack.DEATH)
    with pytest.raises(ValueError, match="system is 'etcd'"):
        attacks("etcd")
    with pytest.raises(ValueError, match="against Cassandra's quorum reads it must be one of nothing"):
        one_liar(READS, Attack.ACCUSE)
