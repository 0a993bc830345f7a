"""The charts of a comparison: each row and cell is the run's."""

import numpy as np
import pytest

from gossipkit.lab import figures
from gossipkit.lab.marks import Bars, Dots, Rule, Span, Text
from gossipkit.systems.comparison import NOTHING, matrix, one_outage

FAULT = "cut in half for 60 s"


@pytest.fixture(scope="module")
def stories():
    return one_outage(FAULT, systems=["Consul", "Dynamo"])


def marks(chart, kind):
    return [mark for mark in chart.plots[0].marks if type(mark) is kind]


def test_a_row_is_full_where_all_are_of_one_mind_and_hatched_where_some_are(stories):
    chart = figures.one_outage(stories)
    belief = [span for span in marks(chart, Span) if span.row == 5]
    story = stories["Consul"]
    assert belief[0].low == story.first_s and belief[0].hatch
    assert any(span.low == story.everyone_s and not span.hatch for span in belief)
    assert belief[-1].high == story.believed_back_s


def test_the_rows_are_the_systems_three_lanes_from_the_top(stories):
    chart = figures.one_outage(stories)
    names = ["Consul: belief", "decision", "repair", "Dynamo: belief", "decision", "repair"]
    assert list(chart.plots[0].y.names) == names[::-1]
    # Dynamo decides nothing: its row stays empty
    assert not [span for span in marks(chart, Span) if span.row == 1]
    assert [rule.at for rule in marks(chart, Rule)] == [0.0, 60.0]


def test_each_write_that_was_not_accepted_is_a_cross(stories):
    chart = figures.one_outage(stories)
    crosses = [dots for dots in marks(chart, Dots) if set(dots.y) == {4.0}]
    assert sum(len(dots.x) for dots in crosses) == sum(stories["Consul"].refused)


def test_the_sentence_says_what_the_numbers_say(stories):
    consul, dynamo = figures.one_outage(stories).lines
    assert f"{sum(stories['Consul'].refused)} of {sum(stories['Consul'].asked)} writes refused" in consul
    assert "its work stays its own" in dynamo and "its work is taken from it after" in consul
    joins = one_outage("a join", systems=["Dynamo"])
    assert "the first knows it" in figures.one_outage(joins).lines[0]


def test_the_table_says_never_where_there_is_no_time(stories):
    row = figures.one_outage(stories).rows[1]
    assert row[0] == "Dynamo" and row[3] == "never"


def test_bars_are_the_layers_bytes(stories):
    chart = figures.on_the_wire(stories)
    bars = marks(chart, Bars)
    assert [bar.label for bar in bars] == ["gossip", "authority", "repair", "data"]
    for bar in bars:
        assert list(bar.value) == pytest.approx(
            [each.bytes_per_node_s(bar.label) for each in stories.values()]
        )


def test_a_matrix_frames_what_is_worse_than_its_control():
    outcomes = matrix(["Cassandra"], [NOTHING, "repair"])
    chart = figures.matrix(outcomes)
    (frame,) = marks(chart, Span)
    assert (frame.row, np.round((frame.low + frame.high) / 2)) == (0, 7)
    assert len(marks(chart, Text)) == 16
    assert chart.lines == (
        f"Cassandra without repair: keys that differ at last: {outcomes['Cassandra', 'repair'].differ}.",
    )


@pytest.mark.parametrize("draw", [figures.one_outage, figures.on_the_wire, figures.matrix])
def test_nothing_to_draw_is_an_error(draw):
    with pytest.raises(ValueError, match=r"stories is empty|outcomes has nothing"):
        draw({})


def test_a_matrix_needs_each_system_s_control():
    with pytest.raises(ValueError, match="each system needs a row"):
        figures.matrix(matrix(["Dynamo"], ["repair"]))
