"""Full state exchange after a rumour, on arrays and message by message."""

import numpy as np
import pytest

from gossipkit.gossip import exchanges, overlays, spread
from gossipkit.gossip.dissemination import LATENCY_S, Gossiper, State, Tell
from gossipkit.gossip.parameters import Parameters
from gossipkit.sim import Constant, Network, World

NODES = 12
PARAMETERS = Parameters(nodes=NODES, fanout=2, retransmit=1)


def test_it_begins_where_the_spread_ended_and_nobody_forgets():
    run = spread(64, fanout=3, loss=0.5, retransmit=8 / 3, trials=50, seed=1)
    knows = exchanges(run, 6, seed=1)
    assert knows.shape == (50, 7)
    assert (knows[:, 0] == run.informed[:, -1]).all()
    assert (np.diff(knows) >= 0).all() and knows.max() == 64


def test_both_sides_of_an_exchange_learn():
    """Who asks stays ignorant with p, and who is asked by nobody who knows with about e to the power of -(1 - p)."""
    run = spread(1000, fanout=1, max_rounds=10, trials=400, seed=2)
    before, after = (1 - share / 1000 for share in exchanges(run, 1, seed=2).T)
    expected = before * before * (1 - 1 / 999) ** (1000 * (1 - before))
    # 400 clusters, in each of which the share has a standard deviation below 0.5 / sqrt(1000)
    assert abs(np.mean(after - expected)) < 4 * 0.5 / np.sqrt(1000 * 400)


def test_the_same_seed_gives_the_same():
    run = spread(64, fanout=1, retransmit=1, trials=5, seed=1)
    assert (exchanges(run, 3, seed=4) == exchanges(run, 3, seed=4)).all()
    assert (exchanges(run, 3, seed=4) != exchanges(run, 3, seed=5)).any()


def test_bad_input_is_refused():
    run = spread(8, seed=1)
    with pytest.raises(ValueError, match="rounds is 0: it must be a whole number, at least 1"):
        exchanges(run, 0)
    with pytest.raises(ValueError, match="seed is -1"):
        exchanges(run, 1, seed=-1)
    with pytest.raises(
        ValueError, match="run is a spread on an overlay: it must be one on the complete graph"
    ):
        exchanges(spread(8, overlay=overlays.ring(8), seed=1), 1)


def world(exchange_s, loss=1.0, seed=1):
    """Nodes of which one knows, in a network that loses what is sent by datagrams."""
    made = World(seed=seed, network=Network(latency=Constant(LATENCY_S), loss=loss))
    names = [f"node-{i}" for i in range(NODES)]
    for i, name in enumerate(names):
        made.add(name, Gossiper(PARAMETERS, names[:i] + names[i + 1 :], None if i else 0, exchange_s))
    return made


def informed(made):
    return {name for name, process in made.processes.items() if process.learned is not None}


@pytest.mark.parametrize("seed", range(5))
def test_exchanges_reach_everybody_where_no_rumour_does(seed):
    with_them, without = world(5.0, seed=seed), world(None, seed=seed)
    with_them.run(until=60)
    without.run(until=60)
    assert len(informed(with_them)) == NODES
    assert informed(without) == {"node-0"}


def test_who_is_asked_learns_and_who_asks_learns():
    made = world(5.0)
    made.run(until=60)
    halves = {"asked": set(), "asks": set()}
    for event in made.trace.filter(kind="stream-receive"):
        if event.fields["message"].knows:
            halves["asks" if event.fields["message"].answer else "asked"].add(event.node)
    told = {event.node for event in made.trace.filter(kind="caught-up")}
    assert told == informed(made) - {"node-0"}
    assert told & halves["asked"] and told & halves["asks"]


def test_exchanges_begin_at_random_moments_and_come_at_their_interval():
    made = world(5.0)
    made.run(until=30)
    sent = [(e.time, e.node) for e in made.trace.filter(kind="stream-send") if not e.fields["message"].answer]
    first = {node: min(time for time, who in sent if who == node) for _, node in sent}
    assert len({round(time, 3) for time in first.values()}) == NODES and max(first.values()) <= 5
    for node, begin in first.items():
        times = [time for time, who in sent if who == node]
        assert np.allclose(np.diff(times), 5.0) and len(times) == int((30 - begin) // 5) + 1


def test_who_learns_by_an_exchange_tells_from_the_next_round_on():
    made = world(5.0, loss=0.0)
    made.run(until=60)
    for event in made.trace.filter(kind="caught-up"):
        tells = [
            e.time
            for e in made.trace.filter(kind="send", node=event.node)
            if isinstance(e.fields["message"], Tell)
        ]
        assert len(tells) == PARAMETERS.copies and 0 < min(tells) - event.time <= 1


def test_a_state_costs_two_flags_on_the_wire():
    assert State(True, False).size_bytes == Tell().size_bytes + 2
