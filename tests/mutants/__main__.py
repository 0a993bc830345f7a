"""Put mutants into a copy of the course, one at a time, and say which ones their tests notice.

    python -m tests.mutants [WORD ...] [--sample N] [--seed N]

takes all mutants, or those whose name or file contains one of the words, or a sample of them. Each is put into a copy of the
course in a temporary folder, never into the files at hand, and the test that it names runs there. Before that all those tests
have to pass without any mutant. The exit status is 1 where a mutant has survived.

A test that passes though its rule is gone says nothing about the rule. So whoever writes down a new rule writes a test and adds
the mutant that it kills, with the name of the test.
"""

import argparse
import os
import random
import sys
import zlib

from tests.mutants import MUTANTS
from tests.mutants.mutant import Mutant
from tests.mutants.running import ROOT, Course


def of_sources() -> int:
    """A seed that is the same in every run of one commit, and another one after a change of what mutants and tests are in.

    So a check that failed can be repeated, and all mutants have their turn as the course grows.
    """
    files = {name for one in MUTANTS for name in (one.file, one.test.partition("::")[0])}
    return zlib.crc32(b"".join((ROOT / name).read_bytes().replace(b"\r\n", b"\n") for name in sorted(files)))


def run(chosen: list[Mutant]) -> list[Mutant]:
    """Run mutants and print what came of each; those that survived."""
    with Course() as course:
        if failed := course.check(dict.fromkeys(one.test for one in chosen)):
            sys.exit(f"{failed} fails without any mutant: mend that first")
        survived = []
        for mutant in chosen:
            if mutant.test in course.skipped:
                print(f"not run here     {mutant}  ({mutant.test})", flush=True)
                continue
            before = os.times()
            test = course.kill(mutant)
            after = os.times()
            cpu_s = (
                after.children_user + after.children_system - before.children_user - before.children_system
            )
            if not test:
                survived.append(mutant)
            print(
                f"{'killed  ' if test else 'SURVIVED'} {cpu_s:5.1f} s  {mutant}  ({mutant.test})", flush=True
            )
    return survived


def main() -> int:
    """Run what the command line asks for; 1 if a mutant has survived."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__.partition("\n")[0])
    parser.add_argument("words", nargs="*", metavar="WORD", help="in a mutant's name or file")
    parser.add_argument("--sample", type=int, help="so many of them, drawn at random")
    parser.add_argument("--seed", type=int, help="of the sample; by the course's sources if not given")
    asked = parser.parse_args()
    if not hasattr(os, "fork"):
        parser.error("this system has no fork(): run it on Linux or macOS")
    chosen = [one for one in MUTANTS if not asked.words or any(word in str(one) for word in asked.words)]
    if not chosen:
        parser.error(f"no mutant has one of {asked.words!r} in its name or file")
    if asked.sample is not None:
        seed = of_sources() if asked.seed is None else asked.seed
        chosen = random.Random(seed).sample(chosen, min(asked.sample, len(chosen)))
        print(f"a sample by seed {seed}", flush=True)
    survived = run(chosen)
    print(f"{len(chosen) - len(survived)} of {len(chosen)} killed")
    return 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main())
