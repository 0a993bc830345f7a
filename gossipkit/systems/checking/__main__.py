"""Hunts for all planted bugs anew and stores what it took: ``python -m gossipkit.systems.checking``."""

from concurrent.futures import ProcessPoolExecutor

from .hunts import FILE, hunted, written

if __name__ == "__main__":
    with ProcessPoolExecutor() as pool:
        rows = hunted(pool)
    FILE.write_text(written(rows), encoding="utf-8", newline="\n")
    for row in rows:
        print(row)
