"""From a slider's message to the new picture, in the kernel; and what it costs to import the engine.

Run ``python -m tests.benchmarks lab``. Each panel of lesson 01 gets the messages that the browser sends when a
slider is dragged over all of its positions. Medians in ms: the whole way, and within it the model's run and the figure's
making (draw). Imports are timed in fresh processes, alternated.
"""

import contextlib
import io
import json
import subprocess
import sys
from pathlib import Path
from statistics import median
from time import perf_counter

from gossipkit.lab import Panel

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "01_epidemic_spread.ipynb"
TARGET_MS, TARGET_IMPORT = 60, 1.5
SWEEPS, IMPORTS = 3, 7
ENGINE = "import gossipkit.gossip, gossipkit.sim"
HEAVY = ("matplotlib", "anywidget", "ipywidgets", "PIL")


class Clock:
    """Wraps functions and adds up the time within each, in ms."""

    def __init__(self):
        self.ms = {}

    def timed(self, part, function):
        def wrapped(*given, **named):
            start = perf_counter()
            try:
                return function(*given, **named)
            finally:
                self.ms[part] = self.ms.get(part, 0) + (perf_counter() - start) * 1e3

        return wrapped


def panels():
    """The panels of lesson 01, by title."""
    namespace = {"__name__": "__main__"}
    for cell in json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code":
            with contextlib.redirect_stdout(io.StringIO()):
                exec(source, namespace)
    return {each.title: each for each in namespace.values() if isinstance(each, Panel) and each.controls}


def drag(panel, clock):
    """Milliseconds per message while every control is moved over all of its positions, by part."""
    start = [control.index(control.value) for control in panel.controls]
    taken, answers = [], []
    panel.send = answers.append
    for place, control in enumerate(panel.controls):
        for position in range(len(control.positions)):
            content = {"id": "x", "positions": [*start[:place], position, *start[place + 1 :]]}
            clock.ms = {}
            panel._kept.clear()  # what it costs to come here for the first time
            begin = perf_counter()
            panel._handle_msg({"content": {"data": {"method": "custom", "content": content}}, "buffers": []})
            taken.append(clock.ms | {"whole": (perf_counter() - begin) * 1e3})
            assert answers[-1]["error"] == "", answers[-1]["error"]
    return taken


def sliders():
    """Print the slider's latency for each panel."""
    clock = Clock()
    print(f"{'slider to picture, median ms':40}{'whole':>8}{'run':>8}{'draw':>8}{'p90':>8}")
    for title, panel in panels().items():
        panel._run, panel._draw = clock.timed("run", panel._run), clock.timed("draw", panel._draw)
        drag(panel, clock)
        taken = [each for _ in range(SWEEPS) for each in drag(panel, clock)]
        middle = [median(each[part] for each in taken) for part in ("whole", "run", "draw")]
        high = sorted(each["whole"] for each in taken)[int(0.9 * len(taken))]
        verdict = "" if middle[0] <= TARGET_MS else f"   above the target of {TARGET_MS}"
        print(f"{title:40}" + "".join(f"{ms:8.1f}" for ms in (*middle, high)) + verdict)


def import_ms(statement):
    """How long a fresh interpreter takes for `statement`, start-up included."""
    start = perf_counter()
    subprocess.run([sys.executable, "-c", statement], check=True)
    return (perf_counter() - start) * 1e3


def imports():
    """Print what importing the engine costs beside its two dependencies, and whether it draws in the lab's."""
    statements = ("pass", "import numpy, networkx", "import gossipkit", ENGINE)
    taken = {statement: [] for statement in statements}
    for _ in range(IMPORTS):
        for statement in statements:
            taken[statement].append(import_ms(statement))
    base = median(taken["import numpy, networkx"])
    for statement in statements:
        middle = median(taken[statement])
        ratio = middle / base
        verdict = "" if ratio <= TARGET_IMPORT else f"   above the target of {TARGET_IMPORT}"
        print(f"{statement:40}{middle:8.0f} ms{ratio:7.2f} of numpy and networkx{verdict}")
    code = f"import sys; {ENGINE}; print(*[m for m in {HEAVY} if m in sys.modules] or ['none'])"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    print(f"of {', '.join(HEAVY)} the engine loads: {loaded.strip()}")


if __name__ == "__main__":
    sliders()
    imports()
