"""The figures of whom a system trusts: each cell, arrow and bar is the run's."""

from math import isnan

import pytest

from gossipkit.authority.lying import ServerLie
from gossipkit.lab import figures, style
from gossipkit.lab.marks import Arrow, Bars, Box, Span, Text
from gossipkit.systems.trust import (
    Attack,
    Way,
    Weather,
    blast_radius,
    lying_server,
    one_liar,
    one_vote,
    shut_out,
)


def marks(chart, kind, plot=0):
    return [mark for mark in chart.plots[plot].marks if type(mark) is kind]


def cells(chart):
    """By column and row from the top, what stands there, and whether it is framed."""
    height = len(chart.plots[0].y.names) - 1
    frames = {((span.low + span.high) / 2, height - span.row) for span in marks(chart, Span)}
    return {
        (text.x, height - text.y): (text.text, (text.x, height - text.y) in frames)
        for text in marks(chart, Text)
    }


def test_what_was_reached_is_framed_in_the_row_of_what_was_held():
    result = blast_radius((1,))
    chart = figures.blast_radius(result)
    found = cells(chart)
    for (held, effect), (reached,) in result.cells.items():
        row, column = list(chart.plots[0].y.names)[::-1].index(held), chart.columns.index(effect) - 1
        assert found[column, row] == (("yes", True) if reached else ("–", False))
    assert chart.lines[0] == "Servers ask for certificates and tokens."
    assert (
        "no certificates and no tokens"
        in figures.blast_radius(blast_radius((1,), tls=False, acl=False)).lines[0]
    )


def test_two_values_at_one_index_are_framed_and_nothing_else_is():
    runs = {
        "forgets": lying_server(ServerLie.FORGETS, Weather.CHANGE),
        "crashes": lying_server(None, Weather.CHANGE),
    }
    chart = figures.lying_server(runs)
    found = cells(chart)
    place = 0
    for label, run in runs.items():
        for server, log in run.committed.items():
            assert list(chart.plots[0].y.names)[::-1][place] == f"{label}: {server}"
            for index in range(1, len(chart.columns) - 1):
                said = log.get(index, "–") or "no-op"
                assert found[index - 1, place] == (said, index == run.split)
            place += 1
    assert chart.lines[0].endswith("Ann was told ann, bob was told bob.")
    with pytest.raises(ValueError, match="runs is empty"):
        figures.lying_server({})


def test_a_vote_has_an_arrow_for_each_proposal_and_a_box_for_each_decision():
    votes = {"3": one_vote(3), "4": one_vote(4)}
    chart = figures.one_vote(votes)
    for plot, vote in enumerate(votes.values()):
        leader, *boxes = marks(chart, Box, plot)
        assert leader.dashed and leader.head == "the leader, a liar"
        assert [box.lines[0] for box in boxes] == [each or "undecided" for each in vote.decided.values()]
        arrows, said = marks(chart, Arrow, plot), marks(chart, Text, plot)
        assert [text.text for text in said] == list(vote.heard.values())
        assert [arrow.x1 for arrow in arrows] == [box.x for box in boxes]
        # one value has one colour in both parts
        assert {(text.text, text.style) for text in said} == {("ann", style.BLUE), ("bob", style.VERMILION)}
    honest = figures.one_vote({"all": one_vote(4, 0)})
    assert not marks(honest, Box)[0].dashed and len(marks(honest, Arrow)) == 3
    with pytest.raises(ValueError, match="at most 5 can be drawn"):
        figures.one_vote({"many": one_vote(10, 3)})
    with pytest.raises(ValueError, match="votes is empty"):
        figures.one_vote({})


def test_a_bar_ends_when_nobody_hears_it_and_there_is_none_where_somebody_always_does():
    runs = [shut_out(way) for way in (Way.ROTATE_ON, Way.ROTATE_GOSSIP, Way.REVOKE)]
    chart = figures.shut_out(runs)
    (bars,) = marks(chart, Bars)
    assert bars.at == (2, 1, 0) and bars.across
    assert bars.value == tuple(None if isnan(run.out_s) else run.out_s for run in runs)
    for run, text in zip(runs, bars.texts, strict=True):
        assert f"{run.messages} messages" in text and ("member-2 locked out" in text) is bool(run.locked_out)
    assert "out never" in chart.lines[1]
    with pytest.raises(ValueError, match="runs is empty"):
        figures.shut_out([])


def test_a_wrong_decision_is_framed_and_a_refusal_or_a_belief_is_not():
    reads, catalog, tied = "Cassandra's quorum reads", "Consul's catalog", "a lock tied to gossip"
    asked = [
        (reads, Attack.DEATH),
        (reads, Attack.VALUE),
        (catalog, Attack.CRASH),
        (catalog, Attack.DEATH),
        (catalog, Attack.VALUE),
        (tied, Attack.DEATH),
    ]
    runs = {key: [one_liar(*key)] for key in asked}
    chart = figures.deciders(runs)
    rows, columns = list(chart.plots[0].y.names)[::-1], chart.columns[1:]
    found = cells(chart)
    told = {key: found[columns.index(key[1]), rows.index(key[0])] for key in asked}
    assert told[reads, Attack.DEATH] == (f"{runs[asked[0]][0].unavailable} refused", False)
    assert told[reads, Attack.VALUE] == (f"{runs[asked[1]][0].lost} lost", True)
    assert told[catalog, Attack.CRASH] == (f"away {runs[asked[2]][0].lost_s:.0f} s", False), "that is right"
    assert told[catalog, Attack.DEATH] == (f"away {runs[asked[3]][0].lost_s:.0f} s", True)
    assert told[catalog, Attack.VALUE] == (f"{runs[asked[4]][0].wrong_reads} wrong", True)
    assert told[tied, Attack.DEATH] == ("2 holders", True)
    assert found[columns.index(Attack.VALUE), rows.index(tied)] == ("", False)
    assert chart.lines[-1] == "a lock tied to gossip: forges a death: 2 holders."
    with pytest.raises(ValueError, match="runs is empty"):
        figures.deciders({})
