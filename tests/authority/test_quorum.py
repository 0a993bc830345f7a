"""Consistency levels and quorums as rules, and the staleness of partial quorums against the tables of the PBS paper."""

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gossipkit.authority.pbs import FITS, ParetoExponential, Wars, k_staleness, staleness
from gossipkit.authority.quorum import (
    LEVELS,
    Target,
    Written,
    demand,
    last_write_wins,
    must_meet,
    satisfied,
    sloppy,
    strict,
)

TRIALS, PAPERS_TRIALS = 100_000, 50_000
TWO = {"dc1": 3, "dc2": 3}


# Consistency levels.


@pytest.mark.parametrize(
    ("replication", "counts"),
    [
        ({"dc1": 1}, (1, 1, 1, 1)),
        ({"dc1": 2}, (1, 2, 2, 2)),
        ({"dc1": 3}, (1, 2, 2, 3)),
        ({"dc1": 5}, (1, 3, 3, 5)),
        (TWO, (1, 4, 2, 6)),
        ({"dc1": 3, "dc2": 2}, (1, 3, 2, 5)),
    ],
)
def test_how_many_replies_a_level_needs(replication, counts):
    assert tuple(demand(level, replication, "dc1").count for level in LEVELS) == counts


def test_local_quorum_counts_only_replies_from_the_coordinators_data_centre():
    local = demand("LOCAL_QUORUM", TWO, "dc2")
    assert not satisfied(local, ["dc1", "dc1", "dc1", "dc2"])
    assert satisfied(local, ["dc2", "dc1", "dc2"])


def test_quorum_counts_replies_from_anywhere():
    asked = demand("QUORUM", TWO, "dc1")
    assert satisfied(asked, ["dc2", "dc2", "dc2", "dc1"])
    assert not satisfied(asked, ["dc2", "dc2", "dc2"])


@given(st.dictionaries(st.sampled_from(["dc1", "dc2"]), st.integers(1, 3), min_size=1), st.data())
def test_must_meet_says_exactly_whether_some_read_can_miss_the_write(replication, data):
    replicas = [(dc, number) for dc, count in replication.items() for number in range(count)]
    write, read = (
        demand(
            data.draw(st.sampled_from(LEVELS)), replication, data.draw(st.sampled_from(sorted(replication)))
        )
        for _ in range(2)
    )

    def quorums(asked):
        counted = [replica for replica in replicas if replica[0] in asked.replicas]
        return [set(chosen) for chosen in combinations(counted, asked.count)]

    meets = all(wrote & asked for wrote, asked in product(quorums(write), quorums(read)))
    assert must_meet(write, read) == meets


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: demand("TWO", TWO, "dc1"), "level is 'TWO'"),
        (lambda: demand("ONE", TWO, "dc3"), "local is 'dc3'"),
        (lambda: demand("ONE", {"dc1": 0}, "dc1"), "replication in dc1 is 0"),
        (lambda: strict("ABC", 4, "ABC"), "n is 4: it must be a whole number, from 1 to 3"),
        (lambda: sloppy("ABC", 0, "ABC"), "n is 0"),
        (lambda: last_write_wins([]), "replies is empty"),
    ],
)
def test_what_the_rules_refuse(call, says):
    with pytest.raises(ValueError, match=says):
        call()


# Whom a quorum asks.


def test_a_strict_quorum_asks_nobody_but_replicas():
    assert strict("ABCDE", 3, "BDE") == (Target("B"),)


def test_in_a_sloppy_quorum_the_next_healthy_nodes_stand_in_for_the_replicas_that_are_down():
    assert sloppy("ABCDE", 3, "BDE") == (Target("B"), Target("D", "A"), Target("E", "C"))


@given(st.permutations("ABCDEF"), st.integers(1, 6), st.sets(st.sampled_from("ABCDEF")))
def test_a_sloppy_quorum_asks_the_first_n_healthy_nodes_and_strict_ones_are_among_them(
    preference, n, healthy
):
    asked = sloppy(preference, n, healthy)
    assert {target.node for target in asked} == set([node for node in preference if node in healthy][:n])
    assert set(strict(preference, n, healthy)) == {target for target in asked if target.hint_for is None}
    hinted = [target.hint_for for target in asked if target.hint_for]
    assert len(set(hinted)) == len(hinted)
    assert set(hinted) <= set(preference[:n]) - healthy


def test_without_failures_sloppy_is_strict():
    assert sloppy("ABCD", 3, "ABCD") == strict("ABCD", 3, "ABCD") == (Target("A"), Target("B"), Target("C"))


def test_sloppy_quorums_of_r_plus_w_above_n_can_miss_each_other():
    # the writer believes A and B down, the reader believes C down: both views are purely local
    write = {target.node for target in sloppy("ABCDE", 3, "CDE")[1:]}
    read = {target.node for target in sloppy("ABCDE", 3, "ABCDE")[:2]}
    assert len(write) + len(read) > 3
    assert not write & read


# Last write wins.


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from("xyz")), min_size=1), st.randoms())
def test_the_last_write_wins_whatever_the_order_of_replies(written, random):
    replies = [Written(*pair) for pair in written]
    winner = last_write_wins(replies)
    assert winner.timestamp_us == max(reply.timestamp_us for reply in replies)
    random.shuffle(replies)
    assert last_write_wins(replies) == winner


def test_a_writer_with_a_slow_clock_loses_though_it_wrote_last():
    assert last_write_wins([Written(1_000, "first"), Written(400, "second")]).value == "first"


# Bailis et al., VLDB 2012: the table of 99.9th percentiles (reads, writes, t-visibility, ms), N = 3.

TABLE = {
    ("LNKD-SSD", 1, 1): (0.66, 0.66, 1.85),
    ("LNKD-SSD", 1, 2): (0.66, 1.63, 1.79),
    ("LNKD-SSD", 2, 1): (1.63, 0.65, 0),
    ("LNKD-SSD", 2, 2): (1.62, 1.64, 0),
    ("LNKD-SSD", 3, 1): (4.14, 0.65, 0),
    ("LNKD-SSD", 1, 3): (0.65, 4.09, 0),
    ("LNKD-DISK", 1, 1): (0.66, 10.99, 45.5),
    ("LNKD-DISK", 1, 2): (0.65, 20.97, 43.3),
    ("LNKD-DISK", 2, 1): (1.63, 10.9, 13.6),
    ("LNKD-DISK", 2, 2): (1.64, 20.96, 0),
    ("LNKD-DISK", 3, 1): (4.12, 10.89, 0),
    ("LNKD-DISK", 1, 3): (0.65, 112.65, 0),
    ("WAN", 1, 1): (3.4, 55.12, 113.0),
    ("WAN", 1, 2): (3.4, 167.64, 0),
    ("WAN", 2, 1): (151.3, 56.36, 30.2),
    ("WAN", 2, 2): (151.31, 167.72, 0),
    ("WAN", 3, 1): (153.86, 55.19, 0),
    ("WAN", 1, 3): (3.44, 241.55, 0),
}


@pytest.mark.parametrize(("fit", "r", "w"), TABLE)
def test_percentiles_against_the_published_table(fit, r, w):
    measured = staleness(3, r, w, fit, TRIALS, seed=1)
    # four standard errors of a rank that both sides estimated from a sample, and the table's last digit
    error = 4 * np.sqrt(0.999 * 0.001 * (1 / TRIALS + 1 / PAPERS_TRIALS))
    for published, quantile in zip(
        TABLE[fit, r, w], (measured.read_latency, measured.write_latency, measured.t_visible), strict=True
    ):
        assert quantile(0.999 - error) - 0.05 <= published <= quantile(0.999 + error) + 0.05
        assert quantile(0.999) == pytest.approx(published, rel=0.15, abs=0.01)


@pytest.mark.parametrize(
    ("fit", "t_ms", "published"),
    [("LNKD-SSD", 0, 0.975), ("LNKD-SSD", 10, 1.0), ("LNKD-DISK", 0, 0.439), ("LNKD-DISK", 10, 0.925)],
)
def test_the_share_of_fresh_reads_against_the_paper(fit, t_ms, published):
    # the paper's 50 000 trials and its three digits allow 0.005
    assert staleness(3, 1, 1, fit, TRIALS, seed=1).p_fresh(t_ms) == pytest.approx(published, abs=0.005)


def test_over_continents_a_read_at_once_is_fresh_only_where_it_begins_in_the_writes_data_centre():
    share = staleness(3, 1, 1, "WAN", TRIALS, seed=1).p_fresh(0)
    assert share == pytest.approx(1 / 3, abs=4 * np.sqrt(1 / 3 * 2 / 3 / TRIALS))


@pytest.mark.parametrize("fit", FITS)
@pytest.mark.parametrize(("n", "r", "w"), [(3, 2, 2), (3, 1, 3), (3, 3, 1), (5, 3, 3), (1, 1, 1)])
def test_quorums_that_overlap_never_return_anything_stale(fit, n, r, w):
    assert staleness(n, r, w, fit, 20_000).p_fresh(0) == 1.0


def test_the_wars_rule_by_hand():
    class Fixed:
        """The same milliseconds in every trial, one number for each replica and message."""

        def __init__(self, *messages):
            self.messages = iter(messages)

        def sample(self, random, shape):
            return np.tile(np.array(next(self.messages), float), (shape[0], 1))

    # acknowledged at 1 + 1 = 2 by the first replica; the third answers the read first, and its write comes at 9
    wars = Wars(Fixed([1, 5, 9]), Fixed([1, 1, 1], [3, 3, 2], [3, 3, 2]))
    measured = staleness(3, 1, 1, wars, trials=4)
    assert list(measured.write_ms) == [2] * 4
    assert list(measured.read_ms) == [4] * 4
    assert list(measured.fresh_after_ms) == [9 - 2 - 2] * 4
    assert (measured.p_fresh(4.9), measured.p_fresh(5), measured.t_visible(0.5)) == (0.0, 1.0, 5.0)


def test_waiting_for_more_answers_or_longer_makes_reads_fresher():
    shares = [staleness(3, r, 1, "LNKD-DISK", 20_000).p_fresh(0) for r in (1, 2, 3)]
    assert shares == sorted(shares)
    assert shares[0] < shares[2]
    waiting = staleness(3, 1, 1, "LNKD-DISK", 20_000)
    assert waiting.p_fresh(0) < waiting.p_fresh(5) < waiting.p_fresh(50)


def test_a_seed_is_an_experiment():
    one, again, other = (staleness(3, 1, 1, "YMMR", 1000, seed) for seed in (1, 1, 2))
    assert np.array_equal(one.fresh_after_ms, again.fresh_after_ms)
    assert not np.array_equal(one.fresh_after_ms, other.fresh_after_ms)


def test_yammers_writes_have_the_exponent_of_the_papers_code():
    assert FITS["YMMR"].w.shape == 3.5


def test_a_fit_is_sampled_from_its_two_distributions():
    latency = ParetoExponential(0.9, 2.0, 4.0, 0.01)
    sample = latency.sample(np.random.default_rng(1), (TRIALS,))
    expected = 0.9 * 2 * 4 / 3 + 0.1 * 100
    assert sample.mean() == pytest.approx(expected, abs=4 * sample.std() / np.sqrt(TRIALS))
    below = 0.1 * (1 - np.exp(-2 * 0.01))  # nothing of the Pareto distribution lies below its least value
    assert np.mean(sample < 2) == pytest.approx(below, abs=4 * np.sqrt(below / TRIALS))


# k-staleness.


@pytest.mark.parametrize(
    ("n", "r", "w", "shares"),
    [
        (3, 1, 1, (0.33333, 0.55556, 0.7037, 0.86831, 0.98266)),
        (3, 1, 2, (0.66667, 0.88889, 0.96296, 0.99588, 0.99998)),
        (2, 1, 1, (0.5, 0.75, 0.875, 0.96875, 0.99902)),
        (3, 2, 1, (0.66667, 0.88889, 0.96296, 0.99588, 0.99998)),
        (3, 2, 2, (1.0, 1.0, 1.0, 1.0, 1.0)),
    ],
)
def test_k_staleness_against_the_published_table(n, r, w, shares):
    assert tuple(round(k_staleness(n, r, w, k), 5) for k in (1, 2, 3, 5, 10)) == shares


@pytest.mark.parametrize(("n", "r", "w"), [(3, 1, 1), (4, 2, 1), (5, 2, 2), (5, 3, 3)])
def test_k_staleness_is_the_share_of_pairs_of_quorums_that_meet(n, r, w):
    pairs = list(product(combinations(range(n), w), combinations(range(n), r)))
    assert k_staleness(n, r, w) == sum(bool(set(wrote) & set(read)) for wrote, read in pairs) / len(pairs)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: staleness(3, 4, 1, "WAN"), "r is 4: it must be a whole number, from 1 to 3"),
        (lambda: staleness(3, 1, 0, "WAN"), "w is 0"),
        (lambda: staleness(0, 1, 1, "WAN"), "n is 0: it must be a whole number, at least 1"),
        (lambda: staleness(3, 1, 1, "LAN"), "latencies is 'LAN'.*'LNKD-SSD'"),
        (lambda: staleness(3, 1, 1, "WAN", trials=0), "trials is 0"),
        (lambda: staleness(3, 1, 1, "WAN", 10).p_fresh(-1), "t_ms is -1"),
        (lambda: staleness(3, 1, 1, "WAN", 10).t_visible(1.5), "p is 1.5"),
        (lambda: ParetoExponential(1.2, 1, 1, 1), "body is 1.2"),
        (lambda: ParetoExponential(0.5, 1, 0, 1), "shape is 0"),
        (lambda: Wars(FITS["WAN"].w, FITS["WAN"].ars, -75), "remote_ms is -75"),
        (lambda: k_staleness(3, 1, 1, 0), "k is 0"),
        (lambda: k_staleness(3, 1.5, 1), "r is 1.5"),
    ],
)
def test_what_the_models_refuse(call, says):
    with pytest.raises(ValueError, match=says):
        call()
