"""One lie moment by moment: it agrees with the trial of the same story, and weather and churn don't count as lies."""

from types import SimpleNamespace

import numpy as np
import pytest

from gossipkit.systems.liars import MEASURED, one_lie, theft, trial
from gossipkit.systems.liars.watched import SEEN_S, STEP_S, OneLie, _bytes


@pytest.mark.parametrize("adversary", ["nobody", "a forged death", "a stolen address", "an outsider's death"])
def test_what_one_sees_moment_by_moment_is_what_the_trial_sums_up(adversary):
    seen, found = one_lie(adversary, "none", members=8, seed=2), trial(adversary, "none", seed=2, members=8)
    # until 60 s and not 90, and m-2 does not change its metadata: the first minute of lies is the same in kind
    assert bool(seen.wrong.max()) is bool(found.worst_pairs)
    assert seen.wrong.max() <= found.members * (found.members - 1)
    if found.right_again_s:
        assert seen.right_again_s > 0


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_members_that_crash_and_come_are_no_lie(seed):
    seen = one_lie("nobody", "signatures and quorum", churn_per_minute=20, seed=seed)
    assert seen.wrong.max() == 0


def test_a_defence_that_finds_nobody_by_hearsay_pays_with_the_time_to_find_a_crash():
    hearsay, own = one_lie("nobody", "none"), one_lie("nobody", "first hand")
    assert own.detect_s > 3 * hearsay.detect_s


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"adversary": "charm"}, "adversary is 'charm'"),
        ({"defence": "hope"}, "defence is 'hope'"),
        ({"liars": 7}, "liars is 7"),
        ({"members": 3}, "members is 3"),
        ({"loss": 1.5}, "loss is 1.5"),
        ({"churn_per_minute": -1}, "churn_per_minute is -1"),
    ],
)
def test_what_is_refused(settings, says):
    with pytest.raises(ValueError, match=says):
        one_lie(**settings)


def test_a_theft_is_as_it_was_measured_on_serf():
    deaths = [theft("a forged death", seed) for seed in range(1, 16)]
    assert all(each.lost_s < 0.05 for each in deaths)
    assert 0.15 <= np.median([each.back_s for each in deaths]) <= 0.55
    for attack in ("the highest incarnation", "a stolen address"):
        runs = [theft(attack, seed) for seed in range(1, 6)]
        assert all(each.lost_s < 0.45 for each in runs) and np.isinf([each.back_s for each in runs]).all()
    assert set(MEASURED) == {"a forged death", "the highest incarnation", "a stolen address"}
    with pytest.raises(ValueError, match="attack is 'luck'"):
        theft("luck")


def test_what_a_wire_damages_can_be_believed_without_a_checksum_and_never_is_with_one():
    without, having = (
        [one_lie("a wire that damages", defence, seed=seed).wrong.max() for seed in (1, 3, 6)]
        for defence in ("none", "checksum")
    )
    assert min(without) > 0 and max(having) == 0


def test_a_lie_that_lasts_to_the_end_has_no_end():
    times = np.arange(5) * STEP_S
    for wrong, right_again_s in (
        ([0, 1, 1, 0, 0], 2 * STEP_S),
        ([0, 0, 0, 0, 0], 0.0),
        ([0, 1, 0, 0, 1], np.nan),
    ):
        story = OneLie("x", "y", 6, times, np.array(wrong), 1.0, 1.0, 0)
        assert story.right_again_s == pytest.approx(right_again_s, nan_ok=True)


def test_a_member_sends_while_it_runs():
    metrics = SimpleNamespace(names={"datagram.sent.bytes"}, value=lambda metric, name: 600)
    sent = _bytes(SimpleNamespace(metrics=metrics), ("a", "b"), {"b": SEEN_S / 2})
    assert sent == pytest.approx(2 * 600 / (1.5 * SEEN_S))
