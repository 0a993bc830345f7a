"""Computes the stored table anew: ``python -m gossipkit.systems.liars``."""

import csv
from concurrent.futures import ProcessPoolExecutor

from .table import COLUMNS, FILE, SEEDS, outcomes, row

if __name__ == "__main__":
    with ProcessPoolExecutor() as pool:
        table = outcomes(seeds=SEEDS, executor=pool)
    with FILE.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(map(row, table.runs))
