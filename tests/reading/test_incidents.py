"""Incidents can be solved from what they show, not by one metric and not by a habit."""

import itertools
import json
import random
from collections import Counter

import pytest

from gossipkit.lab import spacetime
from gossipkit.reading import (
    INCIDENTS,
    LAYERS,
    MECHANISMS,
    Finding,
    Incident,
    Layer,
    score,
    separating_metrics,
)
from gossipkit.reading.incidents import COSTS, NEIGHBOURS, PANELS, POINTS, Answer
from gossipkit.reading.incidents.incident import judged, walk
from gossipkit.reading.incidents.judging import SCRAPE_S
from gossipkit.reading.incidents.layers import layer_of
from gossipkit.reading.incidents.recording import (
    FOLDER,
    SUFFIX,
    Metric,
    Recording,
    load_answers,
    recorded,
    unpack,
)
from gossipkit.reading.incidents.scenes import SCENES
from gossipkit.reading.incidents.taking import SETTLED_S, Taken, moved, take
from gossipkit.reading.unseen import incidents as unseen

ALL = (*INCIDENTS, *Incident.UNSEEN)


def answer(name):
    return unseen.ANSWERS[name] if name in unseen.ANSWERS else Answer.from_json(load_answers()[name])


def right(name):
    found = answer(name)
    first = min(found.moved_s, key=found.moved_s.get)
    return Finding(found.layer, found.nodes[0], found.moment_s, found.mechanism, first)


def points(name, finding):
    """Of the 90 that a finding is worth, how many in a hundred."""
    near = score(Incident.load(name), finding, answer(name))
    return 100 * sum(near[part] * of for part, of in POINTS.items()) / sum(POINTS.values())


def mean(guess, names):
    """What a guess gets on average; it is made of an incident."""
    return sum(points(name, guess(Incident.load(name))) for name in names) / len(names)


@pytest.mark.parametrize("name", ALL)
def test_the_reference_path_shows_what_it_was(name):
    incident, found = Incident.load(name), answer(name)
    replies = walk(incident, found.path)
    for (question, arguments, shows), reply in zip(found.path, replies, strict=True):
        assert shows in str(reply), (question, arguments)
    assert incident.spent == sum(COSTS[question] for question, _, _ in found.path)
    assert len({question for question, _, _ in found.path}) > 1


@pytest.mark.parametrize("name", ALL)
def test_the_right_finding_after_the_reference_path_earns_everything_and_none_earns_nothing(name):
    incident = Incident.load(name)
    walk(incident, answer(name).path)
    assert judged(incident, right(name), answer(name)).score == pytest.approx(100)
    assert judged(incident, Finding(), answer(name)).score == 0


def test_the_answers_of_the_exercise_are_not_where_students_look():
    assert set(Incident.UNSEEN) == set(unseen.ANSWERS) == set(unseen.SCENES)
    assert not set(Incident.UNSEEN) & set(load_answers())
    with pytest.raises(ValueError, match="belongs to an exercise"):
        Incident.load("ghosts").verdict(layer="repair")


def test_there_are_incidents_of_every_layer_and_names_that_tell_nothing():
    assert len(INCIDENTS) >= 12
    assert {answer(name).layer for name in INCIDENTS} == set(LAYERS)
    assert set(recorded()) == set(ALL)
    for name in ALL:
        assert not set(name.split("-")) & set(LAYERS)


@pytest.mark.parametrize("name", recorded())
def test_a_recording_is_small_and_says_nothing_of_faults(name):
    file = FOLDER / f"{name}{SUFFIX}"
    assert file.stat().st_size <= 150_000
    text = unpack(file)
    for word in ('"partition"', "set_loss", '"crash"', '"pause"', "mechanism", "debrief"):
        assert word not in text


@pytest.mark.parametrize("name", ALL)
def test_a_recording_is_made_anew_byte_for_byte(name):
    made = Taken((SCENES | unseen.SCENES)[name]()).recording.dumps()
    assert made == unpack(FOLDER / f"{name}{SUFFIX}"), (
        "record it anew: python -m gossipkit.reading.incidents (or .unseen.incidents)"
    )


@pytest.mark.parametrize("name", ["not-found", "storage-storm", "ghosts"])
def test_an_answer_is_what_a_run_with_and_one_without_the_fault_say(name):
    _, found = take((SCENES | unseen.SCENES)[name])
    assert Answer.from_json(json.loads(json.dumps(found.to_json()))) == answer(name)


@pytest.mark.parametrize("names", [INCIDENTS, Incident.UNSEEN], ids=["lesson", "exercise"])
def test_who_always_says_gossip_gets_less_than_a_fifth(names):
    """With the page's moment and the first node, and with whichever of gossip's mechanisms and of the metrics is best."""
    of_gossip = [mechanism for mechanism in MECHANISMS if layer_of(mechanism) is Layer.GOSSIP]
    for mechanism in of_gossip:
        for metric in ("datagram.sent.messages", "app.errors"):

            def guess(incident, mechanism=mechanism, metric=metric):
                first = next(iter(incident.nodes))
                return Finding(Layer.GOSSIP, first, incident.paged_s, mechanism, metric)

            assert mean(guess, names) < 20


def test_no_layer_is_a_good_habit():
    """Whichever layer somebody always names, with the moment of the page."""
    for layer in LAYERS:
        assert mean(lambda incident, layer=layer: Finding(layer, moment_s=incident.paged_s), ALL) < 15


def test_who_guesses_gets_less_than_a_fifth():
    draw = random.Random(1)

    def guess(incident):
        return Finding(
            draw.choice(LAYERS),
            draw.choice(list(incident.nodes)),
            draw.uniform(0, incident.duration_s),
            draw.choice(list(MECHANISMS)),
            draw.choice(incident.metrics.names),
        )

    # a mean of 50 times 18 guesses of at most 100 points has a standard error below 2
    assert sum(mean(guess, ALL) for _ in range(50)) / 50 < 20


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


def test_a_node_of_the_same_role_counts_a_little():
    exact = right("flapping")
    got = [points("flapping", Finding(node=node)) for node in (exact.node, "agent-1", "server-1")]
    assert got[0] > got[1] > got[2] == 0


@pytest.mark.parametrize(
    "finding",
    [
        Finding(layer="weather"),
        Finding(node="server-9"),
        Finding(moment_s=-1.0),
        Finding(mechanism="weather"),
        Finding(first_metric="no.such"),
    ],
)
def test_a_score_refuses_what_there_is_not(finding):
    (called,) = (name for name, value in vars(finding).items() if value is not None)
    with pytest.raises(ValueError, match=called):
        score(Incident.load("flapping"), finding, answer("flapping"))


def test_each_layer_has_neighbours_and_is_not_its_own():
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


def test_metrics_name_the_nodes_that_have_them():
    nodes = {name: where for name, _, where in Incident.load("checkout").metrics.rows}
    assert nodes["proxy.serving"] == "proxies" and nodes["raft.apply"] == "servers"
    assert nodes["app.errors"] == "apps" and nodes["serf.member.failed"] == "always 0"


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


def test_panels_are_chosen_for_the_pairs_of_different_layers_that_they_tell_apart():
    panels = separating_metrics(3)
    for name, row in panels.moved.items():
        incident, metrics = Incident.load(name), Incident.load(name)._recording.metrics
        for panel, state in row.items():
            on_it = [metric for metric, each in metrics.items() if each.panel == panel]
            soon = [metric for metric in on_it if answer(name).moved_s.get(metric, 1e9) <= incident.paged_s]
            assert state is (bool(soon) if on_it else None)
    apart = 0
    for one, other in itertools.combinations(INCIDENTS, 2):
        if answer(one).layer != answer(other).layer:
            differ = (
                {panels.moved[one][panel], panels.moved[other][panel]} == {True, False}
                for panel in panels.chosen
            )
            apart += any(differ)
    assert apart == panels.told_apart[-1]
    best = max(
        sum(
            {panels.moved[one][panel], panels.moved[other][panel]} == {True, False}
            for one, other in itertools.combinations(INCIDENTS, 2)
            if answer(one).layer != answer(other).layer
        )
        for panel in PANELS
    )
    assert panels.told_apart[0] == best
    assert list(panels.told_apart) == sorted(panels.told_apart)


def test_no_single_panel_tells_the_layer():
    """Whoever goes by one panel alone, and knows the best guess for *moved* and for *did not*, is wrong in more than half."""
    moved = separating_metrics().moved
    for panel in PANELS:
        right_guesses = 0
        for state in (True, False, None):
            layers = Counter(answer(name).layer for name in INCIDENTS if moved[name][panel] is state)
            right_guesses += max(layers.values(), default=0)
        assert right_guesses < len(INCIDENTS) / 2, panel


def test_a_metric_that_moves_in_several_incidents_moves_in_several_layers():
    """So its alarm alone says nothing of the layer."""
    seen = {}
    for name in ALL:
        for metric in answer(name).moved_s:
            seen.setdefault(metric, []).append(answer(name).layer)
    shared = {metric: layers for metric, layers in seen.items() if len(layers) > 1}
    assert len(shared) >= 15
    assert all(len(set(layers)) > 1 for layers in shared.values())


def test_a_panel_count_and_an_unknown_incident_are_refused():
    with pytest.raises(ValueError, match="count"):
        separating_metrics(0)
    with pytest.raises(ValueError, match="ghosts"):
        separating_metrics(incidents=["ghosts"])


@pytest.fixture(scope="module")
def run():
    """A run as it was, and the incident that was made of it."""
    taken = Taken(SCENES["short-breaks"]())
    return taken.system, Incident(taken.recording)


def test_a_metric_is_the_run_s(run):
    system, incident = run
    counted = incident.series("cluster_stats_messages_ping_sent", "node-2")
    assert sum(counted.values) * SCRAPE_S == system.metrics.value(
        "cluster_stats_messages_ping_sent", "node-2"
    )
    for at, value in zip(counted.times, counted.values, strict=True):
        before, now = (
            system.metrics.value("cluster_stats_messages_ping_sent", "node-2", at=time)
            for time in (at - SCRAPE_S, at)
        )
        assert value == pytest.approx((now - before) / SCRAPE_S)
    gauge = incident.series("cluster_state")
    assert [system.metrics.value("cluster_state", at=at) for at in gauge.times] == list(gauge.values)


def test_a_node_says_what_it_believes_and_says_nothing_while_it_stands_still(run):
    system, incident = run
    for name in ("node-2", "node-5"):
        said = incident.ask(name, incident.duration_s)
        assert said.answers and said.view == system.gossip.view(name)
        assert said.facts["epochs"].startswith(f"current {system.authority.epoch(name)},")
    still = [event.time for event in system.trace.filter(kind="snapshot", node="node-1")]
    assert still
    for at in still:
        assert [incident.ask("node-1", at + late).answers for late in (-1, 1, 4, 6)] == [
            True,
            False,
            False,
            True,
        ]
    assert not Incident.load("cluster-down").ask("node-1", 80).answers


def test_a_log_has_the_lines_of_its_window_and_says_how_many_more_there_are(run):
    system, incident = run
    rows = system.trace.filter(kind="possibly-failing", node="node-2", after=40)
    lines = incident.logs("node-2", after=40)
    assert [time for time, line in lines.lines if "possibly failing" in line][:2] == [
        round(event.time, 3) for event in rows
    ][:2]
    assert len(lines.lines) == 30 and lines.more > 0
    first, second = lines.lines[0][0], lines.lines[1][0]
    assert incident.logs("node-2", after=first, before=second).lines == lines.lines[:1]
    assert incident.logs("node-2", after=lines.lines[-1][0] + 0.001).lines[0] not in lines.lines


def test_a_line_that_is_repeated_at_once_is_written_once():
    lines = Incident.load("back-from-deletion").logs("node-1", after=49.5, before=52).lines
    assert [line.endswith("(12 times)") for _, line in lines] == [True, False]


def test_a_diagram_has_the_messages_of_its_window_and_those_that_never_arrived():
    incident = Incident.load("read-only")
    diagram = incident.diagram(["server-1", "server-2", "server-3"], after=63, before=66)
    assert all(63 <= message[0] < 66 for message in diagram.messages)
    pairs = {(one, other): (sent, lost) for one, other, sent, lost, _ in diagram.pairs}
    apart = {pair for pair, (_, lost) in pairs.items() if lost}
    assert len(apart) == 2 and all("server-2" in pair for pair in apart)
    assert f"{sum(lost for _, lost in pairs.values())} never arrived" in repr(diagram)
    chart = spacetime(diagram.trace, diagram.nodes, diagram.after_s, diagram.before_s)
    assert (
        f"{len(diagram.messages)} messages, {sum(lost for _, lost in pairs.values())} lost" in chart.summary
    )


def test_a_metric_has_moved_beyond_a_quarter_of_its_quiet_range():
    def recorded_with(values):
        metrics = {"queue": Metric("messages", "gauge", "traffic")}
        return Recording(
            "x", "X", "", 0.0, 40.0, {"a": "node"}, metrics, {"queue": {"a": values}}, {}, [], {}
        )

    quiet = recorded_with([99, 99, 99, 99, 99, 10, 18, 10, 18])  # settled after 20 s, between 10 and 18
    for last, wanted in ((20, {}), (21, {"queue": 40.0}), (8, {}), (7, {"queue": 40.0})):
        assert moved(recorded_with([10, 10, 10, 10, 10, 10, 10, 10, last]), quiet, 20.0) == wanted


def test_a_metric_moves_where_it_leaves_the_range_of_the_run_without_the_fault():
    recording = Incident.load("all-green")._recording
    assert moved(recording, recording, SETTLED_S) == {}
    for name in ALL:
        found = answer(name)
        assert all(at > (SCENES | unseen.SCENES)[name].moment_s for at in found.moved_s.values())
        assert found.moved_s, "what nobody can see is no incident"
