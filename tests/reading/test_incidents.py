"""Incidents can be solved from what they show, not by one metric and not by a habit."""

import random

import pytest

from gossipkit.reading import INCIDENTS, LAYERS, MECHANISMS, Finding, Incident, Layer, score
from gossipkit.reading.incidents import COSTS, NEIGHBOURS, POINTS, Answer
from gossipkit.reading.incidents.incident import walk
from gossipkit.reading.incidents.layers import layer_of
from gossipkit.reading.incidents.recording import FOLDER, SUFFIX, load_answers, recorded, unpack
from gossipkit.reading.incidents.scenes import SCENES
from gossipkit.reading.incidents.taking import Taken


def answer(name):
    return Answer.from_json(load_answers()[name])


def right(name):
    found = answer(name)
    first = min(found.moved_s, key=found.moved_s.get)
    return Finding(found.layer, found.nodes[0], found.moment_s, found.mechanism, first)


def points(name, finding):
    """Of the 90 that a finding is worth, how many in a hundred."""
    near = score(Incident.load(name)._recording, finding, answer(name))
    return 100 * sum(near[part] * of for part, of in POINTS.items()) / sum(POINTS.values())


@pytest.mark.parametrize("name", INCIDENTS)
def test_the_reference_path_shows_what_it_was(name):
    incident, found = Incident.load(name), answer(name)
    replies = walk(incident, found.path)
    for (question, arguments, shows), reply in zip(found.path, replies, strict=True):
        assert shows in str(reply), (question, arguments)
    assert incident.spent == sum(COSTS[question] for question, _, _ in found.path)
    assert len({question for question, _, _ in found.path}) > 1


@pytest.mark.parametrize("name", INCIDENTS)
def test_the_right_finding_after_the_reference_path_earns_everything_and_none_earns_nothing(name):
    incident, found = Incident.load(name), right(name)
    walk(incident, answer(name).path)
    verdict = incident.verdict(found.layer, found.node, found.moment_s, found.mechanism, found.first_metric)
    assert verdict.score == pytest.approx(100)
    assert Incident.load(name).verdict().score == 0


@pytest.mark.parametrize("name", recorded())
def test_a_recording_is_small_and_says_nothing_of_faults(name):
    file = FOLDER / f"{name}{SUFFIX}"
    assert file.stat().st_size <= 150_000
    text = unpack(file)
    for word in ("partition", "set_loss", '"crash"', '"pause"', "mechanism", "debrief"):
        assert word not in text


@pytest.mark.parametrize("name", ["read-only"])
def test_a_recording_is_made_anew_byte_for_byte(name):
    assert Taken(SCENES[name]()).recording.dumps() == unpack(FOLDER / f"{name}{SUFFIX}")


def test_who_always_says_gossip_gets_less_than_a_fifth():
    """With the page's moment, the first node and the first metric, and with whichever of gossip's mechanisms is best."""
    of_gossip = [mechanism for mechanism in MECHANISMS if layer_of(mechanism) is Layer.GOSSIP]
    for mechanism in of_gossip:
        got = []
        for name in INCIDENTS:
            incident = Incident.load(name)
            guess = Finding(
                Layer.GOSSIP,
                next(iter(incident.nodes)),
                incident.paged_s,
                mechanism,
                incident.metrics.names[0],
            )
            got.append(points(name, guess))
        assert sum(got) / len(got) < 20


def test_who_guesses_gets_less_than_a_fifth():
    draw, got = random.Random(1), []
    for name in INCIDENTS:
        incident = Incident.load(name)
        for _ in range(200):
            finding = Finding(
                draw.choice(LAYERS),
                draw.choice(list(incident.nodes)),
                draw.uniform(0, incident.duration_s),
                draw.choice(list(MECHANISMS)),
                draw.choice(incident.metrics.names),
            )
            got.append(points(name, finding))
    assert sum(got) / len(got) < 20


def test_points_go_by_distance():
    name = "cold-caches"
    exact = right(name)
    whole = points(name, exact)
    for part, near, far in (
        ("layer", NEIGHBOURS[exact.layer][0], Layer.CLOCKS),
        ("moment_s", exact.moment_s + 15, exact.moment_s + 40),
        ("mechanism", "no fencing", "clock ahead"),
        ("first_metric", "serf.member.join", "serf.member.failed"),
    ):
        closer, farther = (points(name, Finding(**{**vars(exact), part: value})) for value in (near, far))
        assert farther < closer < whole, part
    assert points(name, Finding(**{**vars(exact), "moment_s": exact.moment_s - 5})) == whole


def test_neighbours_are_mutual_only_where_it_says_so_and_no_layer_is_its_own():
    assert set(NEIGHBOURS) == set(LAYERS)
    assert not any(layer in near for layer, near in NEIGHBOURS.items())


def test_the_same_question_costs_once_and_questions_after_the_verdict_cost_nothing():
    incident = Incident.load("read-only")
    incident.ask("server-1", 60)
    incident.ask("server-1", 60)
    assert incident.spent == COSTS["ask"]
    verdict = incident.verdict(layer="network")
    incident.logs("server-1")
    assert verdict.spent == incident.spent == COSTS["ask"]
    with pytest.raises(ValueError, match="load the incident again"):
        incident.verdict(layer="network")


def test_thrift_pays():
    name = "read-only"
    found = right(name)
    frugal, lavish = Incident.load(name), Incident.load(name)
    for node in lavish.nodes:
        lavish.logs(node)
        lavish.ask(node, 80)
    said = (found.layer, found.node, found.moment_s, found.mechanism, found.first_metric)
    assert 90 < lavish.verdict(*said).score < frugal.verdict(*said).score == pytest.approx(100)


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda incident: Incident.load("no such"), "name"),
        (lambda incident: incident.series("no.such"), "name"),
        (lambda incident: incident.series("raft.apply", "server-9"), "node"),
        (lambda incident: incident.ask("server-9", 5), "node"),
        (lambda incident: incident.ask("server-1", 9999), "at_s"),
        (lambda incident: incident.logs("server-1", after=20, before=10), "before"),
        (lambda incident: incident.diagram(["server-1"], after=20), "nodes"),
        (lambda incident: incident.diagram(["server-1", "server-2"], after=20, before=60), "before"),
        (lambda incident: incident.verdict(layer="weather"), "layer"),
        (lambda incident: incident.verdict(mechanism="weather"), "mechanism"),
        (lambda incident: incident.verdict(node="server-9"), "node"),
        (lambda incident: incident.verdict(first_metric="no.such"), "first_metric"),
        (lambda incident: incident.verdict(moment_s=-1), "moment_s"),
    ],
)
def test_what_cannot_be_asked_is_refused_and_costs_nothing(call, named):
    incident = Incident.load("read-only")
    with pytest.raises(ValueError, match=named):
        call(incident)
    assert incident.spent == 0


def test_every_reply_prints_and_has_a_repr_of_one_line():
    incident = Incident.load("read-only")
    replies = [
        incident.metrics,
        incident.series("raft.state.leader"),
        incident.ask("server-1", 60),
        incident.logs("server-1"),
        incident.diagram(["server-1", "server-2"], after=60),
        incident.verdict(),
    ]
    for reply in replies:
        assert "\n" not in repr(reply)
        assert "\n" in str(reply)
        assert reply._repr_markdown_()
    assert "\n" not in repr(incident)
    assert incident.page in str(incident)
