"""What the lesson's panels show, at both ends of every slider."""

import numpy as np
import pytest

from gossipkit.authority.pbs import staleness
from gossipkit.sim import Constant, Network
from gossipkit.systems.dynamo import Dynamo
from gossipkit.systems.dynamo.experiments import (
    cart_under_partition,
    catch_up,
    explore_quorums,
    figure_3,
    join_ring,
    spread_join,
)
from gossipkit.systems.dynamo.experiments.quorums import pairs_seen


@pytest.mark.parametrize(
    "call", [join_ring, explore_quorums, cart_under_partition, catch_up, figure_3, spread_join]
)
def test_an_experiment_is_a_function_of_its_parameters(call):
    one, other = ({name: repr(value) for name, value in vars(call()).items()} for _ in range(2))
    for name in one.keys() - {"before", "after"}:  # rings are compared by what is computed from them
        assert one[name] == other[name]


# The ring.


@pytest.mark.parametrize(("strategy", "whole"), [(1, False), (2, True), (3, True)])
def test_a_newcomer_cuts_ranges_only_under_strategy_1(strategy, whole):
    joining = join_ring(strategy=strategy)
    assert joining.whole_partitions == whole
    sent = sum(move.share for move in joining.moves if move.node == "node-7")
    assert joining.after.ownership(3)["node-7"] == pytest.approx(sent) != 0


def test_under_strategy_3_metadata_does_not_grow_with_a_join():
    assert len(set(join_ring(strategy=3).metadata_bytes)) == 1
    before, after = join_ring(strategy=1).metadata_bytes
    assert after == before * 7 // 6


@pytest.mark.parametrize("options", [{"nodes": 1, "n": 1, "vnodes": 1}, {"nodes": 40, "vnodes": 64}])
@pytest.mark.parametrize("strategy", [1, 2])
def test_the_ring_works_at_both_ends(options, strategy):
    joining = join_ring(strategy=strategy, **options)
    assert 0 <= joining.moved <= 1  # with one partition in all nothing may fall to the newcomer
    assert set(joining.preference_after) - set(joining.preference) == {f"node-{options['nodes'] + 1}"}


# Quorums.


def test_quorums_that_meet_are_fresh_and_others_are_not():
    meeting, other = explore_quorums(), explore_quorums(r=1, w=1)
    assert (meeting.must_meet, meeting.p_fresh, meeting.strict.stale, meeting.sloppy.stale) == (
        True,
        1.0,
        0.0,
        0.0,
    )
    assert not other.must_meet
    assert 0 < other.strict.stale < 1 - other.p_fresh + 0.1
    assert other.strict.write_ms < meeting.strict.write_ms


def test_a_sloppy_quorum_answers_where_a_strict_one_refuses():
    found = explore_quorums(w=3, r=1, churn_per_s=10.0, pairs=100)
    assert found.sloppy.failed < found.strict.failed


def test_everything_lost_fails_everything_that_needs_another_node():
    found = explore_quorums(loss=1.0, pairs=10)
    assert found.strict.failed == found.sloppy.failed == 1.0
    assert np.isnan(found.strict.read_ms)


@pytest.mark.parametrize(("r", "w"), [(1, 1), (1, 3), (3, 3)])
@pytest.mark.parametrize("latencies", ["LNKD-SSD", "WAN"])
def test_the_explorer_works_at_both_ends(r, w, latencies):
    found = explore_quorums(r=r, w=w, latencies=latencies, pairs=20)
    assert found.strict.failed == 0.0
    assert found.must_meet == (r + w > 3)


def test_several_runs_say_how_far_they_leave_the_result_open():
    many = explore_quorums(r=1, w=1, runs=12, pairs=20, answered=0.9)
    one = explore_quorums(r=1, w=1, pairs=20, answered=0.9)
    assert (many.strict.gets, many.strict.operations) == (240, 480)
    assert np.isnan(one.strict.stale_range).all()
    for value, between in (
        (many.strict.stale, many.strict.stale_range),
        (many.strict.read_ms, many.strict.read_range_ms),
        (many.visible_ms, many.visible_range_ms),
    ):
        assert between[0] < value < between[1]
    # what a single run says of twenty reads is off by more than that
    alone = [explore_quorums(r=1, w=1, pairs=20, seed=seed).strict.stale for seed in range(1, 13)]
    assert many.strict.stale == pytest.approx(np.mean(alone))
    assert min(alone) < many.strict.stale_range[0] and many.strict.stale_range[1] < max(alone)


def test_results_say_on_a_line_what_they_found():
    joining, caught = join_ring(), catch_up(5.0, seconds=20.0)
    cart, quorums = cart_under_partition(), explore_quorums(pairs=10)
    assert f"{100 * joining.moved:.1f} % of all copies sent in {len(joining.moves)} ranges" in repr(joining)
    assert f"equal {caught.caught_up_s:.0f} s after it" in repr(caught)
    assert f"{len(cart.siblings)} siblings, merged to {cart.merged}" in repr(cart)
    assert f"{100 * quorums.strict.stale:.1f} % strict" in repr(quorums)
    assert repr(figure_3()) == "<Figure3: after D4 a reader gets ('D3', 'D4'), after D5 ('D5',)>"
    assert repr(figure_3().history).startswith("<History of 5 versions: D1 -> D2, D2 -> D3")
    for result in (joining, caught, cart, quorums):
        assert len(repr(result)) < 200 and "\n" not in repr(result)


@pytest.mark.parametrize("latencies", ["LNKD-SSD", "LNKD-DISK", "WAN"])
def test_without_silent_nodes_a_strict_quorum_does_what_a_sloppy_one_does(latencies):
    """That is why the explorer then runs one of them only."""
    runs = {}
    for sloppy in (True, False):
        cluster = Dynamo(
            versions="dotted",
            r=1,
            w=2,
            sloppy=sloppy,
            latencies=latencies,
            network=Network(latency=Constant(0.0)),
            seed=3,
            trace=False,
        )
        runs[sloppy] = pairs_seen(cluster, 30, 0.0, 3)
        assert "silences" not in cluster.metrics.names
    assert runs[True] == runs[False]
    found = explore_quorums(r=1, w=2, latencies=latencies, pairs=30, seed=3)
    assert found.strict.stale == found.sloppy.stale == np.mean(runs[False].stale)


def test_the_share_that_latencies_are_for_is_the_callers():
    median, most = (explore_quorums(pairs=40, answered=share) for share in (0.5, 0.95))
    assert median.read_ms < most.read_ms
    assert median.strict.write_ms < most.strict.write_ms


def test_latencies_in_the_system_are_those_of_the_model():
    # with W = N the coordinator's own copy, kept at once, hurries nothing: it acknowledges with the latencies of all
    cluster = Dynamo(
        3,
        r=3,
        w=3,
        latencies="LNKD-SSD",
        network=Network(latency=Constant(0.0)),
        repair=None,
        seed=5,
        trace=False,
    )
    puts, trials = [], 1500
    for number in range(trials):
        puts.append(cluster.put(f"k{number}", number))
        cluster.run(until=cluster.world.now + 0.05)
    taken = np.array([put.latency_s * 1000 for put in puts if put.ok])
    model = staleness(3, 3, 3, "LNKD-SSD", trials=100_000, seed=1).write_ms
    assert len(taken) == trials
    for p in (0.25, 0.5, 0.75):
        # the share below the model's quantile is binomial
        assert abs(np.mean(taken <= np.quantile(model, p)) - p) < 4 * (p * (1 - p) / trials) ** 0.5


# The cart.


@pytest.mark.parametrize("versions", ["vector", "dotted"])
def test_a_union_loses_no_addition_and_brings_a_deleted_item_back(versions):
    story = cart_under_partition(versions=versions)
    assert set(story.siblings) == {("book", "milk", "eggs"), ("book",)}
    assert (story.lost, story.resurrected, story.refused) == ((), ("milk",), 0)
    assert set(story.history.edges) == {("V1", "V2"), ("V2", "V3"), ("V2", "V4"), ("V3", "V5"), ("V4", "V5")}


def test_timestamps_lose_an_addition_without_a_word():
    story = cart_under_partition(versions="lww")
    assert (story.siblings, story.lost, story.resurrected, story.refused) == ((("book",),), ("eggs",), (), 0)
    assert story.history.edges == (("V1", "V2"), ("V2", "V3"), ("V3", "V4"), ("V4", "V5"))


def test_a_strict_quorum_refuses_ann_and_makes_no_siblings():
    story = cart_under_partition(sloppy=False)
    assert len(story.siblings) == 1
    assert story.refused > 0
    assert (story.lost, story.resurrected) == ((), ())


def test_marks_for_what_was_taken_out_keep_deletes_deleted():
    def merge(siblings):
        return tuple(sorted({each for cart in siblings for each in cart}))

    def items(cart):
        return tuple(each for each in cart if f"-{each}" not in cart and not each.startswith("-"))

    story = cart_under_partition(merge, take=lambda cart, item: (*cart, f"-{item}"), items=items)
    assert (story.lost, story.resurrected) == ((), ())
    assert "-milk" in story.merged  # the price: the mark stays


# Catching up.


def test_hints_catch_up_first_and_trees_take_longer_and_nothing_without_both():
    hints, trees, neither = catch_up(), catch_up(hints=False), catch_up(hints=False, merkle=False)
    assert hints.divergent[20] > 20  # most of the 60 keys' homes include one node of six
    assert hints.caught_up_s < trees.caught_up_s < 40
    assert np.isnan(neither.caught_up_s)
    assert neither.divergent[-1] == neither.divergent[-10] > 20
    assert (trees.hints_delivered, trees.merkle_objects > 0) == (0, True)


def test_hints_are_held_until_the_node_is_back():
    found = catch_up()
    assert found.hints.max() == found.hints[20] > 0 == found.hints[-1]
    assert found.hints_delivered == found.hints.max()


@pytest.mark.parametrize(
    "options", [{"outage_s": 1.0, "keys": 1}, {"outage_s": 60.0}, {"sloppy": False, "nodes": 3}]
)
def test_catching_up_works_at_both_ends(options):
    found = catch_up(**options)
    assert len(found.times) == len(found.divergent) == len(found.hints) == 61


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: explore_quorums(r=4), "r is 4"),
        (lambda: explore_quorums(latencies="LAN"), "latencies is 'LAN'"),
        (lambda: explore_quorums(loss=1.2), "loss is 1.2"),
        (lambda: explore_quorums(churn_per_s=-1), "churn_per_s is -1"),
        (lambda: explore_quorums(runs=0), "runs is 0"),
        (lambda: explore_quorums(answered=99), "answered is 99"),
        (lambda: catch_up(0.0), "outage_s is 0.0"),
        (lambda: catch_up(20.0, seconds=10.0), "seconds is 10.0"),
        (lambda: join_ring(n=7), "n is 7"),
        (lambda: cart_under_partition(versions="none"), "versions is 'none'"),
    ],
)
def test_what_is_refused(call, says):
    with pytest.raises(ValueError, match=says):
        call()


# A join on its way.


def test_a_join_is_known_by_one_node_at_first_and_by_all_at_the_end():
    spread = spread_join(8, runs=6)
    assert (spread.knowing[:, 0] == 1 / 8).all() and (spread.knowing[:, -1] == 1.0).all()
    assert (np.diff(spread.knowing, axis=1) >= 0).all()
    for known, last in zip(spread.knowing, spread.one_ring_s, strict=True):
        assert spread.times[known.argmax()] - 0.1 <= last <= spread.times[known.argmax()]


def test_a_node_compares_with_as_many_peers_a_second_as_fanout_says():
    # nothing arrives, so comparisons are all that is sent: a whole number a second, whatever the phases
    for fanout in (1, 3):
        alone = spread_join(16, fanout=fanout, loss=1.0, runs=2, seconds=40.0)
        assert alone.messages_per_node_s == pytest.approx(fanout, rel=0.01)
        assert np.isnan(alone.one_ring_s).all() and np.isnan(alone.mean_s)


def test_a_node_that_is_down_hears_when_it_is_back():
    calm, churned = spread_join(16), spread_join(16, churn_per_min=60, seconds=60.0)
    assert churned.one_ring_s.max() > 10 > calm.one_ring_s.max()
    assert not np.isnan(churned.one_ring_s).any()


@pytest.mark.parametrize(
    "wrong",
    [{"nodes": 2}, {"fanout": 0}, {"loss": 1.1}, {"churn_per_min": -1}, {"runs": 0}, {"seconds": 0.5}],
)
def test_a_wrong_number_is_named(wrong):
    (name,) = wrong
    with pytest.raises(ValueError, match=name):
        spread_join(**wrong)
