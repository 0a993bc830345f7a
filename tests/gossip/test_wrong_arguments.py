"""A gossip protocol that is made of what is wrong says which argument it is, and what is allowed."""

import inspect

import pytest

from gossipkit.gossip.gossipsub import Gossipsub
from gossipkit.gossip.local_detection import LocalDetector
from gossipkit.gossip.membership_history import MembershipHistory
from gossipkit.gossip.scuttlebutt import Gossiper
from gossipkit.gossip.swim import SwimNode
from gossipkit.sim import World

NAN, OBJECT = float("nan"), object()
NO_NAMES = ["a", b"a", 1, True, OBJECT, (1,), ("a", ""), ("a", "a")]
NO_TUPLE = ["a", 1, True, None, OBJECT]  # names that all members share are not looked at one by one
NO_FUNCTION = ["x", 1, True, NAN, OBJECT]
NO_SETTINGS = ["x", {}, {"fanout": 2}, 1, True, NAN, OBJECT]
NO_NUMBER = [None, "x", -1, 0, NAN, float("inf"), True, OBJECT]
NO_COUNT = [*NO_NUMBER, 1.5]
WRONG = {
    SwimNode: {
        "config": NO_SETTINGS, "seeds": [*NO_NAMES, None], "members": NO_TUPLE, "metadata": [None, 1, b"x", True, OBJECT],
        "delegate": NO_FUNCTION, "name": ["", 1, True, NAN, OBJECT],
    },
    Gossiper: {
        "config": NO_SETTINGS, "seeds": [*NO_NAMES, None], "members": NO_TUPLE,
        "applications": ["x", 1, True, OBJECT, {1: "x"}, {"STATUS": 1}, {"": "x"}],
        "last_generation": ["x", -1, NAN, True, 1.5, OBJECT], "delegate": NO_FUNCTION, "admit": NO_FUNCTION,
        "peers": [*NO_NAMES, None],
    },
    MembershipHistory: {
        "seeds": [*NO_NAMES, None], "changes": [None, 1, True, "x", OBJECT, ("a",)], "interval_s": NO_NUMBER,
        "changed": NO_FUNCTION, "fanout": NO_COUNT,
    },
    Gossipsub: {
        "config": NO_SETTINGS, "connections": ["x", 1, True, ("a",), OBJECT, {1: True}, {"a": 1}], "dial": [*NO_NAMES, None],
        "scores": NO_SETTINGS, "addresses": ["x", 1, True, OBJECT, {"a": 1}], "application": ["x", 1, OBJECT, {"a": "x"}],
        "validate": [None, *NO_FUNCTION], "deliver": NO_FUNCTION,
    },
    LocalDetector: {"retry_s": NO_NUMBER},
}  # fmt: skip


@pytest.mark.parametrize("protocol", WRONG, ids=lambda protocol: protocol.__name__)
def test_a_protocol_is_not_made_of_what_is_wrong(protocol):
    assert list(WRONG[protocol]) and set(WRONG[protocol]) == set(inspect.signature(protocol).parameters)
    for name, values in WRONG[protocol].items():
        for value in values:
            with pytest.raises(ValueError) as refused:
                protocol(**{name: value})
            words = str(refused.value)
            inside = (
                [*value, *value.values()]
                if isinstance(value, dict)
                else value
                if isinstance(value, tuple)
                else []
            )
            shown = (
                *map(repr, inside),
                repr(value),
                *(map(repr, value) if isinstance(value, bytes | str) else ()),
            )
            assert name in words and any(text in words for text in shown), (name, value, words)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda node: node.join("b"), "addresses is 'b'"),
        (lambda node: node.join((1,)), "a name in addresses is 1"),
        (lambda node: node.update_metadata(None), "metadata is None: it must be text"),
        (lambda node: node.user_event("", "x"), "name is ''"),
        (lambda node: node.user_event("deploy", 7), "payload is 7: it must be text"),
    ],
)
def test_what_a_member_is_asked_for_wrongly_changes_nothing(wrong, words):
    def run(ask):
        world = World(seed=1)
        for name in "ab":
            world.add(name, SwimNode(members=("a", "b")))
        world.run(until=3)
        ask(world.processes["a"])
        world.run(until=10)
        return world.trace.to_jsonl()

    def refused(node):
        with pytest.raises(ValueError, match=words):
            wrong(node)

    assert run(refused) == run(lambda node: None)


@pytest.mark.parametrize("scenario", [None, [], "x", {"at": 5}])
def test_a_world_plays_scenarios(scenario):
    with pytest.raises(ValueError, match=r"scenario is .*: it must be a Scenario, such as"):
        World().play(scenario)
