"""A result that holds arrays says on one line what a student wants of it."""

import dataclasses
import importlib
import inspect
import pkgutil

import pytest

import gossipkit
from gossipkit.authority.pbs import staleness
from gossipkit.gossip import theory
from gossipkit.gossip.neighbours import Neighbours
from gossipkit.gossip.overlays import random_regular
from gossipkit.systems.consul.experiments import crash_through_layers, failure, rotate_keys


def with_arrays():
    for module in pkgutil.walk_packages(gossipkit.__path__, "gossipkit."):
        if module.name.startswith(("gossipkit.grading", "gossipkit.lab")):
            continue
        for value in vars(importlib.import_module(module.name)).values():
            if (
                inspect.isclass(value)
                and value.__module__ == module.name
                and dataclasses.is_dataclass(value)
                and any("ndarray" in str(field.type) for field in dataclasses.fields(value))
            ):
                yield value


def test_no_result_prints_its_arrays():
    generated = {
        value.__qualname__ for value in with_arrays() if "__create_fn__" in value.__repr__.__qualname__
    }
    assert not generated


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: failure(12, seconds=10.0), "<Failure of m-12, one of 12: suspected after"),
        (lambda: crash_through_layers(5, seconds=12.0), "<Layers: believed by all after"),
        (lambda: rotate_keys(5, seconds=20.0), "<Rotation in 3 steps: at worst"),
        (lambda: theory.serf_convergence(30, 3), "<SerfConvergence: 100.0% informed after"),
        (lambda: staleness(3, 1, 1, "LNKD-DISK", trials=2000), "<Staleness over 2000 trials: "),
        (lambda: Neighbours.of(random_regular(20, 4, seed=1)), "<Neighbours of 20 nodes, 80 in all>"),
    ],
)
def test_what_it_says(make, says):
    text = repr(make())
    assert text.startswith(says)
    assert "\n" not in text and len(text) < 170
