"""One run over a grid: the same rows whoever does it, and however often it was interrupted."""

import json
import multiprocessing
import sys
from concurrent.futures import CancelledError, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from typing import NamedTuple

import pytest

from gossipkit import gossip, systems
from gossipkit.gossip import spread
from gossipkit.sim import sweep
from gossipkit.sim.sweep import TASK_S, TASK_S_PER_WORKER
from gossipkit.systems.cassandra.experiments import fast_clock

GRID = {"fanout": [1, 3], "loss": [0.0, 0.5]}
SEEDS = range(3)


class Told(NamedTuple):
    coverage: float
    rounds: int


def told(fanout, loss, seed):
    run = spread(60, fanout=fanout, loss=loss, seed=seed)
    return Told(run.coverage.mean(), run.informed.shape[-1])


def doubled(n, seed):
    if n == 3:
        raise RuntimeError("no")
    return 2 * n + seed


class Now(Executor):
    """It does a task when it is given it, and keeps in mind how many runs were asked of it and how many it has done."""

    def __init__(self):
        self.asked, self.did = [], []

    def submit(self, task, run, names, points, at_most_s):
        future = Future()
        future.set_result(task(run, names, points, at_most_s))
        self.asked.append(len(points))
        self.did.append(len(future.result()[0]))
        return future


class Stuck(Executor):
    """It begins nothing; a task that is one too many breaks it."""

    def __init__(self, room):
        self.hand, self.room = [], room

    def submit(self, *task):
        self.hand.append(Future())
        if len(self.hand) == self.room:
            for future in self.hand:
                future.set_exception(OSError("no room"))
        return self.hand[-1]


@pytest.fixture
def clock(monkeypatch):
    """Seconds as workers measure them: they pass where a run says so."""
    at = [0.0]
    monkeypatch.setattr("time.perf_counter", lambda: at[0])
    return at


@pytest.fixture
def ahead(monkeypatch):
    """Sets how many tasks an executor has in hand."""
    return lambda tasks: monkeypatch.setattr(sys.modules["gossipkit.sim.sweep"], "AHEAD", tasks)


def test_there_is_one_sweep():
    assert gossip.sweep is systems.sweep is sweep


def test_rows_are_in_the_order_of_the_grid_with_what_the_run_gives():
    done = sweep(told, GRID, SEEDS)
    assert [(row["fanout"], row["loss"], row["seed"]) for row in done.rows] == [
        (fanout, loss, seed) for fanout in (1, 3) for loss in (0.0, 0.5) for seed in range(3)
    ]
    assert list(done.rows[0]) == ["fanout", "loss", "seed", "coverage", "rounds"]
    for row in done.rows:
        assert (row["coverage"], row["rounds"]) == told(row["fanout"], row["loss"], row["seed"])
    assert done.over_seeds("rounds")[3, 0.5] == tuple(told(3, 0.5, seed).rounds for seed in range(3))
    assert repr(done) == "<Sweep of 12 runs: 4 points of fanout x loss>"


def test_the_same_whoever_does_it(tmp_path):
    here = sweep(told, GRID, SEEDS)
    with ThreadPoolExecutor(3) as pool:
        assert sweep(told, GRID, SEEDS, executor=pool) == here
        assert sweep(told, GRID, SEEDS, executor=pool, file=tmp_path / "rows") == here
    assert sweep(told, GRID, SEEDS, file=tmp_path / "rows") == here


def test_the_same_in_other_processes():
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        grid = {"ahead_s": [0.0, 1.5], "rows": [3]}  # a function that another process can import
        assert sweep(fast_clock, grid, SEEDS, executor=pool) == sweep(fast_clock, grid, SEEDS)


def test_short_runs_go_several_in_a_task(clock):
    def run(n, seed):
        clock[0] += TASK_S / 10.5
        return n + seed

    workers = Now()
    assert sweep(run, {"n": [1]}, range(35), executor=workers) == sweep(run, {"n": [1]}, range(35))
    assert workers.asked == workers.did == [1, 10, 10, 10, 4]


def test_a_run_of_the_length_of_a_task_goes_alone(clock):
    def run(n, seed):
        clock[0] += TASK_S
        return n

    workers = Now()
    sweep(run, {"n": [1]}, range(5), executor=workers)
    assert workers.asked == [1] * 5


def test_a_worker_gives_back_the_runs_of_a_task_that_takes_longer_than_was_thought(clock, ahead):
    ahead(1)

    def run(n, seed):
        clock[0] += TASK_S / 10.5 if n == 1 else TASK_S * 1.5
        return n + seed

    workers, grid = Now(), {"n": [1, 2]}
    assert sweep(run, grid, range(6), executor=workers) == sweep(run, grid, range(6))
    # the second stops after 5 short runs and 2 long ones, past twice the time of a task; then half as many are asked
    assert (workers.asked, workers.did) == ([1, 10, 2, 1, 1], [1, 7, 2, 1, 1])


def test_tasks_are_longer_for_many_workers(clock, ahead, monkeypatch):
    ahead(1)

    def run(n, seed):
        clock[0] += TASK_S / 10.3
        return n + seed

    workers, processes = Now(), iter(range(1000))
    monkeypatch.setattr("os.getpid", lambda: next(processes))  # each task is another worker's
    sweep(run, {"n": [1]}, range(1000), executor=workers)
    for done, size in enumerate(workers.asked[1:-1], 1):
        assert size == int(max(TASK_S, TASK_S_PER_WORKER * done) / (TASK_S / 10.3))
    assert max(workers.asked) > 12


def test_an_executor_has_no_more_than_so_many_tasks_in_hand(ahead):
    ahead(4)
    workers = Stuck(room=4)
    with pytest.raises(OSError, match="no room"):
        sweep(doubled, {"n": [1]}, range(100), executor=workers)
    assert len(workers.hand) == 4


def test_a_task_that_somebody_cancels_ends_the_sweep():
    class Cancels(Executor):
        def submit(self, *task):
            future = Future()
            future.cancel()
            return future

    with pytest.raises(CancelledError) as raised:
        sweep(doubled, {"n": [1]}, [0], executor=Cancels())
    assert raised.value.__notes__ == ["with 1 runs in hand, the first n=1, seed=0"]


def test_a_bar_shows_what_is_done(tmp_path, capsys):
    file = tmp_path / "rows"
    sweep(doubled, {"n": [1]}, [0], file=file)
    sweep(doubled, {"n": [1, 2]}, [0, 1], file=file, progress=True)
    said = capsys.readouterr()
    first, *_, last = said.err.strip().split("\r")
    assert "1/4" in first and "4/4" in last and not said.out


def test_a_bar_without_tqdm_is_refused_before_anything_runs(monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    with pytest.raises(ModuleNotFoundError, match="a bar needs the package tqdm"):
        sweep(lambda n, seed: pytest.fail("it ran"), {"n": [1]}, [0], progress=True)


def test_a_frame_has_a_line_for_each_run():
    done = sweep(told, GRID, SEEDS)
    frame = done.frame()
    assert list(frame.columns) == ["fanout", "loss", "seed", "coverage", "rounds"]
    assert frame.to_dict("records") == list(done.rows)
    means = frame.groupby(["fanout", "loss"])["rounds"].mean()
    assert means[3, 0.5] == pytest.approx(sum(done.over_seeds("rounds")[3, 0.5]) / 3)


def test_what_a_file_has_is_not_run_again(tmp_path):
    asked = []

    def run(n, seed):
        asked.append((n, seed))
        return {"n²": n * n, "word": "x", "none": None}

    file, seen = tmp_path / "rows.jsonl", []
    first = sweep(run, {"n": [1, 2]}, [0, 1], file=file)
    assert len(asked) == 4
    more = sweep(
        run, {"n": [2, 5]}, [1, 2], file=file, progress=lambda done, total: seen.append((done, total))
    )
    assert asked[4:] == [(2, 2), (5, 1), (5, 2)]
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert [row["n²"] for row in more.rows] == [4, 4, 25, 25]
    assert sweep(run, {"n": [1, 2]}, [0, 1], file=file) == first
    assert len(asked) == 7


def test_a_line_that_was_cut_off_is_done_anew_and_nothing_else_is_lost(tmp_path):
    file = tmp_path / "rows.jsonl"
    whole = sweep(doubled, {"n": [1, 2]}, [0, 1], file=file)
    kept = file.read_bytes()
    for length in range(len(kept)):
        file.write_bytes(kept[:length])
        assert sweep(doubled, {"n": [1, 2]}, [0, 1], file=file) == whole
        assert file.read_bytes() == kept


def test_a_run_that_fails_leaves_what_was_done(tmp_path):
    file = tmp_path / "rows.jsonl"
    for executor in (None, ThreadPoolExecutor(1)):
        file.unlink(missing_ok=True)
        with pytest.raises(RuntimeError, match="no") as raised:
            sweep(doubled, {"n": [1, 2, 3, 4]}, [0], executor=executor, file=file)
        assert raised.value.__notes__ == ["in the run n=3, seed=0"]
        kept = {json.loads(line)[0][0] for line in file.read_text().splitlines()[1:]}
        assert kept - {4} == {1, 2}  # of several at once, the one after it may be done by then


@pytest.mark.parametrize("other", ["my notes", "my notes\n", '{"run": "other", "parameters": ["n"]}\n'])
def test_somebody_elses_file_stays_as_it_is(tmp_path, other):
    file = tmp_path / "notes"
    file.write_text(other)
    with pytest.raises(ValueError, match="it must be a sweep's file of"):
        sweep(doubled, {"n": [1]}, [0], file=file)
    assert file.read_text() == other


def test_a_file_of_other_parameters_is_refused(tmp_path):
    sweep(doubled, {"n": [1]}, [0], file=tmp_path / "rows")
    with pytest.raises(ValueError, match="it must be a sweep's file of"):
        sweep(told, GRID, [0], file=tmp_path / "rows")


@pytest.mark.parametrize(
    ("run", "grid", "seeds", "says"),
    [
        (doubled, {}, [0], "grid or seeds are empty"),
        (doubled, {"n": []}, [0], "grid or seeds are empty"),
        (doubled, {"n": [1]}, [], "grid or seeds are empty"),
        (doubled, {"n": [1]}, [-1], "a seed is -1"),
        (lambda n, seed: [n], {"n": [1]}, [0], r"the run gave value = \[1\]: it must be a number"),
        (lambda n, seed: {"n": 2}, {"n": [1]}, [0], "the run gave another n than 1"),
    ],
)
def test_what_is_refused(run, grid, seeds, says):
    with pytest.raises(ValueError, match=says):
        sweep(run, grid, seeds)


def test_what_a_file_cannot_keep_is_refused_before_anything_runs(tmp_path):
    def never(n, seed):
        raise AssertionError

    for values, says in ([{1}], "a file keeps numbers and texts only"), ([1, 1], "a value twice"):
        with pytest.raises(ValueError, match=says):
            sweep(never, {"n": values}, [0], file=tmp_path / "rows")
    assert not (tmp_path / "rows").exists()


def test_numbers_of_a_run_under_another_name_are_refused():
    with pytest.raises(ValueError, match="name is 'speed': it must be one of 'value'"):
        sweep(doubled, {"n": [1]}, [0]).over_seeds("speed")
