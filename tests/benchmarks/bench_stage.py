"""A stage: its run in the kernel, what is sent, and what the browser makes of it.

Run ``python -m tests.benchmarks stage``; it takes a few minutes. In the kernel: processor time from a step to what is sent,
its parts, and the sizes. In JupyterLab, in a headless Chromium: from a click to the first frame of the new run, and of that
what the kernel took; frames a second at two device pixels a pixel; frames while the stage is scrolled away; and how much the
kernel's memory grows (what is free in it is given back to the system first, which takes glibc). Wall times mean little on a
machine with other work: the load is printed beside them.
"""

import contextlib
import json
import os
import tempfile
from pathlib import Path
from statistics import median
from time import process_time

from playwright.sync_api import sync_playwright

from gossipkit.gossip.swim import SwimNode
from gossipkit.lab.stage import Stage, play, stage, told
from gossipkit.systems import Cassandra, Consul, Dynamo
from tests.browser.conftest import serving

ROOT = Path(__file__).parents[2]
REPLAYS, CLICKS, ACTIONS, RUNS = 7, 40, 200, 10
FAMILIES = {
    "SWIM 40": (SwimNode, {"members": 40}, 100),
    "Consul 17 + 3": (Consul, {"agents": 17, "servers": 3}, 100),
    "Cassandra 12": (Cassandra, {"nodes": 12}, 100),
    "Dynamo 12": (Dynamo, {"nodes": 12}, 100),
    "SWIM 200": (SwimNode, {"members": 200}, 350),
}
SENT_KB, FRAMES_S, MEDIAN_MS, P95_MS, ACTIONS_MB, RUNS_MB = 80, 50, 150, 350, 50, 20
IMPORTS = (
    "import ctypes, gc, psutil\nfrom time import perf_counter, process_time\nfrom gossipkit.gossip.swim import SwimNode\n"
    "from gossipkit.lab import Stage\nfrom gossipkit.sim import Network, Scenario, Uniform\nfrom gossipkit.systems import Consul\n"
    "def memory():\n    gc.collect()\n    ctypes.CDLL(None).malloc_trim(0)\n    return psutil.Process().memory_info().rss / 2**20"
)
# what the kernel takes for a request, wall and processor, in ms
CLOCK = (
    "taken = []\nwork = stage._work\n"
    "def timed(requests):\n    begin = perf_counter(), process_time()\n    work(requests)\n"
    "    taken.append([(now - then) * 1e3 for now, then in zip((perf_counter(), process_time()), begin)])\n"
    "stage._desk._work = timed"
)
CLICK = """name => new Promise((done) => {
  const stage = document.querySelector(".gk-live"), { revision } = stage.inspect(), began = performance.now();
  const look = () => (stage.inspect().revision > revision ? done(performance.now() - began) : requestAnimationFrame(look));
  [...stage.querySelectorAll("button")].find((each) => each.textContent === name).click();
  requestAnimationFrame(look);
})"""


def against(value, most):
    """A mark where a target is missed."""
    return "" if value <= most else f"   above the target of {most}"


def kernel():
    """Print processor times and sizes of a step at a third of 30 s."""
    parts = {}

    def timed(module, name, part):
        function = getattr(module, name)

        def wrapped(*given, **named):
            begin = process_time()
            try:
                return function(*given, **named)
            finally:
                parts[part] = (process_time() - begin) * 1e3

        setattr(module, name, wrapped)

    timed(play, "replay", "run")
    timed(stage, "play", "read")
    timed(told, "meta", "pack")
    print(
        f"{'a step, 30 s; processor ms, kB':32}{'all':>8}{'run':>8}{'read':>8}{'pack':>8}{'columns':>9}{'meta':>7}"
    )
    for name, (system, parameters, most) in FAMILIES.items():
        made, rows = Stage(system, seed=1, **parameters), []
        for turn in range(REPLAYS):
            made.reset()
            begin = process_time()
            made.step(10 + turn / 10, "crash", name=made.run.names[-1])
            rows.append(parts | {"all": (process_time() - begin) * 1e3})
        middle = {part: median(row[part] for row in rows) for part in rows[0]}
        middle["read"] -= middle["run"]
        columns, words = len(made.data) / 1e3, len(json.dumps(made.meta)) / 1e3
        print(
            f"{name:32}"
            + "".join(f"{middle[part]:8.1f}" for part in ("all", "run", "read", "pack"))
            + f"{columns:9.1f}{words:7.1f}{against(middle['all'], most)}{against(columns + words, SENT_KB)}"
        )


def load():
    """The machine's load, for what hangs on it."""
    return f"load {os.getloadavg()[0]:.1f}"


@contextlib.contextmanager
def page_of(browser, **context):
    """A page of its own, whose kernel ends with it."""
    made = browser.new_context(viewport={"width": 1280, "height": 900}, **context)
    page = made.new_page()
    yield page
    page.evaluate("async () => { await window.jupyterapp.shell.currentWidget.sessionContext.shutdown(); }")
    made.close()


def clicks(lab, browser, name, made):
    """Print how long a click takes to the first frame of the new run."""
    with page_of(browser) as page:
        lab.run(
            page, lab.write("notebooks/click.ipynb", IMPORTS, f"stage = Stage({made}, seed=1)\nstage", CLOCK)
        )
        page.locator(".gk-live").scroll_into_view_if_needed()
        page.evaluate(
            "() => { const s = document.querySelector('.gk-live .gk-scrubber'); s.value = 10e6; s.dispatchEvent(new Event('input')); }"
        )
        taken = sorted(page.evaluate(CLICK, ("Heal", "Undo")[turn % 2]) for turn in range(CLICKS))
        wall, processor = (
            median(part) for part in zip(*json.loads(lab.told(page, "print(taken)")), strict=True)
        )
    high = taken[int(0.95 * len(taken))]
    print(
        f"{name:32}{median(taken):8.0f}{high:8.0f}{wall:10.0f}{processor:10.0f}"
        f"{against(median(taken), MEDIAN_MS)}{against(high, P95_MS)}   {load()}"
    )


def frames(lab, browser):
    """Print frames a second with 300 packets under way, and how many are drawn while nobody can see them."""
    with page_of(browser, device_scale_factor=2) as page:
        # 3 crashes make gossip and indirect probes: about 300 packets are under way from 3 s on
        busy = (
            "Stage(SwimNode, members=200, seed=1, network=Network(latency=Uniform(0.2, 0.24)), scenario="
            "Scenario([(1.0, 'crash', {'name': f'm-{number}'}) for number in range(101, 104)]))"
        )
        below = (
            "from IPython.display import HTML\nHTML('<div style=\"height: 4000px\"></div><p id=far>far</p>')"
        )
        lab.run(page, lab.write("notebooks/frames.ipynb", IMPORTS, busy, below))
        stage = page.locator(".gk-live")
        stage.scroll_into_view_if_needed()
        stage.get_by_label("Speed").select_option("1")
        page.evaluate(
            "() => { const s = document.querySelector('.gk-live .gk-scrubber'); s.value = 4e6; s.dispatchEvent(new Event('input')); }"
        )
        stage.get_by_role("button", name="Play", exact=True).click()
        page.wait_for_timeout(2000)
        look = (
            "() => ({ ...document.querySelector('.gk-live').inspect(), drawn: null, now: performance.now() })"
        )
        seen = [page.evaluate(look)]
        for _ in range(8):
            page.wait_for_timeout(1000)
            seen.append(page.evaluate(look))
        first, last = seen[0], seen[-1]
        rate = (last["frames"] - first["frames"]) / (last["now"] - first["now"]) * 1e3
        each = (last["ms"] - first["ms"]) / (last["draws"] - first["draws"])
        count = median(one["packets"] for one in seen)
        missed = "" if rate >= FRAMES_S else f"   below the target of {FRAMES_S}"
        print(
            f"{count:.0f} packets, 2 device pixels a pixel: {rate:.0f} frames/s{missed}, {each:.2f} ms of JavaScript a frame; {load()}"
        )
        page.locator("#far").scroll_into_view_if_needed()
        page.wait_for_function("() => !document.querySelector('.gk-live').inspect().awake")
        first = page.evaluate(look)
        page.wait_for_timeout(2000)
        print(f"scrolled away for 2 s: {page.evaluate(look)['frames'] - first['frames']} frames")


def memory(lab, browser):
    """Print how much the kernel grows by actions, and by running a whole lesson again."""
    with page_of(browser) as page:
        lab.run(
            page,
            lab.write(
                "notebooks/memory.ipynb",
                IMPORTS,
                "stage = Stage(Consul, agents=17, servers=3, seed=1)\nstage",
            ),
        )
        for turn in range(10):
            page.evaluate(CLICK, ("Heal", "Undo")[turn % 2])
        before = float(lab.told(page, "print(memory())"))
        for turn in range(ACTIONS):
            page.evaluate(CLICK, ("Heal", "Undo")[turn % 2])
        grown = float(lab.told(page, "print(memory())")) - before
        print(f"{ACTIONS} actions on a stage: {grown:+.1f} MB in the kernel{against(grown, ACTIONS_MB)}")
    with page_of(browser) as page:
        lab.run(page, "notebooks/00_start_here.ipynb")
        lab.told(page, IMPORTS)
        lab.again(page)
        before = float(lab.told(page, "print(memory())"))
        for _ in range(RUNS):
            lab.again(page)
        grown = float(lab.told(page, "print(memory())")) - before
        print(f"{RUNS} times Run all of lesson 00: {grown:+.1f} MB in the kernel{against(grown, RUNS_MB)}")


if __name__ == "__main__":
    kernel()
    with (
        tempfile.TemporaryDirectory() as home,
        sync_playwright() as playwright,
        serving(ROOT, Path(home)) as lab,
    ):
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        print(f"\n{'a click to the new frame, ms':32}{'median':>8}{'p95':>8}{'kernel':>10}{'its CPU':>10}")
        clicks(lab, browser, "SWIM 12", "SwimNode, members=12")
        clicks(lab, browser, "Consul 6 + 3", "Consul, agents=6, servers=3")
        clicks(lab, browser, "Consul 17 + 3", "Consul, agents=17, servers=3")
        clicks(lab, browser, "SWIM 200", "SwimNode, members=200")
        print()
        frames(lab, browser)
        memory(lab, browser)
