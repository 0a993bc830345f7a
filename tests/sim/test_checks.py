"""The rules for arguments: what is refused names the value and what is allowed, and what is missing its remedy."""

from importlib import import_module

import numpy as np
import pytest

from gossipkit.authority.versions import VectorClock
from gossipkit.gossip import spread
from gossipkit.sim import Network
from gossipkit.sim.checks import number, package, probability, whole
from gossipkit.systems import Cassandra, Consul, Dynamo


@pytest.mark.parametrize("value", [True, False, np.True_, None, "1", (1,), 1j])
@pytest.mark.parametrize(
    ("check", "words"),
    [
        (lambda value: whole("x", value, 0), "it must be a whole number, at least 0"),
        (lambda value: whole("x", value, 0, 3), "it must be a whole number, from 0 to 3"),
        (lambda value: number("x", value), "it must be a number, at least 0"),
        (lambda value: number("x", value, 0, 3), "it must be a number, between 0 and 3"),
        (lambda value: probability("x", value), "it must be a number, between 0 and 1"),
    ],
)
def test_a_truth_value_a_text_or_nothing_is_no_number(check, words, value):
    with pytest.raises(ValueError, match="x is .*: " + words):
        check(value)


def test_what_is_out_of_range_is_refused_and_the_ends_are_not():
    for bad in (-1, 4, 1.0, float("nan")):
        with pytest.raises(ValueError, match=f"x is {bad}: it must be a whole number, from 0 to 3"):
            whole("x", bad, 0, 3)
    for bad in (-0.1, 1.1, float("nan"), float("inf")):
        with pytest.raises(ValueError, match=f"x is {bad}: it must be a number, between 0 and 1"):
            probability("x", bad)
    assert [whole("x", good, 0, 3) for good in (0, 3, np.int64(2))] == [0, 3, 2]
    assert type(whole("x", np.int64(2), 0)) is int
    assert [probability("x", good) for good in (0, 1, 0.5)] == [0.0, 1.0, 0.5]
    number("x", 1e300)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: spread(True), "nodes is True: it must be a whole number, at least 2"),
        (lambda: spread(10, loss=True), "loss is True: it must be a number, between 0 and 1"),
        (lambda: Network(loss=True), "loss is True: it must be a number, between 0 and 1"),
        (lambda: Consul(agents=True), "agents is True: it must be a whole number, at least 0"),
        (lambda: Cassandra(nodes=True), "nodes is True: it must be a whole number, at least 1"),
        (lambda: Dynamo(nodes=True), "nodes is True: it must be a whole number, at least 1"),
        (lambda: VectorClock({"a": True}), "the counter of a is True: it must be a whole number, at least 1"),
    ],
)
def test_true_is_refused_wherever_a_number_is_asked_for(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_a_missing_package_is_named_with_its_use_and_the_remedy():
    says = r"^flying needs the package wings, which is not installed: pip install wings$"
    with pytest.raises(ModuleNotFoundError, match=says), package("wings", "flying"):
        import_module("wings.feathers")
    with pytest.raises(ModuleNotFoundError, match=r"^No module named 'fins'$"), package("wings", "flying"):
        import_module("fins")
