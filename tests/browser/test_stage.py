"""The stage as a student uses it, in a page of its own: the browser's part is the real one, a small kernel replays SWIM."""

import base64
import json
import math
import struct
from collections import defaultdict

import pytest
from playwright.sync_api import expect

from gossipkit.gossip.swim import SwimConfig, SwimNode
from gossipkit.sim import Network, Scenario, Uniform, World

NAMES = [f"m-{number}" for number in range(1, 13)]
FATES = [
    "arrived",
    "lost",
    "cut",
    "partition",
    "down",
    "damaged",
    "dropped",
    "held",
    "duplicate",
    "under way",
]
STATES = ["up", "paused", "crashed", "joining", "left", "absent"]
KINDS = {"Ping": 0, "IndirectPing": 0, "Ack": 1, "Nack": 1, "StreamPing": 2, "StreamAck": 2}
BELIEFS = {"alive": 0, "member-join": 0, "suspect": 1, "member-failed": 2}
FORMATS = {"u32": "I", "u16": "H", "u8": "B", "f32": "f"}
WINDOW_S = 20.0


def replayed(steps, loss, until):
    """The trace of twelve members under these steps."""
    config = SwimConfig.lan()
    world = World(seed=7, network=Network(latency=Uniform(0.05, 0.15), loss=loss))
    for name in NAMES:
        world.add(
            name,
            SwimNode(config, members=tuple(NAMES)),
            rebuild=lambda _, name=name: SwimNode(config, seeds=(NAMES[0],)),
        )
    world.play(Scenario(steps))
    world.run(until=until)
    return world.trace


class Columns:
    """Columns in one buffer, as the browser reads them."""

    def __init__(self):
        self.spec, self.data = [], b""

    def add(self, name, kind, values):
        self.data += bytes(-len(self.data) % 4)
        self.spec.append({"name": name, "type": kind, "offset": len(self.data), "length": len(values)})
        self.data += struct.pack(f"<{len(values)}{FORMATS[kind]}", *values)


def columns_of(trace, until):
    """Packets, states, beliefs and one curve of a trace, and its events in words."""
    where = {name: place for place, name in enumerate(NAMES)}
    micros = lambda time: round(time * 1e6)  # noqa: E731
    flying, streams, packets, states, beliefs, events = {}, defaultdict(list), [], [], [], []
    for time, node, kind, fields in trace:
        if kind in ("send", "stream-send"):
            packet = [micros(time), 0, where[node], where[fields["to"]], type(fields["message"]).__name__, 9]
            packet[1] = micros(until) - packet[0]
            packet[4] = KINDS.get(packet[4], 3)
            packets.append(packet)
            if kind == "send":
                flying[node, fields["number"]] = packet
            else:
                streams[node, fields["to"]].append(packet)
        elif kind in ("receive", "stream-receive"):
            packet = (
                flying[fields["sender"], fields["number"]]
                if kind == "receive"
                else streams[fields["sender"], node].pop(0)
            )
            packet[1], packet[5] = micros(time) - packet[0], 0
        elif kind == "lost":
            packet = flying[node, fields["number"]]
            packet[1] = micros(time) - packet[0]
            packet[5] = FATES.index({"loss": "lost"}.get(fields["reason"], fields["reason"]))
        elif kind == "stream-failed" and streams[node, fields["to"]]:
            packet = streams[node, fields["to"]].pop(0)
            packet[1], packet[5] = micros(time) - packet[0], FATES.index("dropped")
        elif kind in ("crash", "restart", "pause", "wake"):
            states.append((micros(time), where[node], {"crash": 2, "pause": 1}.get(kind, 0)))
        if kind in BELIEFS and fields["about"] != node:
            beliefs.append((micros(time), where[node], where[fields["about"]], BELIEFS[kind]))
            text = f"{node}: {fields['about']} {kind}"
            event = {"at_s": time, "lane": "gossip", "node": where[node], "about": where[fields["about"]]}
            events.append(event | {"kind": kind, "text": text})
    out = Columns()
    for name, kind, column in zip(
        ("sent", "flight", "from", "to", "kind", "fate"),
        ("u32", "u32", "u16", "u16", "u8", "u8"),
        zip(*packets, strict=True),
        strict=True,
    ):
        out.add(f"p_{name}", kind, column)
    for part, names, rows in (
        ("s", ("time", "node", "state"), states),
        ("b", ("time", "observer", "subject", "word"), beliefs),
    ):
        for place, name in enumerate(names):
            kind = "u32" if name == "time" else "u8" if name in ("state", "word") else "u16"
            out.add(f"{part}_{name}", kind, [row[place] for row in rows])
    out.add("c0_time", "u32", [row[0] for row in beliefs])
    out.add("c0_value", "f32", [float(row[3]) for row in beliefs])
    return out, events


def action(name, label, *takes):
    return {"name": name, "label": label, "takes": list(takes)}


def node_field(name="name"):
    return {"name": name, "label": f"node {name}", "kind": "node"}


ACTIONS = [
    action("crash", "Crash", node_field()),
    action("restart", "Restart", node_field()),
    action(
        "pause",
        "Pause",
        node_field(),
        {
            "name": "seconds",
            "label": "seconds",
            "kind": "number",
            "low": 0.5,
            "high": 30,
            "step": 0.5,
            "value": 4,
        },
    ),
    action("cut", "Cut", node_field("a"), node_field("b")),
    action("partition", "Partition", {"name": "groups", "label": "groups", "kind": "groups"}),
    action("heal", "Heal"),
    action(
        "set_loss",
        "Set loss",
        {
            "name": "p",
            "label": "share lost",
            "kind": "number",
            "low": 0,
            "high": 1,
            "step": 0.05,
            "value": 0.2,
        },
    ),
    action(
        "clock",
        "Set a clock",
        node_field(),
        {"name": "offset_s", "label": "seconds off", "kind": "number", "low": -60, "high": 60},
    ),
]
LOSSES = [0.0, 0.1, 0.3]


class Kernel:
    """Answers as the kernel does: a scenario, its history, and a replay from the seed each time."""

    def __init__(self):
        self.steps, self.past, self.future, self.revision = [], [], [], 0
        self.position, self.until = 0, WINDOW_S
        self.got, self.silent = [], False

    def state(self):
        """What a new run makes of the two traits."""
        self.revision += 1
        columns, events = columns_of(replayed(self.steps, LOSSES[self.position], self.until), self.until)
        scenario = Scenario(self.steps)
        texts = [f"{action} {', '.join(map(str, given.values()))}".strip() for _, action, given in self.steps]
        steps = [
            {"at_s": at, "action": action, "arguments": given, "text": text}
            for (at, action, given), text in zip(self.steps, texts, strict=True)
        ]
        nodes = [
            {
                "name": name,
                "group": "members",
                "x": round(500 + 440 * math.sin(math.tau * place / len(NAMES))),
                "y": round(500 - 440 * math.cos(math.tau * place / len(NAMES))),
            }
            for place, name in enumerate(NAMES)
        ]
        meta = {
            "revision": self.revision,
            "bytes": len(columns.data),
            "title": "SWIM",
            "system": "swim",
            "seed": 7,
            "window": [0.0, self.until],
            "columns": columns.spec,
            "nodes": nodes,
            "groups": [{"name": "members", "label": "members", "hull": False}],
            "shape": "circle",
            "states": STATES,
            "kinds": [
                {"name": name, "label": name, "stream": stream}
                for name, stream in (("probe", False), ("ack", False), ("stream", True), ("gossip", False))
            ],
            "fates": FATES,
            "beliefs": [
                {"word": word, "label": label, "severity": severity}
                for word, label, severity in (
                    ("alive", "takes it for alive", 0),
                    ("suspect", "suspects it", 2),
                    ("dead", "takes it for dead", 3),
                )
            ],
            "subject": 11,
            "lanes": [
                {
                    "name": "gossip",
                    "title": "gossip",
                    "curve": {"label": "Latest word", "unit": "", "high": 2},
                    "off": False,
                },
                {
                    "name": "authority",
                    "title": "authority",
                    "curve": None,
                    "off": True,
                    "note": "Nobody decides here.",
                },
                {"name": "repair", "title": "repair", "curve": None, "off": False},
            ],
            "events": events,
            "jumps": [{"label": "Next suspicion", "kinds": ["suspect"]}],
            "faults": [
                {"at_s": step["at_s"], "step": place, "text": step["text"], "nodes": []}
                for place, step in enumerate(steps)
            ],
            "steps": steps,
            "can_undo": bool(self.past),
            "can_redo": bool(self.future),
            "scenario": scenario.to_json(),
            "actions": ACTIONS,
            "controls": [
                {
                    "name": "loss",
                    "kind": "range",
                    "label": "Loss",
                    "help": "",
                    "texts": [f"{loss:.0%} of all packets" for loss in LOSSES],
                    "start": 0,
                }
            ],
            "positions": [self.position],
            "claim": None,
            "notes": ["Packets take 50 to 150 ms here."],
            "summary": [],
        }
        return {"meta": meta, "data": base64.b64encode(columns.data).decode()}

    def _set(self, steps):
        Scenario(steps)  # refuses what makes no sense before anything changes
        self.past.append(self.steps)
        self.steps, self.future = sorted(steps, key=lambda step: step[0]), []

    def answer(self, message):
        """What the browser gets for one message: a new state where there is one, and the answer."""
        self.got.append(message)
        if self.silent:
            return None
        kind, state, error = message["type"], None, ""
        if kind == "ask":
            name = NAMES[message["node"]]
            sections = [
                {
                    "title": "View",
                    "columns": ["member", "state"],
                    "rows": [[each, "alive"] for each in NAMES],
                },
                {"title": "Clock", "lines": [f"{name} takes it for {message['at_s']} s"]},
            ]
            told = {"type": "told", "node": message["node"], "at_s": message["at_s"], "sections": sections}
            return {"answer": {"id": message["id"], **told}}
        try:
            if kind == "step":
                self._set([*self.steps, (message["at_s"], message["action"], message["arguments"])])
            elif kind == "steps":
                self._set([tuple(step) for step in json.loads(message["scenario"])])
            elif kind == "undo":
                self.future.append(self.steps)
                self.steps = self.past.pop()
            elif kind == "redo":
                self.past.append(self.steps)
                self.steps = self.future.pop()
            elif kind == "reset":
                self._set([])
            elif kind == "move":
                (self.position,) = message["positions"]
            elif kind == "more":
                self.until += WINDOW_S
            state = self.state()
        except ValueError as problem:
            error = str(problem)
        answer = {"id": message["id"], "type": "done", "revision": self.revision, "error": error}
        return {"state": state, "answer": answer | {"unchanged": False}}


HARNESS = """
const bytes = (text) => new DataView(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
class Model {
  constructor(state) { this.handlers = new Map(); this.take(state); this.broken = false; this.sent = []; }
  take({ meta, data }) { this.traits = { meta, data: bytes(data) }; }
  get(name) { return this.traits[name]; }
  on(name, run) { this.handlers.set(name, [...(this.handlers.get(name) ?? []), run]); }
  off(name, run) { this.handlers.set(name, (this.handlers.get(name) ?? []).filter((each) => each !== run)); }
  fire(name, ...given) { for (const run of this.handlers.get(name) ?? []) run(...given); }
  listeners() { return [...this.handlers.values()].flat().length; }
  async send(message) {
    if (this.broken) throw new Error("Cannot send");
    this.sent.push(message);
    const said = await window.kernel(message);
    if (!said) return;
    if (said.state) {
      // the traits come one after the other, as they do over the wire
      this.traits.meta = said.state.meta;
      this.fire("change:meta");
      this.traits.data = bytes(said.state.data);
      this.fire("change:data");
    }
    this.fire("msg:custom", said.answer);
  }
}
// a broken connection throws at once, and not into a promise
const send = Model.prototype.send;
Model.prototype.send = function (message) { if (this.broken) throw new Error("Cannot send"); send.call(this, message); };
window.Model = Model;
window.start = async (source, state, views) => {
  window.module = await import(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
  window.model = new Model(state);
  window.ends = [];
  for (let k = 0; k < views; k++) {
    const el = document.createElement("div");
    document.getElementById("place").append(el);
    window.ends.push(await window.module.default.render({ model: window.model, el }));
  }
  window.stage = document.querySelector(".gk-live");
};
"""


def stage_script(static):
    return "\n".join(
        (static / name).read_text(encoding="utf-8")
        for name in (static / "stage/files.txt").read_text().split()
    )


class Stage:
    """A stage in a page, and what can be asked of it."""

    def __init__(self, page, kernel):
        self.page, self.kernel = page, kernel
        self.root = page.locator(".gk-live").first

    def inspect(self):
        return self.page.evaluate("() => stage.inspect()")

    def seek(self, at_s):
        self.page.evaluate(
            "t => { const s = stage.querySelector('.gk-scrubber'); s.value = t; s.dispatchEvent(new Event('input')); }",
            at_s * 1e6,
        )
        self.page.wait_for_function("at => Math.abs(stage.inspect().at_s - at) < 0.06", arg=at_s)

    def button(self, name, within=None):
        return (within or self.root).get_by_role("button", name=name, exact=True)

    def node(self, name):
        return self.root.locator(f".gk-node[data-name='{name}']")

    def centre(self, name):
        box = self.node(name).bounding_box()
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    @property
    def last(self):
        """The latest message that is not a question about a node."""
        return next(message for message in reversed(self.kernel.got) if message["type"] != "ask")

    def settled(self, revision):
        self.page.wait_for_function("revision => stage.inspect().revision === revision", arg=revision)

    def drawn_pixels(self):
        return self.page.evaluate(
            """() => { const c = stage.querySelector('canvas');
            const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
            let n = 0; for (let i = 3; i < d.length; i += 4) n += d[i] > 100; return n; }"""
        )

    def tab_to(self, locator):
        """Go there with the Tab key alone; the focus is never lost on the way."""
        there = locator.element_handle()
        for _ in range(120):
            if there.evaluate("element => element === document.activeElement"):
                return
            self.page.keyboard.press("Tab")  # once more at the page's end, where nothing has the focus
        pytest.fail(f"the Tab key does not reach {locator}")

    def assert_focus_kept(self):
        assert self.page.evaluate("() => stage.contains(document.activeElement)")


@pytest.fixture
def opened(root, page):
    """Opens a stage; afterwards no error may have been written to the console."""
    static = root / "gossipkit/lab/static"
    problems = []
    page.on("console", lambda line: problems.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))

    def open_(*, dark=False, views=1, width=1280, before="", after="", change=None):
        kernel = Kernel()
        page.set_viewport_size({"width": width, "height": 900})
        css = (static / "lab.css").read_text(encoding="utf-8") + (static / "stage.css").read_text(
            encoding="utf-8"
        )
        theme = (
            "body { background: #111; --jp-ui-font-color0: #fff; --jp-ui-font-color1: #ccc; --jp-border-color1: #555;"
            " --jp-layout-color0: #111; --jp-layout-color1: #1a1a1a; --jp-layout-color2: #333; }"
        )
        html = (
            f"<!doctype html><html lang=en><meta charset=utf-8><title>Stage</title><style>{css}{theme if dark else ''}</style>"
            f"<body data-jp-theme-light={'false' if dark else 'true'}>{before}<div id=place></div>{after}"
            f"<script>{HARNESS}</script>"
        )
        # an address of this machine is a secure context: the clipboard is there
        page.route(
            "http://127.0.0.1/stage",
            lambda route: route.fulfill(body=html, content_type="text/html; charset=utf-8"),
        )
        page.goto("http://127.0.0.1/stage")
        page.expose_function("kernel", kernel.answer)
        state = kernel.state()
        if change:
            change(state["meta"])
        page.evaluate("given => start(...given)", [stage_script(static), state, views])
        return Stage(page, kernel)

    yield open_
    assert problems == []


def test_the_logic_that_node_checks_holds_in_a_browser(root, page):
    cases = (root / "tests/lab/stage_js/cases.mjs").read_text(encoding="utf-8")
    logic = stage_script(root / "gossipkit/lab/static").replace(
        "export default { render: heard(render) };", ""
    )
    failed = page.evaluate(
        """async ([cases, logic]) => {
            const module = await import(URL.createObjectURL(new Blob([cases], { type: "text/javascript" })));
            const stage = new Function(`${logic}\\nreturn { ${module.USES.join(", ")} };`)();
            const failed = [];
            for (const [name, run] of Object.entries(module.CASES)) {
                try { await run(stage, module.check); } catch (error) { failed.push(`${name}: ${error.message}`); }
            }
            return Object.keys(module.CASES).length > 20 ? failed : ["the cases are gone"];
        }""",
        [cases, logic],
    )
    assert failed == []


def test_a_node_is_crashed_with_the_mouse_and_the_past_stays(opened):
    stage = opened()
    stage.seek(2.5)
    before = stage.inspect()["drawn"]
    stage.seek(3.0)
    stage.node("m-5").click()
    card = stage.root.locator(".gk-node-card")
    expect(card).to_contain_text("m-5 takes it for 3 s")
    stage.button("Crash", card).click()
    stage.settled(2)
    assert stage.last["type"] == "step"
    assert (stage.last["at_s"], stage.last["action"], stage.last["arguments"]) == (
        3.0,
        "crash",
        {"name": "m-5"},
    )
    stage.assert_focus_kept()
    assert STATES[stage.inspect()["states"][4]] == "crashed"
    expect(stage.node("m-5")).to_have_attribute("data-state", "crashed")
    expect(stage.node("m-5")).to_have_attribute("data-subject", "")
    stage.seek(2.5)
    assert stage.inspect()["drawn"] == before
    assert STATES[stage.inspect()["states"][4]] == "up"
    stage.seek(19.0)
    expect(stage.root.locator(".gk-share")).to_have_text("m-5 is crashed. All 11 others: “dead”.")
    expect(stage.node("m-1")).to_have_attribute("aria-label", "m-1, up, of m-5: takes it for dead")


def test_what_is_done_between_two_milliseconds_is_seen_where_the_stage_stands_still(opened):
    stage = opened()
    lanes = stage.root.locator(".gk-lanes")
    width = lanes.bounding_box()["width"]
    lanes.click(position={"x": round(width / 7), "y": 5})
    assert stage.inspect()["at_s"] * 1e3 % 1 > 0.01
    stage.node("m-5").click()
    stage.button("Crash", stage.root.locator(".gk-node-card")).click()
    stage.settled(2)
    expect(stage.node("m-5")).to_have_attribute("data-state", "crashed")


def test_the_event_that_one_jumps_to_is_drawn(opened):
    stage = opened()
    stage.seek(3.0)
    stage.node("m-5").click()
    stage.button("Crash", stage.root.locator(".gk-node-card")).click()
    stage.settled(2)
    stage.button("Next suspicion").click()
    expect(stage.root.locator(".gk-said")).to_contain_text("suspect")
    expect(stage.root.locator(".gk-share")).to_contain_text("suspect")
    expect(stage.root.locator(".gk-node[data-severity='2']")).not_to_have_count(0)


def test_a_node_is_paused_and_another_restarted(opened):
    stage = opened()
    stage.seek(1.0)
    stage.node("m-2").click()
    stage.button("Pause", stage.root.locator(".gk-node-card")).click()
    stage.settled(2)
    assert stage.last["arguments"] == {"name": "m-2", "seconds": 4}
    stage.seek(2.0)
    expect(stage.node("m-2")).to_have_attribute("data-state", "paused")
    stage.seek(6.0)
    expect(stage.node("m-2")).to_have_attribute("data-state", "up")


def test_a_link_is_cut_by_dragging_from_node_to_node_and_mended_by_heal(opened):
    stage = opened()
    stage.seek(2.0)
    mouse = stage.page.mouse
    mouse.move(*stage.centre("m-1"))
    mouse.down()
    mouse.move(*stage.centre("m-4"), steps=8)
    expect(stage.node("m-4")).to_have_attribute("data-target", "")
    mouse.up()
    stage.settled(2)
    assert (stage.last["action"], stage.last["arguments"]) == ("cut", {"a": "m-1", "b": "m-4"})
    expect(stage.root.locator(".gk-under .gk-cut")).to_have_count(1)
    expect(stage.root.locator(".gk-faults-line")).to_have_text("Now: cut: m-1–m-4")
    expect(stage.root.locator(".gk-node-card")).to_be_hidden()  # a drag chooses nobody
    stage.seek(4.0)
    stage.button("Heal").click()
    stage.settled(3)
    expect(stage.root.locator(".gk-under .gk-cut")).to_have_count(0)


def test_a_link_is_cut_by_choosing_two(opened):
    stage = opened()
    stage.seek(2.0)
    stage.button("Cut").click()
    form = stage.root.locator(".gk-form")
    form.get_by_label("node a").select_option(label="m-2")
    stage.button("Cut now", form).click()
    expect(stage.root.locator(".gk-break .gk-error")).to_have_text("Choose “node b” first.")
    expect(form.get_by_label("node b")).to_be_focused()
    form.get_by_label("node b").select_option(label="m-7")
    expect(stage.root.locator(".gk-break .gk-error")).to_be_hidden()
    stage.button("Cut now", form).click()
    stage.settled(2)
    assert stage.last["arguments"] == {"a": "m-2", "b": "m-7"}


def test_a_crash_of_nobody_says_that_a_node_is_missing_until_one_is_chosen(opened):
    stage = opened()
    told, form = stage.root.locator(".gk-break .gk-error"), stage.root.locator(".gk-form")
    asked = len(stage.kernel.got)
    stage.seek(2.0)
    stage.button("Crash").click()
    stage.button("Crash now", form).click()
    expect(told).to_have_text("Choose “node name” first.")
    expect(form.get_by_label("node name")).to_be_focused()
    assert not [message for message in stage.kernel.got[asked:] if message["type"] == "step"]
    stage.button("Close", form).click()
    expect(told).to_be_hidden()  # it was about a form that is gone
    stage.button("Crash").click()
    stage.button("Crash now", form).click()
    expect(told).to_be_visible()
    stage.node("m-3").click()
    expect(told).to_be_hidden()
    stage.button("Crash now", form).click()
    stage.settled(2)
    assert (stage.last["action"], stage.last["arguments"]) == ("crash", {"name": "m-3"})


def test_nodes_are_parted_by_a_lasso(opened):
    stage = opened()
    stage.seek(2.0)
    field = stage.root.locator(".gk-field").bounding_box()
    caught = [name for name in NAMES if stage.centre(name)[0] > field["x"] + field["width"] * 0.72]
    assert 2 <= len(caught) <= 6
    left, right = field["x"] + field["width"] * 0.72, field["x"] + field["width"] - 4
    top, low = field["y"] + 4, field["y"] + field["height"] - 4
    mouse = stage.page.mouse
    mouse.move(left, top)
    mouse.down()
    for corner in ((right, top), (right, low), (left, low), (left, top)):
        mouse.move(*corner, steps=6)
    mouse.up()
    form = stage.root.locator(".gk-form")
    ticked = form.locator("input:checked")
    assert sorted(ticked.evaluate_all("boxes => boxes.map(box => box.value)")) == sorted(caught)
    expect(stage.button("Partition now", form)).to_be_focused()
    stage.page.keyboard.press("Enter")
    stage.settled(2)
    assert stage.last["action"] == "partition"
    assert [sorted(group) for group in stage.last["arguments"]["groups"]] == [sorted(caught)]
    expect(stage.root.locator(".gk-under .gk-apart")).to_have_count(1)


def test_nodes_are_parted_by_a_list_and_loss_is_set(opened):
    stage = opened()
    stage.seek(2.0)
    stage.button("Partition").click()
    form = stage.root.locator(".gk-form")
    for name in ("m-3", "m-4"):
        form.get_by_label(name, exact=True).check()
    stage.button("Add a group", form).click()
    form.get_by_role("group", name="Group 2").get_by_label("m-9", exact=True).check()
    stage.button("Partition now", form).click()
    stage.settled(2)
    assert stage.last["arguments"] == {"groups": [["m-3", "m-4"], ["m-9"]]}
    stage.button("Set loss").click()
    form.get_by_label("share lost").fill("0.5")
    form.get_by_label("share lost").press("Enter")
    stage.settled(3)
    assert (stage.last["action"], stage.last["arguments"]) == ("set_loss", {"p": 0.5})
    expect(stage.root.locator(".gk-faults-line")).to_contain_text("loss 50 %")
    form.get_by_label("share lost").fill("1.5")
    form.get_by_label("share lost").press("Enter")
    expect(stage.root.locator(".gk-break .gk-error")).to_contain_text("share lost")
    assert len(stage.kernel.steps) == 2


def test_undo_redo_reset_and_the_list_of_steps(opened):
    stage = opened()
    for at_s, name in ((2.0, "m-1"), (4.0, "m-2")):
        stage.seek(at_s)
        stage.node(name).click()
        stage.button("Crash", stage.root.locator(".gk-node-card")).click()
        stage.settled(stage.kernel.revision)
        expect(stage.node(name)).to_have_attribute("data-state", "crashed")
    stage.button("Undo").click()
    expect(stage.node("m-2")).to_have_attribute("data-state", "up")
    expect(stage.root.locator(".gk-said")).to_have_text("The last change is taken back.")
    stage.assert_focus_kept()
    stage.button("Redo").click()
    expect(stage.node("m-2")).to_have_attribute("data-state", "crashed")
    expect(stage.button("Redo")).to_have_attribute("aria-disabled", "true")

    stage.root.get_by_text("Steps of the scenario").click()
    stage.root.get_by_label("Time of step 1 in seconds").fill("5.5")
    stage.root.get_by_label("Time of step 1 in seconds").press("Enter")
    expect(stage.root.get_by_label("Time of step 2 in seconds")).to_have_value("5.5")
    assert json.loads(stage.last["scenario"]) == [
        [4, "crash", {"name": "m-2"}],
        [5.5, "crash", {"name": "m-1"}],
    ]
    stage.root.get_by_role("button", name="Delete step 2").click()
    expect(stage.root.locator(".gk-steps li")).to_have_count(1)
    stage.assert_focus_kept()
    stage.button("Edit as text").click()
    stage.root.locator("textarea").fill("[[1, ")
    stage.button("Use this text").click()
    expect(stage.root.locator(".gk-part .gk-error")).to_contain_text("not JSON")
    stage.root.locator("textarea").fill('[[1.5, "crash", {"name": "m-7"}]]')
    stage.button("Use this text").click()
    expect(stage.root.locator(".gk-steps")).to_contain_text("crash m-7")
    stage.button("Reset").click()
    expect(stage.root.locator(".gk-steps li")).to_have_count(0)
    stage.assert_focus_kept()


def test_the_scenario_is_copied_and_where_it_cannot_be_the_text_is_selected(opened, page):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    stage = opened()
    stage.seek(2.0)
    stage.button("Heal").click()
    stage.settled(2)
    stage.root.get_by_text("Steps of the scenario").click()
    stage.button("Copy as scenario").click()
    expect(stage.root.get_by_text("Copied")).to_be_visible()
    copied = page.evaluate("() => navigator.clipboard.readText()")
    assert Scenario.from_json(copied) == Scenario([(2.0, "heal", {})])
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')); }")
    stage.button("Copy as scenario").click()
    expect(stage.root.locator("textarea")).to_be_focused()
    assert page.evaluate("() => document.getSelection().toString()") == copied


def test_everything_is_done_with_the_keyboard_alone(opened):
    stage = opened()
    keys = stage.page.keyboard
    root = stage.root

    scrub = root.get_by_role("slider", name="Time")
    stage.tab_to(scrub)
    for _ in range(40):
        keys.press("ArrowRight")
    stage.page.wait_for_function("() => stage.inspect().at_s >= 2")
    expect(scrub).to_have_attribute("aria-valuetext", "2.00 seconds. m-12 is up. All 11 others: “alive”.")

    stage.tab_to(stage.node("m-1"))
    keys.press("ArrowRight")
    assert stage.page.evaluate("() => document.activeElement.dataset.name") == "m-2"
    keys.press("Home")
    keys.press("Control+ArrowRight")
    expect(stage.node("m-1")).to_be_focused()
    keys.press("Enter")
    card = root.locator(".gk-node-card")
    stage.tab_to(stage.button("Crash", card))
    keys.press("Enter")
    stage.settled(2)
    expect(stage.node("m-1")).to_have_attribute("data-state", "crashed")
    stage.assert_focus_kept()
    stage.tab_to(stage.button("Close", card))
    keys.press("Enter")
    expect(stage.node("m-1")).to_be_focused()

    stage.tab_to(stage.button("Cut"))
    keys.press("Enter")
    form = root.locator(".gk-form")
    expect(form.get_by_label("node a")).to_be_focused()
    keys.press("m")  # the first that begins so
    keys.press("Tab")
    for _ in range(3):
        keys.press("ArrowDown")
    keys.press("Tab")
    keys.press("Enter")
    stage.settled(3)
    assert stage.last["action"] == "cut"
    keys.press("Escape")
    expect(stage.button("Cut")).to_be_focused()

    stage.tab_to(stage.button("Partition"))
    keys.press("Enter")
    stage.tab_to(form.get_by_label("m-2", exact=True))
    keys.press("Space")
    stage.tab_to(stage.button("Partition now", form))
    keys.press("Enter")
    stage.settled(4)
    assert stage.last["arguments"] == {"groups": [["m-2"]]}
    stage.tab_to(stage.button("Heal"))
    keys.press("Enter")
    stage.settled(5)
    stage.tab_to(stage.button("Set loss"))
    keys.press("Enter")
    keys.press("Enter")  # from the number into the form
    stage.settled(6)
    assert stage.last["action"] == "set_loss"

    stage.tab_to(stage.button("Undo"))
    keys.press("Enter")
    stage.settled(7)
    stage.assert_focus_kept()
    stage.tab_to(stage.button("Redo"))
    keys.press("Enter")
    stage.settled(8)
    expect(stage.button("Redo")).to_be_focused()
    assert [action for _, action, _ in stage.kernel.steps] == [
        "crash",
        "cut",
        "partition",
        "heal",
        "set_loss",
    ]

    stage.tab_to(root.get_by_role("button", name="On to the next event"))
    keys.press("Enter")
    assert stage.inspect()["at_s"] > 2
    stage.tab_to(stage.button("Next suspicion"))
    keys.press("Enter")
    expect(root.locator(".gk-said")).to_contain_text("suspect")
    stage.tab_to(stage.button("Play"))
    keys.press("Enter")
    stage.page.wait_for_function("() => stage.inspect().playing && stage.inspect().frames > 3")
    keys.press("Enter")
    assert not stage.inspect()["playing"]


def test_packets_are_drawn_and_kinds_can_be_switched_off(opened):
    stage = opened()
    moment = next(
        at for at in (x / 10 for x in range(20, 80)) if (stage.seek(at), stage.inspect())[1]["packets"] > 2
    )
    stage.seek(moment)
    stage.page.wait_for_timeout(50)
    assert stage.drawn_pixels() > 60
    for chip in stage.root.locator(".gk-chip").all():
        chip.click()
        expect(chip).to_have_attribute("aria-pressed", "false")
    stage.page.wait_for_function("() => !stage.inspect().playing")
    stage.page.wait_for_timeout(50)
    assert stage.drawn_pixels() == 0


def test_a_lost_packet_ends_in_a_cross(opened):
    stage = opened()
    stage.kernel.steps = [(1.0, "set_loss", {"p": 1.0})]
    stage.button("Heal").click()  # any request: the kernel replays with the loss
    stage.settled(2)
    stage.seek(1.9)
    crosses = [packet for packet in stage.inspect()["drawn"] if packet["cross"]]
    assert crosses and stage.drawn_pixels() > 0


def test_play_moves_time_at_the_speed_that_was_chosen(opened):
    stage = opened()
    stage.root.get_by_label("Speed").select_option("3")
    stage.button("Play").click()
    stage.page.wait_for_function("() => stage.inspect().at_s > 1")
    stage.button("Stop").click()
    at_s = stage.inspect()["at_s"]
    stage.page.wait_for_timeout(100)
    assert stage.inspect()["at_s"] == at_s
    stage.seek(19.9)
    stage.button("Play").click()
    expect(stage.root.locator(".gk-said")).to_have_text("The end of this window, 20 s.")
    expect(stage.button("Play")).to_be_visible()
    stage.button("30 s more").click()
    stage.settled(2)
    expect(stage.root.locator(".gk-clock")).to_contain_text("of 40 s")


def test_stopped_in_the_midst_of_play_it_is_still_drawn_anew_when_time_is_moved(opened):
    stage = opened()
    clock = stage.root.locator(".gk-clock")  # inspect() would draw, and hide that nobody else does
    stage.button("Play").click()
    expect(clock).not_to_contain_text("0.00 s")
    stage.button("Stop").click()
    stage.page.wait_for_timeout(100)
    scrubber = stage.root.locator(".gk-scrubber")
    scrubber.evaluate("input => { input.value = 15e6; input.dispatchEvent(new Event('input')); }")
    expect(clock).to_contain_text("15.00 s")


def test_a_slider_asks_once_for_where_it_stands(opened):
    stage = opened()
    slider = stage.root.get_by_role("slider", name="Loss")
    slider.focus()
    # a key press, as a native input tells of it: two events each time
    slider.evaluate(
        """input => { for (const value of [1, 2]) { input.value = value;
        for (const name of ['input', 'change']) input.dispatchEvent(new Event(name, { bubbles: true })); } }"""
    )
    stage.settled(2)
    stage.page.wait_for_timeout(300)
    assert [message["positions"] for message in stage.kernel.got if message["type"] == "move"] == [[2]]
    expect(slider).to_have_attribute("aria-valuetext", "30% of all packets")
    expect(slider).to_be_focused()


def test_a_claim_is_said_as_it_stands_at_the_playhead(opened):
    beside = {
        "label": "without a log",
        "seen": False,
        "missing": "nobody agrees",
        "changes": [[0, False, "nobody agrees"]],
    }
    changes = [[0, False, "nobody is suspected"], [4, True, ""]]
    claim = {
        "text": "Gossip may be wrong.",
        "seen": True,
        "missing": "",
        "changes": changes,
        "beside": beside,
    }
    stage = opened(change=lambda meta: meta.update(claim=claim))
    told = stage.root.locator(".gk-claim")
    expect(told).to_contain_text("Here: not seen now: nobody is suspected")
    expect(told).to_contain_text("without a log: not seen now: nobody agrees")
    stage.seek(5.0)
    expect(told).to_contain_text("Here: seen now")


def test_what_the_kernel_refuses_is_said_and_nothing_changes(opened):
    stage = opened()
    stage.button("Partition").click()
    form = stage.root.locator(".gk-form")
    form.get_by_label("m-3", exact=True).check()
    stage.button("Add a group", form).click()
    form.get_by_role("group", name="Group 2").get_by_label("m-3", exact=True).check()
    stage.button("Partition now", form).click()
    expect(stage.root).to_contain_text("'m-3' is named twice")
    assert stage.inspect()["revision"] == 1


def test_a_busy_kernel_and_a_lost_one_are_said_in_words(opened):
    stage = opened()
    stage.kernel.silent = True
    stage.button("Heal").click()
    expect(stage.root.locator(".gk-busy")).to_have_text("The kernel is working …")
    stage.page.evaluate("() => { model.broken = true; }")
    stage.button("Heal").focus()
    stage.page.keyboard.press("Enter")
    expect(stage.root).to_contain_text(
        "The kernel of this cell was restarted or shut down: run this cell again."
    )
    expect(stage.button("Heal")).to_have_attribute("aria-disabled", "true")
    expect(stage.button("Heal")).to_be_focused()
    asked = len(stage.kernel.got)
    stage.page.keyboard.press("Enter")
    assert len(stage.kernel.got) == asked
    stage.button("Play").click()  # what is there can still be watched
    stage.page.wait_for_function("() => stage.inspect().frames > 2")
    stage.kernel.silent = False
    stage.page.evaluate("() => { model.broken = false; }")
    stage.button("Try again").click()
    expect(stage.button("Heal")).to_have_attribute("aria-disabled", "false")


def test_ten_quick_clicks_are_ten_requests_with_an_answer_each(opened):
    stage = opened()
    stage.page.evaluate(
        "() => { const heal = [...stage.querySelectorAll('button')].find(b => b.textContent === 'Heal'); for (let k = 0; k < 10; k++) heal.click(); }"
    )
    stage.settled(11)
    assert len({message["id"] for message in stage.kernel.got}) == 10
    expect(stage.root.locator(".gk-busy")).to_be_empty()


def test_two_views_show_the_same_run_and_each_keeps_its_time(opened):
    stage = opened(views=2)
    stage.seek(3.0)
    stage.node("m-5").click()
    stage.button("Crash", stage.root.locator(".gk-node-card")).click()
    stage.settled(2)
    other = stage.page.locator(".gk-live").nth(1)
    assert other.evaluate("root => [root.inspect().revision, root.inspect().at_s]") == [2, 0]


def test_stages_that_are_watched_together_share_their_time(opened):
    stage = opened(views=2, change=lambda meta: meta.update(together="pair"))
    stage.seek(3.0)
    other = stage.page.locator(".gk-live").nth(1)
    assert other.evaluate("root => root.inspect().at_s") == 3
    stage.button("Play").click()
    assert other.evaluate("root => root.inspect().playing")


def test_nothing_is_drawn_while_scrolled_away_or_after_the_end(opened):
    stage = opened(after="<div style='height:5000px'></div><p id=far>far</p>")
    stage.button("Play").click()
    stage.page.wait_for_function("() => stage.inspect().frames > 3")
    stage.page.evaluate("() => document.getElementById('far').scrollIntoView()")
    stage.page.wait_for_function("() => !stage.inspect().awake")
    frames = stage.inspect()["frames"]
    stage.page.wait_for_timeout(300)
    assert stage.inspect()["frames"] == frames
    stage.page.evaluate("() => window.scrollTo(0, 0)")
    stage.page.wait_for_function("frames => stage.inspect().frames > frames", arg=frames)
    stage.page.evaluate("() => ends.forEach((end) => end())")
    frames = stage.inspect()["frames"]
    stage.page.wait_for_timeout(200)
    assert stage.inspect()["frames"] == frames
    assert stage.page.evaluate("() => model.listeners()") == 0


def test_with_less_motion_it_goes_from_event_to_event(opened, page):
    page.emulate_media(reduced_motion="reduce")
    stage = opened()
    stage.seek(3.0)
    stage.node("m-5").click()
    stage.button("Crash", stage.root.locator(".gk-node-card")).click()
    stage.settled(2)
    moments = set(
        page.evaluate("() => model.get('meta').events.map((event) => Math.round(event.at_s * 1e4))")
    )
    stage.button("Play").click()
    page.wait_for_function("() => stage.inspect().at_s > 3.1")
    assert round(stage.inspect()["at_s"] * 1e4) in moments
    at_s = stage.inspect()["at_s"]
    page.wait_for_timeout(200)
    assert stage.inspect()["at_s"] == at_s  # it stands still until the next one


def test_the_space_time_diagram_and_the_event_table(opened):
    stage = opened()
    stage.seek(3.0)
    stage.node("m-5").click()
    stage.button("Crash", stage.root.locator(".gk-node-card")).click()
    stage.settled(2)
    stage.root.get_by_text("Space-time diagram").click()
    drawing = stage.root.locator(".gk-lamport")
    expect(drawing.locator(".gk-lamport-name").filter(has_text="m-5")).to_have_count(1)
    assert drawing.locator(".gk-arrow").count() > 3
    assert drawing.locator(".gk-life[data-state=crashed]").count() == 1
    expect(drawing.locator(".gk-lamport-fault")).to_have_count(1)
    assert "messages between" in drawing.get_attribute("aria-label")

    stage.root.get_by_text("Events as a table").click()
    table = stage.root.get_by_role("table", name="Events")
    stage.root.get_by_label("Node", exact=True).select_option(label="m-5")
    rows = table.locator("tbody tr")
    assert rows.count() > 5
    assert all("m-5" in row.inner_text() for row in rows.all())
    first = table.get_by_role("button").first
    at_s = float(first.inner_text().removesuffix(" s"))
    first.click()
    assert abs(stage.inspect()["at_s"] - at_s) < 0.001
    stage.assert_focus_kept()


CONTRAST = """() => {
  const parse = (text) => { const c = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    c.fillStyle = text; c.fillRect(0, 0, 1, 1); return [...c.getImageData(0, 0, 1, 1).data]; };
  const light = ([r, g, b]) => { const f = (v) => ((v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * f(r) + 0.7152 * f(g) + 0.0722 * f(b); };
  const ratio = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05); };
  const ground = (element) => { for (let e = element; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c[3] > 250) return c; } return [255, 255, 255, 255]; };
  const bad = [];
  for (const element of stage.querySelectorAll('*')) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!own || !element.checkVisibility() || element.closest('[aria-disabled=true], svg, option, .gk-unseen')) continue;
    const style = getComputedStyle(element);
    const short = element.classList.contains('gk-node-short');
    const behind = short && element.parentElement.dataset.state !== 'crashed' ? parse(getComputedStyle(element.parentElement, '::before').backgroundColor) : ground(element);
    const got = ratio(parse(style.color), behind);
    if (got < 4.5) bad.push([element.className, element.textContent.slice(0, 30), got.toFixed(2)]);
  }
  for (const element of stage.querySelectorAll('svg text')) {
    const got = ratio(parse(getComputedStyle(element).fill), ground(element.closest('svg').parentElement));
    if (got < 4.5) bad.push(['svg text', element.textContent, got.toFixed(2)]);
  }
  const kinds = ['--gk-bad', ...Array.from({ length: 10 }, (_, k) => `--gk-k${k}`)].map((name) => [name, getComputedStyle(stage).getPropertyValue(name)]);
  const field = ground(stage.querySelector('.gk-field'));
  for (const [name, colour] of kinds) if (ratio(parse(colour), field) < 3) bad.push(['packet', name, ratio(parse(colour), field).toFixed(2)]);
  return bad;
}"""
NAMES_AND_ROLES = """() => {
  const bad = [];
  const named = (e) => e.getAttribute('aria-label') || (e.getAttribute('aria-labelledby') && document.getElementById(e.getAttribute('aria-labelledby'))?.textContent)
    || e.labels?.[0]?.textContent || (/BUTTON|SUMMARY/.test(e.tagName) && e.textContent.trim());
  for (const e of stage.querySelectorAll('button, input, select, textarea, summary, [tabindex="0"]')) {
    if (!named(e)) bad.push(['no name', e.outerHTML.slice(0, 80)]);
    if (e.dataset.lmSuppressShortcuts !== 'true') bad.push(['takes the notebook\\'s keys', e.outerHTML.slice(0, 80)]);
  }
  const ids = [...document.querySelectorAll('[id]')].map((e) => e.id);
  if (new Set(ids).size < ids.length) bad.push(['an id is there twice']);
  for (const e of document.querySelectorAll('[aria-describedby], [aria-labelledby], label[for], output[for]'))
    for (const id of `${e.getAttribute('aria-describedby') ?? ''} ${e.getAttribute('aria-labelledby') ?? ''} ${e.getAttribute('for') ?? ''}`.trim().split(/\\s+/))
      if (!document.getElementById(id)) bad.push(['points nowhere', id]);
  for (const e of stage.querySelectorAll('[role=group], [role=region], section[aria-describedby]')) if (e.getAttribute('role') && !named(e)) bad.push(['a group without a name', e.className]);
  for (const e of stage.querySelectorAll('svg:not([role=img])')) if (!e.closest('[aria-hidden=true]')) bad.push(['a picture neither hidden nor named', e.outerHTML.slice(0, 60)]);
  if (stage.querySelectorAll('.gk-nodes [tabindex="0"]').length !== 1) bad.push(['the nodes are not one stop of the Tab key']);
  return bad;
}"""


@pytest.mark.parametrize(("dark", "width"), [(False, 1280), (True, 620), (False, 360), (True, 360)])
def test_names_roles_contrast_and_width(opened, dark, width):
    stage = opened(dark=dark, width=width)
    stage.seek(3.0)
    stage.node("m-5").click()
    expect(stage.root.locator(".gk-node-card")).to_contain_text("As of")
    stage.button("Crash", stage.root.locator(".gk-node-card")).click()
    stage.settled(2)
    stage.seek(7.0)
    stage.button("Partition").click()
    for part in ("Steps of the scenario", "Space-time diagram", "Events as a table"):
        stage.root.get_by_text(part).click()
    stage.page.wait_for_timeout(100)
    assert stage.page.evaluate(NAMES_AND_ROLES) == []
    assert stage.page.evaluate(CONTRAST) == []
    assert stage.page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")
    outside = stage.page.evaluate(
        """() => { const field = stage.querySelector('.gk-field').getBoundingClientRect();
        return [...stage.querySelectorAll('.gk-node-name')].map((e) => e.getBoundingClientRect()).filter((e) => e.width)
          .filter((e) => e.top < field.top || e.bottom > field.bottom || e.left < field.left || e.right > field.right).length; }"""
    )
    assert outside == 0
    small = stage.page.evaluate(
        "() => [...stage.querySelectorAll('button, select, summary')].filter((e) => e.checkVisibility() && !e.matches('.gk-link')).map((e) => [e.textContent, e.getBoundingClientRect().height]).filter(([, height]) => height < 20)"
    )
    assert small == []


def test_forced_colours_leave_states_to_be_told_apart(opened, page):
    page.emulate_media(forced_colors="active")
    stage = opened()
    stage.seek(3.0)
    stage.node("m-5").click()
    stage.button("Crash", stage.root.locator(".gk-node-card")).click()
    stage.settled(2)
    border = "node => { const s = getComputedStyle(node, '::before'); return `${s.borderStyle} ${s.borderWidth}`; }"
    stage.seek(2.0)
    alive = stage.node("m-1").evaluate(border)
    stage.seek(19.0)
    assert stage.node("m-1").evaluate(border) != alive
    cross = "node => { const s = getComputedStyle(node, '::before'); return [s.backgroundImage.includes('gradient'), s.forcedColorAdjust]; }"
    assert stage.node("m-5").evaluate(cross) == [True, "none"]
