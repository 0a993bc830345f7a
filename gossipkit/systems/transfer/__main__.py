"""Computes the stored tables anew: ``python -m gossipkit.systems.transfer table`` or ``metro``."""

import argparse
import csv
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from ...sim import sweep
from .cells import Cell
from .table import COLUMNS, FILES, SEEDS, SWEEPS, row


def compute(what: str, file: Path) -> None:
    """Compute all cells and write them."""
    run, grid = SWEEPS[what]
    with ProcessPoolExecutor() as pool:
        found = sweep(run, grid, SEEDS, executor=pool, progress=True)
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(row(Cell(**each)) for each in found.rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m gossipkit.systems.transfer", description=__doc__)
    parser.add_argument("what", choices=sorted(FILES))
    what = parser.parse_args().what
    compute(what, FILES[what])
