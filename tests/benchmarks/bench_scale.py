"""One sweep by whoever may run it: here, by a pool of processes, by Dask and by ipyparallel, with two workers each.

Run ``python tests/benchmarks/bench_scale.py``; it takes a minute or two, and wants two cores that nobody else uses. Printed are
seconds of short runs (an epidemic among 1 000 nodes) with one run a task, of the same with as many a task as `sweep` finds
right, and of long runs (lesson 06's trial, a minute of 20 members); how many times faster than here that is; and whether the
rows are the same. Then, in processor time of the process that asks (for Dask the scheduler's, too), what a task costs, from 300
that do nothing, and what a row does.
"""

import multiprocessing
import os
import sys
import tempfile
import tracemalloc
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter, process_time

import ipyparallel
from distributed import Client, LocalCluster

from gossipkit.gossip import spread
from gossipkit.sim import Sweep, sweep
from gossipkit.systems.transfer import trial

SWEEP = sys.modules["gossipkit.sim.sweep"]  # the name is the function's in the package
WORKERS = 2
SHORT = {"fanout": [2, 3, 4], "loss": [0.0, 0.1, 0.2]}, range(100)
LONG = {"fanout": [2, 3], "loss": [0.0, 0.1]}, range(10)
NOTHING = {"n": [1]}, range(300)
ROWS = {"a": range(10), "b": range(10)}, range(200)


def short(fanout: int, loss: float, seed: int) -> dict[str, float]:
    run = spread(1000, fanout=fanout, loss=loss, seed=seed)
    return {"coverage": run.coverage.mean(), "rounds": run.informed.shape[-1]}


def long(fanout: int, loss: float, seed: int):
    return trial(fanout, loss, seed=seed).cell


def nothing(n: int, seed: int) -> int:
    return n


def four(a: int, b: int, seed: int) -> dict[str, float | str]:
    return {"share": seed / 3, "seconds": 1.5, "count": 2, "what": "abc"}


@contextmanager
def processes() -> Iterator[Executor]:
    with ProcessPoolExecutor(WORKERS, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield pool


@contextmanager
def dask() -> Iterator[Executor]:
    with (
        LocalCluster(n_workers=WORKERS, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        yield client.get_executor(pure=False)


@contextmanager
def ipp() -> Iterator[Executor]:
    with ipyparallel.Cluster(n=WORKERS, log_level=40) as client:
        client[:].use_cloudpickle().get()  # these functions are in a script, and no worker can import it
        yield client.executor()


EXECUTORS = {"ProcessPoolExecutor": processes, "Dask": dask, "ipyparallel": ipp}


def timed(
    run: Callable[..., object], what: tuple, executor: Executor | None, several: bool = True
) -> tuple[float, Sweep]:
    usual = SWEEP.TASK_S, SWEEP.TASK_S_PER_WORKER
    if not several:
        SWEEP.TASK_S = SWEEP.TASK_S_PER_WORKER = 0.0
    try:
        begun = perf_counter()
        found = sweep(run, *what, executor=executor)
        return perf_counter() - begun, found
    finally:
        SWEEP.TASK_S, SWEEP.TASK_S_PER_WORKER = usual


def cost_of_a_row() -> None:
    """What the process that asks spends on each row: time, memory, and a line of the file."""
    grid, seeds = ROWS
    count = len(grid["a"]) * len(grid["b"]) * len(seeds)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rows"
        begun = process_time()
        sweep(four, grid, seeds, file=file)
        written = process_time()
        tracemalloc.start()
        sweep(four, grid, seeds, file=file)
        peak = tracemalloc.get_traced_memory()[1]
        print(
            f"\na row of four results: {1e6 * (written - begun) / count:.0f} µs of its process, {peak / count:.0f} bytes of "
            f"memory, {file.stat().st_size / count:.0f} bytes of the file"
        )


def main() -> None:
    here = {run: timed(run, what, None) for run, what in ((short, SHORT), (long, LONG))}
    counts = {run: len(found.rows) for run, (_, found) in here.items()}
    each = {run: seconds / counts[run] for run, (seconds, _) in here.items()}
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores, {WORKERS} workers")
    print(
        f"short: {counts[short]} runs of {1000 * each[short]:.2f} ms; long: {counts[long]} of {1000 * each[long]:.0f} ms\n"
    )
    print(f"{'':20} {'short, one a task':>18} {'short':>14} {'long':>14}   the same rows   a task")
    print(f"{'in process':20} {'':>18} {here[short][0]:9.2f} s     {here[long][0]:9.2f} s")
    for name, executor in EXECUTORS.items():
        with executor() as workers:
            for run in (short, long):  # workers import what they need
                timed(run, ({"fanout": [2], "loss": [0.0]}, range(4)), workers, False)
            spent = process_time()
            timed(nothing, NOTHING, workers, False)
            spent = process_time() - spent
            runs = [
                (short, *timed(short, SHORT, workers, False)),
                (short, *timed(short, SHORT, workers)),
                (long, *timed(long, LONG, workers)),
            ]
        same = all(found == here[run][1] for run, _, found in runs)
        cells = [f"{seconds:7.2f} s {here[run][0] / seconds:4.2f}x" for run, seconds, _ in runs]
        line = f"{name:20} {cells[0]:>18} {cells[1]:>14} {cells[2]:>14}   {same!s:13}"
        print(f"{line}   {1e6 * spent / len(NOTHING[1]):.0f} µs", flush=True)
    print(f"load {os.getloadavg()[0]:.1f} at the end")
    cost_of_a_row()


if __name__ == "__main__":
    main()
