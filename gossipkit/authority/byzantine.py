"""One decision among replicas of which some lie: three phases, and quorums of which any two share an honest member.

How it works. The leader proposes a value. Each replica that has heard a proposal tells everybody which one (*prepare*). Who
has heard the same value from a quorum is *prepared*, and tells everybody that it is ready to decide (*commit*). Who has heard
that from a quorum decides. A vote counts once for each sender and phase: the first one.

==================  =============================================  =================================================
message             rule                                           why
==================  =============================================  =================================================
`Propose`           only the leader's, and only the first          a second one is a lie, and must not move anybody
`Prepare`           the leader's proposal is its own prepare       section 4.2: prepared is a pre-prepare and 2f prepares
`Prepare`           a quorum for the proposal that was heard:      two quorums share an honest replica, and an honest one
                    tell all `Commit`                              prepares one value only
`Commit`            a quorum for it, from one who is prepared:     each of them knows that a quorum has heard it
                    decide
==================  =============================================  =================================================

Why n = 3f + 1. A replica can't wait for more than n - f others, because f may stay silent. Two quorums of n - f share at least
n - 2f replicas, and f of those may be liars that told each something else. An honest one is left only if n - 2f > f. With
n = 3f one has to choose: quorums of n - f, and a liar can have two values decided; or larger ones, and one that is silent can
have nothing decided at all.

That is the normal case of PBFT for a single request, and no more. Left out are view changes (so a leader that lies or is
silent can keep everybody from deciding; it can't have two values decided), the sequence of requests with its checkpoints and
watermarks, the request's client with its own quorum of replies, and signatures: who has sent a message is the network's word,
as PBFT's authenticators give it. Signatures are needed where votes are shown to third parties, in a view change. Where a silent
replica can be told from a slow one, which no real network allows, signed messages need fewer replicas (Lamport's SM(m)).

References
----------
L. Lamport, R. Shostak, M. Pease, "The Byzantine generals problem", TOPLAS 4(3), 1982; M. Castro, B. Liskov, "Practical
Byzantine fault tolerance", OSDI 1999, section 4.2.
"""

from collections.abc import Iterable

from ..sim import Env, Message, message
from ..sim.checks import names, one_of, whole


@message
class Propose:
    """The leader's value (PBFT's pre-prepare)."""

    value: str


@message
class Prepare:
    """I have heard this value from the leader."""

    value: str


@message
class Commit:
    """A quorum has heard this value from the leader."""

    value: str


Step = Propose | Prepare | Commit


def quorum_size(replicas: int, liars: int) -> int:
    """How many votes one can wait for where ``liars`` of the replicas may never send theirs.

    Examples
    --------
    >>> quorum_size(4, 1), quorum_size(3, 1), quorum_size(7, 2)
    (3, 2, 5)
    """
    whole("replicas", replicas, 1)
    return replicas - whole("liars", liars, 0, replicas - 1)


class Ballot:
    """One honest replica's part in one decision. It has no network and no clock: it is told messages, and gives those that it
    has for everybody.

    Parameters
    ----------
    name, leader : str
    quorum : int
        How many votes are enough, the own one included.

    Attributes
    ----------
    proposed : str or None
        What it has heard from the leader.
    prepared : bool
        Whether a quorum has heard the same.
    decided : str or None
        Once it has a value, it keeps it.
    """

    __slots__ = ("_commits", "_prepares", "decided", "leader", "name", "prepared", "proposed", "quorum")

    def __init__(self, name: str, leader: str, quorum: int):
        self.name, self.leader, self.quorum = name, leader, quorum
        self.proposed: str | None = None
        self.decided: str | None = None
        self.prepared = False
        self._prepares: dict[str, str] = {}
        self._commits: dict[str, str] = {}

    def propose(self, value: str) -> tuple[Step, ...]:
        """As the leader: propose a value."""
        return (Propose(value), *self.hear(self.name, Propose(value)))

    def hear(self, sender: str, step: Step) -> tuple[Step, ...]:
        """Take a message, and say what is to be sent to all others; by the table at the top of this module."""
        kind = type(step)
        if kind is Propose:
            if sender != self.leader or self.proposed is not None:
                return ()
            self.proposed = step.value
            # the leader's proposal stands for its prepare, also where it has sent another one before
            self._prepares[sender] = step.value
            if sender == self.name:
                return self._look()
            self._prepares[self.name] = step.value
            return (Prepare(step.value), *self._look())
        votes = self._commits if kind is Commit else self._prepares
        votes.setdefault(sender, step.value)
        return self._look()

    def _look(self) -> tuple[Step, ...]:
        value = self.proposed
        said: tuple[Step, ...] = ()
        if value is None:
            return said
        if not self.prepared and self._enough(self._prepares, value):
            self.prepared = True
            self._commits[self.name] = value
            said = (Commit(value),)
        if self.prepared and self._enough(self._commits, value):
            self.decided = value
        return said

    def _enough(self, votes: dict[str, str], value: str) -> bool:
        return list(votes.values()).count(value) >= self.quorum


class Replica:
    """An honest replica as a `gossipkit.sim.Process`; it records ``prepared`` and ``decided``, each with a ``value``.

    Parameters
    ----------
    replicas : iterable of str
        All of them; the first one leads.
    liars : int
        How many of them may lie: f.
    proposal : str
        What it proposes if it leads.
    quorum : int, optional
        By default all but ``liars``, see `quorum_size`.

    Attributes
    ----------
    ballot : Ballot or None
        None before it has started.

    Raises
    ------
    ValueError
        For names that are none, or a number out of range.
    """

    def __init__(self, replicas: Iterable[str], liars: int, proposal: str, quorum: int | None = None):
        self.replicas = names("replicas", replicas)
        wanted = quorum_size(len(self.replicas), liars)
        self._quorum = wanted if quorum is None else whole("quorum", quorum, 1, len(self.replicas))
        self._proposal = proposal
        self.ballot: Ballot | None = None

    def start(self, env: Env) -> None:
        """Propose, if it leads."""
        one_of("the replica's name", env.name, self.replicas)
        self.ballot = Ballot(env.name, self.replicas[0], self._quorum)
        if env.name == self.replicas[0]:
            self._say(env, self.ballot.propose(self._proposal))

    def receive(self, env: Env, sender: str, message: Message) -> None:
        """Take a vote."""
        before = self.ballot.prepared, self.ballot.decided
        self._say(env, self.ballot.hear(sender, message))
        after = self.ballot.prepared, self.ballot.decided
        for kind, was, now in zip(("prepared", "decided"), before, after, strict=True):
            if was != now:
                env.record(kind, value=self.ballot.proposed)

    def _say(self, env: Env, steps: tuple[Step, ...]) -> None:
        for step in steps:
            for other in self.replicas:
                if other != env.name:
                    env.send(other, step)
