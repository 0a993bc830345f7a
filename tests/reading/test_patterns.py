"""The patterns: each stands where it is said to stand."""

import importlib
import re
from dataclasses import replace

import pytest

from gossipkit.reading import PATTERNS, overview
from gossipkit.reading.patterns import SYSTEMS

PLACES = {(pattern.name, system): place for pattern in PATTERNS for system, place in pattern.places.items()}


def resolved(dotted):
    """What a dotted name names: a module, or an attribute of one."""
    parts = dotted.split(".")
    for end in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:end]))
        except ModuleNotFoundError:
            continue
        for part in parts[end:]:
            found = getattr(found, part)
        return found
    raise LookupError(dotted)


@pytest.mark.parametrize(("pattern", "system"), PLACES)
def test_each_place_of_ours_exists(pattern, system):
    assert resolved(PLACES[pattern, system].ours) is not None


@pytest.mark.parametrize(("pattern", "system"), PLACES)
def test_each_real_place_can_be_opened_and_searched(pattern, system):
    place = PLACES[pattern, system]
    assert re.fullmatch(
        r"https://github\.com/[\w-]+/[\w-]+/blob/(HEAD|7\.0)/[\w/.-]+\.(go|java|erl|c)", place.link
    )
    assert re.fullmatch(r"\w+", place.name)


def test_a_pattern_is_found_twice_and_each_other_system_says_why_not():
    assert len({pattern.name for pattern in PATTERNS}) == len(PATTERNS)
    for pattern in PATTERNS:
        assert len(pattern.places) >= 2
        assert set(pattern.places) | set(pattern.absent) == set(SYSTEMS)
        for text in (pattern.pressure, pattern.cost, pattern.fails, *pattern.absent.values()):
            assert len(text.split()) >= 8, text


def test_a_pattern_that_says_less_is_refused():
    whole = PATTERNS[0]
    one, *_ = whole.places
    with pytest.raises(ValueError, match="places has 1 systems"):
        replace(whole, places={one: whole.places[one]}, absent={})
    other = dict(list(whole.places.items())[:2])
    with pytest.raises(ValueError, match=f"places has {', '.join(other)} and absent has nobody"):
        replace(whole, places=other)
    with pytest.raises(ValueError, match="cost is ' '"):
        replace(whole, cost=" ")
    with pytest.raises(ValueError, match="the reason of "):
        replace(whole, places=other, absent={name: "" for name in SYSTEMS if name not in other})
    with pytest.raises(ValueError, match="ours is ''"):
        replace(whole.places[one], ours="")


def test_a_pattern_shows_itself_with_the_way_to_its_places():
    for pattern in PATTERNS:
        table = pattern._repr_markdown_().splitlines()
        assert len(table) == 2 + 3 + len(SYSTEMS)
        assert all(line.count("|") == 3 for line in table)
        text = repr(pattern)
        for place in pattern.places.values():
            assert place.link in pattern._repr_markdown_()
            assert place.ours in pattern._repr_markdown_()
            assert place.ours in text
        assert all(f"{system}: none: {reason}" in text for system, reason in pattern.absent.items())


def test_the_overview_has_a_row_a_pattern_and_a_column_a_system():
    table = overview(PATTERNS).splitlines()
    assert table[0] == f"| pattern | {' | '.join(SYSTEMS)} |"
    assert len(table) == 2 + len(PATTERNS)
    for pattern, row in zip(PATTERNS, table[2:], strict=True):
        assert row.count("|") == len(SYSTEMS) + 2
        assert row.count("–") == len(pattern.absent)
    with pytest.raises(ValueError, match="patterns is empty"):
        overview([])
