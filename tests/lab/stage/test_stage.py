"""A stage driven as the browser drives it: by messages with an id, each of which gets its answer."""

import gc
import threading
import tracemalloc

import pytest

from gossipkit.gossip import disseminate
from gossipkit.gossip.swim import SwimNode
from gossipkit.lab import Slider
from gossipkit.lab.stage import Stage
from gossipkit.lab.stage import stage as module
from gossipkit.sim import Constant, Network, Scenario
from gossipkit.systems import Consul

LONG_S = 60


class Browser:
    """Sends requests to a stage, and keeps what comes back."""

    def __init__(self, stage):
        self.stage, self.told, self._count = stage, [], 0
        stage.send = self.told.append

    def put(self, type, **content):
        self._count += 1
        identity = f"r{self._count}"
        envelope = {"method": "custom", "content": {"id": identity, "type": type, **content}}
        self.stage._handle_msg({"content": {"data": envelope}, "buffers": []})
        return identity

    def ask(self, type, **content):
        identity = self.put(type, **content)
        assert self.stage.wait(LONG_S)
        (answer,) = [answer for answer in self.told if answer.get("id") == identity]
        return answer


@pytest.fixture
def stage(stage_of):
    return stage_of("swim")


@pytest.fixture
def browser(stage):
    return Browser(stage)


def shown(stage):
    return stage.data, {name: value for name, value in stage.meta.items() if name != "revision"}


CRASH = {"at_s": 4.0, "action": "crash", "arguments": {"name": "m-3"}}


def test_a_request_is_answered_after_the_new_columns_are_there(stage, browser):
    before = stage.meta["revision"]
    seen = []
    stage.send = lambda answer: seen.append((answer, stage.meta["revision"], stage.meta["steps"]))
    browser.put("step", **CRASH)
    assert stage.wait(LONG_S)
    # what has no id says that the kernel still computes, where the machine is slow
    [(answer, revision, steps)] = [each for each in seen if "id" in each[0]]
    assert answer == {"id": "r1", "type": "done", "revision": before + 1, "error": "", "unchanged": False}
    assert revision == before + 1 and [step["text"] for step in steps] == ["m-3 crashes"]


def test_meta_and_data_change_in_one_message(stage, browser, messages_of):
    sent = messages_of(stage)
    browser.ask("step", **CRASH)
    (update,) = [each for each in sent if each.get("method") == "update"]
    assert {"meta"} <= set(update["state"]) and update["buffer_paths"] == [["data"]]


def test_python_and_the_browser_come_to_the_same(stage, browser, stage_of):
    browser.ask("step", **CRASH)
    browser.ask("move", positions=[0, 2, 0, 3])
    other = stage_of("swim")
    other.step(4.0, "crash", name="m-3")
    other.set(fanout=1, loss=0.1)
    assert shown(stage) == shown(other) and stage.values == other.values


def test_undo_redo_and_reset_show_the_very_same_again(stage, browser):
    first = shown(stage)
    browser.ask("step", **CRASH)
    crashed = stage.data
    assert stage.meta["can_undo"] and not stage.meta["can_redo"]
    browser.ask("undo")
    assert stage.data == first[0] and stage.meta["can_redo"]
    browser.ask("redo")
    assert stage.data == crashed
    browser.ask("reset")
    assert stage.data == first[0] and stage.meta["can_undo"]


def test_more_makes_the_window_longer_and_keeps_what_was(stage, browser, read):
    before = read(stage)
    browser.ask("more")
    assert stage.meta["window"] == [0.0, 42.0]
    after = read(stage)
    count = (before["p_sent"] + before["p_flight"] < 11.9e6).sum() // 2
    assert after["p_sent"][:count].tobytes() == before["p_sent"][:count].tobytes()


def test_a_step_without_effect_is_said_to_have_none(stage, browser):
    answer = browser.ask("step", at_s=5.0, action="heal", arguments={})
    assert not answer["unchanged"]  # there is a new step in the list
    again = browser.ask("steps", scenario=stage.meta["scenario"])
    assert again["unchanged"] and again["error"] == ""


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        ({"type": "step", "at_s": 4.0, "action": "crash", "arguments": {"name": "nobody"}}, "no"),
        ({"type": "step", "at_s": -4.0, "action": "crash", "arguments": {"name": "m-1"}}, "at_s is -4.0"),
        ({"type": "step", "at_s": 4.0, "action": "explode", "arguments": {}}, "explode"),
        ({"type": "step"}, "lacks 'at_s'"),
        ({"type": "steps", "scenario": "no list"}, "no JSON"),
        ({"type": "move", "positions": [99, 0, 0, 0]}, "must be from 0"),
        ({"type": "undo"}, "nothing to undo"),
        ({"type": "redo"}, "nothing to do again"),
        ({"type": "sing"}, "type is 'sing'"),
        ({"type": "ask", "node": "nobody", "at_s": 1.0}, "'nobody' is not there"),
        ({"type": "ask", "node": 0, "at_s": -1.0}, "at_s is -1.0"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(stage, browser, request_, said):
    before, revision = shown(stage), stage.meta["revision"]
    answer = browser.ask(**request_)
    assert said in answer["error"] and "Traceback" not in answer["error"]
    assert answer["unchanged"] and shown(stage) == before and stage.meta["revision"] == revision


def test_a_mistake_of_the_course_is_told_and_changes_nothing(stage, browser, monkeypatch):
    before = shown(stage)

    def broken(*arguments):
        raise RuntimeError("oh")

    monkeypatch.setattr(module, "play", broken)
    assert "mistake of the course" in browser.ask("step", **CRASH)["error"]
    assert shown(stage) == before and len(stage.scenario) == 0


def test_errors_in_python_change_nothing_either(stage):
    before = shown(stage)
    for change in (
        lambda: stage.step(1, "crash", name="nobody"),
        lambda: stage.set(fanout=77),
        lambda: stage.set(nothing=1),
        stage.undo,
        lambda: stage.judge(3.0),
    ):
        with pytest.raises(ValueError):
            change()
    assert shown(stage) == before


def test_ten_quick_clicks_are_one_run_that_is_shown_and_ten_answers(stage, browser, monkeypatch):
    begun, go, finished = threading.Event(), threading.Event(), []
    play = module.play

    def slow(setting, scenario, seconds, wanted):
        begun.set()
        assert go.wait(LONG_S)
        run = play(setting, scenario, seconds, wanted)
        finished.append(len(scenario))
        return run

    monkeypatch.setattr(module, "play", slow)
    revision = stage.meta["revision"]
    browser.put("step", at_s=1.0, action="crash", arguments={"name": "m-1"})
    assert begun.wait(LONG_S)
    for at in range(2, 11):
        browser.put("step", at_s=float(at), action="crash", arguments={"name": f"m-{at}"})
    go.set()
    assert stage.wait(LONG_S)
    assert finished == [10] and stage.meta["revision"] == revision + 1
    done = [answer for answer in browser.told if answer["type"] == "done"]
    assert [answer["id"] for answer in done] == [f"r{at}" for at in range(1, 11)]
    assert all(answer["error"] == "" for answer in done)
    assert len(stage.scenario) == 10


def test_a_long_run_tells_how_far_it_is(stage, browser, monkeypatch):
    clock = iter(range(10_000))
    monkeypatch.setattr(module, "monotonic", lambda: next(clock))
    browser.ask("more")
    told = [answer["text"] for answer in browser.told if answer.get("type") == "busy"]
    assert told[:2] == ["The kernel computes: 0 of 42 s.", "The kernel computes: 0 of 42 s."]
    assert told[-1] == "The kernel computes: 42 of 42 s." and browser.told[-1]["type"] == "done"


def test_one_bad_click_among_good_ones_is_told_alone(stage, browser):
    with stage._desk.lock:  # nothing is worked on while these come
        ids = [
            browser.put("step", at_s=3.0, action="crash", arguments={"name": name})
            for name in ("m-1", "nobody", "m-2")
        ]
    assert stage.wait(LONG_S)
    errors = {answer["id"]: answer["error"] for answer in browser.told if answer["type"] == "done"}
    assert [bool(errors[each]) for each in ids] == [False, True, False]
    assert [step.at for step in stage.scenario.steps] == [3.0, 3.0]


def test_ask_tells_what_a_node_knows_in_lines_and_tables(family, stage_of):
    stage = stage_of(family)
    browser = Browser(stage)
    answer = browser.ask("ask", node=1, at_s=5.25)
    assert (answer["type"], answer["node"], answer["at_s"]) == ("told", 1, 5.25)
    titles = [section["title"] for section in answer["sections"]]
    assert titles[:3] == ["Now", "What it believes", "Waits here"]
    for section in answer["sections"]:
        if "rows" in section:
            assert all(len(row) == len(section["columns"]) for row in section["rows"])
            assert all(isinstance(cell, str) for row in section["rows"] for cell in row)
        else:
            assert section["lines"] and all(isinstance(line, str) for line in section["lines"])


def test_ask_of_a_node_that_is_down_tells_its_log(stage):
    stage.step(4.0, "crash", name="m-3")
    sections = stage.ask("m-3", 6.0)
    assert "down" in sections[0]["lines"][0]
    assert sections[-1]["rows"][-1][:2] == ["4.000", "crash"]


def test_ask_tells_that_a_clock_is_wrong(stage):
    stage.step(2.0, "clock", name="m-3", offset_s=-7.0)
    assert "its clock is 7.000 s behind" in stage.ask("m-3", 6.0)[0]["lines"]
    assert "its clock is right" in stage.ask("m-2", 6.0)[0]["lines"]
    stage.step(3.0, "clock", name="m-2", drift_ppm=100_000.0)
    assert "its clock is 0.300 s ahead" in stage.ask("m-2", 6.0)[0]["lines"]


def test_a_stage_has_the_controls_that_it_is_given():
    stage = Stage(
        Consul,
        agents=3,
        seconds=5.0,
        controls=["loss", Slider("servers", 1, 5, 2, value=3, label="Servers")],
    )
    stage.set(servers=5)
    assert len(stage.meta["nodes"]) == 8 and [one["name"] for one in stage.meta["controls"]] == [
        "loss",
        "servers",
    ]


def test_a_parameter_that_is_given_has_no_slider():
    stage = Stage(SwimNode, members=5, fanout=1, seconds=5.0)
    assert [one["name"] for one in stage.meta["controls"]] == ["loss", "churn", "suspicion_mult"]


def test_a_network_of_ones_own_keeps_its_loss(read):
    lost = [
        (read(Stage(SwimNode, members=6, seconds=10.0, network=Network(loss=loss)))["p_fate"] == 1).sum()
        for loss in (0.0, 0.5)
    ]
    assert lost[0] == 0 and lost[1] > 20


def test_every_slider_works_at_both_ends(family, stage_of):
    stage = stage_of(family)
    for control in stage.controls:
        for value in (control.low, control.high):
            stage.set(**{control.name: value})
            assert stage.meta["positions"] != [] and stage.data
        stage.set(**{control.name: control.value})


def test_the_latency_is_said_unless_it_is_ones_own():
    assert "50–150 ms" in Stage(SwimNode, members=3, seconds=2.0).meta["notes"][0]
    own = Stage(SwimNode, members=3, seconds=2.0, network=Network(latency=Constant(0.01)))
    assert not any("50–150 ms" in note for note in own.meta["notes"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"system": "consul"}, "system is 'consul': it must be one of Consul"),
        ({"system": SwimNode, "seed": -1}, "seed is -1"),
        ({"system": SwimNode, "members": "many"}, "members is 'many'"),
        ({"system": SwimNode, "churn": -3}, "churn is -3"),
        ({"system": SwimNode, "colour": "red"}, "SWIM cannot be made with .*colour"),
        ({"system": Consul, "colour": "red"}, "Consul cannot be made with .*colour"),
        ({"system": SwimNode, "seconds": 0}, "seconds is 0"),
        ({"system": SwimNode, "scenario": [(1, "heal")]}, "scenario is .* must be a gossipkit.sim.Scenario"),
        ({"system": SwimNode, "example": [(1, "heal")]}, "example is .* must be a gossipkit.sim.Scenario"),
        ({"system": SwimNode, "controls": ["volume"]}, "controls names 'volume': SWIM has fanout"),
        ({"system": SwimNode, "controls": ["loss", "loss"]}, "each name must be there once"),
        ({"system": SwimNode, "scenario": Scenario([(1, "crash", {"name": "nobody"})])}, "nobody"),
    ],
)
def test_what_a_stage_cannot_be_made_of_is_said(arguments, said):
    with pytest.raises(ValueError, match=said):
        Stage(**arguments)


def test_nothing_of_earlier_runs_is_kept(stage):
    stage.step(1.0, "crash", name="m-3")
    stage.undo()
    gc.collect()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    for _ in range(5):
        stage.redo()
        stage.undo()
    gc.collect()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    run, _ = len(stage.data), None
    assert after - before < 20 * run  # a run itself is hundreds of times its columns


def test_a_closed_stage_lets_go_of_its_run(stage):
    stage.close()
    assert stage.run is None


def test_a_rumour_s_repair_lane_counts_those_whom_an_exchange_has_told():
    settings = {"nodes": 12, "fanout": 1, "loss": 0.9, "retransmit": 1, "seed": 1}
    alone, repaired = Stage(disseminate, **settings), Stage(disseminate, exchange_s=5.0, **settings)
    heard = Stage(disseminate, nodes=12, fanout=3, seed=1)
    assert heard.run.folded.wrong[-1][1] == 0
    assert alone.cast.repair(alone.run) == heard.cast.repair(heard.run) == [(0.0, 0.0)]
    assert alone.run.folded.wrong[-1][1] > 0 == repaired.run.folded.wrong[-1][1]
    told = [event for event in repaired.meta["events"] if event["lane"] == "repair"]
    assert told and all("in an exchange with node-" in event["text"] for event in told)
    times, counts = zip(*repaired.cast.repair(repaired.run), strict=True)
    assert list(times) == sorted(times) and list(counts) == list(range(len(counts))) and len(counts) > 1


def test_a_rumour_s_exchanges_are_refused_where_they_make_no_sense():
    with pytest.raises(ValueError, match="exchange_s is 0"):
        Stage(disseminate, nodes=12, exchange_s=0)
