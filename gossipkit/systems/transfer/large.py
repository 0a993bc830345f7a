"""A thousand members: what a run message by message would take too long for, computed.

Cassandra's gossip runs as a matrix of versions (`gossipkit.gossip.version_matrix`), in steps of a tenth of a round, with
phi's windows beside it for the members that are watched. The full meshes need no run: nobody relays anything there, so each
pair of members is alone, and a few draws say when each notices. A test sets every number here beside messages in a smaller
cluster.
"""

from __future__ import annotations

from math import ceil

import numpy as np

from ...gossip.phi import PHI_FACTOR
from ...gossip.scuttlebutt import GossipConfig
from ...gossip.scuttlebutt.messages import DIGEST_BYTES, Ack, Ack2, Syn
from ...gossip.scuttlebutt.states import ADDRESS_BYTES, EndpointState, HeartBeatState
from ...gossip.version_matrix import VersionMatrix
from .borrowed import Family, Settings
from .cells import DATAGRAM_HEADERS, EPISODE_S, STREAM_HEADERS, WATCH_S, Cell
from .environments import Environment
from .fullmesh import TICKS, BusConfig, BusPing, Heartbeat, HeartbeatConfig

STEPS = 10
"""In a round: a window of phi sees intervals to a tenth of a round."""
WATCHED = 40
"""Members whose heartbeats are followed at everybody; what is counted of them stands for all."""


def computed(environment: Environment, settings: Settings, seed: int) -> Cell:
    """A cell of an environment that has nothing but loss: see the module.

    Raises
    ------
    ValueError
        For an environment with stalls, outages, churn or cuts, or SWIM, which is run message by message.
    """
    if environment.stalls_per_minute or environment.outage_every_s:
        raise ValueError(f"environment is {environment.name!r}: it must have neither stalls nor outages")
    if environment.churn_per_minute or environment.one_way_cuts:
        raise ValueError(f"environment is {environment.name!r}: it must have neither churn nor cuts")
    if settings.family not in _COMPUTED:
        raise ValueError(f"settings is {settings.name!r}: it must be of Cassandra or of a full mesh")
    found = _COMPUTED[settings.family](environment, settings.config, np.random.default_rng(seed))
    wrong, *numbers = found
    return Cell(
        environment.name,
        settings.name,
        settings.times,
        seed,
        int(wrong),
        environment.counted_s,
        *map(float, numbers),
    )


def _heartbeats(environment: Environment, config: HeartbeatConfig, rng: np.random.Generator) -> tuple:
    """A member is late for another where all beats of a timeout were lost; each looks once an interval."""
    n, interval_s, loss = environment.members, config.interval_s, environment.network.loss
    beats = ceil(config.timeout_s / interval_s)
    wrong = rng.poisson(n * (n - 1) * environment.counted_s / interval_s * loss**beats)
    # of the last beats of the victim each member has heard the last that was not lost
    heard_s = (
        interval_s * (rng.random() + rng.geometric(1 - loss, n - 1) - 1)
        if loss
        else interval_s * rng.random()
    )
    phase_s = interval_s * rng.random(n - 1)
    due_s = config.timeout_s - heard_s
    noticed_s = phase_s + interval_s * np.ceil((due_s - phase_s) / interval_s)
    packets = (n - 1) / interval_s
    size = packets * (Heartbeat().size_bytes + DATAGRAM_HEADERS)
    missing = wrong * interval_s / environment.counted_s / n
    return wrong, noticed_s.min(), noticed_s.max(), packets, size, missing


def _bus(environment: Environment, config: BusConfig, rng: np.random.Generator) -> tuple:
    """Each pings each once in half of the timeout, over connections, which lose nothing.

    A member asks the victim some time in half of the timeout after the crash, and takes it for pfail when the answer is
    missing for the whole of it. Pairs talk in both directions, so a report reaches another member by the earlier of two
    pings. Who first has a majority of reports tells everybody.
    """
    n, timeout_s = environment.members, config.node_timeout_s
    tick_s = timeout_s / 2 / TICKS
    period_s = timeout_s / 2 + tick_s / 2
    looks_s = tick_s * rng.random(n - 1)
    pfail_s = period_s * rng.random(n - 1) + timeout_s + looks_s
    reported_s = pfail_s + period_s * rng.random((2, n - 1, n - 1)).min(axis=0)
    np.fill_diagonal(reported_s, -np.inf)  # its own word
    majority_s = np.partition(reported_s, n // 2, axis=1)[:, n // 2]
    first_s = np.maximum(majority_s, pfail_s).min()
    pings = (n - 1) / period_s
    size = 2 * pings * (BusPing(()).size_bytes + STREAM_HEADERS)
    return 0, first_s, first_s + environment.network.latency.high, 2 * pings, size, 0.0


def _scuttlebutt(environment: Environment, config: GossipConfig, rng: np.random.Generator) -> tuple:
    n, loss = environment.members, environment.network.loss
    matrix = VersionMatrix(n)
    watched = np.arange(n - min(WATCHED, n), n)
    victim, step_s = n - 1, config.interval_s / STEPS
    phases = rng.integers(STEPS, size=n)
    askers = [np.flatnonzero(phases == step) for step in range(STEPS)]
    shape = n, len(watched)
    last_s, total_s, count = np.zeros(shape), np.full(shape, config.initial_interval_s), np.ones(shape)
    itself = np.arange(n)[:, None] == watched
    down, declared_s = np.zeros(shape, dtype=bool), np.full(len(watched), -np.inf)
    begin, end = environment.warm_up_s, environment.warm_up_s + environment.counted_s
    wrong, missing, exchanges, acks, requests, sent = 0, 0.0, 0, 0, 0, 0
    known_s, others = np.full(n, np.nan), np.arange(n) != victim
    before, steps = matrix.known[:, watched].copy(), 0
    while np.isnan(known_s[others]).any() and steps * step_s < end + WATCH_S:
        steps += 1
        now = steps * step_s
        asker = rng.permutation(askers[steps % STEPS])
        asked = rng.integers(n - 1, size=len(asker))
        asked += asked >= asker
        if now > end:
            there = (asker != victim) & (asked != victim)
            asker, asked = asker[there], asked[there]
        matrix.known[asker, asker] += 1
        arrived = np.logical_and.accumulate(rng.random((3, len(asker))) >= loss).sum(axis=0)
        ack, ack2 = matrix.exchange(asker, asked, arrived)
        known = matrix.known[:, watched]
        heard = known > before
        gap_s = now - last_s
        counts = heard & (gap_s <= config.max_interval_s)
        total_s += np.where(counts, gap_s, 0.0)
        count += counts
        last_s[heard] = now
        before = known
        late = (now - last_s) * count * PHI_FACTOR > config.phi_convict_threshold * total_s
        # a member looks at its list when its own round comes
        held, down = down, np.where((phases == steps % STEPS)[:, None] | heard, late, down) & ~itself
        new = (down & ~held).any(axis=0) & (now - declared_s >= EPISODE_S)
        declared_s[new] = now
        if now > end:
            known_s[down[:, -1] & np.isnan(known_s)] = now - end
        elif now > begin:
            wrong += int(new.sum())
            missing += down.sum() * step_s
            exchanges, acks, requests = exchanges + len(asker), acks + ack + ack2, requests + ack2
            sent += len(asker) + int((arrived >= 1).sum()) + int((arrived >= 2).sum())
    all_of_them, share = n / len(watched), environment.counted_s * n
    state = ADDRESS_BYTES + EndpointState(HeartBeatState(0, 0)).size_bytes
    # of each SYN the digests of all, of each ACK what it asks for
    size = exchanges * (
        Syn(config.cluster_name, ()).size_bytes
        + n * DIGEST_BYTES
        + Ack((), ()).size_bytes
        + Ack2(()).size_bytes
    )
    size += acks * state + requests * DIGEST_BYTES + sent * DATAGRAM_HEADERS
    known = known_s[others]
    first_s = np.nan if np.isnan(known).all() else np.nanmin(known)
    return (
        wrong * all_of_them,
        first_s,
        known.max(),
        sent / share,
        size / share,
        missing * all_of_them / share,
    )


_COMPUTED = {Family.HEARTBEATS: _heartbeats, Family.BUS: _bus, Family.SCUTTLEBUTT: _scuttlebutt}
