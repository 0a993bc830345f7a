"""A trial that was made already is not made again, and another process can be told of it."""

import numpy as np
import pytest

from gossipkit.sim.remembered import TRIALS, remembered


@pytest.fixture
def trial():
    """A trial, and the seeds with which it was made."""
    made = []

    @remembered
    def run(seed, loss=0.0):
        """What it does."""
        made.append(seed)
        if seed < 0:
            raise ValueError(f"seed is {seed}")
        return seed + loss

    yield run, made
    del TRIALS[f"{run.__module__}:{run.__qualname__}"]


def test_the_same_arguments_are_run_once_and_others_anew(trial):
    run, made = trial
    assert [run(1), run(1), run(1, loss=0.5), run(1, loss=0.5), run(2), run(1)] == [1, 1, 1.5, 1.5, 2, 1]
    assert made == [1, 1, 2]


def test_it_is_still_what_it_was_and_its_outcomes_are_listed_by_its_address(trial):
    run, _ = trial
    run(1, loss=0.5)
    assert (run.__name__, run.__doc__) == ("run", "What it does.")
    key = (1,), (("loss", 0.5),), ("int", "float")
    assert TRIALS[f"{__name__}:trial.<locals>.run"] == {key: 1.5}


def test_arguments_that_are_equal_and_of_other_types_are_others(trial):
    run, made = trial
    run(1, loss=0.0)
    run(1, loss=0)
    for seed in (1.0, True, np.int64(1)):
        run(seed, loss=0.0)
    assert [type(seed).__name__ for seed in made] == ["int", "int", "float", "bool", "int64"]


def test_what_fails_is_tried_again(trial):
    run, made = trial
    for _ in range(2):
        with pytest.raises(ValueError, match="-1"):
            run(-1)
    assert made == [-1, -1]


def test_arguments_that_cannot_be_hashed_are_refused_before_it_runs(trial):
    run, made = trial
    with pytest.raises(TypeError, match="unhashable"):
        run([1])
    assert not made
