"""The figures of whom a system trusts: each cell, arrow and bar is the run's."""

from dataclasses import replace

import pytest

from gossipkit.lab import figures, style
from gossipkit.lab.axes import Axis, Plot
from gossipkit.lab.marks import Arrow, Bars, Box, Span, Text
from gossipkit.systems.trust import Attack, Way, Weather, blast_radius, one_liar, one_vote
from gossipkit.systems.trust.blast import BlastRadius, Effect, Holds
from gossipkit.systems.trust.deciders import Damage
from gossipkit.systems.trust.servers import TwoLogs
from gossipkit.systems.trust.shutting_out import ShutOut
from gossipkit.systems.trust.votes import Behaviour, Vote


def table(*rows):
    """The marks of rows of words, from the top; what stands in brackets is framed."""
    marks = []
    for row, words in zip(range(len(rows) - 1, -1, -1), rows, strict=True):
        for column, word in enumerate(words):
            framed = word.startswith("(")
            marks += [Span(column - 0.46, column + 0.46, row, hollow=True)] if framed else []
            marks.append(Text(column, row, word.strip("()"), style.VERMILION if framed else style.INK))
    return marks


def axes(columns, names, label=""):
    """Those of a table: the names from the top."""
    return (
        Axis(label, -0.5, len(columns) - 0.5, names=columns),
        Axis(low=-0.5, high=len(names) - 0.5, names=names[::-1]),
    )


def test_blast_radius_plots_its_run(plots):
    cells = {(held, effect): (False, False) for held in (Holds.NOTHING, Holds.MEMBER) for effect in Effect}
    cells |= {(Holds.MEMBER, Effect.READ): (True, True), (Holds.MEMBER, Effect.LOG): (False, True)}
    nothing = ("–",) * 6
    plots(
        figures.blast_radius(BlastRadius(cells, True, True, (1, 2))),
        Plot(
            table(nothing, ("(yes)", *nothing[:4], "(1 of 2)")),
            *axes("abcdef", ("nothing", "a member's certificate")),
        ),
    )


def test_blast_radius_says_what_servers_ask_for():
    assert figures.blast_radius(blast_radius((1,))).lines[0] == "Servers ask for certificates and tokens."
    assert (
        "no certificates and no tokens"
        in figures.blast_radius(blast_radius((1,), tls=False, acl=False)).lines[0]
    )


def test_lying_server_plots_its_run(plots):
    logs = {"server-1": {1: "", 2: "ann", 3: "cat"}, "server-2": {1: "", 2: "bob"}}
    told = {"ann": "ann", "bob": "bob"}
    apart = TwoLogs(None, Weather.CHANGE, "server-3", logs, {}, told, (), 1)
    alike = replace(apart, committed={"server-1": {1: "ann"}})
    chart = figures.lying_server({"forgets": apart, "crashes": alike})
    plots(
        chart,
        Plot(
            table(("no-op", "(ann)", "cat"), ("no-op", "(bob)", "–"), ("ann", "–", "–")),
            *axes("123", ("forgets: server-1", "forgets: server-2", "crashes: server-1"), "index in the log"),
        ),
    )
    assert chart.lines[0].endswith("Ann was told ann, bob was told bob.")


def test_one_vote_plots_its_run(plots):
    liar = Vote(
        4,
        1,
        3,
        Behaviour.SILENT,
        True,
        {"replica-2": "bob", "replica-3": None, "replica-4": "ann"},
        {"replica-2": "bob", "replica-3": None, "replica-4": "ann"},
        9,
        99,
        1,
    )
    honest = replace(
        liar,
        leader_lies=False,
        heard={"replica-1": "bob", "replica-2": "bob", "replica-3": "bob"},
        decided={"replica-1": "bob", "replica-2": "ann", "replica-3": "bob"},
    )
    ann, bob = style.BLUE, style.VERMILION
    plots(
        figures.one_vote({"a liar leads": liar, "an honest one": honest}),
        Plot(
            [
                Box(1, 0, 1, 1, "the leader, a liar", style=style.INK, dashed=True),
                Arrow(1, -0.2, 0, -0.75, bob),
                Text(0, -0.55, "bob", bob),
                Box(0, -1.1, 1, 1, "no. 2", ("bob",), style=bob),
                Box(1, -1.1, 1, 1, "no. 3", ("undecided",), style=style.INK),
                Arrow(1, -0.2, 2, -0.75, ann),
                Text(2, -0.55, "ann", ann),
                Box(2, -1.1, 1, 1, "no. 4", ("ann",), style=ann),
            ],
            Axis(low=-0.6, high=2.6),
            Axis(low=-1.6, high=0.6),
            title="a liar leads",
            bare=True,
        ),
        Plot(
            [
                Box(0.5, 0, 1, 1, "the leader", style=style.INK),
                Arrow(0.5, -0.2, 0, -0.75, bob),
                Text(0, -0.55, "bob", bob),
                Box(0, -1.1, 1, 1, "no. 2", ("ann",), style=ann),
                Arrow(0.5, -0.2, 1, -0.75, bob),
                Text(1, -0.55, "bob", bob),
                Box(1, -1.1, 1, 1, "no. 3", ("bob",), style=bob),
            ],
            Axis(low=-0.6, high=1.6),
            Axis(low=-1.6, high=0.6),
            title="an honest one",
            bare=True,
        ),
    )


def test_more_replicas_than_have_room_are_refused():
    with pytest.raises(ValueError, match="at most 5 can be drawn"):
        figures.one_vote({"many": one_vote(10, 3)})


def test_shut_out_plots_its_run(plots):
    out = ShutOut(Way.ROTATE_ON, 12, "member-2", 4.25, (), ("member-2", "member-3"), 0, 30, 900, 1)
    never = replace(out, way=Way.REVOKE, out_s=float("nan"), locked_out=(), messages=5)
    plots(
        figures.shut_out([out, never]),
        Plot(
            [
                Bars(
                    (1, 0),
                    (4.25, None),
                    style.VERMILION,
                    across=True,
                    texts=("4.2 s, 30 messages; member-2, member-3 locked out", "never, 5 messages"),
                )
            ],
            Axis("seconds from the decision", 0, 2.9 * 4.25),
            Axis(
                low=-0.6,
                high=1.6,
                names=("revoke its certificate", "rotate the key, go on without who is missing"),
            ),
        ),
    )
    assert "out never" in figures.shut_out([out, never]).lines[1]


def damage(**said):
    """What one lie has done; without a word nothing."""
    names = (each for each in Damage.__dataclass_fields__ if each not in ("system", "attack"))
    return Damage("S", Attack.DEATH, **dict.fromkeys(names, 0) | said)


def test_deciders_plots_its_run(plots):
    crash, death, value = Attack.CRASH, Attack.DEATH, Attack.VALUE
    runs = {
        # the worst counts, by the median of the runs
        ("one", crash): [damage(lost_s=7.0)],
        ("one", death): [damage(lost=n, wrong_reads=9, two_holders_s=1.0) for n in (0, 3, 4)],
        ("one", value): [damage(wrong_reads=2, two_holders_s=1.0, lost_s=5.0)],
        ("two", crash): [damage(unavailable=4, wrong_pair_s=1.0)],
        ("two", death): [damage(two_holders_s=0.5, lost_s=5.0, unavailable=2)],
        ("three", crash): [damage()],
        ("three", death): [damage(lost_s=5.4, unavailable=2)],
        ("three", value): [damage(wrong_pair_s=3.0, lost=0.5)],
    }
    plots(
        figures.deciders(runs),
        Plot(
            table(
                ("away 7 s", "(3 lost)", "(2 wrong)"),
                ("4 refused", "(2 holders)", ""),
                ("nothing", "(away 5 s)", "beliefs"),
            ),
            *axes("abc", ("one", "two", "three")),
        ),
    )


def test_deciders_says_what_a_real_lie_broke():
    tied = "a lock tied to gossip"
    chart = figures.deciders({(tied, Attack.DEATH): [one_liar(tied, Attack.DEATH)]})
    assert chart.lines == ("a lock tied to gossip: forges a death: 2 holders.",)


@pytest.mark.parametrize(
    ("draw", "nothing"),
    [
        (figures.lying_server, "runs is empty"),
        (figures.one_vote, "votes is empty"),
        (figures.shut_out, "runs is empty"),
        (figures.deciders, "runs is empty"),
    ],
)
def test_nothing_to_draw_is_refused(draw, nothing):
    with pytest.raises(ValueError, match=nothing):
        draw({})
