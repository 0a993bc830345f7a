"""Who is in the mesh: what a heartbeat does to it, and what becomes of GRAFT and PRUNE."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from gossipkit.gossip.gossipsub import Answer, GossipsubConfig, Mesh, ScoreParams, Thresholds, Why

CONFIG = GossipsubConfig()


class Scores:
    """Scores as a test wants them."""

    def __init__(self, of=None):
        self.of, self.penalties = dict(of or {}), []
        self.params = ScoreParams(thresholds=Thresholds(opportunistic_graft=2.5))

    def score(self, peer):
        return self.of.get(peer, 0.0)

    def penalise(self, peer, count):
        self.penalties.append((peer, count))

    def graft(self, peer, now):
        pass

    def prune(self, peer):
        pass


def mesh(peers, members=(), scores=None, config=CONFIG, seed=1):
    made = Mesh(config, scores or Scores(), peers, Random(seed))
    made.members = dict.fromkeys(members)
    return made


def names(prefix, count):
    return [f"{prefix}{at}" for at in range(count)]


def test_too_small_a_mesh_is_filled_to_d_and_not_beyond():
    peers = dict.fromkeys(names("p", 20), False)
    for before, after in ((0, 6), (4, 6), (5, 5), (6, 6), (12, 12)):
        made = mesh(peers, names("p", before), config=GossipsubConfig(d_out=0))
        grafted, pruned = made.maintain(1, 0.0)
        assert (len(made.members), len(grafted), pruned) == (after, after - before, {})


def test_a_member_with_a_score_below_zero_goes_and_none_such_is_grafted():
    peers = dict.fromkeys([*names("bad", 9), *names("good", 3)], False)
    scores = Scores(dict.fromkeys(names("bad", 9), -0.1))
    made = mesh(peers, ["bad0", "good0"], scores)
    grafted, pruned = made.maintain(1, 0.0)
    assert pruned == {"bad0": Why.SCORE} and sorted(grafted) == ["good1", "good2"]
    assert sorted(made.members) == names("good", 3)


@given(
    st.lists(st.tuples(st.integers(0, 3), st.booleans()), min_size=13, max_size=40),
    st.integers(0, 9),
)
def test_too_large_a_mesh_is_cut_to_d_with_the_best_and_with_two_that_were_dialled(members, seed):
    peers = {f"p{at}": dialled for at, (_, dialled) in enumerate(members)}
    scores = Scores({f"p{at}": float(score) for at, (score, _) in enumerate(members)})
    made = mesh(peers, peers, scores, seed=seed)
    _, pruned = made.maintain(1, 0.0)
    kept = list(made.members)
    assert len(kept) == 6 and set(pruned) == set(peers) - set(kept) and set(pruned.values()) == {Why.FULL}
    there = sum(dialled for _, dialled in members)
    assert sum(peers[peer] for peer in kept) >= min(2, there), "the quota of dialled peers"
    # at most two places are given to dialled peers, so that at least so many of the best four stay
    best = sorted(scores.of.values(), reverse=True)[:4]
    assert sorted((scores.of[peer] for peer in kept), reverse=True)[: 4 - 2] >= best[2:4]
    if sum(peers[peer] for peer in kept) > 2:  # the quota took nobody's place
        assert sorted((scores.of[peer] for peer in kept), reverse=True)[:4] == best


def test_of_too_large_a_mesh_the_best_stay_and_two_that_were_dialled():
    members = names("m", 20)
    scores = Scores({name: float(at + 1) for at, name in enumerate(members)})
    peers = {name: at < 2 for at, name in enumerate(members)}  # the worst two were dialled
    made = mesh(peers, members, scores)
    made.maintain(1, 1.0)
    assert len(made.members) == CONFIG.d
    assert {*members[:2], *members[-CONFIG.d_score :]} <= set(made.members)


def test_a_mesh_without_dialled_peers_gets_two():
    peers = {**dict.fromkeys(names("in", 8), False), **dict.fromkeys(names("out", 8), True)}
    made = mesh(peers, names("in", 8))
    grafted, _ = made.maintain(1, 0.0)
    assert len(grafted) == 2 and all(peer.startswith("out") for peer in grafted)


def test_grafts_are_taken_in_until_d_hi_and_then_from_dialled_peers_only():
    peers = {**dict.fromkeys(names("in", 20), False), "out": True}
    made = mesh(peers)
    answers = [made.asked(peer, 0.0) for peer in names("in", 14)]
    assert answers == [Answer.IN] * 12 + [Answer.FULL] * 2
    assert made.asked("out", 0.0) is Answer.IN and len(made.members) == 13
    assert made.asked("in0", 0.0) is Answer.IN, "who is in already is no question"
    old = mesh(peers, config=GossipsubConfig.v1_0())
    assert {old.asked(peer, 0.0) for peer in names("in", 20)} == {Answer.IN}


def test_a_graft_within_the_backoff_is_refused_penalised_and_prolongs_it():
    scores = Scores()
    made = mesh({"a": False}, ["a"], scores)
    made.told("a", 60.0, now=0.0)
    assert made.asked("a", 5.0) is Answer.BACKOFF, "a flood: within ten seconds of the prune"
    assert made.asked("a", 64.0) is Answer.BACKOFF, "until 65 by now"
    assert made.asked("a", 125.0) is Answer.IN
    assert scores.penalties == [("a", 2), ("a", 1)]


def test_a_shorter_backoff_does_not_end_a_longer_one():
    made = mesh({"a": False}, ["a"])
    made.told("a", 60.0, now=0.0)
    made.told("a", 10.0, now=1.0)
    assert made.asked("a", 59.0) is Answer.BACKOFF


def test_a_peer_below_zero_is_refused_without_a_penalty():
    scores = Scores({"a": -1.0})
    made = mesh({"a": False}, (), scores)
    assert made.asked("a", 0.0) is Answer.SCORE and scores.penalties == []
    scores.of["a"] = 1.0
    assert made.asked("a", 1.0) is Answer.BACKOFF


def test_who_was_pruned_is_not_grafted_before_its_backoff_is_over_and_cleared():
    made = mesh({"a": True}, ["a"])
    made.told("a", 20.0, now=0.0)
    grafted = [made.maintain(tick, float(tick))[0] for tick in range(1, 31)]
    # it is over at 20 s; every fifteenth heartbeat looks
    assert grafted[29] == ["a"] and not any(grafted[:29])


def test_opportunistic_grafting_takes_two_that_are_better_than_the_median():
    liars, good = names("liar", 8), names("good", 5)
    scores = Scores({**dict.fromkeys(liars, 1.0), **dict.fromkeys(good, 5.0)})
    peers = {
        **dict.fromkeys([*liars, *good, *names("stranger", 20)], False),
        "dialled1": True,
        "dialled2": True,
    }
    scores.of |= {"dialled1": 1.0, "dialled2": 1.0}
    made = mesh(peers, [*liars, "dialled1", "dialled2"], scores)
    grafted = {tick: made.maintain(tick, float(tick))[0] for tick in (58, 59, 60, 61)}
    assert [len(grafted[tick]) for tick in (58, 59, 60, 61)] == [0, 0, 2, 0]
    assert set(grafted[60]) <= set(good)
    scores.of["stranger0"] = 9.0
    content = mesh(peers, [*good, "dialled1", "dialled2"], scores)
    assert content.maintain(60, 60.0)[0] == [], "its median is above the threshold"
