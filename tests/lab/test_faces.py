"""Every figure as those meet it who see it, who hear it and who read its numbers."""

import hashlib
import itertools
import json
import re
import subprocess
import sys
from base64 import b64decode
from functools import cache
from io import BytesIO
from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image

from gossipkit import reading
from gossipkit.authority.lying import ServerLie
from gossipkit.gossip import gossipsub, overlays, peer_sampling, spread
from gossipkit.gossip.assertions import assertion
from gossipkit.lab import faces, figures, rumor_scene
from gossipkit.repair.tombstones import DAY_S, deleted_row
from gossipkit.systems import checking, comparison, liars, transfer, trust
from gossipkit.systems.cassandra import experiments as cassandra
from gossipkit.systems.dynamo import experiments as dynamo

FEW = {"fanout": 2, "trials": 20, "seed": 1}
TIED = "a lock tied to gossip"
LIES = {1: (trust.Attack.NOTHING, trust.Attack.DEATH), 2: (trust.Attack.NOTHING, trust.Attack.CRASH)}
OTHER = {"fanout": 4, "loss": 0.4, "trials": 20, "seed": 2}


def run(settings):
    return spread(100, max_rounds=40, **settings)


def mean_share(result):
    return result.informed.mean(axis=0) / result.nodes


def measured(settings):
    return {"c": mean_share(spread(100, max_rounds=40, **settings | {"seed": 9}))}


def grid(settings):
    return np.array([[1.0, 2.5, np.nan], [4.0, 5.0, 6.0]]) * settings["fanout"]


def over_time(settings):
    """What a simulated crash leaves behind, made up: beliefs over time that depend on the settings."""
    at = np.arange(0.0, 10.0, 0.5)
    steps = np.minimum(at * settings["fanout"], 15.0)
    return SimpleNamespace(
        times=at,
        beliefs=np.stack([15 - steps, steps / 2, steps / 2], axis=1),
        first_suspicion_s=1.0 * settings["fanout"],
        first_death_s=5.0,
        everyone_s=float("nan"),
        decided_s=6.0,
        logged=True,
        back_s=float("nan"),
        unnamed_s=float("nan"),
        buried_alive=settings["seed"],
        wrong=(steps / 5).astype(int),
        members=16,
        packets_per_s=2.5,
        bytes_per_s=1234.5,
        believing=steps / 15,
        answered=1 - steps / 30,
        steps={"install": 0.0, "use": 2.0},
        opening=steps / 15,
        sealing=steps / 30,
        unreadable=steps / 40,
        dropped=1000 * settings["fanout"],
    )


def scene(settings):
    ring = overlays.watts_strogatz(40, degree=4, rewire=0.2, seed=3)
    return rumor_scene(ring, spread(40, overlay=ring, track=True, max_rounds=40, **settings | {"trials": 2}))


def called(settings):
    """A stale read, of a value that depends on the settings."""
    values = settings["fanout"], settings["fanout"] + 1
    writes = [checking.Call("ann", "write", value, at, at + 1.0) for at, value in enumerate(values)]
    return [*writes, checking.Call("bob", "read", values[0], 3.0, 4.0)]


def kept(settings, system, broken):
    """Promises of a system, of which as many were broken."""
    counts = dict.fromkeys(checking.Model, 0) | {checking.Model.LINEARIZABLE: broken}
    return checking.Promises(system, settings["fanout"], 60, 3, counts, {})


# how to draw it from settings, and what its alt text must name: type, axes, range
FIGURES = {
    "spread_curves": (
        lambda s: figures.spread_curves({"a": run(s), "b": run(s | {"seed": 5})}),
        ("Line chart", "nodes informed", "0 to 100 %", "rounds 0 to", "median"),
    ),
    "epidemic": (
        lambda s: figures.epidemic(run(s)),
        ("nodes informed, 0 to 100 %", "messages per node", "rounds 0 to", "bars"),
    ),
    "uninformed_share": (
        lambda s: figures.uninformed_share({"a": run(s | {"fanout": s["fanout"] - 1})}),
        ("Line chart", "logarithmic", "not informed", "rounds 0 to"),
    ),
    "rounds_by_label": (
        lambda s: figures.rounds_by_label({"a": run(s), "b": run(s | {"seed": 5})}),
        ("Dot chart", "rounds until 50, 99 and 100 %", "a, b"),
    ),
    "model_against_measured": (
        lambda s: figures.model_against_measured({"c": run(s)}, measured(s)),
        ("Line chart", "share of nodes informed, 0 to 100 %", "rounds 0 to", "largest gap"),
    ),
    "heatmap": (
        lambda s: figures.heatmap(
            grid(s),
            rows=[1, 2],
            columns=[0.0, 0.5, 0.9],
            row_name="fanout",
            column_name="loss",
            value_name="rounds",
            title="Heat",
        ),
        ("Heat map of rounds", "fanout from 1 to 2", "loss from 0.0 to 0.9", "lowest", "highest", "Never"),
    ),
    "curves": (
        lambda s: figures.curves(
            {"x": np.arange(9) * s["fanout"]}, title="Curves", x="round", y="copies", takeaway="It grows."
        ),
        ("Line chart", "copies over round, 0 to 8", "from 0 to", "It grows."),
    ),
    "over_time": (
        lambda s: figures.over_time(
            [0, 1, 2],
            {"x": [0, s["fanout"], 1]},
            title="T",
            y="nodes",
            marks={"m": s["seed"]},
            findings=["It peaks."],
        ),
        ("Line chart", "nodes over 0 to 2 seconds", "m: 1.0 s.", "It peaks."),
    ),
    "failure": (
        lambda s: figures.failure(over_time(s)),
        ("Line chart", "observers over 0 to 9.5 seconds", "first suspicion", "everybody does: never"),
    ),
    "crash_through_layers": (
        lambda s: figures.crash_through_layers(over_time(s)),
        (
            "Line chart",
            "share (%) over 0 to 9.5 seconds",
            "committed to the catalog: 6.0 s",
            "before the last node knew of the death, and a server names the dead agent to the end",
        ),
    ),
    "rotate_keys": (
        lambda s: figures.rotate_keys(over_time(s)),
        ("Line chart", "share (%) over 0 to 9.5 seconds", "use begins: 2.0 s", "packets were dropped"),
    ),
    "beside_measured": (
        lambda s: figures.beside_measured({"a": (s["fanout"], 3.0), "b": (1.0, 2.0)}, title="T", x="seconds"),
        ("Dot chart, 2 rows: seconds", "a: model", "measured 3"),
    ),
    "digests": (
        lambda s: figures.digests(cassandra.digests(8, loss=s.get("loss", 0.0), seconds=6, seed=s["seed"])),
        (
            "Two line charts over 0 to 6 seconds",
            "new state (0 to 100 %)",
            "matrix of 8 by 8 nodes",
            "at most",
        ),
    ),
    "suspicion": (
        lambda s: figures.suspicion(cassandra.suspicion(2.0 * s["fanout"], loss=s.get("loss", 0.0))),
        ("Three line charts: phi", "0 to 180 seconds", "Cassandra, chitchat, Pekko", "after the crash"),
    ),
    "converged_yet_different": (
        lambda s: figures.converged_yet_different(
            cassandra.converged_yet_different(seed=s["seed"], merkle=False)
        ),
        ("Two line charts over 5 to 80 seconds", "of 30 pairs", "of 120", "stale", "PBS expects"),
    ),
    "zombies": (
        lambda s: figures.zombies(deleted_row(4 * DAY_S * s["fanout"])),
        ("Timeline of three bars", "0 to 40 days", "Deleted on day 0", "dropped on day 11"),
    ),
    "two_joins": (
        lambda s: figures.two_joins(cassandra.two_joins(apart_s=10.0 * (s["seed"] - 1), keys=5)),
        ("two horizontal bars", "0 to 5", "first newcomer", "of 5 rows"),
    ),
    "join_ring": (
        lambda s: figures.join_ring(dynamo.join_ring(5, strategy=s["fanout"] // 2, seed=s["seed"])),
        ("Two concentric rings", "40 ranges inside", "after node-6 has joined", "load of 6 nodes, 0 to"),
    ),
    "explore_quorums": (
        lambda s: figures.explore_quorums(
            dynamo.explore_quorums(loss=s.get("loss", 0.0), pairs=10, seed=s["seed"])
        ),
        ("bars of stale reads", "0 to 100 %", "99.9th percentile", "from 0.3 to 3000 ms", "R + W > N"),
    ),
    "history_graph": (
        lambda s: figures.history_graph(dynamo.figure_3(("vector", "lww")[s["seed"] - 1]).history),
        ("Graph of 5 versions in 3 lanes, Sx, Sy, Sz", "5 arrows", "D1 by Sx"),
    ),
    "cart_under_partition": (
        lambda s: figures.cart_under_partition(dynamo.cart_under_partition(sloppy=s["seed"] == 1)),
        ("Graph of 5 versions in 2 lanes, Ann, Bob", "Siblings: V3 and V4", "milk: taken out, and back"),
    ),
    "catch_up": (
        lambda s: figures.catch_up(dynamo.catch_up(5.0 * s["seed"], keys=10, seconds=30.0)),
        ("Line chart", "keys or hints over 0 to 30 seconds", "the node is back: 5.0 s", "Hints handed over"),
    ),
    "spread_join": (
        lambda s: figures.spread_join(dynamo.spread_join(8, loss=s.get("loss", 0.0), runs=4, seed=s["seed"])),
        ("Line chart", "0 to 100 %", "seconds since the command", "mean of 4 runs", "messages"),
    ),
    "one_outage": (
        lambda s: figures.one_outage(comparison.one_outage(seed=s["seed"], systems=["Consul"])),
        ("Bars over -5 to 100 seconds", "three rows for each of Consul", "who believes"),
    ),
    "on_the_wire": (
        lambda s: figures.on_the_wire(comparison.one_outage(seed=s["seed"], systems=["Dynamo"])),
        ("Bars of bytes a node sends in a second", "by layer", "Dynamo"),
    ),
    "matrix": (
        lambda s: figures.matrix(comparison.matrix(["Dynamo"], ["nothing", "authority"], seed=s["seed"])),
        ("Table of 2 rows", "by 8 outcomes", "keys that differ at last"),
    ),
    "history_bars": (
        lambda s: figures.history_bars(called(s), checking.linearizable(called(s))),
        ("Timeline of 3 calls", "2 lanes (ann, bob)", "to 4 seconds", "Not linearizable: bob read"),
    ),
    "scenario_steps": (
        lambda s: figures.scenario_steps(checking.stored_hunts()[s["seed"]].hunt.shrunk),
        ("Two timelines", "lane for each node", "over 0 to 260 seconds", "After", "What fails"),
    ),
    "hunts_table": (
        lambda s: figures.hunts_table(checking.stored_hunts()[: s["fanout"]]),
        ("Dot chart and bar chart", "logarithmic", "before and after shrinking", "longest search"),
    ),
    "promises_table": (
        lambda s: figures.promises_table([kept(s, "Consul", 0), kept(s, "Redis Cluster", s["seed"])]),
        (
            "Heat map",
            "0 to 100 % of the runs",
            "2 systems",
            "linearizable, read your writes",
            "broken in 1 of 2 runs",
        ),
    ),
    "failure_table": (
        lambda s: figures.failure_table(transfer.failure_table(list(transfer.QUANTITIES)[s["seed"]], [1.0])),
        (
            "Heat map of seconds",
            "6 borrowed settings down, 7 environments across",
            "from ",
            "lan: least with",
        ),
    ),
    "trial": (
        lambda s: figures.trial(transfer.trial(loss=s.get("loss", 0.0), seed=s["seed"])),
        ("Dot chart, 3 rows", "from 0 to 1,000", "seconds to detect a crash", "at most 20 asked"),
    ),
    "storm": (
        lambda s: figures.storm({"both": transfer.storm(1, 1, seed=s["seed"])}),
        ("Line chart: requests a second", "0 to 89 seconds", "are never served"),
    ),
    "one_lie": (
        lambda s: figures.one_lie(liars.one_lie("a storm of deaths", "none", seed=s["seed"])),
        ("Line chart over 60 seconds", "a storm of deaths against none", "bytes a second"),
    ),
    "outcomes": (
        lambda s: figures.outcomes(
            liars.stored(), ["harm", "refused"][s["seed"] % 2], ["what is believed", "words"][s["seed"] % 2]
        ),
        ("Table of w", "16 lies down, 9 defences across", "a forged death"),
    ),
    "blast_radius": (
        lambda s: figures.blast_radius(trust.blast_radius((1,), tls=s["seed"] == 1)),
        (
            "Table of 5 rows",
            "6 columns, by what he reaches",
            "Servers ask for",
            "With the gossip key: gossip is read",
        ),
    ),
    "deciders": (
        lambda s: figures.deciders(
            {(TIED, attack): [trust.one_liar(TIED, attack)] for attack in LIES[s["seed"]]}
        ),
        ("Table of 1 rows, by what decides", "by what a liar does", "a lock tied to gossip: "),
    ),
    "lying_server": (
        lambda s: figures.lying_server({"it": trust.lying_server((None, ServerLie.TWO_LOGS)[s["seed"] - 1])}),
        ("Table of 2 rows, honest servers", "indices of their logs from 1 to 3", "Ann was told"),
    ),
    "one_vote": (
        lambda s: figures.one_vote({"vote": trust.one_vote(2 + s["seed"])}),
        ("Diagram, 1 parts side by side", "vote: ", "1 lying", "votes are enough"),
    ),
    "shut_out": (
        lambda s: figures.shut_out([trust.shut_out(list(trust.Way)[s["seed"]])]),
        (
            "Bars of seconds, 0 to",
            "1 ways to shut one member out of a pool of 12",
            "locked out too: member-2",
        ),
    ),
    "deliver": (
        lambda s: figures.deliver(
            {"a": gossipsub.deliver(12, liars=0.25, loss=s.get("loss", 0.0), seconds=10.0, seed=s["seed"])}
        ),
        (
            "Two line charts",
            "messages arrived at honest routers, 0 to 100 %",
            "over 0 to 10 seconds",
            "a: 100 % arrive",
        ),
    ),
    "eclipse": (
        lambda s: figures.eclipse(
            {
                "a": gossipsub.eclipse(
                    20, rules="v1.0", honest=8, links=4, loss=s.get("loss", 0.0), seconds=15.0, seed=s["seed"]
                )
            }
        ),
        (
            "Two line charts",
            "0 to 15 seconds; the liars come after 5",
            "messages arrived, 0 to 100 %",
            "its mesh holds",
        ),
    ),
    "infiltrate": (
        lambda s: figures.infiltrate(
            {"a": peer_sampling.infiltrate("brahms", 15, liars=0.2, rounds=5, runs=2, seed=s["seed"])}
        ),
        ("Line chart: liars in honest views, 0 to 100 %", "rounds 0 to 5", "20 % of all peers lie", "a: "),
    ),
    "assertion": (
        lambda s: figures.assertion(assertion(s["fanout"], loss=s.get("loss", 0.0), seed=s["seed"])),
        ("Line chart: share of tests that are wrong, 0 to 1", "1 to 500 runs", "standard errors"),
    ),
    "separating_metrics": (
        lambda s: figures.separating_metrics(
            reading.separating_metrics(incidents=reading.INCIDENTS[: 7 * s["seed"]])
        ),
        ("Dot chart", "incidents down by 9 panels across", "traffic", "of different layers look different"),
    ),
    "incident_series": (
        lambda s: figures.incident_series(
            reading.Incident.load(reading.INCIDENTS[s["seed"]]).series("app.errors"), paged_s=95
        ),
        ("Line chart", "errors/s over 5 to 150 seconds", "the page: 95.0 s", "all nodes: most at"),
    ),
    "three_parts": (
        lambda s: figures.three_parts(),
        (
            "Diagram",
            "Gossip spreads",
            "Authority decides",
            "Repair",
            "Arrow from Gossip to Authority: says which nodes are there",
        ),
    ),
    "network": (lambda s: scene(s).chart, ("Network of 40 nodes and 80 links", "1 to", "Half of the nodes")),
}
DRAWN_FROM_A_RESULT = sorted(set(FIGURES) - {"three_parts"})


@cache
def draw(name, other=False):
    """A figure of one result or of the other; charts are not changed by being looked at."""
    return FIGURES[name][0](OTHER if other else FEW)


@cache
def mimebundle(name):
    return draw(name)._repr_mimebundle_()


def digests():
    """What every figure's PNG hashes to; a fresh process asks this, too."""
    return {name: hashlib.sha256(mimebundle(name)[0]["image/png"]).hexdigest() for name in sorted(FIGURES)}


def drawn_afresh():
    """In a process that has drawn nothing yet: every figure's hash, and what drawing them has left behind in pyplot."""
    before = dict(plt.rcParams)
    drawn = digests()
    changed = [name for name, value in plt.rcParams.items() if value != before[name]]
    return {"digests": drawn, "left open": plt.get_fignums(), "settings changed": changed}


@pytest.fixture(scope="module")
def with_a_user_s_settings():
    """What a fresh process, with settings of the user's own, tells of all figures."""
    theirs = {
        "font.size": 22,
        "xtick.color": "red",
        "ytick.labelsize": 30,
        "axes.facecolor": "pink",
        "xtick.direction": "in",
        "axes.xmargin": 0.3,
        "text.antialiased": False,
        "legend.loc": "center",
        "lines.markeredgewidth": 4,
        "axes.formatter.limits": (-1, 1),
        "path.simplify": False,
    }
    code = f"import json, matplotlib, runpy; matplotlib.rcParams.update({theirs})\n"
    code += f"print(json.dumps(runpy.run_path({__file__!r})['drawn_afresh']()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_every_figure_is_covered_here():
    assert set(figures.__all__) == set(FIGURES) - {"network"}


@pytest.mark.parametrize("name", sorted(FIGURES))
def test_three_faces(name, page):
    chart = draw(name)
    data, metadata = mimebundle(name)
    assert set(data) == {"text/html", "image/png", "text/plain"}

    picture = Image.open(BytesIO(data["image/png"]))
    width, height = chart.size_px
    assert picture.format == "PNG" and picture.size == (2 * width, 2 * height)
    # a palette has 256 at most
    assert len(picture.convert("RGB").getcolors()) > 8, "a blank picture"
    assert metadata["image/png"] == {"alt": chart.alt, "width": width, "height": height}

    html = page(data["text/html"])
    (image,) = html.images
    assert image["alt"] == chart.alt and image["width"] == str(width)
    assert b64decode(image["src"].removeprefix("data:image/png;base64,")) == data["image/png"]
    assert "script" not in html.tags

    assert data["text/plain"].splitlines() == [chart.title, *chart.lines]


@pytest.mark.parametrize("name", sorted(FIGURES))
def test_the_table_on_the_page_is_the_chart_s(name, page):
    chart = draw(name)
    (table,) = page(mimebundle(name)[0]["text/html"]).tables
    assert table == [list(chart.columns), *([faces.text(cell) for cell in row] for row in chart.rows)]
    assert {len(row) for row in table} == {len(chart.columns)} and len(table) > 1


@pytest.mark.parametrize("name", sorted(FIGURES))
def test_alt_text_names_type_axes_range_and_takeaway(name):
    chart = draw(name)
    for words in FIGURES[name][1]:
        assert words in chart.alt
    assert chart.lines[-1] in chart.alt


@pytest.mark.parametrize("name", DRAWN_FROM_A_RESULT)
def test_all_faces_follow_the_result(name):
    one, other = draw(name), draw(name, other=True)
    assert one.alt != other.alt
    assert one.summary != other.summary
    assert one.rows != other.rows
    assert mimebundle(name)[0]["image/png"] != other.png()


def test_pictures_are_the_same_bytes_again_and_in_a_fresh_process_with_a_user_s_settings(
    with_a_user_s_settings,
):
    assert with_a_user_s_settings["digests"] == digests()


def test_a_chart_gives_the_same_bytes_each_time_and_no_date():
    chart = draw("epidemic")
    assert chart.png() == chart.png()
    assert b"tEXt" not in chart.png() and b"tIME" not in chart.png()


def test_a_picture_does_not_depend_on_when_it_is_rendered():
    with plt.rc_context({"font.size": 20, "ytick.color": "red"}):
        chart = FIGURES["epidemic"][0](FEW)
        within = chart.png(1)
    assert chart.png(1) == within == FIGURES["epidemic"][0](FEW).png(1)


def test_drawing_leaves_nothing_behind_in_pyplot(with_a_user_s_settings):
    assert with_a_user_s_settings["left open"] == with_a_user_s_settings["settings changed"] == []


def test_html_escapes_what_a_label_holds(page):
    label = '<img src=x onerror="alert(1)"> & "more"'
    chart = figures.spread_curves({label: run(FEW)}, title=label)
    source = chart.bundle()[0]["text/html"]
    assert "<img src=x" not in source
    html = page(source)
    assert len(html.images) == 1 and html.images[0]["alt"] == chart.alt and label in chart.alt
    assert label in "".join(html.words)
    assert html.tables[0][0][1] == f"{label}, informed (%)"


# the data table of each figure, computed once more from the result


def test_spread_curves_table():
    result = run(FEW)
    chart = figures.spread_curves({"a": result})
    medians = np.median(result.informed, axis=0)
    assert chart.rows == tuple((at, f"{medians[at]:.1f}") for at in range(len(chart.rows)))
    assert medians[len(chart.rows) - 1] == 100
    rounds = np.median(result.rounds_to(0.99))
    assert f"99% after {rounds:g}" in chart.lines[0]


def test_epidemic_table():
    result = run(OTHER)
    chart = figures.epidemic(result)
    medians = np.median(result.informed, axis=0)
    sent = result.messages.mean(axis=0) / 100
    assert chart.rows[0] == (0, "1.0", "")
    for at, informed, messages in chart.rows[1:]:
        assert (informed, messages) == (f"{medians[at]:.1f}", f"{sent[at - 1]:.2f}")


def test_uninformed_share_table():
    result = run(FEW)
    left = 1 - np.quantile(result.informed, 0.5, axis=0, method="nearest") / 100
    chart = figures.uninformed_share({"a": result})
    assert chart.rows == tuple((at, f"{left[at]:.2e}") for at in range(len(chart.rows)))
    assert left[len(chart.rows) - 1] == 0


def test_the_tail_of_pull_is_squared_in_every_round():
    """A mean over runs would not show it: it is made by those that started late."""
    pull = spread(1000, mode="pull", trials=200, seed=3)
    shares = [float(share) for _, share in figures.uninformed_share({"pull": pull}).rows]
    squared = [(before, after) for before, after in itertools.pairwise(shares) if 0.01 < before < 0.5]
    assert len(squared) >= 2
    assert all(after == pytest.approx(before**2, rel=0.35) for before, after in squared)


@pytest.mark.parametrize("loss", [0.0, 1.0])
def test_rounds_by_label_table(loss):
    result = run(FEW | {"loss": loss})
    (row,) = figures.rounds_by_label({"a": result}).rows
    if loss:
        assert row == ("a", *3 * ["not in 40 rounds"], "0 %")
    else:
        medians = [np.quantile(result.rounds_to(level), 0.5, method="nearest") for level in (0.5, 0.99, 1.0)]
        assert row == ("a", *(f"{median:.0f}" for median in medians), "100 %")


BY_WORDS = {
    "spread_curves": lambda result: figures.spread_curves({"a": result}),
    "epidemic": figures.epidemic,
    "rounds_by_label": lambda result: figures.rounds_by_label({"a": result}),
    "uninformed_share": lambda result: figures.uninformed_share({"a": result}),
}


@pytest.mark.parametrize("name", BY_WORDS)
def test_never_is_said_only_where_all_have_fallen_silent(name):
    cut_short = BY_WORDS[name](spread(100, loss=0.9, max_rounds=20, trials=20, seed=1))
    assert "not in 20 rounds" in cut_short.alt and "never" not in cut_short.alt
    silent = BY_WORDS[name](spread(100, retransmit=1, max_rounds=50, trials=20, seed=1))
    assert "never" in silent.alt and not re.search(r"not in \d", silent.alt)


def test_what_a_run_sends_until_99_percent_is_part_of_what_it_sends_in_all():
    result = spread(10, fanout=3, retransmit=1, trials=50)
    there = ~np.isnan(result.rounds_to(0.99))
    total = result.messages.sum(axis=1) / 10
    cost = " ".join(figures.epidemic(result).lines)
    assert f"{total.mean():.1f} until the run ends" in cost
    assert f"In the {there.mean():.1%}".replace("%", " %") in cost
    assert f"{total[there].mean():.1f} until the end" in cost


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, True),
        ({"mode": "push-pull"}, True),
        ({"mode": "pull"}, False),
        ({"retransmit": 8}, False),
        ({"churn": 0.01}, False),
        ({"loss": 0.9}, False),
    ],
)
def test_a_run_that_ends_because_all_know_says_that_telling_would_go_on(settings, said):
    chart = figures.epidemic(spread(100, fanout=2, trials=20, max_rounds=20, **settings))
    assert ("would go on calling 2 others" in chart.alt) == said


def test_model_against_measured_table_and_gap():
    result, real = run(FEW), measured(FEW)
    chart = figures.model_against_measured({"c": result}, real)
    ours, theirs = 100 * mean_share(result), 100 * real["c"]
    for at, model, points in chart.rows:
        assert (model, points) == (
            f"{ours[min(at, len(ours) - 1)]:.1f}",
            f"{theirs[min(at, len(theirs) - 1)]:.1f}",
        )
    shown = min(len(chart.rows), len(ours), len(theirs))
    gap = np.abs(ours[:shown] - theirs[:shown])
    assert f"largest gap {gap.max():.1f} percentage points, in round {gap.argmax()}" in chart.lines[0]


def test_heatmap_table_says_never():
    chart = draw("heatmap")
    assert chart.rows == (("1", "2.0", "5.0", "never"), ("2", "8.0", "10.0", "12.0"))
    assert "highest 12.0 at fanout 2, loss 0.9" in chart.alt
    assert "Never reached in 1 of 6 cells." in chart.lines


def test_curves_table_leaves_short_rows_empty():
    chart = figures.curves({"long": [1, 2, 3], "short": [5]}, title="T")
    assert chart.rows == ((0, "1", "5"), (1, "2", ""), (2, "3", ""))


def test_over_time_table_is_the_series_at_its_times():
    result = over_time(FEW)
    chart = figures.failure(result)
    assert chart.columns == ("seconds", "take it for alive", "suspect it", "take it for dead")
    assert chart.rows == tuple(
        (f"{at:g}", *(f"{value:.4g}" for value in beliefs))
        for at, beliefs in zip(result.times, result.beliefs, strict=True)
    )


def test_beside_measured_table_has_both_numbers():
    chart = figures.beside_measured({"a": (1.25, 2.0), "b": (0.0, 40.0)}, title="T", x="s", logarithmic=True)
    assert chart.rows == (("a", "1.25", "2"), ("b", "0", "40"))


def test_network_table_counts_who_learnt_when():
    ring = overlays.ring(30)
    result = spread(30, overlay=ring, fanout=2, track=True, max_rounds=6, seed=1)
    learned = result.learned_at[0]
    chart = rumor_scene(ring, result).chart
    for at, informed, new in chart.rows:
        assert informed == np.sum((learned >= 0) & (learned <= at)) and new == np.sum(learned == at)
    assert f"{np.sum(learned < 0)} do not know at the end" in chart.alt


# results at the edge


@pytest.mark.parametrize("loss", [0.0, 1.0])
@pytest.mark.parametrize("name", ["spread_curves", "epidemic", "uninformed_share"])
@pytest.mark.filterwarnings("error")
def test_figures_of_the_smallest_and_of_a_silent_spread(name, loss):
    result = spread(2, loss=loss, max_rounds=1)
    chart = getattr(figures, name)(result if name == "epidemic" else {"a": result})
    assert chart.png(1)
    assert "nan" not in chart.alt and "inf" not in chart.alt.replace("inform", "")


@pytest.mark.filterwarnings("error")
def test_a_rumour_that_nobody_hears_can_be_drawn():
    two = overlays.complete(2)
    chart = rumor_scene(two, spread(2, overlay=two, loss=1.0, track=True, max_rounds=3)).chart
    assert chart.png(1) and "1 do not know at the end" in chart.alt


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: figures.spread_curves({}),
        lambda: figures.uninformed_share({}),
        lambda: figures.rounds_by_label({}),
        lambda: figures.beside_measured({}, title="T", x="s"),
        lambda: figures.over_time([0, 1], {}, title="T", y="y"),
        lambda: figures.over_time([], {"a": []}, title="T", y="y"),
        lambda: figures.over_time([0, 1], {"a": [1]}, title="T", y="y"),
        lambda: figures.curves({}, title="T"),
        lambda: figures.curves({"a": []}, title="T"),
        lambda: figures.model_against_measured({}, {}),
        lambda: figures.model_against_measured({"a": run(FEW)}, {"b": [1.0]}),
        lambda: figures.model_against_measured({"a": run(FEW)}, {"a": []}),
        lambda: figures.heatmap(
            [[1]], rows=[1, 2], columns=[1], row_name="r", column_name="c", value_name="v", title="T"
        ),
        lambda: figures.heatmap(
            [[np.nan]], rows=[1], columns=[1], row_name="r", column_name="c", value_name="v", title="T"
        ),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_words(wrong):
    with pytest.raises(ValueError, match=r"nothing to draw|must"):
        wrong()


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (12000, "12,000"),
        (12000.0, "12,000"),
        (np.float64(3.0), "3"),
        (np.int64(5), "5"),
        (0.123456, "0.1235"),
        (float("nan"), "never"),
        ("push", "push"),
        (-0.0, "0"),
    ],
)
def test_table_cells_in_words(cell, said):
    assert faces.text(cell) == said
