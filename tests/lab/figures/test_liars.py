"""The figures of lies: what they say is what they were given."""

import numpy as np
import pytest

from gossipkit.lab import figures, still
from gossipkit.lab.figures.liars.table import HARM
from gossipkit.lab.layout import Drawing
from gossipkit.lab.marks import Cells, Line
from gossipkit.systems.liars import Harm, one_lie, stored


def marks(chart, kind):
    return [mark for mark in chart.plots[0].marks if type(mark) is kind]


def test_one_lie_is_drawn_as_its_wrong_pairs():
    result = one_lie("the highest incarnation", "none")
    chart = figures.one_lie(result)
    (line,) = marks(chart, Line)
    assert line.x == pytest.approx(result.times) and line.y == pytest.approx(result.wrong)
    assert "some to the end" in chart.lines[0] and "132 pairs" in chart.alt


def test_a_lie_that_nobody_believes_and_a_crash_that_nobody_finds_are_said():
    chart = figures.one_lie(one_lie("a forged death", "first hand"))
    assert chart.lines[0] == "Wrong pairs: none."
    chart = figures.one_lie(one_lie("vouching for the dead", "none"))
    assert "not within the run" in chart.lines[1]


def test_the_harms_are_those_of_the_engine_from_nothing_to_the_worst():
    assert [str(each) for each in Harm if each in HARM] and set(HARM) == {str(each) for each in Harm}
    assert HARM[0] == Harm.NOTHING and HARM[-1] == Harm.FOR_GOOD


def test_every_cell_of_the_stored_picture_says_what_it_is():
    chart, table = figures.outcomes(stored()), stored()
    said = [
        each["text"]
        for each in Drawing(chart.describe(), chart.size_px[0], still.text_px).shapes
        if each["shape"] == "words"
    ]
    for harm in HARM:
        cells = sum(
            table.harm(lie, defence) == harm for lie in table.adversaries for defence in table.defences
        )
        assert said.count(harm) == cells, harm


@pytest.mark.parametrize(
    "quantity", ["harm", "right_again_s", "detect_all_s", "bytes_per_member_s", "refused"]
)
def test_the_table_has_a_cell_for_each_lie_and_defence(quantity):
    table = stored()
    chart = figures.outcomes(table, quantity, "what it is")
    (cells,) = marks(chart, Cells)
    assert np.shape(cells.texts) == (len(table.adversaries), len(table.defences))
    for row, lie in enumerate(table.adversaries):
        for column, defence in enumerate(table.defences):
            if quantity == "harm":
                assert cells.texts[row][column] == table.harm(lie, defence)
            elif table.typical(lie, defence, quantity) is None:
                assert cells.texts[row][column] == "never" and cells.values[row][column] is None
    alike = [row for row, texts in zip(table.adversaries, cells.texts, strict=True) if len(set(texts)) == 1]
    assert all(f"{row}: " in chart.lines[0] for row in alike) and (alike or "none of them" in chart.lines[0])
    assert [row[0] for row in chart.rows] == list(table.adversaries)


def test_the_table_of_cassandras_gossip_has_its_own_rows_and_columns():
    chart = figures.outcomes(stored("Scuttlebutt"))
    assert chart.columns == ("", *stored("Scuttlebutt").defences) and len(chart.note) == 1
