"""Computes the stored tables anew: ``python -m gossipkit.systems.transfer table`` or ``metro``."""

import argparse
import csv
import sys
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from .cells import measure
from .table import COLUMNS, FILES, row, tasks


def compute(what: str, file: Path) -> None:
    """Compute all cells and write them, with a bar on the terminal."""
    asked, found = tasks(what), {}
    with ProcessPoolExecutor() as pool:
        running = {pool.submit(measure, *task): at for at, task in enumerate(asked)}
        for done in as_completed(running):
            found[running[done]] = done.result()
            share = len(found) / len(asked)
            sys.stderr.write(f"\r[{'#' * int(40 * share):40}] {len(found)} of {len(asked)} cells")
            sys.stderr.flush()
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(row(found[at]) for at in range(len(asked)))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m gossipkit.systems.transfer", description=__doc__)
    parser.add_argument("what", choices=sorted(FILES))
    what = parser.parse_args().what
    compute(what, FILES[what])
