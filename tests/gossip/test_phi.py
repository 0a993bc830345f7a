"""Phi accrual: Cassandra's, Pekko's and chitchat's numbers, and the places where a port goes wrong."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gossipkit.gossip.phi import (
    PHI_FACTOR,
    ArrivalWindow,
    ChitchatWindow,
    LocalPauseGuard,
    PekkoWindow,
    normal_phi,
    suspected,
)

WINDOWS = (ArrivalWindow, ChitchatWindow, PekkoWindow)
CONVICTED_AFTER_MEANS = 18.420680743952367


def beating(window, beats=1200, every_s=1.0):
    for beat in range(beats):
        window.add(beat * every_s)
    return window, (beats - 1) * every_s


def test_cassandra_convicts_after_18_42_mean_intervals():
    assert pytest.approx(0.43429448190325176, rel=1e-15) == PHI_FACTOR
    for every_s in (0.25, 1.0, 1.75):
        window, last = beating(ArrivalWindow(1000), every_s=every_s)
        assert window.mean_s == every_s
        assert window.phi(last + CONVICTED_AFTER_MEANS * every_s) == pytest.approx(8.0, rel=1e-12)
        assert window.phi(last + 18.42 * every_s) < 8.0 < window.phi(last + 18.43 * every_s)


@pytest.mark.parametrize("t", [10.0, 12.0, 29.0, 29.5, 60.0])
def test_suspected_are_those_whose_phi_is_above_the_threshold(t):
    windows = {
        every_s: beating(ArrivalWindow(), round(10 / every_s), every_s)[0] for every_s in (0.5, 1.0, 1.9)
    }
    windows["at once"] = ArrivalWindow(1)
    for _ in range(3):
        windows["at once"].add(10.0)  # every interval is 0
    assert suspected(windows, t, 8.0) == [name for name, window in windows.items() if window.phi(t) > 8.0]


def test_the_same_heartbeats_and_phi_8_in_three_dialects():
    cassandra, last = beating(ArrivalWindow())
    chitchat, _ = beating(ChitchatWindow(initial_s=1.0))
    pekko, _ = beating(PekkoWindow(acceptable_pause_s=0.0))
    assert cassandra.phi(last + CONVICTED_AFTER_MEANS) == pytest.approx(8.0)
    assert chitchat.phi(last + 8.0) == pytest.approx(8.0)
    assert pekko.phi(last + 1.522) < 8.0 < pekko.phi(last + 1.524)


def test_arrival_window_test_of_cassandra():
    window = ArrivalWindow(4)
    for millisecond in (111, 222, 333, 444, 555):
        window.add(millisecond / 1000)
    assert window.phi(0.666) == pytest.approx(0.4342, abs=0.01)
    assert window.phi(3.000) == pytest.approx(9.566, abs=0.01)


def test_the_first_heartbeat_counts_as_two_seconds_and_longer_ones_not_at_all():
    window = ArrivalWindow()
    window.add(10.0)
    assert window.mean_s == 2.0 and len(window) == 1
    window.add(11.0)
    assert window.mean_s == 1.5
    window.add(14.0)  # 3 s: not recorded, but it was a heartbeat
    assert window.mean_s == 1.5 and len(window) == 2
    assert window.phi(14.0) == 0.0
    window.add(16.0)  # exactly 2 s is recorded
    assert window.mean_s == pytest.approx(5 / 3) and len(window) == 3


def test_only_the_last_intervals_count():
    window = ArrivalWindow(3)
    for t in (0.0, 1.0, 2.0, 2.5, 3.0, 3.5):
        window.add(t)
    assert len(window) == 3 and window.mean_s == 0.5


def test_the_rows_of_pekkos_specification():
    assert normal_phi(500, 1000, 100) == pytest.approx(0.0, abs=0.1)
    assert normal_phi(1000, 1000, 100) == pytest.approx(0.3, abs=0.1)
    assert normal_phi(1200, 1000, 100) == pytest.approx(1.6, abs=0.1)


def test_where_a_naive_port_overflows():
    with pytest.raises(OverflowError):
        math.exp(25 * (1.5976 + 0.070566 * 25 * 25))  # what Pekko computes for these arguments
    assert normal_phi(-25, 0, 1) == 0.0
    far = [normal_phi(t, 0, 1) for t in (10, 25, 50, 1000)]
    assert all(map(math.isfinite, far)) and far == sorted(far)


@given(st.floats(-20, 10))
def test_it_is_pekkos_formula_wherever_that_works(y):
    e = math.exp(-y * (1.5976 + 0.070566 * y * y)) if y > -20 else math.inf
    naive = -math.log10(e / (1 + e)) if y > 0 else -math.log10(1 - 1 / (1 + e))
    assert normal_phi(y, 0, 1) == pytest.approx(naive, rel=1e-9, abs=1e-12)


@given(st.floats(-1e6, 1e6), st.floats(0, 1e6), st.floats(1e-3, 1e3))
def test_suspicion_never_falls_with_silence(t, more, deviation):
    assert 0 <= normal_phi(t, 0, deviation) <= normal_phi(t + more, 0, deviation) < math.inf


def test_pekko_adds_the_acceptable_pause_and_begins_with_a_guess():
    window = PekkoWindow(first_s=1.0)
    assert window.mean_s == 1.0 and window.deviation_s == 0.25
    window.add(0.0)
    assert window.phi(4.0) == pytest.approx(math.log10(2))  # mean and pause of 3 s: as likely as not
    regular, _ = beating(PekkoWindow())
    assert regular.deviation_s == 0.1


def test_pekko_does_not_record_the_interval_of_one_it_had_given_up():
    window, last = beating(PekkoWindow(acceptable_pause_s=0.0), 100)
    before = window.mean_s
    assert window.phi(last + 30) > 8
    window.add(last + 30)
    assert window.mean_s == before and window.phi(last + 30) < 1


def test_chitchat_keeps_its_assumption_as_five_intervals():
    window = ChitchatWindow(initial_s=5.0)
    window.add(0.0)
    assert window.mean_s == 5.0
    for second in range(1, 6):
        window.add(second)
    assert window.mean_s == (5 * 5.0 + 5 * 1.0) / 10
    window.add(5.0 + 10.5)  # longer than the 10 s allowed
    assert window.mean_s == 3.0


@given(
    st.lists(st.floats(0.001, 3.0), min_size=1, max_size=60),
    st.integers(1, 20),
    st.floats(0, 100),
    st.floats(0, 100),
)
def test_phi_is_the_silence_over_the_mean_of_the_last_intervals(gaps, size, silence, more):
    window, t = ArrivalWindow(size), 5.0
    window.add(t)
    recorded = [2.0]
    for gap in gaps:
        before, t = t, t + gap
        window.add(t)
        if t - before <= 2.0:
            recorded.append(t - before)
    mean = math.fsum(recorded[-size:]) / len(recorded[-size:])
    assert window.phi(t + silence) == pytest.approx(silence / mean / math.log(10), rel=1e-6, abs=1e-9)
    assert window.phi(t + silence + more) >= window.phi(t + silence)


def test_a_million_heartbeats_do_not_drift():
    window, t = ArrivalWindow(10), 0.0
    for beat in range(200_000):
        t = beat * 0.1
        window.add(t)
    assert window.mean_s == pytest.approx(0.1, rel=1e-8)


@pytest.mark.parametrize("kind", WINDOWS)
def test_what_windows_refuse(kind):
    window = kind(10)
    with pytest.raises(ValueError, match="needs a heartbeat"):
        window.phi(1.0)
    with pytest.raises(ValueError, match="t is nan"):
        window.add(math.nan)
    window.add(3.0)
    for back in (window.add, window.phi):
        with pytest.raises(ValueError, match=r"t is 2.0: it must be .* at least"):
            back(2.0)
    assert window.last_s == 3.0
    with pytest.raises(ValueError, match="size is 0"):
        kind(0)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (ArrivalWindow, "initial_s"),
        (ArrivalWindow, "max_interval_s"),
        (PekkoWindow, "min_deviation_s"),
        (PekkoWindow, "first_s"),
    ],
)
def test_times_must_be_more_than_nothing(kind, name):
    for value in (0, -1.0, math.inf):
        with pytest.raises(ValueError, match=f"{name} is"):
            kind(10, **{name: value})


def test_whoever_was_paused_convicts_nobody():
    guard = LocalPauseGuard(0.0, max_pause_s=5.0)
    assert all(guard.allows(t) for t in (1.0, 2.0, 7.0))  # exactly 5 s is no pause
    assert not guard.allows(12.5)
    assert not guard.allows(13.5) and not guard.allows(17.4)
    assert guard.allows(17.5)
    with pytest.raises(ValueError, match="max_pause_s is 0"):
        LocalPauseGuard(0.0, 0)
