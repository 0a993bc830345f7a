"""One decision among replicas of which some lie: 3f of them against 3f + 1."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ...authority.byzantine import Commit, Prepare, Propose, Replica, quorum_size
from ...sim import Env, Message, Word, World
from ...sim.checks import instance, truth, whole

ANN, BOB = "ann", "bob"
END_S = 1.0
"""Everything has arrived by then: latencies are a few milliseconds."""


class Behaviour(Word):
    """What all the liars of a run do; they know each other."""

    TWO_VALUES = "tell each half another value"
    SILENT = "say nothing"
    RANDOM = "say anything"


class LyingReplica:
    """A replica that tells whom it likes what it likes. As it waits for nobody, it says all at the start.

    Parameters
    ----------
    honest : list of str
        Whom it tells.
    behaviour : Behaviour
    leads : bool
        Whether it is the leader, whose proposal stands for its prepare.
    """

    def __init__(self, honest: list[str], behaviour: Behaviour, leads: bool):
        self._honest, self._behaviour = honest, behaviour
        self._kinds = (Propose, Commit) if leads else (Prepare, Commit)

    def start(self, env: Env) -> None:
        for place, name in enumerate(self._honest):
            for kind in self._kinds:
                value = self._value(env, place)
                if value is not None:
                    env.send(name, kind(value))

    def _value(self, env: Env, place: int) -> str | None:
        if self._behaviour is Behaviour.SILENT:
            return None
        if self._behaviour is Behaviour.RANDOM:
            return env.random.choice((ANN, BOB, None))
        return ANN if place < len(self._honest) // 2 else BOB

    def receive(self, env: Env, sender: str, message: Message) -> None:
        """It knows already what it says."""


@dataclass(frozen=True)
class Vote:
    """What became of one decision.

    Attributes
    ----------
    replicas, liars, quorum : int
    behaviour : Behaviour
    leader_lies : bool
    heard : mapping of str to (str or None)
        By honest replica, what the leader has told it.
    decided : mapping of str to (str or None)
        By honest replica.
    messages, bytes : int
        What the honest ones have sent, and how much.
    seed : int
    """

    replicas: int
    liars: int
    quorum: int
    behaviour: Behaviour
    leader_lies: bool
    heard: Mapping[str, str | None]
    decided: Mapping[str, str | None]
    messages: int
    bytes: int
    seed: int

    @property
    def agreed(self) -> bool:
        """Whether no two honest replicas have decided differently."""
        return len({value for value in self.decided.values() if value is not None}) <= 1

    @property
    def all_decided(self) -> bool:
        """Whether each honest replica has decided."""
        return None not in self.decided.values()

    def __repr__(self) -> str:
        said = ", ".join(f"{name} {value or 'nothing'}" for name, value in self.decided.items())
        end = "" if self.agreed else "; they differ"
        return f"<Vote of {self.replicas}, {self.liars} lying, quorum {self.quorum}: {said}{end}>"


def one_vote(
    replicas: int = 4,
    liars: int = 1,
    *,
    quorum: int | None = None,
    behaviour: Behaviour = Behaviour.TWO_VALUES,
    leader_lies: bool = True,
    seed: int = 1,
) -> Vote:
    """Let replicas decide once, of which some lie.

    Parameters
    ----------
    replicas : int
        With the liars.
    liars : int
        At least one honest replica must be left.
    quorum : int, optional
        How many votes are enough; by default all that one can wait for, ``replicas - liars``.
    behaviour : Behaviour
    leader_lies : bool
        Whether the leader is one of the liars; without liars it is honest.
    seed : int

    Raises
    ------
    ValueError
        For another behaviour, or a number out of range.
    """
    whole("replicas", replicas, 1)
    wanted = quorum_size(replicas, liars)
    quorum = wanted if quorum is None else whole("quorum", quorum, 1, replicas)
    instance("behaviour", behaviour, Behaviour, f"one of {', '.join(map(str, Behaviour))}, as a Behaviour")
    truth("leader_lies", leader_lies)
    names = [f"replica-{number}" for number in range(1, replicas + 1)]
    lying = names[:liars] if leader_lies else names[replicas - liars :]
    honest = [name for name in names if name not in lying]
    world = World(seed)
    for name in names:
        if name in lying:
            world.add(name, LyingReplica(honest, behaviour, name == names[0]))
        else:
            world.add(name, Replica(names, liars, ANN, quorum))
    world.run(until=END_S)
    ballots = {name: world.process(name).ballot for name in honest}
    sent = [event.fields["message"] for event in world.trace.filter(kind="send") if event.node in honest]
    return Vote(
        replicas,
        liars,
        quorum,
        behaviour,
        leader_lies and liars > 0,
        {name: ballot.proposed for name, ballot in ballots.items()},
        {name: ballot.decided for name, ballot in ballots.items()},
        len(sent),
        sum(message.size_bytes for message in sent),
        seed,
    )


def votes_table(votes: Iterable[Vote]) -> str:
    """How often each number of replicas has decided, and differently, as a Markdown table with a row for each kind of run.

    Raises
    ------
    ValueError
        If there is none.
    """
    runs: dict[tuple, list[Vote]] = {}
    for vote in votes:
        key = vote.replicas, vote.liars, vote.quorum, str(vote.behaviour), vote.leader_lies
        runs.setdefault(key, []).append(vote)
    if not runs:
        raise ValueError("votes is empty: give at least one")
    rows = [
        f"| {replicas} | {liars} | {quorum} | {behaviour}{', with the leader' if led else ''} | "
        f"{sum(not vote.agreed for vote in of)} of {len(of)} | {sum(vote.all_decided for vote in of)} of {len(of)} | "
        f"{sum(vote.messages for vote in of) / len(of):.0f} |"
        for (replicas, liars, quorum, behaviour, led), of in runs.items()
    ]
    return "\n".join(
        [
            "| replicas | liars | quorum | the liars | two values decided | all have decided | messages |",
            "|---|---|---|---|---|---|---|",
            *rows,
        ]
    )
