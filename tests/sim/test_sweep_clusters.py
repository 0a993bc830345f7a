"""A sweep on real clusters of two workers each, on this machine: what it gives, and what a lost worker leaves."""

import contextlib
import os
from pathlib import Path

import dask
import ipyparallel
import pytest
from distributed import Client, LocalCluster

from gossipkit.gossip import spread
from gossipkit.sim import sweep

GRID = {"fanout": [1, 3], "loss": [0.0, 0.5]}


def told(fanout, loss, seed):
    run = spread(60, fanout=fanout, loss=loss, seed=seed)
    return {"coverage": run.coverage.mean(), "rounds": run.informed.shape[-1], "worker": str(os.getpid())}


class Picky(Exception):
    """It can be sent, and not be received."""

    def __init__(self, what, why):
        super().__init__(f"{what}: {why}")


def fails(n, seed):
    if n == 4:
        raise KeyError("no")
    if n == 5:
        raise Picky("n", "it is 5")
    return n + seed


def dies_once(n, flag, seed):
    """It takes its worker along, the first time it comes to a point; whoever gets there at the same time lives."""
    if n == 3:
        with contextlib.suppress(FileExistsError):
            Path(flag).touch(exist_ok=False)
            os._exit(1)
    return n + seed


@pytest.fixture(scope="module")
def on_dask():
    # what a dead worker had is looked for as long as a connection may take to be made
    with (
        dask.config.set({"distributed.comm.timeouts.connect": "1s"}),
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        yield client.get_executor


@pytest.fixture(scope="module")
def on_ipyparallel():
    with ipyparallel.Cluster(n=2, log_level=40) as client:
        yield client.executor


EXECUTORS = pytest.mark.parametrize("executor", ["on_dask", "on_ipyparallel"])


@EXECUTORS
def test_the_rows_are_those_that_are_computed_here_and_both_workers_did_some(executor, request):
    with request.getfixturevalue(executor)() as workers:
        rows = sweep(told, GRID, range(20), executor=workers).rows
    here = sweep(told, GRID, range(20)).rows
    assert len({row.pop("worker") for row in rows}) == 2
    assert len({row.pop("worker") for row in here}) == 1
    assert rows == here


@EXECUTORS
@pytest.mark.parametrize(
    ("n", "kind", "says"), [(4, KeyError, "'no'"), (5, RuntimeError, "Picky: n: it is 5")]
)
def test_an_error_in_a_run_comes_with_its_parameters_and_its_traceback(executor, n, kind, says, request):
    with (
        request.getfixturevalue(executor)() as workers,
        pytest.raises(kind, match=f"^{says}\n") as raised,
    ):
        sweep(fails, {"n": [n, 1]}, [2], executor=workers)
    assert f"in the run n={n}, seed=2" in raised.value.__notes__


def test_dask_does_again_what_a_lost_worker_had(on_dask, tmp_path):
    # it dies with what it was sent, and holds no result yet: if one is lost while it is fetched, the executor of distributed 2026.8
    # takes it for an error (cfexecutor.py, _cascade_future)
    grid = {"n": [3, 0, 1, 2, 4, 5, 6, 7, 8, 9], "flag": [str(tmp_path / "died")]}
    with on_dask() as workers:
        done = sweep(dies_once, grid, range(5), executor=workers)
    assert done == sweep(dies_once, grid, range(5))


def test_ipyparallel_says_that_a_worker_was_lost_and_the_next_sweep_goes_on(on_ipyparallel, tmp_path):
    grid = {"n": range(10), "flag": [str(tmp_path / "died")]}
    with on_ipyparallel() as workers:
        with pytest.raises(ipyparallel.error.RemoteError, match="EngineError") as raised:
            sweep(dies_once, grid, range(5), executor=workers, file=tmp_path / "rows")
        assert any("runs in hand, the first n=" in note for note in raised.value.__notes__)
        begun = (tmp_path / "rows").read_text()
        done = sweep(dies_once, grid, range(5), executor=workers, file=tmp_path / "rows")
    assert done == sweep(dies_once, grid, range(5))
    assert (tmp_path / "rows").read_text().startswith(begun)
