"""All tables of speed, one after the other: ``python -m tests.benchmarks [names]``.

Each table is a file of this folder and runs in a process of its own, so that none of them warms or fills what another one
measures. Without names all run that take minutes; those that take an hour run when they are named. What a table needs and
does not find is said, with what is left out; nothing stands in for it.
"""

import argparse
import os
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


@dataclass(frozen=True)
class Table:
    """One file of this folder."""

    file: str
    says: str
    needs: tuple[str, ...] = ()
    """Without these there is nothing to measure against."""
    long: bool = False


TABLES = {
    "epidemic": Table("bench_epidemic.py", "epidemics against C, Mesa, EoN and NDlib"),
    "kernel": Table("bench_kernel.py", "the event kernel against SimPy", needs=("simpy",)),
    "swim": Table("bench_swim.py", "a SWIM cluster against SimPy that only pings", needs=("simpy",)),
    "scuttlebutt": Table("bench_scuttlebutt.py", "Cassandra's gossip by size, against dicts"),
    "systems": Table("bench_systems.py", "whole clusters: processor time for a simulated second"),
    "checking": Table("bench_checking.py", "checkers of histories, invariants and planted bugs"),
    "lab": Table("bench_lab.py", "from a slider to the picture, and imports"),
    "lessons": Table("bench_lessons.py", "Run all, and the runs behind each panel's positions"),
    "stage": Table(
        "bench_stage.py", "a stage in the kernel and in JupyterLab", needs=("psutil", "playwright"), long=True
    ),
    "memberlist": Table("compare_memberlist.py", "SWIM against measured clusters", long=True),
    "redis": Table("compare_redis.py", "Redis Cluster against measured clusters"),
    "scale": Table(
        "bench_scale.py",
        "a sweep here, by processes, by Dask and by ipyparallel",
        needs=("distributed", "ipyparallel"),
    ),
    "wheels": Table(
        "wheels.py", "which pin has a wheel on which platform and Python", needs=("uv",), long=True
    ),
    "grading": Table(
        "bench_grading.py", "a class of 500 against nbgrader", needs=("psutil", "nbgrader"), long=True
    ),
}


def show(name: str) -> bool:
    """Print one table; whether it could be made."""
    table = TABLES[name]
    print(f"\n=== {name}: {table.says}\n", flush=True)
    missing = [package for package in table.needs if find_spec(package) is None]
    if missing:
        print(f"left out: {' and '.join(missing)} not installed; pip install -e '.[bench]'")
        return True
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run([sys.executable, HERE / table.file], env=os.environ | {"PYTHONPATH": path})
    return done.returncode == 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__.splitlines()[0])
    listed = "; ".join(f"{name}: {table.says}" for name, table in TABLES.items())
    parser.add_argument("names", nargs="*", metavar="name", help=listed)
    names = parser.parse_args().names or [name for name, table in TABLES.items() if not table.long]
    unknown = [name for name in names if name not in TABLES]
    if unknown:
        parser.error(f"there is no table {unknown[0]!r}: there are {', '.join(TABLES)}")
    failed = [name for name in names if not show(name)]
    if failed:
        print(f"\nfailed: {', '.join(failed)}")
    return len(failed)


if __name__ == "__main__":
    sys.exit(main())
