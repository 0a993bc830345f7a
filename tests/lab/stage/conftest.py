"""A stage as the browser takes it: its columns read from the bytes, by what the meta says of them."""

import numpy as np
import pytest

from gossipkit.gossip import disseminate
from gossipkit.gossip.adversary import Liar
from gossipkit.gossip.membership_history import MembershipHistory
from gossipkit.gossip.scuttlebutt import Gossiper
from gossipkit.gossip.swim import SwimNode
from gossipkit.lab.stage import Stage
from gossipkit.systems import Cassandra, Consul, Dynamo, RedisCluster
from gossipkit.systems.transfer import cluster

TYPES = {"u32": "<u4", "u16": "<u2", "u8": "<u1", "f32": "<f4"}
FAMILIES = {
    "swim": (SwimNode, {"members": 12}),
    "consul": (Consul, {"agents": 6, "servers": 3}),
    "cassandra": (Cassandra, {"nodes": 6}),
    "dynamo": (Dynamo, {"nodes": 6}),
    "redis": (RedisCluster, {}),
    "scuttlebutt": (Gossiper, {"nodes": 8}),
    "membership": (MembershipHistory, {"nodes": 8}),
    "rumor": (disseminate, {"nodes": 12}),
    "transfer": (cluster, {"environment": "five"}),
    "trust": (Liar, {"members": 8, "adversary": "a forged death", "defence": "none"}),
}


@pytest.fixture(params=FAMILIES)
def family(request):
    """The name of each family in turn."""
    return request.param


@pytest.fixture
def stage_of():
    """Makes a small stage of a family, by its name."""

    def make(name, **options):
        system, parameters = FAMILIES[name]
        return Stage(system, **{"seed": 3, "seconds": 12.0, **parameters, **options})

    return make


@pytest.fixture
def named():
    """Puts nodes' names for their numbers into a fault's arguments."""

    def replaced(name, value, names):
        if name in ("name", "a", "b"):
            return names[value]
        return [[names[at] for at in group] for group in value] if name == "groups" else value

    return lambda arguments, names: {name: replaced(name, value, names) for name, value in arguments.items()}


@pytest.fixture
def read():
    """Reads a stage's columns, by name."""

    def columns(stage):
        found = {}
        for column in stage.meta["columns"]:
            assert column["offset"] % 4 == 0
            found[column["name"]] = np.frombuffer(
                stage.data, TYPES[column["type"]], column["length"], column["offset"]
            )
        return found

    return columns


@pytest.fixture
def browser_puts():
    """Puts a request on a stage's desk as the kernel hands it over; what the stage tells comes into the list."""

    def put(stage, **content):
        told = []
        stage.send = told.append
        envelope = {"method": "custom", "content": {"id": "r1", **content}}
        stage._handle_msg({"content": {"data": envelope}, "buffers": []})
        return told

    return put
