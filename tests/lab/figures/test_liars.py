"""The figures of lies: what they plot and say is what they were given."""

from dataclasses import fields, replace

import numpy as np
import pytest

from gossipkit.lab import figures, still, style
from gossipkit.lab.axes import Axis, Colours, Plot
from gossipkit.lab.figures.liars.table import HARM
from gossipkit.lab.layout import Drawing
from gossipkit.lab.marks import Cells, Line, Rule
from gossipkit.systems.liars import Harm, one_lie, stored
from gossipkit.systems.liars.table import Outcomes
from gossipkit.systems.liars.trial import Outcome
from gossipkit.systems.liars.watched import OneLie


def test_one_lie_plots_its_run(plots):
    result = OneLie(
        "a lie", "none", 4, np.array([0.0, 0.5, 1.0, 30.0]), np.array([0, 2, 12, 3]), 99.0, 6.0, 0
    )
    marks = [
        Line((0, 0.5, 1, 30), (0, 2, 12, 3), style.VERMILION, "wrong pairs"),
        Rule(5, letter="A", text="the lies begin"),
        Rule(20, letter="B", text="a real crash"),
    ]
    plots(figures.one_lie(result), Plot(marks, Axis("seconds", 0, 30), Axis("pairs", -0.36, 12.72)))
    # the axis holds still where little is wrong
    less = replace(result, wrong=np.array([0, 1, 0, 0]))
    marks[0] = replace(marks[0], y=(0, 1, 0, 0))
    plots(figures.one_lie(less), Plot(marks, Axis("seconds", 0, 30), Axis("pairs", -0.24, 8.48)))


def run(adversary, defence, right_again_s=0.0, refused=0, wrong_pair_s=0.0):
    """One outcome, of which nothing else counts here."""
    numbers = dict.fromkeys((each.name for each in fields(Outcome)), 0)
    told = {"adversary": adversary, "defence": defence, "right_again_s": right_again_s, "refused": refused}
    return Outcome(**numbers | told | {"wrong_pair_s": wrong_pair_s, "system": "memberlist"})


TABLE = Outcomes(
    (
        run("storm", "none", None, 0),
        run("storm", "cap", 3.0, 4000, 9.0),
        run("storm", "cap", 5.5, 20, 9.0),
        run("storm", "cap", 0.0, 2000),
        run("death", "none", 0.0, 20),
        run("death", "cap", 0.0, 0),
    )
)


@pytest.mark.parametrize(
    ("quantity", "values", "texts", "label", "ends"),
    [
        # the worst of the seeds in its rank
        (
            "harm",
            ((4, 1), (0, 0)),
            (("for good", "refuted"), ("nothing", "nothing")),
            "0 nothing to 4 for good",
            (0, 4),
        ),
        # powers of ten of the median, and one tenth for nothing at all
        (
            "refused",
            ((-1, np.log10(2000)), (np.log10(20), -1)),
            (("0", "2,000"), ("20.0", "0")),
            None,
            (-1, None),
        ),
        ("right_again_s", ((None, np.log10(3)), (-1, -1)), (("never", "3.0"), ("0", "0")), None, (-1, None)),
    ],
)
def test_outcomes_plots_its_run(plots, quantity, values, texts, label, ends):
    low, high = ends
    high = max(value for row in values for value in row if value is not None) if high is None else high
    plots(
        figures.outcomes(TABLE, quantity, "what"),
        Plot(
            [Cells(values, texts)],
            Axis("", -0.5, 1.5, names=("a", "b")),
            Axis("", -0.5, 1.5, names=("death", "storm")),
            colours=Colours(label or "log10 of what", low, high, whole=quantity == "harm"),
        ),
    )


def test_a_lie_that_nobody_believes_and_a_crash_that_nobody_finds_are_said():
    chart = figures.one_lie(one_lie("a forged death", "first hand"))
    assert chart.lines[0] == "Wrong pairs: none."
    chart = figures.one_lie(one_lie("the highest incarnation", "none"))
    assert "some to the end" in chart.lines[0] and "132 pairs" in chart.alt
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
    (cells,) = chart.plots[0].marks
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
