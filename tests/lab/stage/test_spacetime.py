"""Lamport's diagram: every message of the window once, with what became of it, of any trace."""

import pytest

from gossipkit.lab import spacetime
from gossipkit.lab.stage.spacetime import messages
from gossipkit.sim import Constant, Network, Scenario, Trace, World, message


@message
class Hello:
    pass


class Caller:
    """Says hello to its friends each second."""

    def __init__(self, friends):
        self.friends = friends

    def start(self, env):
        env.after(1.0, self.call, env)

    def call(self, env):
        for friend in self.friends:
            env.send(friend, Hello())
        env.send_reliably(self.friends[0], Hello())
        env.after(1.0, self.call, env)

    def receive(self, env, sender, received):
        pass


@pytest.fixture
def trace():
    world = World(seed=1, network=Network(latency=Constant(0.25)))
    for name in "abc":
        world.add(name, Caller([other for other in "abc" if other != name]))
    world.play(
        Scenario(
            [
                (1.5, "crash", {"name": "c"}),
                (2.5, "partition", {"groups": [["a"], ["b"]]}),
            ]
        )
    )
    world.run(until=3.5)
    return world.trace


def test_each_message_of_the_window_is_an_arrow_with_its_fate(trace):
    first = messages(trace, "abc", 0.0, 1.9)
    assert len(first) == 9 and {each.fate for each in first} == {"arrived"}
    assert {each.kind for each in first} == {"Hello", "Hello (stream)"}
    second = messages(trace, "abc", 1.9, 2.4)
    assert [(each.receiver, each.fate) for each in second if each.sender == "a" and each.kind == "Hello"] == [
        ("b", "arrived"),
        ("c", "down"),
    ]
    third = messages(trace, "ab", 2.9, 3.4)
    assert {each.fate for each in third if each.kind == "Hello"} == {"partition"}


def test_a_message_under_way_at_either_end_is_in_the_window(trace):
    assert [each.sent_s for each in messages(trace, "ab", 1.2, 1.3)] == [1.0] * 4
    assert messages(trace, "ab", 1.3, 1.4) == []


def test_a_stream_that_fails_says_what_kept_it(trace):
    world = World(seed=1, network=Network(latency=Constant(0.25)))
    for name in "abc":
        world.add(name, Caller([other for other in "abc" if other != name]))
    steps = [
        (1.5, "partition", {"groups": [["a"], ["b"]]}),
        (2.5, "heal"),
        (3.5, "cut", {"a": "a", "b": "b"}),
        (4.5, "mend", {"a": "a", "b": "b"}),
        (5.5, "crash", {"name": "a"}),
    ]
    world.play(Scenario(steps))
    world.run(until=6.5)
    streams = [each for each in messages(world.trace, "ab", 0.0, 6.5) if each.kind == "Hello (stream)"]
    assert [each.fate for each in streams if each.sender == "b"] == [
        "arrived",
        "partition",
        "arrived",
        "cut",
        "arrived",
        "down",
    ]


def test_alt_summary_and_table_say_what_is_drawn(trace):
    chart = spacetime(trace, "abc", 0.5, 3.4)
    assert chart.alt.startswith("Space-time diagram. Across: a, b, c.")
    assert "At 1.500 s: crash of c." in chart.lines and "At 2.500 s: partition." in chart.lines
    assert chart.lines[0] == "3 nodes from 0.5 to 3.4 s: 21 messages, 2 down, 6 partition."
    assert len(chart.rows) == 21 and chart.rows[0][1:] == ("a", "b", "Hello", "arrived")
    data, metadata = chart.bundle()
    assert data["image/png"][:8] == b"\x89PNG\r\n\x1a\n" and metadata["image/png"]["alt"] == chart.alt


def test_the_same_trace_is_the_same_picture(trace):
    assert spacetime(trace).png() == spacetime(trace).png()


def test_a_trace_written_by_hand_will_do():
    trace = Trace(
        [
            (0.0, "a", "send", {"to": "b", "number": 1, "message": Hello()}),
            (0.5, "b", "receive", {"sender": "a", "number": 1, "message": Hello()}),
            (0.6, "b", "lost", {"to": "a", "number": 9, "reason": "loss"}),
        ]
    )
    assert spacetime(trace).rows == ((0.0, "a", "b", "Hello", "arrived"),)


def test_by_default_those_who_speak_most_are_shown():
    world = World(seed=1, network=Network(latency=Constant(0.25)))
    names = [f"n{at}" for at in range(20)]
    for at, name in enumerate(names):
        world.add(name, Caller([names[(at + 1) % 20]] if at < 12 else [names[0]]))
    world.run(until=2.5)
    assert len(spacetime(world.trace).alt.split("Across: ")[1].split(".")[0].split(", ")) == 12


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"nodes": ["a", "z"]}, "nodes names 'z'"),
        ({"nodes": []}, "nodes is empty"),
        ({"t0": 3.0, "t1": 2.0}, "t1 is 2.0"),
        ({"t0": 3.0, "t1": 3.0}, "more than t0"),
        ({"t0": -1.0}, "t0 is -1.0"),
    ],
)
def test_what_cannot_be_drawn_is_said(trace, arguments, said):
    with pytest.raises(ValueError, match=said):
        spacetime(trace, **arguments)


def test_an_empty_trace_cannot_be_drawn():
    with pytest.raises(ValueError, match="trace is empty"):
        spacetime(Trace())
