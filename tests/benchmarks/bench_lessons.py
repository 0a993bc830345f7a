"""What a lesson costs: *Run all*, cell by cell, and the runs behind every position of its panels.

Run ``python -m tests.benchmarks lessons``, or with the beginnings of notebooks' names, as in ``... bench_lessons.py 02 03``.
The cells of each lesson are run in order, without a browser; printed is the processor time of all of them, with those that
cost more than a second. Then each control of each panel is moved over all of its positions while the others stand where they
begin; printed are the median and the worst processor time of the model's run (not of the drawing) over these, each
combination once.
"""

import ast
import contextlib
import gc
import io
import json
import os
import sys
from pathlib import Path
from statistics import median
from time import process_time

from gossipkit.lab import Panel

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
RUN_ALL_S, BAR_S = 12.0, 3.0
MEDIAN_MS, WORST_MS = 80.0, 250.0


def processor_s() -> float:
    """Seconds of this process and of those that it has started and waited for."""
    return sum(os.times()[:4])


def panels_made(source: str, namespace: dict) -> list[Panel]:
    """Run one cell; return its panels: what it names, and its last expression, which a notebook would show."""
    known = {id(value) for value in namespace.values()}
    body = ast.parse(source).body
    shown = None
    if body and isinstance(body[-1], ast.Expr):
        last = body.pop().value
        exec(compile(ast.Module(body, []), "cell", "exec"), namespace)
        shown = eval(compile(ast.Expression(last), "cell", "eval"), namespace)
    else:
        exec(compile(ast.Module(body, []), "cell", "exec"), namespace)
    named = [value for value in namespace.values() if id(value) not in known]
    return list({id(each): each for each in (*named, shown) if isinstance(each, Panel)}.values())


def run_all(path: Path) -> list[Panel]:
    """Run a lesson, print what its cells cost, and return its panels that can be moved."""
    namespace, taken, panels = {"__name__": "__main__"}, {}, []
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] != "code":
            continue
        gc.collect()
        begin = processor_s()
        with contextlib.redirect_stdout(io.StringIO()):
            panels += panels_made("".join(cell["source"]), namespace)
        taken[cell["id"]] = processor_s() - begin
    whole = sum(taken.values())
    verdict = "" if whole <= RUN_ALL_S else f"   above the target of {RUN_ALL_S:.0f} s"
    print(f"{path.stem:30}{whole:8.1f} s{verdict}")
    for cell, seconds in sorted(taken.items(), key=lambda item: -item[1]):
        if seconds >= 1.0:
            print(f"    {cell:40}{seconds:6.1f} s{'   a bar is due' if seconds > BAR_S else ''}")
    return [panel for panel in panels if panel.controls]


def positions(panel: Panel) -> list[dict]:
    """The values of the controls when each is moved over all of its positions, each combination once."""
    start = {control.name: control.value for control in panel.controls}
    found = [start]
    for control in panel.controls:
        for value in control.positions:
            if value != start[control.name]:
                found.append(start | {control.name: value})
    return found


def runs(panel: Panel) -> list[float]:
    """Milliseconds of processor time of the model, position by position."""
    taken = []
    for values in positions(panel):
        gc.collect()
        begin = process_time()
        with contextlib.suppress(ValueError):  # what is explained to the student
            panel._run(**values)
        taken.append(1e3 * (process_time() - begin))
    return taken


def main() -> None:
    lessons = [
        path
        for path in sorted(NOTEBOOKS.glob("*.ipynb"))
        if not sys.argv[1:] or any(path.name.startswith(name) for name in sys.argv[1:])
    ]
    print(
        f"Run all, processor time{'':7}at most {RUN_ALL_S:.0f} s, and a bar on a cell of more than {BAR_S:.0f} s"
    )
    panels = {path: run_all(path) for path in lessons}
    print(
        f"\n{'runs behind the positions, ms':52}{'median':>8}{'worst':>8}{'of':>5}   at most {MEDIAN_MS:.0f} and {WORST_MS:.0f}"
    )
    for path in lessons:
        for panel in panels[path]:
            taken = runs(panel)
            high = max(taken)
            worst = positions(panel)[taken.index(high)]
            over = median(taken) > MEDIAN_MS or high > WORST_MS
            where = f"   above the target, worst at {worst}" if over else ""
            print(
                f"{path.stem[:2]} {panel.title:49}{median(taken):8.1f}{high:8.1f}{len(taken):5}{where}",
                flush=True,
            )


if __name__ == "__main__":
    main()
