"""The tools that find bugs: what checking a history costs, whether it raises false alarms, and what finding planted bugs takes.

Run ``python tests/benchmarks/bench_checking.py``; it takes some minutes. Printed are processor seconds for the linearizability
of 10 000 calls of 8 clients on one register, histories that are linearizable and histories with one stale read near the end;
in how many runs of each system in trouble a promise was broken; and what 20 searches for each planted bug took.
"""

import argparse
from random import Random
from time import process_time

from gossipkit.systems.checking import (
    BUGS,
    GROUNDS,
    WATCHED,
    Call,
    linearizable,
    promises,
    stored_hunts,
    watch,
)

CALLS, CLIENTS = 10_000, 8
KINDS = {
    "half writes": {},
    "nine in ten writes": {"writes": 0.9},
    "no pause between calls": {"pause_s": 0.0},
    "three values only": {"values": 3},
    "one write in twenty of unknown outcome": {"lost": 0.05},
    "three in ten, three values": {"lost": 0.3, "values": 3},
}


def register(
    seed: int = 1, writes: float = 0.5, pause_s: float = 0.05, values: int | None = None, lost: float = 0.0
) -> list[Call]:
    """Calls that a single register has answered, each at a random instant between its beginning and its end."""
    random, free_s = Random(seed), [0.0] * CLIENTS
    spans = []
    for _ in range(CALLS):
        client = min(range(CLIENTS), key=free_s.__getitem__)
        began = free_s[client] + (random.expovariate(1 / pause_s) if pause_s else 0.0)
        free_s[client] = ended = began + random.expovariate(10)
        spans.append((random.uniform(began, ended), client, began, ended))
    calls, held = [], None
    for number, (_, client, began, ended) in enumerate(sorted(spans)):
        if random.random() < writes:
            held = number if values is None else random.randrange(values)
            unknown = random.random() < lost
            calls.append(Call(f"client-{client}", "write", held, began, None if unknown else ended))
        else:
            calls.append(Call(f"client-{client}", "read", held, began, ended))
    return calls


def stale(calls: list[Call]) -> list[Call]:
    """The same, but the last read sees what nobody has written."""
    last = max((call for call in calls if call.kind == "read"), key=lambda call: call.began_s)
    wrong = Call(last.client, "read", "nothing of the kind", last.began_s, last.ended_s)
    return [wrong if call is last else call for call in calls]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--runs", type=int, default=200, help="of each system and ground; 1000 for the whole claim"
    )
    runs = parser.parse_args().runs

    print(f"linearizability of {CALLS} calls of {CLIENTS} clients, processor seconds and states")
    for name, options in KINDS.items():
        for what, calls in (("right", register(**options)), ("one wrong", stale(register(**options)))):
            begin = process_time()
            judgement = linearizable(calls)
            spent = process_time() - begin
            print(f"  {name:40} {what:10} {spent:6.2f} s {judgement.looked_at:8} {judgement.ok}")

    print(f"\nruns of {runs} in which clients saw a promise broken")
    for name in WATCHED:
        seen = promises(name, range(runs))
        counts = "  ".join(f"{model} {count}" for model, count in seen.broken.items())
        print(f"  {name:20} {seen.calls:7} calls, {seen.unknown:5} unknown: {counts}")

    print(f"\nruns of {runs} of the right engine in which an invariant broke")
    for name, ground in GROUNDS.items():
        broken = sum(watch(*ground.play(case)) is not None for case in ground.cases(range(runs)))
        print(f"  {name:10} {broken}")

    print(
        "\nplanted bugs: cases until found, median and most of 20 searches; steps, nodes, seconds before and after shrinking"
    )
    for row in stored_hunts():
        shrunk = row.hunt.shrunk
        sizes = "  ".join(
            f"{len(case.scenario):2} steps {case.nodes} nodes {case.seconds:3g} s"
            for case in (shrunk.before, shrunk.after)
        )
        print(
            f"  {row.bug:32} {BUGS[row.bug].where:26} {row.median_tries:4g} {max(row.tries):3}  {sizes}  {shrunk.runs} runs"
        )


if __name__ == "__main__":
    main()
