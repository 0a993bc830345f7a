"""The same run over a grid of parameters, with several seeds each: on this core, on many, or on other machines.

A run is a function of its parameters and a seed, so it gives the same numbers wherever it is done, and in whatever order.
`sweep` hands them to any `concurrent.futures.Executor` (`ProcessPoolExecutor`, ipyparallel's or Dask's
``Client.get_executor()``), keeps each row in a file as it comes, and goes on from there the next time.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from itertools import islice, product
from numbers import Integral, Real
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import checks

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

AHEAD = 256
"""Runs that an executor has in hand at most: enough for its workers, and not a million futures."""
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
    progress: Callable[[int, int], None] | None = None,
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
        By default the runs are done here, one after the other. It is not shut down.
    file : path, optional
        Where rows are kept as they come, a line of JSON each. What it has already is not run again; what is in it of other
        points stays. A last line that was cut off, as by a loss of power, is done anew.
    progress : callable, optional
        Called with the number of runs that are done and of all, at the beginning and after each.

    Returns
    -------
    Sweep
        The same whatever the executor, and whether it was interrupted or not.

    Raises
    ------
    ValueError
        For a grid or seeds that are empty, values that a file can't keep, a file of another run or of other parameters, or a
        run that gives something else than numbers and texts. Runs that were done before are in the file by then.

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


def _one(run: Callable[..., Any], names: tuple[str, ...], point: tuple[Any, ...]) -> Row:
    """One run, as a worker does it."""
    given = dict(zip((*names, "seed"), point, strict=True))
    gave = run(**given)
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
    from concurrent.futures import FIRST_COMPLETED, wait  # brings logging along, which no simulation needs

    left, failed = iter(todo), None
    running: dict[Future, int] = {}
    try:
        while True:
            for number in islice(left, 0 if failed else AHEAD - len(running)):
                running[executor.submit(_one, run, names, points[number])] = number
            if not running:
                break
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                number = running.pop(future)
                if future.cancelled():
                    continue
                error = future.exception()
                if error is None:
                    yield number, future.result()
                elif failed is None:  # what others have in hand is not thrown away
                    failed = error
                    for other in running:
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
