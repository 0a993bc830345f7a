"""Records incidents anew: ``python -m gossipkit.reading.incidents``, or with names."""

import argparse

from .recording import ANSWERS
from .scenes import SCENES
from .taking import store

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m gossipkit.reading.incidents", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help="by default all")
    store(SCENES, parser.parse_args().names or list(SCENES), ANSWERS)
