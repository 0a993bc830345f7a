"""The same run over a grid of parameters, with several seeds each: on this core, on many, or on other machines.

A run is a function of its parameters and a seed, so it gives the same numbers wherever it is done, and in whatever order.
`sweep` hands them to any `concurrent.futures.Executor` (`ProcessPoolExecutor`, Dask's ``Client.get_executor()``,
ipyparallel's ``Client.executor()``), keeps each row in a file as it comes, and goes on from there the next time.

A cluster's scheduler spends about a millisecond on a task, so short runs go to the workers several in a task. How many is
learned from the tasks that came back; a task that takes longer than was thought gives back what it did not get to.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, fields, is_dataclass
from itertools import product
from numbers import Integral, Real
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import checks

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

AHEAD = 2048
"""Tasks that an executor has in hand at most: two or more for each of 100 machines with 8 workers, and not a million futures."""
TASK_S = 0.1
"""Seconds that a task takes at least, if it has several runs: a hundred times what it costs to hand it out."""
TASK_S_PER_WORKER = 0.004
"""With many workers a task takes longer, this for each: one scheduler hands out for all of them, 250 tasks a second."""
VALUE = "value"
"""What the number is called that a run gives without a name."""
Row = dict[str, Any]


@dataclass(frozen=True, repr=False)
class Sweep:
    """All rows of a grid, in its order: the last parameter changes faster than those before it, and the seed fastest.

    Attributes
    ----------
    parameters : tuple of str
    rows : tuple of dict
        In long form: the parameters, ``"seed"``, and what the run gave under its names.
    """

    parameters: tuple[str, ...]
    rows: tuple[Row, ...]

    def over_seeds(self, name: str) -> dict[tuple[Any, ...], tuple[Any, ...]]:
        """One number of the runs: by the values of the parameters, one for each seed.

        Raises
        ------
        ValueError
            If the runs gave nothing under this name.
        """
        given = [each for each in self.rows[0] if each not in (*self.parameters, "seed")]
        checks.one_of("name", name, given)
        found: dict[tuple[Any, ...], list[Any]] = {}
        for row in self.rows:
            found.setdefault(tuple(row[each] for each in self.parameters), []).append(row[name])
        return {at: tuple(values) for at, values in found.items()}

    def frame(self):
        """The rows as a ``pandas.DataFrame``.

        Raises
        ------
        ModuleNotFoundError
            Without pandas.
        """
        with checks.package("pandas", "a table as a DataFrame"):
            from pandas import DataFrame

        return DataFrame(list(self.rows))

    def __repr__(self) -> str:
        points = len({tuple(row[each] for each in self.parameters) for row in self.rows})
        return f"<Sweep of {len(self.rows)} runs: {points} points of {' x '.join(self.parameters)}>"


def sweep(
    run: Callable[..., Any],
    grid: Mapping[str, Sequence[Any]],
    seeds: Iterable[int],
    *,
    executor: Executor | None = None,
    file: str | Path | None = None,
    progress: bool | Callable[[int, int], None] = False,
) -> Sweep:
    """Call ``run(**parameters, seed=seed)`` for each point of a grid and each seed.

    Parameters
    ----------
    run : callable
        It gives a number, a mapping of names to numbers or texts, or a dataclass or named tuple of such, from which its
        parameters are left out. For an executor of other processes it must be one that they can import.
    grid : mapping of str to sequence
        The values of each parameter.
    seeds : iterable of int
    executor : concurrent.futures.Executor, optional
        Who does the runs; by default they are done here, one after the other. It is not shut down. Short runs go several in a
        task, about `TASK_S` seconds of work or `TASK_S_PER_WORKER` for each worker.
    file : path, optional
        Where rows are kept as they come, a line of JSON each. What it has already is not run again; what is in it of other
        points stays. A last line that was cut off, as by a loss of power, is done anew.
    progress : bool or callable
        True shows tqdm's bar, on the terminal or in the notebook. A callable is called with the number of runs that are done
        and of all, at the beginning and after each.

    Returns
    -------
    Sweep
        The same whatever the executor, and whether it was interrupted or not.

    Raises
    ------
    ValueError
        For a grid or seeds that are empty, values that a file can't keep, a file of another run or of other parameters, or a
        run that gives something else than numbers and texts.
    ModuleNotFoundError
        For a bar without tqdm.
    Exception
        What a run raises, with a note that says its parameters, and where it was done elsewhere its traceback. An error that
        can't be sent from there comes as a RuntimeError with its text. Where workers are lost, what the executor says of it,
        such as BrokenProcessPool; Dask does their tasks again. Runs that were done before are in the file by then.

    Examples
    --------
    >>> def area(width, height, seed):
    ...     return width * height + seed / 10
    >>> done = sweep(area, {"width": [1, 2], "height": [3]}, seeds=[0, 1])
    >>> done, done.over_seeds("value")
    (<Sweep of 4 runs: 2 points of width x height>, {(1, 3): (3.0, 3.1), (2, 3): (6.0, 6.1)})
    """
    names = tuple(grid)
    values = {name: list(grid[name]) for name in names}
    seeds = [checks.whole("a seed", seed, 0) for seed in seeds]
    if not names or not all(values.values()) or not seeds:
        raise ValueError("grid or seeds are empty: there must be a parameter with a value, and a seed")
    points = [(*point, seed) for point in product(*values.values()) for seed in seeds]
    kept = _Kept(run, names, Path(file)) if file is not None else None
    found = dict(kept.read(points)) if kept else {}
    todo = [number for number in range(len(points)) if number not in found]
    total = len(points)
    with ExitStack() as stack:
        if progress is True:
            progress = stack.enter_context(_bar(len(found), total))
        if progress:
            progress(len(found), total)
        for number, gave in _results(run, names, points, todo, executor):
            found[number] = gave
            if kept:
                kept.write(points[number], gave)
            if progress:
                progress(len(found), total)
    rows = (
        dict(zip((*names, "seed"), points[number], strict=True)) | found[number] for number in range(total)
    )
    return Sweep(names, tuple(rows))


@contextmanager
def _bar(done: int, total: int) -> Iterator[Callable[[int, int], None]]:
    with checks.package("tqdm", "a bar"):
        from tqdm.auto import tqdm
    with tqdm(initial=done, total=total, unit="run") as bar:
        yield lambda done, total: bar.update(done - bar.n)


def _one(run: Callable[..., Any], names: tuple[str, ...], point: tuple[Any, ...]) -> Row:
    """One run."""
    given = dict(zip((*names, "seed"), point, strict=True))
    try:
        return _row(given, run(**given))
    except Exception as error:
        error.add_note(f"in the run {_said(names, point)}")
        raise


def _said(names: tuple[str, ...], point: tuple[Any, ...]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in zip((*names, "seed"), point, strict=True))


def _row(given: Row, gave: Any) -> Row:
    if isinstance(gave, Mapping):
        row = dict(gave)
    elif hasattr(gave, "_asdict"):
        row = gave._asdict()
    elif is_dataclass(gave):
        row = {each.name: getattr(gave, each.name) for each in fields(gave)}
    else:
        row = {VALUE: gave}
    for name in given.keys() & row.keys():  # many results say what they are of
        if row.pop(name) != given[name]:
            raise ValueError(
                f"the run gave another {name} than {given[name]!r}: what differs must have another name"
            )
    return {str(name): _plain(name, value) for name, value in row.items()}


def _plain(name: str, value: Any) -> Any:
    # NumPy's numbers as Python's: the same row, whether it comes from a run or from a file
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real):
        return float(value)
    raise ValueError(f"the run gave {name} = {value!r}: it must be a number, a text, True, False or None")


def _task(
    run: Callable[..., Any], names: tuple[str, ...], points: list[tuple[Any, ...]], at_most_s: float
) -> tuple[list[Row], Exception | None, str, tuple[Any, ...], float]:
    """Several runs, as a worker does them: their rows, the error of the one after them and its traceback, who, and seconds."""
    import os
    import pickle
    import platform
    import threading
    import traceback
    from time import perf_counter

    begun, rows, failure, trace = perf_counter(), [], None, ""
    for point in points:
        try:
            rows.append(_one(run, names, point))
        except Exception as error:
            failure, trace = error, "".join(traceback.format_tb(error.__traceback__))
            try:  # some errors are sent and can't be received, which would break a pool of processes
                pickle.loads(pickle.dumps(error))
            except Exception:
                failure = RuntimeError(f"{type(error).__qualname__}: {error}")
                failure.__notes__ = error.__notes__
            break
        if perf_counter() - begun >= at_most_s:
            break
    who = platform.node(), os.getpid(), threading.get_ident()
    return rows, failure, trace, who, perf_counter() - begun


def _results(
    run: Callable[..., Any],
    names: tuple[str, ...],
    points: list[tuple[Any, ...]],
    todo: list[int],
    executor: Executor | None,
) -> Iterator[tuple[int, Row]]:
    if executor is None:
        for number in todo:
            yield number, _one(run, names, points[number])
        return
    from concurrent.futures import CancelledError  # brings logging along, which no simulation needs
    from queue import SimpleQueue

    left, failed = deque(todo), None
    running: dict[Future, list[int]] = {}
    done: SimpleQueue[Future] = SimpleQueue()
    workers: set[tuple[Any, ...]] = set()
    size, task_s = 1, TASK_S
    try:
        while True:
            while left and failed is None and len(running) < AHEAD:
                numbers = [left.popleft() for _ in range(min(size, len(left)))]
                # what was learned may be of other points than these: past twice the time a worker gives back the rest
                future = executor.submit(_task, run, names, [points[each] for each in numbers], 2 * task_s)
                running[future] = numbers
                future.add_done_callback(done.put)
                if not workers and not done.empty():
                    break  # the first that came back says how many runs make a task
            if not running:
                break
            future = done.get()
            numbers = running.pop(future)
            if future.cancelled():
                error = CancelledError("a task of the sweep was cancelled")
            else:
                error = future.exception()
            if error is not None:  # the executor's: a lost worker, a function that it can't import
                error.add_note(
                    f"with {len(numbers)} runs in hand, the first {_said(names, points[numbers[0]])}"
                )
            else:
                rows, error, trace, who, seconds = future.result()
                yield from zip(numbers, rows, strict=False)
                if error is None:
                    left.extendleft(reversed(numbers[len(rows) :]))
                    workers.add(who)
                    task_s = max(TASK_S, TASK_S_PER_WORKER * len(workers))
                    size = max(1, int(task_s * len(rows) / max(seconds, 1e-6)))
                elif error.__traceback__ is None:
                    error.add_note(f"which a worker did:\n{trace}")
            if error is not None and failed is None:
                failed = error
                for other in list(running):  # those that have begun are not thrown away
                    other.cancel()
        if failed is not None:
            raise failed
    finally:
        for future in running:  # nobody wants the rest
            future.cancel()


class _Kept:
    """The file of a sweep: a line that says whose it is, then a line for each run."""

    def __init__(self, run: Callable[..., Any], names: tuple[str, ...], path: Path):
        self._path = path
        called = f"{getattr(run, '__module__', '')}.{getattr(run, '__qualname__', type(run).__name__)}"
        self._head = json.dumps({"run": called, "parameters": list(names)})

    def read(self, points: list[tuple[Any, ...]]) -> Iterator[tuple[int, Row]]:
        """The points that are there already, by their number, with what their runs gave."""
        try:
            wanted = {json.dumps(point): number for number, point in enumerate(points)}
        except TypeError as error:
            raise ValueError(f"a file keeps numbers and texts only: {error}") from None
        if len(wanted) < len(points):
            raise ValueError("the grid or the seeds have a value twice: a file keeps each run once")
        text = self._path.read_text(encoding="utf-8") if self._path.exists() else ""
        head, *lines = text.split("\n")
        # a head that was cut off is still the beginning of this one
        if head != self._head and (lines or not self._head.startswith(head)):
            raise ValueError(
                f"file is {str(self._path)!r}: it begins with {head[:200]!r}, it must be a sweep's file of {self._head}"
            )
        if not lines:
            self._path.write_text(self._head + "\n", encoding="utf-8", newline="\n")
        elif lines[-1]:
            with self._path.open("r+b") as file:
                file.truncate(len(text.encode()) - len(lines[-1].encode()))
        for line in lines[:-1]:
            point, gave = json.loads(line)
            number = wanted.get(json.dumps(point))
            if number is not None:
                yield number, gave

    def write(self, point: tuple[Any, ...], gave: Row) -> None:
        """Keep one more."""
        with self._path.open("a", encoding="utf-8", newline="\n") as file:
            file.write(json.dumps([point, gave]) + "\n")
