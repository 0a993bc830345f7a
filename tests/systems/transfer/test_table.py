"""The stored tables: cells made again are the same, and what is said of them is what they hold."""

import itertools
import math

import pytest

from gossipkit.systems.transfer import (
    BORROWED,
    ENVIRONMENTS,
    TIMES,
    cells,
    failure_table,
    fewer_than,
    mean,
    metro_cells,
    row,
    spread,
)
from gossipkit.systems.transfer.table import FILES, METRO_LONG, SEEDS, TRIED, computed_cell, stored

AGAIN = [
    ("lan", "memberlist LAN", 1.0, 1),
    ("wan", "Redis Cluster", 1.0, 3),
    ("thousand", "heartbeats to all", 0.5, 2),
    ("thousand", "Redis Cluster", 1.0, 1),
    ("thousand", "Cassandra", 2.0, 3),
    ("five", "Cassandra", 1.0, 2),
    ("starved", "memberlist WAN", 1.0, 1),
    ("spot", "memberlist Local", 1.0, 2),
    ("edge", "Redis Cluster", 0.5, 1),
]


@pytest.mark.parametrize("cell", AGAIN, ids=lambda cell: "-".join(map(str, cell)))
def test_a_cell_made_again_is_the_stored_one(cell):
    found = next(each for each in cells(*cell[:3]) if each.seed == cell[3])
    assert row(computed_cell(*cell)) == row(found)


POINTS = {
    "table": itertools.product(ENVIRONMENTS, BORROWED, TIMES, SEEDS),
    "metro": itertools.product([METRO_LONG.name], TRIED, [1.0], SEEDS),
}


@pytest.mark.parametrize("what", FILES)
def test_each_file_holds_its_cells_in_order(what):
    held = [(cell.environment, cell.settings, cell.times, cell.seed) for cell in stored(FILES[what])]
    assert held == list(POINTS[what])
    assert all(cell.packets_per_s > 0 and cell.bytes_per_s > 0 for cell in stored(FILES[what]))


def test_every_place_has_three_seeds_in_every_row():
    for place in ENVIRONMENTS:
        for name in BORROWED:
            for times in TIMES:
                assert tuple(cell.seed for cell in cells(place, name, times)) == SEEDS


def test_a_table_shows_means_and_says_what_was_not_seen():
    table = failure_table("false_positives_per_day", [1.0])
    at = table.rows.index("memberlist LAN"), table.columns.index("lan")
    found = cells("lan", "memberlist LAN")
    assert table.values[at[0]][at[1]] == mean(found, "false_positives_per_day") == 0
    # three runs of 300 s: nothing in 900 s is fewer than 3 / 900 a second
    assert fewer_than(found) == pytest.approx(288) and table.texts[at[0]][at[1]] == "< 288"
    slow = failure_table("first_s", [2.0])
    at = slow.rows.index("memberlist WAN × 2"), slow.columns.index("thousand")
    assert math.isnan(slow.values[at[0]][at[1]]) and slow.texts[at[0]][at[1]] == "> 180"


def test_a_spread_is_the_lowest_and_the_highest():
    found = cells("starved", "memberlist LAN")
    values = sorted(cell.false_positives for cell in found)
    assert spread(found, "false_positives") == (values[0], values[-1])


@pytest.mark.parametrize(
    "call",
    [
        lambda: cells("moon", "Cassandra"),
        lambda: cells("lan", "mine"),
        lambda: cells("lan", "Cassandra", 3.0),
        lambda: failure_table("colour"),
        lambda: metro_cells("mine"),
    ],
)
def test_what_is_not_in_the_table_is_refused_by_name(call):
    with pytest.raises(ValueError, match=" is "):
        call()
