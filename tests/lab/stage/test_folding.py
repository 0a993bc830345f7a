"""What the browser folds from the changes is what an observer of the live system sees, at any time and after any fault."""

import numpy as np
import pytest

from gossipkit.lab.stage.play import of_family, replay
from gossipkit.sim import Network, Scenario, Uniform

STORIES = {
    "calm": [],
    "crash and restart": [(3, "crash", {"name": 1}), (9, "restart", {"name": 1})],
    "partition": [(3, "partition", {"groups": [[1, 2]]}), (12, "heal")],
    "pauses": [
        (3, "pause", {"name": 1, "seconds": 6.0}),
        (4, "pause", {"name": 2, "seconds": 6.0, "timers": "run"}),
    ],
    "cuts and loss": [
        (2, "set_loss", {"p": 0.3}),
        (3, "cut", {"a": 1, "b": 2}),
        (8, "cut", {"a": 0, "b": 2, "both": False}),
    ],
    "churn": [(2, "churn", {"leaves_per_s": 0.3, "seconds": 8.0}), (12, "restart", {"name": 1})],
    "everything": [
        (2, "crash", {"name": 1}),
        (3, "pause", {"name": 2, "seconds": 5.0}),
        (4, "set_loss", {"p": 0.2}),
        (6, "restart", {"name": 1}),
        (7, "partition", {"groups": [[0, 1]]}),
        (10, "crash", {"name": 3}),
        (13, "heal"),
        (14, "restart", {"name": 3}),
    ],
}
END_S = 20.0


def folded(stage, columns, until_us):
    """The browser's tables at a time: states, and beliefs by observer and subject."""
    count = len(stage.meta["nodes"])
    states, words = np.zeros(count, int), np.zeros((count, count), int)
    for time, node, state in zip(*(columns[f"s_{name}"] for name in ("time", "node", "state")), strict=True):
        if time <= until_us:
            states[node] = state
    for time, observer, subject, word in zip(
        *(columns[f"b_{name}"] for name in ("time", "observer", "subject", "word")), strict=True
    ):
        if time <= until_us:
            words[observer, subject] = word
    return states, words


@pytest.mark.parametrize("story", STORIES)
def test_folding_gives_the_live_views(family, stage_of, read, named, story):
    names = [node["name"] for node in stage_of(family, seconds=1.0).meta["nodes"]][-4:]
    steps = [(at, action, *(named(each, names) for each in rest)) for at, action, *rest in STORIES[story]]
    check(family, stage_of, read, Scenario(steps))


def check(family, stage_of, read, scenario):
    """At each half second, all that is folded is what the live system says."""
    stage = stage_of(family, seconds=END_S, scenario=scenario)
    columns, cast = read(stage), stage.cast
    names = [node["name"] for node in stage.meta["nodes"]]
    labels = [belief["word"] for belief in stage.meta["beliefs"]]
    wrong = dict(zip(columns["c0_time"].tolist(), columns["c0_value"].tolist(), strict=True))
    looked = []

    def looks(system, time):
        states, words = folded(stage, columns, time * 1e6)
        up = set(system.world.up)
        for at, name in enumerate(names):
            runs = stage.meta["states"][states[at]] in ("up", "paused", "joining")
            assert runs <= (name in up), (time, name)
            if name not in up or system.world.processes[name] is None:
                continue
            view = cast.view(system, name)
            for subject, other in enumerate(names):
                if subject != at and (cast.subjects_all or subject == cast.subject(stage.run)):
                    believed = labels[words[at, subject]]
                    assert believed == view.get(other, cast.unknown), (time, name, other)
        # a Dynamo node that an administrator took out runs on: the system takes it for there, the stage for left
        if hasattr(system, "gossip") and not (
            family == "dynamo" and "left" in [stage.meta["states"][at] for at in states]
        ):
            counted = [value for at, value in wrong.items() if at <= time * 1e6][-1]
            # what a node believes of itself is no pair
            wrong_now = [(one, other) for one, other, _ in system.gossip.disagreement() if one != other]
            assert counted == len(wrong_now), (time, wrong_now)
        looked.append(time)

    setting = of_family(cast, 3, Network(latency=Uniform(0.05, 0.15)), stage._parameters | stage.values)
    replay(setting, scenario, END_S, looks)
    assert len(looked) == 2 * END_S + 1


OPERATIONS = {
    "swim": [(2, "join", {"name": "new-1"}), (5, "leave", {"name": "m-3"}), (11, "restart", {"name": "m-3"})],
    "consul": [
        (3, "write", {"key": "k", "value": "v", "via": "agent-2"}),
        (4, "register", {"node": "agent-4", "service": "api"}),
        (5, "leave", {"name": "agent-3"}),
        (6, "read", {"key": "k", "via": "agent-3"}),
        (11, "restart", {"name": "agent-3"}),
    ],
    "cassandra": [
        (3, "crash", {"name": "node-2"}),
        (16, "write", {"key": "k", "value": "v"}),
        (17, "read", {"key": "k", "via": "node-2"}),
    ],
    "dynamo": [
        (2, "join", {"name": "new-1"}),
        (3, "put", {"key": "k", "value": "v"}),
        (5, "leave", {"name": "node-3"}),
        (6, "crash", {"name": "node-2"}),
        (7, "put", {"key": "k", "value": "w"}),
    ],
    "redis": [
        (2, "join", {"name": "new-1", "replicate": "node-2"}),
        (3, "set", {"key": "k", "value": "v", "wait": 1}),
        (5, "crash", {"name": "node-2"}),
        (14, "get", {"key": "k", "via": "node-1"}),
        (15, "restart", {"name": "node-2"}),
    ],
    "scuttlebutt": [(4, "shutdown", {"name": "node-3"})],
    "membership": [
        (2, "join", {"name": "new-1"}),
        (5, "leave", {"name": "node-3", "via": "node-2"}),
        (6, "partition", {"groups": [["node-1", "node-2"]]}),
        (7, "join", {"name": "new-2", "via": "node-1"}),
        (14, "heal"),
    ],
    "rumor": [(2, "crash", {"name": "node-3"})],
    "transfer": [(2, "crash", {"name": "m-3"})],
    "trust": [
        (2, "join", {"name": "new-1"}),
        (3, "lie", {"name": "m-8", "what": "the highest incarnation", "about": "m-2"}),
        (5, "leave", {"name": "m-4"}),
        (11, "restart", {"name": "m-4"}),
    ],
}


def test_folding_gives_the_live_views_where_clients_and_operators_act(family, stage_of, read):
    check(family, stage_of, read, Scenario(OPERATIONS[family]))
