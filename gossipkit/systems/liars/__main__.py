"""Computes the stored tables anew: ``python -m gossipkit.systems.liars``."""

import csv
from concurrent.futures import ProcessPoolExecutor

from .table import COLUMNS, FILES, SEEDS, outcomes, row

if __name__ == "__main__":
    for system, file in FILES.items():
        with ProcessPoolExecutor() as pool:
            table = outcomes(seeds=SEEDS, system=system, executor=pool)
        with file.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out, lineterminator="\n")
            writer.writerow(COLUMNS)
            writer.writerows(map(row, table.runs))
