"""Records the exercise's incidents anew: ``python -m gossipkit.reading.unseen.incidents``, or with names."""

import argparse

from ...incidents.taking import store
from . import FILE, SCENES

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m gossipkit.reading.unseen.incidents", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help="by default all")
    store(SCENES, parser.parse_args().names or list(SCENES), FILE)
