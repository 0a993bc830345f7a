"""Exercise 6, graded: the reference, the untouched exercise, plausible wrong answers, and what products' defaults come to."""

from dataclasses import replace
from statistics import mean, median

import pytest

from gossipkit.gossip.swim import SwimConfig
from gossipkit.systems.transfer import DERIVED
from gossipkit.systems.transfer.constraints import SETTABLE, Constraints, config_of, try_out

EXERCISE = "parameters"
POINTS = {
    "1-sources": 2,
    "2-shops": 2,
    "2-shops-cost": 1,
    "2-trading": 2,
    "2-trading-cost": 1,
    "3-accuracy": 2,
    "3-coverage": 2,
    "3-speed": 2,
    "3-cost": 2,
    "4-account": 4,
}
PLACES = {
    "shops": Constraints(
        members=30,
        loss=0.03,
        round_trip_s=0.08,
        stall_s=5.0,
        stalls_per_minute=0.3,
        detect_s=24.0,
        coverage=0.9995,
        bytes_per_s=550.0,
    ),
    "trading": Constraints(
        members=40,
        loss=0.005,
        round_trip_s=0.004,
        stall_s=0.3,
        stalls_per_minute=1.0,
        detect_s=3.0,
        coverage=0.9999,
        bytes_per_s=700.0,
    ),
    "ferries": Constraints(
        members=16,
        loss=0.15,
        round_trip_s=1.2,
        stall_s=4.0,
        stalls_per_minute=0.2,
        detect_s=35.0,
        coverage=0.9998,
        bytes_per_s=400.0,
    ),
}
"""The two that students see, and one that they don't."""


def settings_of(config):
    return {name: getattr(config, name) for name in SETTABLE}


LAN, WAN, LOCAL = (settings_of(config) for config in (SwimConfig.lan(), SwimConfig.wan(), SwimConfig.local()))
LESSONS = settings_of(DERIVED.config)
DERIVATION = {"3-accuracy", "3-coverage", "3-speed", "3-cost"}


def always(settings):
    return lambda source: f"def derive(c):\n    return {settings!r}"


WRONG = {
    "helpers against stalls": (
        "sources",
        lambda source: source.replace('3: "loss"', '3: "stalls"'),
        {"1-sources"},
    ),
    "LAN in the shops": (
        "settings",
        lambda source: source + "\nshops = {}",
        {"2-shops", "2-shops-cost"},
    ),
    "LAN on the trading floor": (
        "settings",
        lambda source: source + "\ntrading = {}",
        {"2-trading", "2-trading-cost"},
    ),
    "WAN in the shops": (
        "settings",
        lambda source: source + f"\nshops = {WAN}",
        {"2-shops", "2-shops-cost"},
    ),
    "the lesson's in both": (
        "settings",
        lambda source: source + f"\nshops = trading = {LESSONS}",
        {"2-shops-cost", "2-trading", "2-trading-cost"},
    ),
    "often is cheap": (
        "settings",
        lambda source: source.replace('"probe_interval_s": 2.9,', '"probe_interval_s": 1.0,').replace(
            '"suspicion_mult": 3,', '"suspicion_mult": 9,', 1
        ),
        {"2-shops-cost"},
    ),
    # each refutation that misses somebody is a false positive
    "few copies on the trading floor": (
        "settings",
        lambda source: source.replace('"retransmit_mult": 5', '"retransmit_mult": 2'),
        {"2-trading", "2-trading-cost"},
    ),
    "LAN everywhere": ("derivation", always({}), DERIVATION),
    "WAN everywhere": ("derivation", always(WAN), {"3-coverage", "3-speed", "3-cost"}),
    "Local everywhere": ("derivation", always(LOCAL), DERIVATION),
    "the lesson's everywhere": ("derivation", always(LESSONS), {"3-speed", "3-cost"}),
    "one timeout": (
        "derivation",
        lambda source: source.replace("max(0.01, 1.2 * c.round_trip_s)", "0.1"),
        {"3-speed", "3-cost"},
    ),
    "stalls are forgotten": (
        "derivation",
        lambda source: source.replace("0.75 * c.detect_s", "0.2 * c.detect_s"),
        {"3-accuracy", "3-speed", "3-cost"},
    ),
    "loss is forgotten in the copies": (
        "derivation",
        lambda source: source.replace("retransmit_mult_for(copies, c.members)", "2"),
        DERIVATION,
    ),
    "the longest suspicion": (
        "derivation",
        lambda source: source.replace("0.75 * c.detect_s", "2 * c.detect_s"),
        {"3-speed", "3-cost"},
    ),
    "one helper": (
        "derivation",
        lambda source: source.replace('"indirect_checks": helpers', '"indirect_checks": 1'),
        {"3-cost"},
    ),
}


def test_the_reference_has_every_point_that_a_machine_gives(graded, is_the_reference):
    is_the_reference(graded["reference"], POINTS, "4-account")


def test_the_untouched_exercise_has_none(graded):
    assert {mark.points for mark in graded["untouched"].values()} == {0.0}


@pytest.mark.parametrize("name", WRONG)
def test_a_plausible_wrong_answer_loses_the_points_of_what_is_wrong(graded, points_lost, name):
    _, _, lost = WRONG[name]
    reasons = {task: mark.reason for task, mark in graded[name].items()}
    assert points_lost(graded[name]) == lost, reasons


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("settings", [LAN, WAN, LOCAL], ids=["LAN", "WAN", "Local"])
def test_a_products_defaults_miss_something_in_each_place(place, settings):
    asked = PLACES[place]
    runs = [try_out(asked, settings, seed) for seed in range(1, 4)]
    assert (
        mean(run.wrongly for run in runs) > 0.4
        or median(run.detect_s for run in runs) > asked.detect_s
        or mean(run.coverage for run in runs) < asked.coverage
        or mean(run.bytes_per_s for run in runs) > asked.bytes_per_s
    )


@pytest.mark.parametrize(
    "settings",
    [{"probe_interval": 1}, {"probe_interval_s": 0}, {"indirect_checks": 1.5}, [], {"buddy_system": False}],
)
def test_settings_that_are_none_are_refused(settings):
    with pytest.raises(ValueError, match=r" is | names "):
        config_of(settings)


@pytest.mark.parametrize(
    "wrong", [{"members": 3}, {"loss": 0.9}, {"stall_s": 0}, {"coverage": 1.5}, {"bytes_per_s": -1}]
)
def test_constraints_that_are_none_are_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        replace(PLACES["shops"], **wrong)
