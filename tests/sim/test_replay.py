"""One seed is one run: byte for byte, in every process, whoever else is there."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gossipkit.sim import LogNormal, Network, Scenario, World, message
from gossipkit.sim.network import stream

FAULTS = Scenario(
    [
        (1.5, "partition", {"groups": [["n0", "n1"]]}),
        (2.5, "set_loss", {"p": 0.3, "src": "n2"}),
        (3.0, "pause", {"name": "n3", "seconds": 2.0, "timers": "run"}),
        (4.0, "heal"),
        (4.5, "corrupt", {"p": 0.2}),
        (5.0, "restart", {"name": "n1"}),
        (6.0, "churn", {"leaves_per_s": 0.5, "joins_per_s": 0.5, "seconds": 3.0}),
    ]
)


@message
class Rumor:
    number: int
    seen: frozenset
    about: str


class Gossiper:
    """Tells a random peer every second, and answers now and then over the reliable channel."""

    def __init__(self, peers):
        self.peers, self.seen, self.told = peers, frozenset(), 0

    def start(self, env):
        self.env = env
        env.after(env.random.random(), self.tell)

    def tell(self):
        env, self.told = self.env, self.told + 1
        env.send(env.random.choice(self.peers), Rumor(self.told, self.seen, env.name))
        env.count("told")
        env.after(env.random.uniform(0.5, 1.5), self.tell)

    def receive(self, env, sender, received):
        if isinstance(received.about, str) and received.about not in self.seen:
            self.seen |= {received.about}
            env.record("learned", about=received.about, seen=self.seen)
            env.send_reliably(sender, Rumor(0, self.seen, env.name), timeout_s=0.5)


def gossip(seed, runs=(10.0,), trace=True):
    peers = [f"n{i}" for i in range(5)]
    network = Network(latency=LogNormal(0.05), loss=0.1, duplicate=0.1, corrupt=0.05)
    world = World(seed=seed, network=network, trace=trace, newcomer=lambda name: Gossiper(peers))
    for name in peers:
        world.add(name, Gossiper(peers), rebuild=lambda saved: Gossiper(peers))
    world.play(FAULTS)
    for until in runs:
        world.run(until=until)
    return world


def test_the_same_seed_gives_the_same_bytes():
    first, second = gossip(7), gossip(7)
    assert len(first.trace) > 100
    assert first.trace.to_jsonl() == second.trace.to_jsonl()
    for name in first.metrics.names:
        assert first.metrics.series(name) == second.metrics.series(name)


def test_different_seeds_differ():
    assert len({gossip(seed).trace.to_jsonl() for seed in range(10)}) == 10


def test_the_same_bytes_come_out_of_every_process_whatever_it_hashes_by():
    code = (
        "import importlib.util, sys; spec = importlib.util.spec_from_file_location('replayed', sys.argv[1]);"
        "module = importlib.util.module_from_spec(spec); spec.loader.exec_module(module);"
        "sys.stdout.write(module.gossip(7).trace.to_jsonl())"
    )
    root = Path(__file__).resolve().parents[2]
    found = {
        subprocess.run(
            [sys.executable, "-c", code, __file__],
            capture_output=True,
            check=True,
            cwd=root,
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONUTF8": "1"},
        ).stdout.replace(b"\r\n", b"\n")
        for seed in ("0", "1", "4242")
    }
    assert found == {gossip(7).trace.to_jsonl().encode()}


def test_a_partition_of_sets_is_written_in_one_order(made):
    world = made("abcd")
    world.partition({"d", "b", "a"}, frozenset({"c"}))
    assert world.trace[0].fields == {"groups": (("a", "b", "d"), ("c",))}


def test_the_way_the_time_is_cut_into_runs_changes_nothing():
    cut = gossip(7, runs=(0, 0.1, 1, 3, 3, 7.77, 10))
    assert cut.trace.to_jsonl() == gossip(7).trace.to_jsonl()


def test_a_run_without_a_trace_is_the_same_run():
    traced, silent = gossip(7), gossip(7, trace=False)
    assert len(silent.trace) == 0
    for name in traced.metrics.names:
        assert silent.metrics.series(name) == traced.metrics.series(name)
    assert silent.names == traced.names and silent.up == traced.up


def pairs(names):
    """A world of pairs that talk only to each other."""
    world = World(seed=3, network=Network(latency=LogNormal(0.05), loss=0.2, duplicate=0.2, corrupt=0.2))
    for pair in names:
        for name, other in (pair, pair[::-1]):
            world.add(name, Gossiper([other]))
    world.run(until=20.0)
    return world


@pytest.mark.parametrize("names", [["ab", "xy"], ["xy", "ab"], ["uv", "ab", "xy"]], ids=str)
def test_others_change_neither_the_stream_nor_the_trace_of_a_process(names):
    alone, among = pairs(["ab"]), pairs(names)
    assert len(alone.trace) > 50
    assert among.trace.filter(node=["a", "b"]).to_jsonl() == alone.trace.to_jsonl()
    for name in "ab":
        assert among.processes[name].env.random.random() == alone.processes[name].env.random.random()


def test_streams_are_told_apart_by_seed_purpose_and_name():
    keys = [(1, "process", "a"), (1, "network", "a"), (1, "process", "b"), (2, "process", "a"), (1, "churn")]
    assert len({stream(*key).random() for key in keys}) == len(keys)


def test_a_stream_is_pinned():
    # a change here changes every stored run of the course
    assert stream(7, "process", "agent-1").random() == 0.7788885329460147
