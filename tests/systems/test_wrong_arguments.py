"""What is wrong in any argument of any public constructor and method of a system is refused, and changes nothing."""

import inspect
import re

import pytest

from gossipkit.authority import AccessList
from gossipkit.gossip.scuttlebutt import GossipConfig
from gossipkit.gossip.swim import SwimConfig
from gossipkit.sim import Network
from gossipkit.systems import Cassandra, Consul, Dynamo, RedisCluster
from gossipkit.systems.consul.messages import PutKey, Request

NAN, INF, OBJECT = float("nan"), float("inf"), object()
EVERYTHING = {
    "None": None, "text": "x", "empty": "", "negative": -1, "fraction": 1.5, "nan": NAN, "inf": INF, "True": True, "one": 1,
    "dict": {"x": 1}, "list": ["x"], "numbers": (1,), "object": OBJECT, "bytes": b"x", "zero": 0,
}  # fmt: skip


def kind(*right):
    """The wrong values of a kind of argument: all but those that are right."""
    return [value for name, value in EVERYTHING.items() if name not in right]


COUNT = kind("one")
SECONDS = kind("one", "fraction", "zero")
INTERVAL = kind("one", "fraction")
SIGNED = kind("one", "fraction", "zero", "negative")
FLAG = kind("True")
PART = kind("True", "None")
TEXT = kind("text")
VALUE = kind("text", "empty")
NAME = kind()
CHOICE = kind()
SHARE = kind("one", "zero")


def or_none(wrong):
    return [value for value in wrong if value is not None]


OTHERS = {  # by parameter, what is wrong in the constructors and methods of all systems
    "agents": kind("one", "zero"), "servers": COUNT, "nodes": COUNT, "datacentres": COUNT, "datacentre": COUNT,
    "racks": COUNT, "vnodes": COUNT, "n": COUNT, "r": COUNT, "w": COUNT, "truncate_at": COUNT, "fanout": COUNT,
    "replication": kind("one", "dict"), "strategy": COUNT, "seed": kind("one", "zero", "negative"), "trace": FLAG,
    "network": kind("None"), "config": kind("None"), "access": kind("None"), "gossip_key": kind("None"), "tls": kind("None"),
    "token": or_none(VALUE), "pre_vote": FLAG, "gossip": PART, "authority": PART, "repair": PART, "hints": FLAG, "read_repair": FLAG,
    "merkle": FLAG, "hints_count": FLAG, "sloppy": FLAG, "membership": CHOICE, "coordination": CHOICE, "versions": CHOICE,
    "merge": kind("None"), "latencies": kind("None"), "storage_write": kind("None"), "storage_read": kind("None"),
    "hint_window_s": SECONDS, "gc_grace_s": SECONDS, "merkle_interval_s": INTERVAL, "compaction_interval_s": INTERVAL,
    "repair_interval_s": or_none(INTERVAL), "seeds": [*kind("None", "dict"), ["node-1", "node-1"]],
    "until": kind(), "operation": kind(), "scenario": kind(), "name": NAME, "a": NAME, "b": NAME, "node": NAME,
    "observer": NAME, "about": NAME, "src": or_none(NAME), "dst": or_none(NAME), "seconds": SECONDS, "timers": CHOICE,
    "groups": kind(), "both": FLAG, "streams": FLAG, "p": SHARE, "offset_s": SIGNED, "drift_ppm": SIGNED,
    "service": TEXT, "port": kind("one", "zero"), "check": kind("None"), "key": TEXT, "value": VALUE, "via": NAME,
    "timeout_s": SECONDS, "if_index": kind("None", "one", "zero"), "consistency": CHOICE, "timestamp": or_none(SECONDS),
    "tokens": or_none(kind("numbers")), "context": kind("None"), "keys": kind("list", "dict"), "get": kind(), "what": kind(),
    "kind": TEXT, "request": kind(), "called": [],
    "masters": COUNT, "replicas": kind("one", "zero"), "node_timeout_s": INTERVAL, "section": or_none(kind("one", "zero")),
    "min_replicas_to_write": kind("one", "zero"), "replica_validity_factor": SECONDS, "appendonly": FLAG,
    "repl_diskless_sync_delay_s": SECONDS, "slot": kind("one", "zero"), "follow": FLAG, "readonly": FLAG,
    "wait": kind("one", "zero"), "replicate": or_none(NAME),
}  # fmt: skip
SPECIAL = {  # where a method allows what others don't
    ("Cassandra", "via"): or_none(NAME),
    ("Dynamo", "via"): or_none(NAME),
    ("RedisCluster", "via"): or_none(NAME),
    ("RedisCluster", "view", "via"): NAME,
    ("RedisCluster", "reports", "via"): NAME,
    ("RedisCluster", "cluster_nodes", "via"): NAME,
    ("RedisCluster", "cluster_info", "via"): NAME,
    ("RedisCluster", "any_started", "name"): or_none(NAME),
    ("RedisCluster", "join", "name"): kind("text"),
    ("Dynamo", "nodes"): [*kind("one", "dict", "list"), "abc", ["a", "a"]],
    ("Dynamo", "put", "value"): kind(
        "None", "text", "empty", "negative", "fraction", "True", "one", "numbers", "zero"
    ),
    ("Dynamo", "timestamp"): or_none(kind()),  # only versions "lww" go by one
    ("Consul", "answer", "via"): or_none(NAME),
    ("Consul", "catalog", "via"): or_none(NAME),
    ("Cassandra", "ring", "name"): or_none(NAME),
    ("Cassandra", "metadata", "name"): or_none(NAME),
    ("Cassandra", "run", "name"): or_none(NAME),
    ("Cassandra", "any_started", "name"): or_none(NAME),
    ("Consul", "any_started", "name"): or_none(NAME),
    ("Dynamo", "any_started", "name"): or_none(NAME),
    ("Cassandra", "join", "name"): kind("text"),
    ("Dynamo", "join", "name"): kind("text"),
}
ALIAS = {"p": "loss|corrupt"}  # what a message calls an argument otherwise
MADE = {
    "Consul": lambda: Consul(agents=2, servers=3, seed=1, gossip_key=b"k" * 16),
    "Cassandra": lambda: Cassandra(nodes=4, vnodes=2, seed=1),
    "Dynamo": lambda: Dynamo(nodes=4, vnodes=2, seed=1),
    "RedisCluster": lambda: RedisCluster(seed=1),
}
SYSTEMS = {"Consul": Consul, "Cassandra": Cassandra, "Dynamo": Dynamo, "RedisCluster": RedisCluster}
FEW = {
    "Consul": {"agents": 1},
    "Cassandra": {"nodes": 3},
    "Dynamo": {"nodes": 3},
    "RedisCluster": {"masters": 3},
}
NOT_ASKED = ("check_action",)  # a scenario calls it; tests/systems/test_simulated.py


def right_arguments(system, method, parameters):
    """Arguments that a method takes, of those that it must have."""
    first, second = ("agent-1", "agent-2") if system == "Consul" else ("node-1", "node-2")
    known = {
        "name": "new" if method == "join" else second, "a": first, "b": second, "node": first, "observer": first,
        "about": second, "seconds": 1.0, "p": 0.5, "service": "web", "key": "k", "value": "v", "keys": ["k"],
        "until": 6.0, "datacentre": 1, "kind": "read", "request": Request(("key", "k")), "via": first, "timeout_s": 1.0, "slot": 1,
        "what": PutKey("k", "v"),
    }  # fmt: skip
    return {
        name: known[name]
        for name, parameter in parameters.items()
        if parameter.default is inspect.Parameter.empty and name in known
    }


def wrong_values(system, method, parameter):
    for key in ((system, method, parameter), (system, parameter)):
        if key in SPECIAL:
            return SPECIAL[key]
    return OTHERS[parameter]


def parts(cluster):
    return cluster, cluster.gossip, cluster.authority, cluster.repair


def methods(part):
    for name, _ in inspect.getmembers(type(part), inspect.isfunction):
        if not name.startswith("_") and name not in NOT_ASKED:
            yield name, getattr(part, name)


def said(name, value, error):
    """Whether an error's message names the argument, and the value or what is wrong in it."""
    words = str(error)
    shown = [repr(value), *map(repr, value if isinstance(value, dict | list | tuple) else ())]
    if not re.search(ALIAS.get(name, name), words):
        # of an unknown node it says which one, and which there are
        return any(words.startswith(f"{text} is not a node of this ") for text in shown)
    return any(
        text in words for text in [*shown, f"of {len(value)} bytes" if type(value) is bytes else shown[0]]
    )


def state(cluster):
    world = cluster.world
    return world.now, len(cluster.trace), len(cluster.operations), len(cluster.refused), world.names


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_cluster_is_not_made_of_what_is_wrong(system):
    for name in inspect.signature(SYSTEMS[system]).parameters:
        for value in wrong_values(system, None, name):
            options = FEW[system] | {name: value}
            with pytest.raises(ValueError) as refused:
                SYSTEMS[system](**options)
            assert said(name, value, refused.value), (name, value, refused.value)


@pytest.mark.parametrize("place", range(4), ids=["cluster", "gossip", "authority", "repair"])
@pytest.mark.parametrize("system", SYSTEMS)
def test_methods_refuse_what_is_wrong_before_anything_changes(system, place):
    cluster, untouched = MADE[system](), MADE[system]()
    for each in (cluster, untouched):
        each.run(until=5)
    before = state(cluster)
    for method, asked in methods(parts(cluster)[place]):
        parameters = inspect.signature(asked).parameters
        for name, parameter in parameters.items():
            for value in wrong_values(system, method, name):
                arguments = right_arguments(system, method, parameters) | {name: value}
                try:
                    if parameter.kind is inspect.Parameter.VAR_POSITIONAL:
                        asked(value)
                    else:
                        asked(**arguments)
                except ValueError as error:
                    assert said(name, value, error), (method, name, value, error)
                else:
                    pytest.fail(f"{method} takes {value!r} as {name}")
                assert state(cluster) == before, (method, name, value)
    for each in (cluster, untouched):
        each.run(until=8)
    assert cluster.trace.to_jsonl() == untouched.trace.to_jsonl()


@pytest.mark.parametrize("settings", [SwimConfig, GossipConfig])
def test_settings_are_settings_and_no_dict(settings):
    system = Consul if settings is SwimConfig else Cassandra
    assert system(config=settings(), **FEW[system.__name__])
    with pytest.raises(
        ValueError, match=r"config is \{'fanout': 2\}: it must be a (Swim|Gossip)Config, or None"
    ):
        system(config={"fanout": 2})


def test_what_is_right_is_taken():
    assert Consul(1, 1, access=AccessList({}), token="s", authority=None, repair=False, pre_vote=False)
    assert Cassandra(4, replication={"a": 1, "b": 2}, seeds=["node-4"], network=Network(), hints=False)
    assert Dynamo(["a", "b", "c"], seeds=(), merge=max, authority=None, latencies="LNKD-SSD")
    joined = Cassandra(4, vnodes=2, seed=1)
    joined.join("new", tokens=(token for token in (5, 7)))
    joined.run(until=100)
    assert joined.started("new").tokens == (5, 7)
