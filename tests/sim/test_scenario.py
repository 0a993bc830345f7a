"""Faults as data: stored, refused with the step's number, and played."""

import json
from dataclasses import fields
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gossipkit.sim import Network, Scenario, Uniform, World, message
from gossipkit.sim.faults import FAULTS

NAMES = st.text(min_size=1, max_size=8)
SECONDS = st.floats(0, 1e6) | st.integers(0, 10**6)
SHARE = st.floats(0, 1) | st.integers(0, 1)


@st.composite
def groups(draw):
    names = draw(st.lists(NAMES, min_size=1, max_size=8, unique=True))
    cuts = draw(st.sets(st.integers(1, len(names)), max_size=3)) | {len(names)}
    edges = [0, *sorted(cuts)]
    return [names[low:high] for low, high in pairwise(edges)]


ENDS = st.lists(NAMES, min_size=2, max_size=2, unique=True).map(lambda ends: {"a": ends[0], "b": ends[1]})
STEPS = st.lists(
    st.one_of(
        st.tuples(SECONDS, st.just("crash"), st.fixed_dictionaries({"name": NAMES})),
        st.tuples(SECONDS, st.just("restart"), st.fixed_dictionaries({"name": NAMES})),
        st.tuples(
            SECONDS,
            st.just("pause"),
            st.fixed_dictionaries(
                {"name": NAMES, "seconds": SECONDS}, optional={"timers": st.sampled_from(["wait", "run"])}
            ),
        ),
        st.tuples(SECONDS, st.just("partition"), st.fixed_dictionaries({"groups": groups()})),
        st.tuples(
            SECONDS,
            st.just("cut"),
            st.tuples(
                ENDS, st.fixed_dictionaries({}, optional=dict.fromkeys(("both", "streams"), st.booleans()))
            ).map(lambda parts: parts[0] | parts[1]),
        ),
        st.tuples(SECONDS, st.just("mend"), ENDS),
        st.tuples(
            SECONDS,
            st.just("clock"),
            st.fixed_dictionaries(
                {"name": NAMES},
                optional={"offset_s": st.floats(-1e6, 1e6), "drift_ppm": st.integers(-500, 500)},
            ),
        ),
        st.tuples(SECONDS, st.just("heal")),
        st.tuples(
            SECONDS,
            st.just("set_loss"),
            st.fixed_dictionaries({"p": SHARE}, optional={"src": NAMES, "dst": NAMES | st.none()}),
        ),
        st.tuples(SECONDS, st.just("corrupt"), st.fixed_dictionaries({"p": SHARE})),
        st.tuples(
            SECONDS,
            st.just("churn"),
            st.fixed_dictionaries(
                {}, optional={"leaves_per_s": SECONDS, "joins_per_s": SECONDS, "seconds": SECONDS}
            ),
        ),
    )
)


@given(STEPS)
def test_json_gives_back_an_equal_scenario(steps):
    scenario = Scenario(steps)
    text = scenario.to_json()
    again = Scenario.from_json(text)
    assert again == scenario
    assert again.to_json() == text
    assert len(json.loads(text)) == len(scenario) == len(steps)
    assert [step.at for step in scenario.steps] == sorted(at for at, *_ in steps)


@given(STEPS)
def test_a_scenario_does_not_depend_on_how_its_steps_are_written(steps):
    assert Scenario(iter([list(step) for step in steps])) == Scenario(steps)


def test_steps_come_in_order_of_time_and_those_at_one_instant_keep_theirs():
    scenario = Scenario([(2, "heal"), (1, "crash", {"name": "b"}), (1, "crash", {"name": "a"})])
    assert [(step.at, step.arguments.get("name")) for step in scenario.steps] == [
        (1.0, "b"),
        (1.0, "a"),
        (2.0, None),
    ]


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ("crash", "'crash' is no step: it must be .at, action, arguments."),
        (5, "5 is no step"),
        ((5.0,), r"\(5.0,\) is no step"),
        ((1, "heal", {}, 3), "is no step"),
        (("soon", "heal"), "at is 'soon': it must be a number, at least 0"),
        ((-1, "heal"), "at is -1"),
        ((1, ["heal"]), r"action is \['heal'\]: it must be the name of a fault, one of 'crash', 'restart'"),
        ((1, "blow up"), "action is 'blow up': it must be the name of a fault"),
        ((1, ""), "action is ''"),
        ((1, "write", "a"), "arguments is 'a': it must be a dict$"),
        ((1, "write", {1: "a"}), "arguments has the key 1: it must be the name of a parameter of write"),
        ((1, "write", {"value": {1, 2}}), r"value is \{1, 2\}: it must be text, a number, True"),
        ((1, "write", {"value": [len]}), "value is <built-in function len>"),
        ((1, "write", {"value": float("nan")}), "value is nan"),
        ((1, "write", {"value": {"a": b""}}), "value is b''"),
        ((1, "crash", "a"), r"arguments is 'a': it must be a dict, for crash\(name\)"),
        ((1, "crash"), r"crash was given nothing: it takes crash\(name\)"),
        ((1, "crash", {"who": "a"}), r"crash was given who: it takes crash\(name\)"),
        ((1, "crash", {1: "a"}), r"crash was given 1: it takes crash\(name\)"),
        ((1, "crash", {"name": ["a"]}), r"name is \['a'\]: it must be the name of a node"),
        ((1, "pause", {"name": "a", "seconds": -2}), "seconds is -2"),
        ((1, "pause", {"name": "a", "seconds": 2, "timers": "off"}), "timers is 'off'"),
        ((1, "partition", {"groups": "ab"}), "each group must be a list of names"),
        ((1, "partition", {"groups": 3}), "each group must be a list of names"),
        ((1, "partition", {"groups": [["a"], ["a"]]}), "'a' is named twice"),
        ((1, "cut", {"a": "x"}), r"cut was given a: it takes cut\(a, b, both, streams\)"),
        ((1, "cut", {"a": "x", "b": "x"}), "a and b are both 'x'"),
        ((1, "cut", {"a": "x", "b": "y", "both": "no"}), "both is 'no': it must be True or False"),
        ((1, "mend", {"a": "x", "b": 3}), "b is 3"),
        ((1, "set_loss", {"p": 1.2}), "loss is 1.2"),
        ((1, "set_loss", {"p": 0.2, "src": 4}), "src is 4"),
        ((1, "corrupt", {"p": None}), "corrupt is None"),
        ((1, "clock", {"name": "a", "offset_s": "fast"}), "offset_s is 'fast'"),
        ((1, "churn", {"leaves_per_s": -1}), "leaves_per_s is -1"),
    ],
    ids=str,
)
def test_an_error_names_the_step_as_it_was_written(step, words):
    with pytest.raises(ValueError, match=f"^step 3: .*{words}"):
        Scenario([(9, "heal"), (8, "heal"), step])


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@given(
    st.lists(
        st.tuples(
            SECONDS,
            st.sampled_from(["write", "join"]),
            st.dictionaries(st.text(max_size=4), VALUES, max_size=3),
        )
    )
)
def test_json_gives_back_the_actions_of_a_system_too(steps):
    scenario = Scenario(steps)
    again = Scenario.from_json(scenario.to_json())
    assert again == scenario and hash(again) == hash(scenario)
    assert json.loads(scenario.to_json()) == [
        [at, action, given] for at, action, given in sorted(steps, key=lambda step: step[0])
    ]


def test_a_list_and_a_tuple_are_one_value():
    made = [Scenario([(1, "put", {"key": "k", "value": value})]) for value in (["a", ["b"]], ("a", ("b",)))]
    assert made[0] == made[1] and made[0].steps[0].arguments["value"] == ("a", ("b",))


def test_a_world_alone_has_no_actions():
    scenario = Scenario([(1, "heal"), (2, "explode", {"name": "a"})])
    with pytest.raises(
        ValueError,
        match=r"^step 2 in order of time \(explode at 2 s\): action is 'explode': a world has only faults, 'crash'",
    ):
        World().play(scenario)


@pytest.mark.parametrize(
    ("text", "words"),
    [("{", "the scenario is no JSON"), ('{"at": 1}', "must be a list of steps"), ("3", "is 3")],
)
def test_what_is_no_scenario_is_refused(text, words):
    with pytest.raises(ValueError, match=words):
        Scenario.from_json(text)


@message
class Hello:
    text: str


class Talker:
    def start(self, env):
        self.env = env
        env.after(env.random.random(), self.talk)

    def talk(self):
        self.env.send(self.env.random.choice("abc"), Hello("hello"))
        self.env.after(self.env.random.uniform(0.2, 0.8), self.talk)

    def receive(self, env, sender, received):
        env.record("heard", of=sender)


def talkers(newcomers=True):
    newcomer = (lambda name: Talker()) if newcomers else None
    world = World(seed=5, network=Network(latency=Uniform(0.01, 0.2)), newcomer=newcomer)
    for name in "abc":
        world.add(name, Talker(), rebuild=None if name == "c" else lambda saved: Talker())
    return world


PLAYED = [
    (1.25, "crash", {"name": "a"}),
    (2.5, "restart", {"name": "a"}),
    (3.0, "partition", {"groups": [["a"], ["b", "c"]]}),
    (4.75, "heal", {}),
    (5.0, "pause", {"name": "b", "seconds": 1.5, "timers": "run"}),
    (7.0, "set_loss", {"p": 0.5, "dst": "c"}),
    (7.5, "cut", {"a": "b", "b": "c", "both": False}),
    (7.75, "clock", {"name": "b", "offset_s": 2.5}),
    (8.0, "corrupt", {"p": 0.5}),
    (8.5, "mend", {"a": "c", "b": "b"}),
    (9.0, "churn", {"leaves_per_s": 0.3, "joins_per_s": 0.3, "seconds": 5.0}),
]


def test_playing_a_scenario_is_calling_the_methods_at_those_times():
    played, called = talkers(), talkers()
    played.play(Scenario(PLAYED))
    played.run(until=20.0)
    for at, action, arguments in PLAYED:
        called.run(until=at)
        if action == "partition":
            called.partition(*arguments["groups"])
        else:
            getattr(called, action)(**arguments)
    called.run(until=20)
    assert len(played.trace) > 100
    assert played.trace.to_jsonl() == called.trace.to_jsonl()


def test_at_one_instant_a_step_comes_before_a_timer_set_later_and_a_method_call_after_it():
    class Ticker(Talker):
        def talk(self):
            self.env.record("tick")
            self.env.after(1.0, self.talk)

        def start(self, env):
            self.env = env
            env.after(1.0, self.talk)

    ticks = []
    for played in (True, False):
        world = World()
        world.add("a", Ticker())
        if played:
            world.play(Scenario([(2.0, "crash", {"name": "a"})]))
        world.run(until=2.0)
        if not played:
            world.crash("a")
        ticks.append([event.time for event in world.trace.filter(kind="tick")])
    assert ticks == [[1.0], [1.0, 2.0]]


def test_the_clock_reads_the_same_whether_a_time_was_given_as_an_integer_or_not():
    lines = []
    for until in (3, 3.0):
        world = talkers()
        world.run(until=until)
        world.crash("a")
        lines.append(world.trace.filter(kind="crash").to_jsonl())
    assert lines == ['{"time":3.0,"node":"a","kind":"crash"}\n'] * 2


def test_the_times_of_a_scenario_count_from_the_beginning_of_the_world():
    made = talkers()
    made.run(until=3.0)
    made.play(Scenario([(3.0, "heal"), (4.0, "crash", {"name": "a"})]))
    made.run(until=5.0)
    assert [(event.time, event.kind) for event in made.trace.filter(kind=["heal", "crash"])] == [
        (3.0, "heal"),
        (4.0, "crash"),
    ]


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ((0.5, "heal"), r"step 1 in order of time \(heal at 0.5 s\): at is 0.5: .* at least 1"),
        ((9, "crash", {"name": "z"}), r"step 2 in order of time \(crash at 9 s\): 'z' is not a node"),
        ((9, "restart", {"name": "c"}), r"step 2 .*'c' cannot restart"),
        ((9, "pause", {"name": "z", "seconds": 1}), "step 2 .*'z' is not a node"),
        ((9, "set_loss", {"p": 1, "src": "z"}), "step 2 .*'z' is not a node"),
        ((9, "partition", {"groups": [["a", "b", "c"]]}), "step 2 .*the only group holds every node"),
        ((9, "churn", {"joins_per_s": 1}), "step 2 .*this world has no newcomers"),
    ],
    ids=str,
)
def test_a_scenario_that_does_not_fit_the_world_is_refused_and_nothing_of_it_happens(step, words):
    made, untouched = talkers(newcomers=False), talkers(newcomers=False)
    made.run(until=1.0)
    with pytest.raises(ValueError, match=words):
        made.play(Scenario([(2, "crash", {"name": "a"}), step]))
    made.run(until=10.0)
    untouched.run(until=10.0)
    assert made.trace.to_jsonl() == untouched.trace.to_jsonl()


def test_an_empty_scenario_is_one():
    assert Scenario.from_json(Scenario().to_json()) == Scenario() and len(Scenario()) == 0


@pytest.mark.parametrize("action", FAULTS)
def test_its_help_names_each_fault_with_its_arguments(action):
    usage = f"{action}({', '.join(field.name for field in fields(FAULTS[action]))})"
    assert usage in " ".join(Scenario.__doc__.split())
