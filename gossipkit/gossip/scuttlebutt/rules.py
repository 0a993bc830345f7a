"""Which state beats which: Cassandra's comparison of digests, and what becomes of a state that arrives. Pure functions.

A digest of an endpoint arrives in a SYN and is compared with what is known here (`compare`); the answer goes into the ACK.
This is `DIGEST_RULES`:

====================================================  ==================================  ============================
remote digest against local state                     relation                            the ACK contains
====================================================  ==================================  ============================
endpoint not known here                               ``UNKNOWN``                         request for all (version 0)
remote generation higher                              ``GENERATION_HIGHER``               request for all (version 0)
remote generation lower                               ``GENERATION_LOWER``                all states
same generation, remote version higher                ``VERSION_HIGHER``                  request from the local version
same generation, remote version lower                 ``VERSION_LOWER``                   states newer than the remote's
same generation and version                           ``EQUAL``                           nothing
(the SYN is empty: a shadow round)                                                        all states of all endpoints
====================================================  ==================================  ============================

What was requested goes into the ACK2 (`answer`). A state arrives in an ACK or an ACK2 and is believed or not (`apply`).
This is `STATE_RULES`:

====================================================  ==================================  ============================
remote state against local state                      verdict                             what happens
====================================================  ==================================  ============================
of oneself, or of a quarantined endpoint              (never gets as far as `apply`)      ignored
endpoint not known here                               ``NEW``                             major change: taken as it is
generation over a year ahead of the local clock       ``REFUSED``                         ignored: somebody's memory is corrupt
remote generation higher                              ``RESTARTED``                       major change: replaces the local
same generation, remote version higher                ``NEWER``                           newer application states merged
same generation, remote version not higher            ``NOT_NEWER``                       ignored
remote generation lower                               ``OLDER``                           ignored
====================================================  ==================================  ============================

Two gaps are Cassandra's own. The year's guard looks only at endpoints that are known already: the first word about an
endpoint is believed, whatever its generation is. And where nothing is known of an endpoint, a part of its state is taken for
the whole: if an answer to what a node said before its restart comes late enough, that node goes without the older application
states.

An operator can have an endpoint buried by another node (`last_words`): that node forges a state that beats every other one.

References
----------
apache/cassandra @ac8c8b2, gms/Gossiper.java: examineGossiper, getStateForVersionBiggerThan, notifyFailureDetector,
applyStateLocally, applyNewStates, assassinateEndpoint. van Renesse, Dumitriu, Gough, Thomas: Efficient Reconciliation and
Flow Control for Anti-Entropy Protocols, LADIS 2008 (the name Scuttlebutt, and why one version a node is enough).
"""

from functools import partial
from typing import NamedTuple

from ...sim import Word
from .states import Digest, EndpointState, HeartBeatState, Status, VersionedValue


class Relation(Word):
    """A digest against what is known here."""

    UNKNOWN = "unknown"
    GENERATION_HIGHER = "generation higher"
    GENERATION_LOWER = "generation lower"
    VERSION_HIGHER = "version higher"
    VERSION_LOWER = "version lower"
    EQUAL = "equal"


class Action(Word):
    """What an ACK contains of an endpoint."""

    REQUEST_ALL = "request all"
    REQUEST_NEWER = "request newer"
    SEND_ALL = "send all"
    SEND_NEWER = "send newer"
    NOTHING = "nothing"


DIGEST_RULES = {
    Relation.UNKNOWN: Action.REQUEST_ALL,
    Relation.GENERATION_HIGHER: Action.REQUEST_ALL,
    Relation.GENERATION_LOWER: Action.SEND_ALL,
    Relation.VERSION_HIGHER: Action.REQUEST_NEWER,
    Relation.VERSION_LOWER: Action.SEND_NEWER,
    Relation.EQUAL: Action.NOTHING,
}


class Verdict(Word):
    """A state that has arrived against what is known here."""

    NEW = "new"
    REFUSED = "refused"
    RESTARTED = "restarted"
    NEWER = "newer"
    NOT_NEWER = "not newer"
    OLDER = "older"


class Effect(Word):
    """What becomes of a state that has arrived."""

    REPLACE = "replace"
    MERGE = "merge"
    IGNORE = "ignore"


STATE_RULES = {
    Verdict.NEW: Effect.REPLACE,
    Verdict.REFUSED: Effect.IGNORE,
    Verdict.RESTARTED: Effect.REPLACE,
    Verdict.NEWER: Effect.MERGE,
    Verdict.NOT_NEWER: Effect.IGNORE,
    Verdict.OLDER: Effect.IGNORE,
}

MAX_GENERATION_DIFFERENCE_S = 86_400 * 365
"""Gossiper.java, MAX_GENERATION_DIFFERENCE."""
UNHEARD_GENERATION_AHEAD_S, UNHEARD_VERSION = 60, 9999
"""What is forged of an endpoint that nobody here has ever heard of (Gossiper.assassinateEndpoint)."""


class Reply(NamedTuple):
    """What an ACK says of one digest: the relation, and a request or a state or neither."""

    rule: Relation
    request: Digest | None = None
    state: EndpointState | None = None


class Change(NamedTuple):
    """What becomes of a state that arrived.

    ``rule`` is the verdict; ``state`` is what is known from now on; ``changed`` are the names of the application states that
    are new, in the order of their versions; ``heard`` says whether it counts as a heartbeat.
    """

    rule: Verdict
    state: EndpointState
    changed: tuple[str, ...] = ()
    heard: bool = False


# by name: the attribute of an enum is slow to look up, and these decide about every state of every message
UNKNOWN, GENERATION_HIGHER, GENERATION_LOWER, VERSION_HIGHER, VERSION_LOWER, EQUAL = Relation
REQUEST_ALL, REQUEST_NEWER, SEND_ALL, SEND_NEWER, NOTHING = Action
NEW, REFUSED, RESTARTED, NEWER, NOT_NEWER, OLDER = Verdict
REPLACE, MERGE, IGNORE = Effect


_reply = partial(tuple.__new__, Reply)  # a named tuple's own constructor takes twice as long
_EQUAL = Reply(EQUAL)


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
    name, generation, version = digest
    if local is None:
        rule = UNKNOWN
    elif generation != local.heartbeat[0]:
        rule = GENERATION_HIGHER if generation > local.heartbeat[0] else GENERATION_LOWER
    elif version == local.max_version:
        return _EQUAL
    else:
        rule = VERSION_HIGHER if version > local.max_version else VERSION_LOWER
    action = DIGEST_RULES[rule]
    if action is SEND_NEWER:
        return _reply((rule, None, local.newer_than(version)))
    if action is REQUEST_NEWER:
        return _reply((rule, local.digest(name), None))
    if action is REQUEST_ALL:
        # version 0 is older than anything: what is known of an earlier generation is no beginning for the new one
        return _reply((rule, Digest(name, generation, 0), None))
    return _reply((rule, None, local.newer_than(0)))


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
    """What becomes of a state that arrived, about its sender or about somebody else.

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
    return carry_out(judge(state, local, now), state, local)


def judge(state: EndpointState, local: EndpointState | None, now: float) -> Verdict:
    """The verdict on a state that arrived: which state beats which, with the parameters of `apply`."""
    if local is None:
        return NEW
    generation, known = state.heartbeat[0], local.heartbeat[0]
    # this comes before the comparison of generations, and goes by the local clock and not by the known generation: a node
    # that ran for a year without a restart has a next generation more than a year ahead of its last one (CASSANDRA-10969)
    if generation > now + MAX_GENERATION_DIFFERENCE_S:
        return REFUSED
    if generation != known:
        return RESTARTED if generation > known else OLDER
    return NEWER if state.max_version > local.max_version else NOT_NEWER


def carry_out(rule: Verdict, state: EndpointState, local: EndpointState | None) -> Change:
    """What follows from the verdict on a state that arrived, by `STATE_RULES`."""
    effect = STATE_RULES[rule]
    if effect is MERGE:
        if not state.applications:
            return Change(rule, local.with_heartbeat(state), (), True)
        # notifyFailureDetector: only a newer heartbeat is a sign of life, a newer application state is not
        heard = state.heartbeat.version > local.max_version
        newer = {}
        for name in _by_version(state):
            value, mine = state.applications[name], local.applications.get(name)
            if mine is None or mine.version < value.version:
                newer[name] = value
        # applyNewStates: parts can come by different ways and in any order, so each keeps its own newest version
        if state.heartbeat >= local.heartbeat:
            merged = local.with_newer(state, newer)
        else:  # a part that somebody else has forged
            merged = local.with_values(newer)
        return Change(rule, merged, tuple(newer), heard)
    if effect is REPLACE:
        return Change(rule, state, _by_version(state), True)
    # notifyFailureDetector has no guard: a generation that applyStateLocally refuses still counts as a sign of life
    heard = rule is REFUSED and state.heartbeat.generation > local.heartbeat.generation
    return Change(rule, local, (), heard)


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
        # a higher generation beats whatever the endpoint itself has said in this life, and still says
        generation, beat = known.heartbeat
        known = EndpointState(HeartBeatState(generation + 1, beat), known.applications)
    return known.with_values({"STATUS": VersionedValue(Status.LEFT.value, version)})


def _by_version(state: EndpointState) -> tuple[str, ...]:
    return tuple(sorted(state.applications, key=lambda name: state.applications[name].version))
