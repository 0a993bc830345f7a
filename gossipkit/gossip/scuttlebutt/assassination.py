"""``nodetool assassinate``: gossip in an endpoint's stead that it has left."""

from typing import TYPE_CHECKING

from .states import EndpointState, HeartBeatState, VersionedValue

if TYPE_CHECKING:
    from ...sim import Env
    from .gossiper import Gossiper

# what is gossiped of an endpoint that nobody here has ever heard of
UNHEARD_GENERATION_AHEAD_S, UNHEARD_VERSION = 60, 9999


def last_words(known: EndpointState | None, now: float, version: int) -> EndpointState:
    """The state that buries an endpoint: its next generation, with STATUS left.

    Parameters
    ----------
    known : EndpointState or None
        What is known of it.
    now : float
        The local clock in seconds.
    version : int
        For STATUS, from the counter of the node that forges it.

    References
    ----------
    apache/cassandra, Gossiper.assassinateEndpoint, HeartBeatState.forceNewerGenerationUnsafe.
    """
    if known is None:
        known = EndpointState(HeartBeatState(int(now) + UNHEARD_GENERATION_AHEAD_S, UNHEARD_VERSION))
    else:
        generation, beat = known.heartbeat
        known = EndpointState(HeartBeatState(generation + 1, beat), known.applications)
    return known.with_values({"STATUS": VersionedValue("left", version)})


def assassinate(gossiper: "Gossiper", env: "Env", name: str) -> None:
    """Bury an endpoint: at once where it is unknown, and else if it is silent for ``ring_delay_s``."""
    known = gossiper.endpoints.get(name)
    if known is None:
        gossiper.forge(name)
        return
    heartbeat = known.state.heartbeat

    def if_silent() -> None:
        now_known = gossiper.endpoints.get(name)
        if now_known is None or now_known.state.heartbeat != heartbeat:
            env.record("assassinate-failed", about=name)
        else:
            gossiper.forge(name)

    env.after(gossiper.config.ring_delay_s, if_silent)
