"""A run in plain words: who is the first, when all agree, when it is over; and not the same sentence twenty times."""

from gossipkit.lab.stage import story
from gossipkit.sim import Scenario


def told(stage):
    return [(event["at_s"], event["text"]) for event in stage.meta["events"]]


def test_a_death_is_told_from_the_first_suspicion_to_everybodys_certainty(stage_of):
    stage = stage_of(
        "swim",
        seconds=60.0,
        scenario=Scenario([(3, "crash", {"name": "m-3"}), (45, "restart", {"name": "m-3"})]),
    )
    kinds = [
        event["kind"]
        for event in stage.meta["events"]
        if event["about"] == 2 and event["kind"] != "probe-failed" and event["kind"] != "push-pull-failed"
    ]
    assert kinds == ["suspect", "suspect everywhere", "dead", "dead everywhere", "over"]
    texts = [text for _, text in told(stage)]
    assert any(text.endswith("is the first that suspects m-3") for text in texts)
    assert "every running node takes m-3 for dead" in texts
    assert "nobody doubts m-3 any more" in texts


def test_the_same_within_a_second_is_one_sentence(stage_of):
    stage = stage_of("consul", agents=9)
    texts = [text for _, text in told(stage) if "has committed that" in text]
    # twelve nodes are registered within a moment, in very few sentences
    assert 1 <= len(texts) <= 4 and "more like it until" in texts[0]


def test_a_leader_that_hears_no_majority_leads_no_longer_without_a_newer_term(stage_of):
    alone = Scenario([(5, "partition", {"groups": [["server-3"]]})])
    texts = [text for _, text in told(stage_of("consul", scenario=alone))]
    assert "server-3 is elected: it leads in term 1" in texts
    assert "server-3 leads no longer" in texts


def test_what_clients_ask_is_told_one_by_one(stage_of):
    puts = [(3.0 + at / 10, "put", {"key": f"k{at}", "value": "v"}) for at in range(5)]
    texts = [text for _, text in told(stage_of("dynamo", scenario=Scenario(puts)))]
    assert sum(text.startswith("a client asks") for text in texts) == 5
    assert sum("answers its client: ok" in text for text in texts) == 5


def test_too_many_events_are_cut_off_and_that_is_said(stage_of, monkeypatch):
    monkeypatch.setattr(story, "MOST_EVENTS", 3)
    stage = stage_of("consul")
    assert len(stage.meta["events"]) == stage.meta["max_events"] == 3 and stage.meta["cut_off"]


def test_the_summary_says_how_it_ended(stage_of):
    stage = stage_of("swim", seconds=40.0, scenario=Scenario([(3, "crash", {"name": "m-3"})]))
    assert stage.meta["summary"][0] == "SWIM: 12 nodes, 11 of them running after 40 s"
    assert stage.meta["summary"][2] == "0 pairs disagree with what is so"
    assert stage.meta["summary"][3].endswith("dead: 11 pairs")
