"""Which state beats which: Cassandra's comparison of digests, and what becomes of a state that arrives. Pure functions.

A digest of an endpoint arrives in a SYN and is compared with what is known here (`compare`); the answer goes into the ACK:

====================================================  ==================================  ============================
remote digest against local state                     rule                                the ACK contains
====================================================  ==================================  ============================
endpoint not known here                               ``UNKNOWN``                         request for all (version 0)
remote generation higher                              ``GENERATION_HIGHER``               request for all (version 0)
remote generation lower                               ``GENERATION_LOWER``                all states
same generation, remote version higher                ``VERSION_HIGHER``                  request from the local version
same generation, remote version lower                 ``VERSION_LOWER``                   states newer than the remote's
same generation and version                           ``EQUAL``                           nothing
(the SYN is empty: a shadow round)                                                        all states of all endpoints
====================================================  ==================================  ============================

What was requested goes into the ACK2 (`answer`). A state arrives in an ACK or an ACK2 and is believed or not (`apply`):

====================================================  ==================================  ============================
remote state against local state                      rule                                what happens
====================================================  ==================================  ============================
of oneself, or of a quarantined endpoint              (never gets as far as `apply`)      ignored
endpoint not known here                               ``NEW``                             major change: taken as it is
generation over a year ahead of the local clock       ``REFUSED``                         ignored: somebody's memory is corrupt
remote generation higher                              ``RESTARTED``                       major change: replaces the local
same generation, remote version higher                ``NEWER``                           newer application states merged
same generation, remote version not higher            ``NOT_NEWER``                       ignored
remote generation lower                               ``OLDER``                           ignored
====================================================  ==================================  ============================

As in Cassandra the year's guard looks only at endpoints that are known already: the first word about an endpoint is
believed whatever its generation is. And a part of a state is taken for the whole where nothing is known: an answer to what
a node said before it was restarted, if it comes late enough, leaves it without the older application states.

References
----------
apache/cassandra @ac8c8b2, gms/Gossiper.java: examineGossiper, getStateForVersionBiggerThan, notifyFailureDetector,
applyStateLocally, applyNewStates. van Renesse, Dumitriu, Gough, Thomas: Efficient Reconciliation and Flow Control for
Anti-Entropy Protocols, LADIS 2008 (the name Scuttlebutt, and why one version a node is enough).
"""

from typing import NamedTuple

from .states import Digest, EndpointState

UNKNOWN, EQUAL = "unknown", "equal"
GENERATION_HIGHER, GENERATION_LOWER = "generation higher", "generation lower"
VERSION_HIGHER, VERSION_LOWER = "version higher", "version lower"

REQUEST_ALL, REQUEST_NEWER = "request all", "request newer"
SEND_ALL, SEND_NEWER = "send all", "send newer"
NOTHING = "nothing"

DIGEST_RULES = {
    UNKNOWN: REQUEST_ALL,
    GENERATION_HIGHER: REQUEST_ALL,
    GENERATION_LOWER: SEND_ALL,
    VERSION_HIGHER: REQUEST_NEWER,
    VERSION_LOWER: SEND_NEWER,
    EQUAL: NOTHING,
}

NEW, REFUSED, RESTARTED = "new", "refused", "restarted"
NEWER, NOT_NEWER, OLDER = "newer", "not newer", "older"

MAX_GENERATION_DIFFERENCE_S = 86_400 * 365


class Reply(NamedTuple):
    """What an ACK says of one digest: the rule, and a request or a state or neither."""

    rule: str
    request: Digest | None = None
    state: EndpointState | None = None


class Change(NamedTuple):
    """What becomes of a state that arrived.

    ``rule`` is one of the second table; ``state`` is what is known from now on; ``changed`` are the names of the
    application states that are new, in the order of their versions; ``heard`` says whether it counts as a heartbeat.
    """

    rule: str
    state: EndpointState
    changed: tuple[str, ...] = ()
    heard: bool = False


def relation(digest: Digest, local: EndpointState | None) -> str:
    """Which row of the first table a digest falls into."""
    if local is None:
        return UNKNOWN
    generation = local.heartbeat.generation
    if digest.generation != generation:
        return GENERATION_HIGHER if digest.generation > generation else GENERATION_LOWER
    version = local.max_version
    if digest.max_version == version:
        return EQUAL
    return VERSION_HIGHER if digest.max_version > version else VERSION_LOWER


def compare(digest: Digest, local: EndpointState | None) -> Reply:
    """What to reply to a digest.

    Parameters
    ----------
    digest : Digest
        From a SYN.
    local : EndpointState or None
        What is known here of that endpoint.

    Examples
    --------
    >>> from gossipkit.gossip.scuttlebutt import HeartBeatState
    >>> local = EndpointState(HeartBeatState(generation=1, version=10))
    >>> compare(Digest("b", 1, 12), local).request
    Digest(endpoint='b', generation=1, max_version=10)
    >>> compare(Digest("b", 1, 10), local)
    Reply(rule='equal', request=None, state=None)
    """
    rule = relation(digest, local)
    action = DIGEST_RULES[rule]
    if action is NOTHING:
        return Reply(rule)
    if action is REQUEST_ALL:
        return Reply(rule, request=Digest(digest.endpoint, digest.generation, 0))
    if action is REQUEST_NEWER:
        return Reply(rule, request=Digest(digest.endpoint, digest.generation, local.max_version))
    return Reply(rule, state=local.newer_than(0 if action is SEND_ALL else digest.max_version))


def answer(request: Digest, local: EndpointState | None) -> EndpointState | None:
    """What to send in an ACK2 for a request, None for nothing.

    Cassandra looks at the request's version only. If the endpoint was restarted between the SYN and the ACK, that version
    is of an earlier generation, and a part of the new one would be taken for the whole; here all of it is sent.
    """
    if local is None:
        return None
    same = request.generation == local.heartbeat.generation
    return local.newer_than(request.max_version if same else 0)


def apply(state: EndpointState, local: EndpointState | None, now: float) -> Change:
    """What becomes of a state that arrived from elsewhere about a third, or about its sender.

    Parameters
    ----------
    state : EndpointState
        From an ACK or an ACK2: all of it, or a part with a heartbeat.
    local : EndpointState or None
        What is known here of that endpoint.
    now : float
        The local clock in seconds, on the scale of generations.

    Returns
    -------
    Change

    Examples
    --------
    >>> from gossipkit.gossip.scuttlebutt import HeartBeatState
    >>> local = EndpointState(HeartBeatState(generation=1, version=10))
    >>> apply(EndpointState(HeartBeatState(1, 12)), local, now=20.0).rule
    'newer'
    >>> apply(EndpointState(HeartBeatState(10**9, 1)), local, now=20.0).rule
    'refused'
    """
    if local is None:
        return Change(NEW, state, _by_version(state), heard=True)
    generation, known = state.heartbeat.generation, local.heartbeat.generation
    if generation > now + MAX_GENERATION_DIFFERENCE_S:
        # the failure detector looks at generations before the guard does
        return Change(REFUSED, local, heard=generation > known)
    if generation > known:
        return Change(RESTARTED, state, _by_version(state), heard=True)
    if generation < known:
        return Change(OLDER, local)
    version = local.max_version
    if state.max_version <= version:
        return Change(NOT_NEWER, local)
    newer = {}
    for name in _by_version(state):
        value, mine = state.applications[name], local.applications.get(name)
        if mine is None or mine.version < value.version:
            newer[name] = value
    merged = EndpointState(max(state.heartbeat, local.heartbeat), {**local.applications, **newer})
    return Change(NEWER, merged, tuple(newer), heard=state.heartbeat.version > version)


def _by_version(state: EndpointState) -> tuple[str, ...]:
    return tuple(sorted(state.applications, key=lambda name: state.applications[name].version))
