"""Membership as a history that administrators write and gossip spreads, after Dynamo.

1. An administrator tells *any* node that a node joins or leaves. That node writes the change down with the time.
2. Every second each node compares with one random peer, a member or a seed: first a digest of all it knows; if the other
   one's differs, both exchange the changes that they have.
3. Histories merge by union, node by node; of a node's changes the one issued last says what it is.

A node that is silent stays a member: its ranges are not given away for an outage. And what nobody tells anybody does not
spread: two nodes that were joined by two administrators, each through the new node itself, are two rings of one node each
(a *logical partition*), for ever if neither knows another node. Seeds are names that every node has from its configuration;
since all compare with them sooner or later, there is one ring.

References
----------
G. DeCandia et al., "Dynamo", SOSP 2007, sections 4.8.1 and 4.8.2.
"""

import hashlib
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from ..sim import Word, checks, message

if TYPE_CHECKING:
    from ..sim import Env, Message

INTERVAL_S = 1.0
"""Between two comparisons of a node (Dynamo, section 4.8.1)."""
DIGEST_BYTES = 16
LATER_S = 1e-6
"""How much later than the last known change of a node the next one counts at least; an assumption."""


class Action(Word):
    """What an administrator can say of a node."""

    JOIN = "join"
    LEAVE = "leave"


JOIN, LEAVE = Action


@message
class Change:
    """One line of the history: who, what, when it was issued in seconds, and through which node."""

    subject: str
    action: Action
    issued_s: float
    via: str


@message
class Compare:
    """This is the digest of all that I know."""

    digest: bytes


@message
class Changes:
    """This is all that I know; tell me what I lack, if ``answer``."""

    changes: tuple[Change, ...]
    answer: bool


def _order(change: Change) -> tuple:
    return change.issued_s, change.subject, change.via, change.action


def members(changes: Iterable[Change]) -> tuple[str, ...]:
    """Who belongs to the ring by these changes: all whose last one is a join, in alphabetical order.

    Examples
    --------
    >>> members([Change("b", "join", 0.0, "b"), Change("a", "join", 0.0, "a"), Change("b", "leave", 9.0, "a")])
    ('a',)
    """
    last = {change.subject: change.action for change in sorted(changes, key=_order)}
    return tuple(sorted(name for name, action in last.items() if action == JOIN))


class MembershipHistory:
    """One node's knowledge of who belongs to the ring, as `gossipkit.sim.Process` or as a part of one.

    It writes ``membership-change`` (an administrator's, here) and ``membership-learnt`` into the trace, with ``about``,
    ``action`` and ``via``.

    Parameters
    ----------
    seeds : tuple of str
        Names to compare with beside the members; may name the node itself.
    changes : iterable of Change
        What is known at the start, and on a restart what `persisted` returned.
    interval_s : float
        Between two comparisons.
    changed : callable, optional
        Called with nothing after the history has grown.
    fanout : int
        With how many to compare each time; 1 in the paper.

    Attributes
    ----------
    changes : tuple of Change
        The history, in the order of issue.

    Raises
    ------
    ValueError
        For an interval below a millisecond, a fanout below 1, or anything of another kind than said above.

    Examples
    --------
    >>> from gossipkit.sim import World
    >>> world = World(seed=1)
    >>> for name in "abc":
    ...     world.add(name, MembershipHistory(seeds=("a",)))
    >>> world.run(until=0)
    >>> for name in "bc":  # each administrator talks to the new node only
    ...     world.processes[name].issue("join", name)
    >>> world.run(until=10)
    >>> world.processes["b"].members, world.processes["a"].members
    (('b', 'c'), ('b', 'c'))
    """

    def __init__(
        self,
        seeds: tuple[str, ...] = (),
        changes: Iterable[Change] = (),
        interval_s: float = INTERVAL_S,
        changed: Callable[[], None] | None = None,
        fanout: int = 1,
    ):
        checks.number("interval_s", interval_s, low=1e-3)
        self._fanout = checks.whole("fanout", fanout, 1)
        if changed is not None and not callable(changed):
            raise ValueError(f"changed is {changed!r}: it must be a function, or None")
        checks.instance("changes", changes, Iterable, "an iterable of Change")
        changes = tuple(changes)
        for change in changes:
            checks.instance("a change in changes", change, Change, "a Change")
        self.seeds, self.interval_s = checks.names("seeds", seeds), interval_s
        self._changed = changed
        self._env: Env | None = None
        self._keep(changes)

    def persisted(self) -> tuple[Change, ...]:
        """The history is on disk."""
        return self.changes

    def start(self, env: "Env") -> None:
        """Begin to compare, at a phase of one's own."""
        self._env = env
        env.after(self.interval_s * (1 - env.random.random()), self._gossip)

    @property
    def members(self) -> tuple[str, ...]:
        """Who belongs to the ring, as this node knows it."""
        return self._members

    @property
    def digest(self) -> bytes:
        """Equal at two nodes that know the same."""
        return self._digest

    def issue(self, action: str, subject: str) -> None:
        """Write down what an administrator says to this node.

        Raises
        ------
        ValueError
            For an action that is neither "join" nor "leave", a join of a member, or a leave of no member, as far as this
            node knows.
        """
        checks.one_of("action", action, tuple(Action))
        checks.name("subject", subject)
        action = Action(action)
        if (subject in self.members) == (action is JOIN):
            known = ", ".join(self.members) or "nobody"
            raise checks.Refused(
                f"{action} is {subject!r}: as {self._env.name} knows it, the ring has {known}"
            )
        # it comes after all that this node knows of the subject, also where another node's clock is ahead
        known_s = [change.issued_s for change in self.changes if change.subject == subject]
        issued_s = max([self._env.clock(), *(time + LATER_S for time in known_s)])
        change = Change(subject, action, issued_s, self._env.name)
        self._env.record("membership-change", about=subject, action=action, via=change.via)
        self._keep((*self.changes, change))
        if self._changed is not None:
            self._changed()

    def receive(self, env: "Env", sender: str, message: "Message") -> None:
        """Compare, or learn."""
        if isinstance(message, Compare):
            if message.digest != self._digest:
                env.send(sender, Changes(self.changes, True))
        elif isinstance(message, Changes):
            known = set(self.changes)
            new = [change for change in message.changes if change not in known]
            if new:
                for change in new:
                    env.record(
                        "membership-learnt", about=change.subject, action=change.action, via=change.via
                    )
                self._keep((*self.changes, *new))
            if message.answer and set(self.changes) != set(message.changes):
                env.send(sender, Changes(self.changes, False))
            if new and self._changed is not None:
                self._changed()

    def _keep(self, changes: Iterable[Change]) -> None:
        self.changes = tuple(sorted(changes, key=_order))
        self._members = members(self.changes)
        known = "\n".join(repr(_order(change)) for change in self.changes)
        self._digest = hashlib.blake2b(known.encode(), digest_size=DIGEST_BYTES).digest()

    def _gossip(self) -> None:
        env = self._env
        env.after(self.interval_s, self._gossip)
        others = sorted({*self.members, *self.seeds} - {env.name})
        if self._fanout == 1 and others:
            env.send(env.random.choice(others), Compare(self._digest))
        elif others:
            for name in env.random.sample(others, min(self._fanout, len(others))):
                env.send(name, Compare(self._digest))
