"""Epidemics against the peers a user would pick instead: Mesa, EoN, NDlib, and plain C.

Run ``python -m tests.benchmarks epidemic`` after ``pip install -e .[bench]``; the C (``push.c``) is compiled with gcc. A peer
that is not installed is left out, and so is C where there is no gcc; the first lines say so. Four pieces of work, each checked to be the same for everybody:

1. push, fanout 3, loss 0.1, complete graph, with the round in which each node learns, at 10⁴, 10⁵ and 10⁶ nodes; C and
   Mesa follow every message, gossipkit draws counts and deals the nodes out to them; Mesa at 10⁵;
2. the same at 10⁶ nodes where only counts are asked for, against C, which follows the nodes;
3. a random regular overlay of degree 8 on which whoever learns the rumour tells all its neighbours once, each copy lost
   with chance 0.1: a discrete SIR epidemic that is infectious for one step, as EoN, NDlib and C run it;
4. a sweep of 10 fanouts, 10 losses and 30 seeds at 1 000 nodes, against loops over single runs.

Printed are medians of processor time, all on one thread, over alternated repeats in one process, and ratios, which
outlast machines. A slow peer is measured
on fewer repeats, or in the sweep on fewer seeds and scaled, which its line says.
"""

import argparse
import ctypes
import gc
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from time import process_time

import networkx as nx
import numpy as np

from gossipkit.gossip import overlays, spread
from gossipkit.gossip.neighbours import Neighbours

FANOUT, LOSS, DEGREE = 3, 0.1, 8
FANOUTS, LOSSES, SEEDS = range(1, 11), [step / 20 for step in range(10)], 30
SLOW = 2  # repeats of the peers that take seconds

Work = tuple[int, int]  # the nodes informed at the end and the messages, summed over runs


def mesa_push() -> Callable[[int, int, float, int], Work]:
    """Push on the complete graph as a Mesa model; ImportError where there is no Mesa."""
    import mesa

    class Peer(mesa.Agent):
        """A node."""

        def __init__(self, model: "Epidemic"):
            super().__init__(model)
            self.learned_at = -1

        def push(self):
            model = self.model
            own = self.unique_id - 1
            for target in model.random.sample(model.others, model.fanout):
                if model.random.random() >= model.loss:
                    other = model.peers[target + (target >= own)]
                    if other.learned_at < 0:
                        other.learned_at = model.steps

    class Epidemic(mesa.Model):
        def __init__(self, nodes: int, fanout: int, loss: float, seed: int):
            super().__init__(seed=seed)
            self.fanout, self.loss, self.others = fanout, loss, range(nodes - 1)
            self.peers = list(Peer.create_agents(self, nodes))
            self.peers[0].learned_at = 0
            self.telling = self.agents.select(lambda peer: peer.learned_at >= 0)
            self.messages = 0

        def step(self):
            self.messages += self.fanout * len(self.telling)
            self.telling.do("push")
            self.telling = self.agents.select(lambda peer: peer.learned_at >= 0)

    def run(nodes: int, fanout: int, loss: float, seed: int) -> Work:
        model = Epidemic(nodes, fanout, loss, seed)
        while len(model.telling) < nodes:
            model.step()
        return len(model.telling), model.messages

    return run


def compiled() -> tuple[Callable[..., Work], Callable[..., Work]]:
    """Compile push.c: push on the complete graph, and told once by all neighbours; FileNotFoundError where there is no gcc."""
    if not shutil.which("gcc"):
        raise FileNotFoundError("gcc")
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "push.so"
        source = Path(__file__).with_name("push.c")
        subprocess.run(["gcc", "-O3", "-shared", "-fPIC", "-o", library, source], check=True)
        functions = ctypes.CDLL(library)
    push, told = functions.push, functions.told_once
    arrays = [np.ctypeslib.ndpointer(kind) for kind in (np.int32, np.int32, np.int64)]
    push.argtypes = [
        ctypes.c_int32,
        ctypes.c_int32,
        ctypes.c_double,
        ctypes.c_int32,
        ctypes.c_uint64,
        *arrays,
    ]
    push.argtypes += [ctypes.POINTER(ctypes.c_int32)]
    push.restype = ctypes.c_int64

    def run(nodes: int, fanout: int, loss: float, seed: int) -> Work:
        learned_at, order = np.empty(nodes, np.int32), np.empty(nodes, np.int32)
        informed, rounds = np.empty(101, np.int64), ctypes.c_int32()
        messages = push(nodes, fanout, loss, 100, seed, learned_at, order, informed, rounds)
        return int(informed[rounds.value]), messages

    ints = arrays[0]
    told.argtypes = [ctypes.c_int32, ints, ints, ctypes.c_double, ctypes.c_uint64, ints, ints]
    told.restype = ctypes.c_int64

    def run_told(starts: np.ndarray, targets: np.ndarray, seed: int) -> Work:
        nodes = len(starts) - 1
        learned_at, order = np.empty(nodes, np.int32), np.empty(nodes, np.int32)
        messages = told(nodes, starts, targets, LOSS, seed, learned_at, order)
        return int((learned_at >= 0).sum()), messages

    return run, run_told


def gossipkit_push(
    nodes: int, fanout: int, loss: float, seed: int, track: bool = False, trials: int = 1
) -> Work:
    return work(spread(nodes, fanout=fanout, loss=loss, seed=seed, track=track, trials=trials))


def work(run) -> Work:
    return int(run.informed[:, -1].sum()), int(run.messages.sum())


def told_once(overlay: Neighbours, seed: int) -> Work:
    return work(spread(overlay.nodes, fanout=DEGREE, retransmit=1, loss=LOSS, overlay=overlay, seed=seed))


def eon_sir() -> Callable[[nx.Graph, int], Work]:
    """ImportError where there is no EoN."""
    import EoN

    def run(graph: nx.Graph, seed: int) -> Work:
        _, _, _, recovered = EoN.basic_discrete_SIR(
            graph, 1 - LOSS, initial_infecteds=0, rng=np.random.default_rng(seed)
        )
        return int(recovered[-1]), int(recovered[-1]) * DEGREE

    return run


def ndlib_sir() -> Callable[[nx.Graph, int], Work]:
    """ImportError where there is no NDlib."""
    from ndlib.models.epidemics import SIRModel
    from ndlib.models.ModelConfig import Configuration

    def run(graph: nx.Graph, seed: int) -> Work:
        np.random.seed(seed)  # noqa: NPY002 - NDlib draws from the global generator
        model = SIRModel(graph)
        config = Configuration()
        config.add_model_parameter("beta", 1 - LOSS)
        config.add_model_parameter("gamma", 1.0)
        config.add_model_initial_configuration("Infected", [0])
        model.set_initial_status(config)
        counts = model.iteration(node_status=False)["node_count"]
        while counts[1]:
            counts = model.iteration(node_status=False)["node_count"]
        return counts[2], counts[2] * DEGREE

    return run


def peer(name: str, make: Callable) -> object | None:
    """What ``make`` gives, or None where the peer is missing, which is said."""
    try:
        return make()
    except (ImportError, FileNotFoundError) as error:
        print(
            f"{name} is left out: {error.name or error} is not installed here"
            if isinstance(error, ImportError)
            else f"{name} is left out: there is no {error}"
        )
        return None


def sweep(run: Callable[..., Work], seeds: Iterable[int], **options) -> Work:
    """Sum over all fanouts, losses and seeds."""
    found = [
        run(1000, fanout, loss, seed, **options) for fanout in FANOUTS for loss in LOSSES for seed in seeds
    ]
    return tuple(map(sum, zip(*found, strict=True)))


@dataclass(frozen=True)
class Variant:
    """One way of doing a piece of work, called with the number of the repeat as its seed."""

    run: Callable[[int], Work]
    repeats: int
    share: float = 1.0
    """Which part of the work a call does; its time and work are scaled up."""


def measure(title: str, variants: dict[str, Variant], tolerance: float) -> None:
    """Time variants in turns, print each one's medians and ratio to the first.

    Raises
    ------
    AssertionError
        When a variant informed other nodes, or sent more or fewer messages than the `tolerance` allows.
    """
    seconds, works = {name: [] for name in variants}, {name: [] for name in variants}
    for repeat in range(max(variant.repeats for variant in variants.values())):
        for name, variant in variants.items():
            if repeat < variant.repeats:
                gc.collect()
                begin = process_time()
                found = variant.run(repeat)
                seconds[name].append((process_time() - begin) / variant.share)
                works[name].append([count / variant.share for count in found])

    print(f"\n{title}")
    middle = {name: np.median(found, axis=0) for name, found in works.items()}
    per_message = {
        name: median(time / sent for time, (_, sent) in zip(seconds[name], works[name], strict=True)) * 1e9
        for name in variants
    }
    first = next(iter(variants))
    for name, variant in variants.items():
        assert np.allclose(middle[name], middle[first], rtol=tolerance), f"{name} did other work: {middle}"
        share = f", 1/{1 / variant.share:.0f} of the work, scaled" if variant.share < 1 else ""
        print(
            f"  {name:32} {median(seconds[name]) * 1e3:10.1f} ms {per_message[name]:9.1f} ns/message "
            f"{per_message[name] / per_message[first]:8.2f} x   ({variant.repeats} runs{share})"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=7)
    repeats = parser.parse_args().repeats
    slow = min(SLOW, repeats)
    c_push, c_told = peer("C", compiled) or (None, None)
    mesa, eon, ndlib = peer("Mesa", mesa_push), peer("EoN", eon_sir), peer("NDlib", ndlib_sir)

    # the last node is informed a round earlier or later by chance, and a late round costs a seventh of all messages
    by_chance = 0.4
    for nodes in (10_000, 100_000, 1_000_000):
        variants = {
            "gossipkit, when each node learns": Variant(
                partial(gossipkit_push, nodes, FANOUT, LOSS, track=True), repeats
            )
        }
        if nodes == 1_000_000:
            variants["gossipkit, counts only"] = Variant(
                partial(gossipkit_push, nodes, FANOUT, LOSS), repeats
            )
        if c_push:
            variants["C -O3"] = Variant(partial(c_push, nodes, FANOUT, LOSS), repeats)
        if mesa and nodes == 100_000:
            variants["Mesa"] = Variant(partial(mesa, nodes, FANOUT, LOSS), slow)
        measure(f"push, fanout {FANOUT}, loss {LOSS}, complete graph, {nodes:,} nodes", variants, by_chance)

    graph = overlays.random_regular(100_000, DEGREE)
    begin = process_time()
    overlay = Neighbours.of(graph)
    conversion = process_time() - begin
    variants = {"gossipkit": Variant(partial(told_once, overlay), repeats)}
    if c_told:
        variants["C -O3"] = Variant(
            partial(c_told, *(array.astype(np.int32) for array in (overlay.starts, overlay.targets))), repeats
        )
    if eon:
        variants["EoN basic_discrete_SIR"] = Variant(partial(eon, graph), repeats)
    if ndlib:
        variants["NDlib SIRModel"] = Variant(partial(ndlib, graph), slow)
    measure(
        f"told once by all neighbours, degree {DEGREE}, loss {LOSS}, {overlay.nodes:,} nodes", variants, 0.01
    )
    print(f"  conversion from networkx, once   {conversion * 1e3:10.1f} ms, not in the above")

    loop = 6  # seeds of the single runs
    variants = {
        "gossipkit, trials together": Variant(
            lambda seed: sweep(gossipkit_push, [seed], trials=SEEDS), repeats
        ),
        "gossipkit, trials one by one": Variant(
            lambda seed: sweep(gossipkit_push, range(seed, seed + loop)), repeats, loop / SEEDS
        ),
    }
    if mesa:
        variants["Mesa"] = Variant(lambda seed: sweep(mesa, [seed]), slow, 1 / SEEDS)
    if c_push:
        variants["C -O3"] = Variant(lambda seed: sweep(c_push, range(SEEDS)), repeats)
    measure(
        f"sweep, {len(FANOUTS)} fanouts x {len(LOSSES)} losses x {SEEDS} seeds, 1,000 nodes", variants, 0.05
    )


if __name__ == "__main__":
    main()
