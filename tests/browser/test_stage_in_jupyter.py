"""A stage where students meet it: broken by mouse and by keyboard alone, and its steps handed in as evidence."""

import json
from itertools import pairwise

import pytest
from playwright.sync_api import expect

FAMILIES = {
    "Consul": ("from gossipkit.systems import Consul", "Consul, agents=6, servers=3"),
    "Cassandra": ("from gossipkit.systems import Cassandra", "Cassandra, nodes=6"),
    "Dynamo": ("from gossipkit.systems import Dynamo", "Dynamo, nodes=6"),
    "Redis Cluster": ("from gossipkit.systems import RedisCluster", "RedisCluster, masters=3"),
    "SWIM": ("from gossipkit.gossip.swim import SwimNode", "SwimNode, members=12"),
}


class Hands:
    """Someone at a stage in a notebook, with a mouse or with the keyboard alone; after each action the focus is in it."""

    def __init__(self, page):
        self.page, self.root = page, page.locator(".gk-live")
        self.form, self.card = self.root.locator(".gk-form"), self.root.locator(".gk-node-card")
        self.names = self.root.locator(".gk-nodes button").evaluate_all("all => all.map(e => e.dataset.name)")

    def inspect(self):
        return self.root.evaluate("stage => stage.inspect()")

    def button(self, name, within=None):
        return (within or self.root).get_by_role("button", name=name, exact=True)

    def node(self, name):
        return self.root.locator(f".gk-nodes button[data-name='{name}']")

    def answered(self, do, *given):
        """Do something, wait for the run that comes of it, and look where the focus is."""
        before = self.inspect()["revision"]
        do(*given)
        self.page.wait_for_function(
            "before => document.querySelector('.gk-live').inspect().revision > before", arg=before
        )
        expect(self.root.locator(".gk-busy").first).to_be_empty()
        assert self.root.evaluate("stage => stage.contains(document.activeElement)"), do.__name__

    def copied(self):
        """The scenario as text, from the clipboard."""
        return json.loads(self.page.evaluate("() => navigator.clipboard.readText()"))


class Mouse(Hands):
    def scrub(self, at_s):
        box = self.root.locator(".gk-lanes").bounding_box()
        length = self.root.locator(".gk-scrubber").evaluate("range => Number(range.max) / 1e6")
        self.root.locator(".gk-lanes").click(position={"x": box["width"] * at_s / length, "y": 5})
        assert abs(self.inspect()["at_s"] - at_s) < 0.1

    def on_node(self, name, action):
        self.node(name).click()
        self.button(action, self.card).click()

    def crash(self, name):
        self.on_node(name, "Crash")

    def pause(self, name):
        self.on_node(name, "Pause")

    def centre(self, name):
        box = self.node(name).bounding_box()
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def cut(self, a, b):
        self.root.locator(".gk-field").scroll_into_view_if_needed()
        self.page.mouse.move(*self.centre(a))
        self.page.mouse.down()
        self.page.mouse.move(*self.centre(b), steps=6)
        self.page.mouse.up()

    def partition(self, name):
        """Part the nodes to the right of the widest gap, by a lasso."""
        self.root.locator(".gk-field").scroll_into_view_if_needed()
        field = self.root.locator(".gk-field").bounding_box()
        xs = sorted(self.centre(name)[0] for name in self.names)
        _, left = max((b - a, (a + b) / 2) for a, b in pairwise(xs))
        top, right, low = field["y"] + 2, field["x"] + field["width"] - 2, field["y"] + field["height"] - 2
        self.page.mouse.move(left, top)
        self.page.mouse.down()
        for corner in ((right, top), (right, low), (left, low), (left, top)):
            self.page.mouse.move(*corner, steps=5)
        self.page.mouse.up()
        self.button("Partition now", self.form).click()

    def press(self, name):
        self.button(name).click()

    def set_loss(self):
        self.button("Set loss").click()
        self.form.get_by_label("share of packets lost").fill("0.2")
        self.button("Set loss now", self.form).click()

    def copy(self):
        self.root.locator("summary").get_by_text("Steps of the scenario").click()
        self.button("Copy as scenario").click()
        expect(self.root).to_contain_text("Copied")


class Keyboard(Hands):
    def to(self, locator):
        """Go there with the Tab key alone, forwards or backwards."""
        keys = self.page.keyboard
        here = "element => element.compareDocumentPosition(document.activeElement)"
        for _ in range(120):
            place = locator.evaluate(here)
            if place == 0:
                return
            keys.press("Shift+Tab" if place & 4 else "Tab")
            assert self.root.evaluate("stage => stage.contains(document.activeElement)")
        pytest.fail(f"the Tab key does not reach {locator}")

    def scrub(self, at_s):
        self.to(self.root.get_by_role("slider", name="Time"))
        tenths = round((at_s - self.inspect()["at_s"]) / 3)  # of a window of 30 s
        for _ in range(abs(tenths)):
            self.page.keyboard.press("PageUp" if tenths > 0 else "PageDown")
        assert abs(self.inspect()["at_s"] - at_s) < 0.1

    def press_at(self, locator):
        self.to(locator)
        self.page.keyboard.press("Enter")

    def on_node(self, name, action):
        self.to(self.root.locator(".gk-nodes button[tabindex='0']"))
        self.page.keyboard.press("Home" if name == self.names[0] else "End")
        expect(self.node(name)).to_be_focused()
        self.page.keyboard.press("Enter")
        self.press_at(self.button(action, self.card))

    def crash(self, name):
        self.on_node(name, "Crash")

    def pause(self, name):
        self.on_node(name, "Pause")

    def choose(self, label, name):
        self.to(self.form.get_by_label(label, exact=True))
        for _ in range(self.names.index(name) + 1):
            self.page.keyboard.press("ArrowDown")

    def cut(self, a, b):
        self.press_at(self.button("Cut"))
        self.form.get_by_label("from", exact=True).evaluate("select => { select.selectedIndex = 0; }")
        self.choose("from", a)
        self.choose("to", b)
        self.press_at(self.button("Cut now", self.form))

    def partition(self, name):
        self.press_at(self.button("Partition"))
        self.to(self.form.get_by_label(name, exact=True))
        self.page.keyboard.press("Space")
        self.press_at(self.button("Partition now", self.form))

    def press(self, name):
        self.press_at(self.button(name))

    def set_loss(self):
        self.press_at(self.button("Set loss"))
        self.page.keyboard.press("Enter")

    def copy(self):
        self.press_at(self.root.locator("summary").filter(has_text="Steps of the scenario"))
        self.press_at(self.button("Copy as scenario"))
        expect(self.root).to_contain_text("Copied")


@pytest.fixture
def opened(jupyter, shared):
    """Shows a stage that a cell makes; afterwards nothing may have been told to the console while it was used."""
    problems = []

    def told(line):
        if line.type == "error":
            problems.append(line.text)

    def failed(error):
        problems.append(str(error))

    def open_(cell):
        shared.context.grant_permissions(["clipboard-read", "clipboard-write"])
        jupyter.cell(shared, "notebooks/stage.ipynb", cell)
        shared.on("console", told)
        shared.on("pageerror", failed)
        expect(shared.locator(".gk-live .gk-nodes button").first).to_be_visible()
        return shared

    yield open_
    shared.remove_listener("console", told)
    shared.remove_listener("pageerror", failed)
    assert problems == []


def broken(hands):
    """Everything that breaks a network, one after the other; the actions that must have been recorded."""
    first, second, third, last = hands.names[0], hands.names[1], hands.names[2], hands.names[-1]
    hands.scrub(3)
    hands.answered(hands.crash, last)
    expect(hands.node(last)).to_have_attribute("data-state", "crashed")
    hands.scrub(6)
    hands.answered(hands.pause, first)
    expect(hands.node(first)).to_have_attribute("data-state", "paused")
    hands.scrub(9)
    hands.answered(hands.cut, second, third)
    expect(hands.root.locator(".gk-under .gk-cut")).to_have_count(1)
    hands.scrub(12)
    hands.answered(hands.partition, second)
    expect(hands.root.locator(".gk-under .gk-apart")).to_have_count(1)
    hands.scrub(15)
    hands.answered(hands.press, "Heal")
    expect(hands.root.locator(".gk-under .gk-cut")).to_have_count(0)
    hands.scrub(18)
    hands.answered(hands.set_loss)
    expect(hands.root.locator(".gk-faults-line")).to_contain_text("loss")
    hands.answered(hands.press, "Undo")
    expect(hands.root.locator(".gk-faults-line")).to_have_text("The network is whole.")
    hands.answered(hands.press, "Redo")
    hands.scrub(3.05)
    states = dict(zip(hands.names, hands.inspect()["states"], strict=True))
    assert [name for name, state in states.items() if state != 0] == [last]  # the past is what it was
    hands.copy()
    return ["crash", "pause", "cut", "partition", "heal", "set_loss"]


# Every family once, and each hand: hands are the same code in all families.
# Notebook 7 shows the same widgets: one of them there stands for all.
@pytest.mark.parametrize(
    ("jupyter", "family", "hand"),
    [
        ("lab/tree", "Cassandra", Mouse),
        ("lab/tree", "Redis Cluster", Mouse),
        ("lab/tree", "SWIM", Mouse),
        ("lab/tree", "Dynamo", Keyboard),
        ("notebooks", "Consul", Mouse),
    ],
    indirect=["jupyter"],
)
def test_everything_is_broken_and_copied(jupyter, opened, family, hand):
    imports, made = FAMILIES[family]
    page = opened(f"from gossipkit.lab import Stage\n{imports}\nstage = Stage({made}, seed=1)\nstage")
    hands = hand(page)
    if hand is Keyboard:
        hands.node(hands.names[0]).focus()
    actions = broken(hands)
    copied = hands.copied()
    assert [action for _, action, *_ in copied] == actions
    again = (
        "from gossipkit.sim import Scenario\n"
        f"again = Stage({made}, seed=1, scenario=Scenario.from_json({json.dumps(copied)!r}))\n"
        "print(again.scenario == stage.scenario, again.data == stage.data)"
    )
    assert jupyter.told(page, again) == "True True\n"


# a claim, and what shows it: seconds, action, and nodes; that every claim is judged as its stage shows it: tests/lab/stage
SHOWS = {
    "Consul": (
        'CONSUL_CLAIMS["authority"]',
        [(20, "Crash", ["agent-1"]), (50, "Crash", ["server-1", "server-2"]), (60, "Restart", ["agent-1"])],
        100,
    ),
    "Cassandra": (
        'CASSANDRA_CLAIMS["consistency"]',
        [(29, "Partition", ["node-1", "node-2", "node-3"]), (61, "Heal", [])],
        120,
    ),
}


def done(hands, action, names):
    if action == "Heal":
        hands.answered(hands.press, "Heal")
    elif action == "Partition":
        hands.button("Partition").click()
        for name in names:
            hands.form.get_by_label(name, exact=True).check()
        hands.answered(hands.press, "Partition now")
    else:
        for name in names:
            hands.answered(hands.on_node, name, action)


@pytest.mark.parametrize(
    ("jupyter", "system"), [("lab/tree", system) for system in SHOWS], indirect=["jupyter"]
)
def test_the_verdict_on_what_was_copied_is_what_the_stage_showed(jupyter, opened, system):
    claim, steps, end = SHOWS[system]
    imports = "from gossipkit.reading import CASSANDRA_CLAIMS, CONSUL_CLAIMS, judge\nfrom gossipkit.sim import Scenario"
    page = opened(f"from gossipkit.lab import Stage\n{imports}\nStage(claim={claim}, seconds={end})")
    hands = Mouse(page)
    for at_s, action, names in steps:
        hands.scrub(at_s)
        done(hands, action, names)
    hands.copy()
    text = json.dumps(hands.copied())
    verdicts = []
    for at_s in (steps[0][0] - 1, end - 0.5):
        hands.scrub(at_s)
        at_s = hands.inspect()["at_s"]
        here, variant = (
            seen == "true"
            for seen in hands.root.locator(".gk-claim [data-seen]").evaluate_all(
                "all => all.map(e => e.dataset.seen)"
            )
        )
        told = jupyter.told(page, f"print(judge({claim}, Scenario.from_json({text!r}), {at_s}).shown)")
        assert told == f"{here and not variant}\n"
        verdicts.append(here and not variant)
    assert verdicts == [False, True]
