"""What the figures over time say of a run."""

import pytest

from gossipkit.lab import figures
from gossipkit.systems.consul.experiments import crash_through_layers, rotate_keys

TOLD = "without a log, a server knows only what it was told itself."


@pytest.mark.parametrize(
    ("options", "last"),
    [
        ({}, "The commit came before the last node knew of the death, and the answer followed the commit."),
        (
            {"servers_lost": 2},
            "Nothing was committed, so servers name the dead agent to the end: what gossip knows has not been decided.",
        ),
        (
            {"servers_lost": 2, "back_s": 10},
            "The commit came after the last node knew of the death, and the answer followed the commit.",
        ),
        ({"authority": False}, f"In the moment of the crash 33 % of the reachable servers named it: {TOLD}"),
        (
            {"authority": False, "servers_lost": 2},
            f"No server that was reachable in the moment of the crash knew the service: {TOLD}",
        ),
        (
            {"authority": False, "servers_lost": 2, "back_s": 10},
            f"No server that was reachable in the moment of the crash knew the service: {TOLD} "
            "A server that is back names the dead agent again.",
        ),
    ],
    ids=lambda value: " ".join(f"{k}={v}" for k, v in value.items()) if isinstance(value, dict) else "",
)
def test_a_crash_through_the_layers_is_summed_up_as_it_happened(options, last):
    # a server that was away hears of the crash, and a leader writes it down, within a minute and a half
    seen = crash_through_layers(seconds=90 if "back_s" in options else 15, seed=2, **options)
    chart = figures.crash_through_layers(seen)
    assert chart.lines[-1] == last
    assert any(line.startswith("committed to the catalog: ") for line in chart.lines) == seen.logged
    assert any(line.startswith("a server writes it down: ") for line in chart.lines) != seen.logged
    assert ("the servers are back: 10.0 s." in chart.lines) == ("back_s" in options)


def test_a_rotation_without_an_outage_shows_its_steps():
    chart = figures.rotate_keys(rotate_keys(5, seconds=30))
    assert chart.lines[:3] == ("install begins: 0.0 s.", "use begins: 10.0 s.", "remove begins: 20.0 s.")
    _, opening, sealing, unreadable, wrong = zip(*chart.rows, strict=True)
    assert "100" in opening
    assert "100" in sealing
    assert set(unreadable) == set(wrong) == {"0"}
