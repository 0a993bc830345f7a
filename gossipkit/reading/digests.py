"""One exchange of digests by a set of rules, right or wrong: what a bug hunt needs.

A node's knowledge is a dict from endpoint to `EndpointState`. `exchange` sends the SYN of the one, the ACK of the other and
the ACK2, and gives back what both know then. Rules are wrong if some knowledge comes out of it otherwise than by the right
ones; `differs` is that question.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from ..gossip.scuttlebutt import Change, Digest, EndpointState, Reply, Verdict, answer, apply, compare
from ..gossip.scuttlebutt.rules import Relation

NOW_S = 1_000_000.0
MOST_ENDPOINTS = 20
Knowledge = Mapping[str, EndpointState]


class Rules(NamedTuple):
    """How a node answers a digest, and what it makes of a state that arrives; as `compare` and `apply` of the gossiper."""

    compare: Callable[[Digest, EndpointState | None], Reply]
    apply: Callable[[EndpointState, EndpointState | None, float], Change]


RIGHT = Rules(compare, apply)


def _by_version_alone(digest: Digest, local: EndpointState | None) -> Reply:
    if compare(digest, local).rule is not Relation.GENERATION_LOWER:
        return compare(digest, local)
    return compare(digest._replace(generation=local.heartbeat.generation), local)


def _newest_part(digest: Digest, local: EndpointState | None) -> Reply:
    reply = compare(digest, local)
    return (
        reply._replace(state=local.newer_than(local.max_version - 1))
        if reply.rule is Relation.VERSION_LOWER
        else reply
    )


def _replacing(state: EndpointState, local: EndpointState | None, now: float) -> Change:
    change = apply(state, local, now)
    return change._replace(state=state) if change.rule is Verdict.NEWER else change


BROKEN = {
    "A": Rules(_by_version_alone, apply),
    "B": Rules(_newest_part, apply),
    "C": Rules(compare, _replacing),
}
"""Three gossipers with one wrong rule each."""


def exchange(rules: Rules, asker: Knowledge, asked: Knowledge) -> tuple[dict, dict]:
    """What two nodes know after one exchange, both by the same rules.

    Parameters
    ----------
    rules : Rules
    asker : mapping of str to EndpointState
        What the node knows that sends the SYN. Endpoints of which it knows nothing are not in its digests, and so are not
        told of.
    asked : mapping of str to EndpointState

    Raises
    ------
    ValueError
        For knowledge of another kind, or of more than 20 endpoints.
    """
    for who, knowledge in (("asker", asker), ("asked", asked)):
        if not isinstance(knowledge, Mapping) or not all(
            isinstance(name, str) and isinstance(state, EndpointState) for name, state in knowledge.items()
        ):
            raise ValueError(f"{who} is {knowledge!r}: it must be a dict from a name to an EndpointState")
        if len(knowledge) > MOST_ENDPOINTS:
            raise ValueError(f"{who} has {len(knowledge)} endpoints: at most {MOST_ENDPOINTS} are allowed")
    one, other = dict(asker), dict(asked)
    requests, states = [], {}
    for name, state in asker.items():
        reply = rules.compare(state.digest(name), asked.get(name))
        if reply.request is not None:
            requests.append(reply.request)
        elif reply.state is not None:
            states[name] = reply.state
    for name, state in states.items():
        one[name] = rules.apply(state, one.get(name), NOW_S).state
    for request in requests:
        state = answer(request, asker.get(request.endpoint))
        if state is not None:
            other[request.endpoint] = rules.apply(state, other.get(request.endpoint), NOW_S).state
    return one, other


def differs(rules: Rules, asker: Knowledge, asked: Knowledge) -> bool:
    """Whether an exchange by these rules ends otherwise than by the right ones."""
    return exchange(rules, asker, asked) != exchange(RIGHT, asker, asked)
