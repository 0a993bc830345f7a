"""The search finds the first failing case, whoever runs the cases; shrinking leaves a case that fails and nothing too much."""

from concurrent.futures import ThreadPoolExecutor
from itertools import count
from random import Random

import pytest

from gossipkit.sim import Scenario
from gossipkit.systems.checking import Case, search, shrink
from gossipkit.systems.checking.grounds import GROUNDS


def case(seed=0, nodes=3, seconds=60.0, steps=()):
    return Case(seed, nodes, seconds, Scenario(steps))


def fails_from_five(case):
    return f"seed {case.seed}" if case.seed >= 5 else None


def endless():
    return (case(seed) for seed in count())


def test_the_first_failing_case_is_found_in_the_order_of_the_cases():
    found = search(fails_from_five, endless())
    assert (found.case.seed, found.failure, found.tries) == (5, "seed 5", 6)
    with ThreadPoolExecutor(3) as executor:
        assert search(fails_from_five, endless(), executor=executor) == found


@pytest.mark.parametrize("workers", [None, 2])
def test_nothing_is_found_where_nothing_fails(workers):
    executor = workers and ThreadPoolExecutor(workers)
    seen = []
    cases = [case(seed) for seed in range(5)]
    assert search(fails_from_five, cases, executor=executor, progress=seen.append) is None
    assert seen == [1, 2, 3, 4, 5]
    assert search(fails_from_five, [], executor=executor) is None


def test_no_more_cases_are_made_than_are_run():
    made = []

    def cases():
        for seed in count():
            made.append(seed)
            yield case(seed)

    search(fails_from_five, cases())
    assert made == list(range(6))


@pytest.mark.parametrize("workers", [None, 2])
def test_an_exception_is_a_mistake_and_no_failure(workers):
    def broken(case):
        raise KeyError("node-9")

    with pytest.raises(KeyError, match="node-9"):
        search(broken, endless(), executor=workers and ThreadPoolExecutor(workers))


# Shrinking.

STEPS = [
    (1.5, "crash", {"name": "node-7"}),
    (2.25, "pause", {"name": "node-2", "seconds": 9.0}),
    (3.0, "partition", {"groups": [["node-1", "node-4", "node-6"]]}),
    (9.5, "heal"),
    (11.0, "restart", {"name": "node-7"}),
    (17.0, "crash", {"name": "node-3"}),
]
BIG = case(seed=4, nodes=8, seconds=120.0, steps=STEPS)


def actions(case):
    return [step.action for step in case.scenario.steps]


def test_steps_that_the_failure_does_not_need_go():
    shrunk = shrink(lambda case: "crash" in actions(case) and "heal" in actions(case), BIG)
    assert actions(shrunk.after) in (["crash", "heal"], ["heal", "crash"])
    assert (shrunk.before, shrunk.failure) == (BIG, True)


def test_the_end_is_as_early_as_can_be():
    assert shrink(lambda case: case.seconds >= 41.5, BIG).after.seconds == 42.0
    assert shrink(lambda case: True, BIG).after.seconds == 1.0


def test_steps_come_as_early_as_can_be_and_keep_their_distance_where_it_counts():
    def run(case):
        times = {step.action: step.at for step in case.scenario.steps}
        return "heal" in times and times["heal"] - times.get("partition", 99.0) >= 6.0

    assert [(step.at, step.action) for step in shrink(run, BIG).after.scenario.steps] == [
        (0.0, "partition"),
        (6.0, "heal"),
    ]


def test_there_are_as_few_nodes_as_can_be_and_names_that_are_too_high_are_replaced():
    def run(case):
        names = {name for step in case.scenario.steps for name in step.arguments.values()}
        if case.nodes < 3 or any(int(name.removeprefix("node-")) > case.nodes for name in names):
            raise ValueError("a step names nobody")
        return actions(case) == ["crash", "crash"] and len(names) == 2

    steps = [(1.0, "crash", {"name": "node-5"}), (2.0, "crash", {"name": "node-2"})]
    after = shrink(run, case(nodes=8, steps=steps)).after
    assert after.nodes == 3
    assert [step.arguments for step in after.scenario.steps] == [{"name": "node-1"}, {"name": "node-2"}]


def test_arguments_become_simpler():
    def run(case):
        return any(
            (step.action == "partition" and "node-4" in step.arguments["groups"][0])
            or (step.action == "pause" and step.arguments["seconds"] >= 3)
            for step in case.scenario.steps
        )

    partition = case(steps=STEPS[2:3])
    assert shrink(run, partition).after.scenario.steps[0].arguments == {"groups": (("node-4",),)}
    pause = case(steps=STEPS[1:2])
    (step,) = shrink(run, pause).after.scenario.steps
    assert (step.at, step.arguments["seconds"]) == (0.0, 4.0), "9 is halved once; 2 would be too short"


def test_what_is_left_fails_and_without_any_step_it_would_not():
    random = Random(2)
    for _ in range(40):
        needed = random.sample(range(20), random.randint(1, 4))

        def run(case, needed=needed):
            keys = {step.arguments["key"] for step in case.scenario.steps}
            return needed if set(needed) <= keys else None

        steps = [(float(at), "get", {"key": at}) for at in range(20)]
        shrunk = shrink(run, case(steps=steps))
        assert run(shrunk.after) == shrunk.failure == needed
        assert len(shrunk.after.scenario) == len(needed)


def test_shrinking_is_deterministic_and_stops_at_its_budget():
    seen = []

    def run(case):
        seen.append(case)
        return "heal" in actions(case)

    shrunk = shrink(run, BIG)
    assert len(seen) == shrunk.runs == len(set(seen)), "no case is run twice"
    assert shrink(run, BIG) == shrunk
    seen.clear()
    early = shrink(run, BIG, budget=3)
    assert len(seen) == early.runs == 3 and run(early.after)


def test_a_case_that_does_not_fail_is_refused():
    with pytest.raises(ValueError, match=r"case is <Case of seed 4.*: it must be one that fails"):
        shrink(lambda case: None, BIG)
    with pytest.raises(ValueError, match="budget is 0"):
        shrink(lambda case: True, BIG, budget=0)


def test_an_empty_scenario_can_fail():
    assert shrink(lambda case: True, BIG).after == case(seed=4, nodes=1, seconds=1.0)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((-1, 3, 10.0, Scenario()), "seed is -1"),
        ((0, 0, 10.0, Scenario()), "nodes is 0"),
        ((0, 3, -1.0, Scenario()), "seconds is -1"),
        ((0, 3, 10.0, []), "scenario is .*: it must be a Scenario"),
    ],
)
def test_a_case_that_makes_no_sense_is_refused(arguments, said):
    with pytest.raises(ValueError, match=said):
        Case(*arguments)


def test_a_generated_case_is_a_function_of_its_seed():
    for ground in GROUNDS.values():
        assert list(ground.cases([3, 4])) == [*ground.cases([3]), *ground.cases([4])]
        assert len({case.scenario for case in ground.cases(range(20))}) == 20
