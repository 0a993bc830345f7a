"""What a page without a kernel tells of a node, from the recording alone, is what the kernel tells."""

import base64
import json
import shutil
import subprocess

import pytest

from gossipkit.lab import stored
from gossipkit.lab.stage.columns import FATES
from gossipkit.lab.widget import script
from gossipkit.sim import Scenario

AT_S = (0.0, 4.9, 9.7, 12.0)
NEW, JOINS_S = "new-1", 3.0
ASK = """
const given = JSON.parse(require("fs").readFileSync(0, "utf8"));
const recording = readRecording(given.meta, Uint8Array.from(Buffer.from(given.data, "base64")));
const flights = indexFlights(recording.packets, given.meta.fates);
const answers = given.asked.map(([node, at_s]) => recordedOf(recording, flights, node, micros(given.meta, at_s)));
console.log(JSON.stringify(answers));
"""
SAY = 'console.log(sayStored(JSON.parse(require("fs").readFileSync(0, "utf8")))[0]);'
under_node = pytest.mark.skipif(
    not shutil.which("node"), reason="a stored stage's answers under Node: install Node 20"
)


def broken(names, open_to_all):
    """One node crashes and comes back, another one stays away, and where it can be one comes new."""
    steps = [(2.0, "crash", names[1]), (7.0, "restart", names[1]), (8.0, "crash", names[2])]
    steps += [(JOINS_S, "join", NEW)] * open_to_all
    return Scenario([(at, action, {"name": name}) for at, action, name in steps])


def recorded(state, data, asked):
    """What the browser's part tells of the asked nodes at the asked times."""
    return json.loads(browsers(ASK, state | {"data": base64.b64encode(data).decode(), "asked": asked}))


def browsers(code, given):
    """What this code prints among the browser's scripts."""
    source = script(*(script("stage/files.txt").split())).replace("export default", "const view =")
    done = subprocess.run(
        ["node", "-e", source + code], input=json.dumps(given), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def arriving(run, name, at_s):
    """The messages from or to a node that are under way and will arrive: way, time of sending, what is said of the end."""
    packets, found = run.packets, set()
    for sent, flight, sender, receiver, fate in zip(
        packets.sent, packets.flight, packets.sender, packets.receiver, packets.fate, strict=True
    ):
        sent, flight = round(sent, 6), round(flight, 6)  # the recording's microseconds
        if FATES[fate] == "arrived" and sent <= at_s < sent + flight and name in (sender, receiver):
            way = f"to {receiver}" if sender == name else f"from {sender}"
            found.add((way, f"{sent:.3f} s", f"arrived after {flight:.3f} s"))
    return found


@under_node
def test_a_recording_tells_what_the_kernel_tells(stage_of, family):
    stage = stage_of(family)
    can = {action["name"] for action in stage.meta["actions"]}
    if "crash" in can:
        stage = stage_of(family, scenario=broken(stage.run.names, "join" in can))
    names = stage.run.names
    asked = [(node, at_s) for node in (0, 1, 2, len(names) - 1) for at_s in AT_S]
    # and a sender while one of its messages is half on its way
    packets = stage.run.packets
    arrived = [at for at, fate in enumerate(packets.fate) if FATES[fate] == "arrived"]
    half = arrived[len(arrived) // 2]
    asked.append((names.index(packets.sender[half]), packets.sent[half] + packets.flight[half] / 2))
    # and who has just changed its mind, before the others do
    changes = [(time, observer) for time, observer, *_ in stage.run.folded.beliefs if time > 1.0]
    asked += [(observer, round(time, 3) + 0.002) for time, observer in changes[:3]]
    answers = recorded(*stage.recorded(), asked)
    (nothing,) = (belief.label for belief in stage.cast.beliefs if belief.word == stage.cast.unknown)
    told_views = told_messages = 0
    for (node, at_s), answer in zip(asked, answers, strict=True):
        here = {section["title"]: section for section in answer}
        happened = here["What happened to it, the last 20 events"].get("rows", [])
        events = [each for each in stage.meta["events"] if node in (each["node"], each["about"])]
        past = [each for each in events if each["at_s"] <= at_s + 1e-9]
        assert happened == [[f"{each['at_s']:.3f}", each["text"]] for each in past[-20:]]
        flying = here["Messages under way"].get("rows", [])
        told = {(way, sent, end) for way, _, sent, end in flying if end.startswith("arrived")}
        assert told == arriving(stage.run, names[node], at_s)
        told_messages += len(told)
        if names[node] == NEW and at_s < JOINS_S:
            assert "it is absent" in here["Now"]["lines"][0] and "What it believes" not in here
            continue
        kernels = {section["title"]: section for section in stage.ask(names[node], at_s)}
        runs = "What it believes" in kernels
        assert ("What it believes" in here) == runs
        assert here["Now"]["lines"][0].startswith(f"{names[node]} at {at_s:.3f} s: it is ")
        assert ("is crashed" in here["Now"]["lines"][0]) != runs
        if runs:
            # a node's word for itself is not recorded, and of whom the kernel says nothing the node knows nothing
            view = dict(row for row in kernels["What it believes"]["rows"] if row[0] != names[node])
            found = dict(here["What it believes"].get("rows", []))
            subjects = [names[at] for at in stage.meta["subjects"] or range(len(names))]
            there = {name for name in subjects if name != NEW or at_s >= JOINS_S} - {names[node]}
            assert set(view) <= set(found) == there
            assert found == {name: view.get(name, nothing) for name in found}
            told_views += len(view)
    assert told_views > 0 and told_messages > 0


def test_what_was_tried_and_taken_back_is_not_in_a_recording(stage_of):
    stage = stage_of("swim")
    before = stored.packed(*stage.recorded())
    stage.step(5, "crash", name="m-1")
    assert stored.packed(*stage.recorded()) != before
    stage.undo()
    assert stored.packed(*stage.recorded()) == before
    assert stage.recorded()[0]["meta"]["actions"] == []


def test_an_example_is_played_where_a_notebook_is_stored_for_readers_alone(stage_of, monkeypatch):
    steps = Scenario([(5.0, "crash", {"name": "m-1"})])
    stage, broken_so = stage_of("swim", example=steps), stage_of("swim", scenario=steps)
    untouched = stored.packed(*stage_of("swim").recorded())
    assert stored.packed(*stage.recorded()) == untouched
    monkeypatch.setenv(stored.STORES_MORE, "1")
    assert stored.packed(*stage.recorded()) == stored.packed(*broken_so.recorded()) != untouched
    assert len(stage.scenario) == 0 and stage.meta["steps"] == []
    # what somebody has done is shown, and no example in its place
    stage.step(7, "crash", name="m-2")
    assert [step["text"] for step in stage.recorded()[0]["meta"]["steps"]] == ["m-2 crashes"]


@under_node
def test_a_stored_run_says_what_happens_in_it(stage_of):
    steps = [(1.5 + at, "crash", {"name": f"m-{at}"}) for at in range(1, 8)]

    def said(*steps):
        return browsers(SAY, stage_of("swim", scenario=Scenario(steps)).recorded()[0]["meta"])

    assert said().startswith("A stored run: play it, ")
    assert said(*steps[:2]).startswith("A stored run (at 2.5 s m-1 crashes; at 3.5 s m-2 crashes): play it, ")
    assert said(*steps).startswith("A stored run (7 steps, listed under Steps of the scenario): play it, ")
