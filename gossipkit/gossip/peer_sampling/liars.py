"""Peers that lie about whom they know: they fill others' views with their own."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...sim import Word, checks
from .messages import PullReply, PullRequest, Push, Shuffle, ShuffleReply

if TYPE_CHECKING:
    from ...sim import Env, Message


class Protocol(Word):
    """How peers keep their views."""

    CYCLON = "cyclon"
    BRAHMS = "brahms"


class Infiltrator:
    """One of an operator's liars, as `gossipkit.sim.Process`.

    Whatever it is asked, it names liars only. And in each round it pushes to honest peers, or begins shuffles with them, evenly over
    all that it knows of, or all with a few victims.

    Parameters
    ----------
    protocol : Protocol or str
    liars : sequence of str
        Whom it names.
    victims : sequence of str
        Whom it pushes to, or shuffles with.
    per_round : int
        How many pushes or shuffles it sends in a round.
    names : int
        How many liars it names at a time: a view, or a shuffle.
    round_s : float

    Raises
    ------
    ValueError
        For an argument out of range.
    """

    def __init__(
        self,
        protocol: Protocol | str,
        liars: Sequence[str],
        victims: Sequence[str],
        per_round: int,
        names: int,
        round_s: float = 1.0,
    ):
        checks.one_of("protocol", protocol, tuple(Protocol))
        self._protocol = Protocol(protocol)
        self._liars, self._victims = checks.names("liars", liars), checks.names("victims", victims)
        self._per_round, self._names = (
            checks.whole("per_round", per_round, 0),
            checks.whole("names", names, 1),
        )
        checks.number("round_s", round_s, low=0.01)
        self._round_s = round_s

    def start(self, env: "Env") -> None:
        self._env = env
        env.after(env.random.random() * self._round_s, self._round)

    def receive(self, env: "Env", sender: str, message: "Message") -> None:
        if type(message) is PullRequest:
            # as long as an honest one's: a view of Brahms' may hold a name more than once
            env.send(sender, PullReply(tuple(env.random.choices(self._liars, k=self._names))))
        elif type(message) is Shuffle:
            env.send(sender, ShuffleReply(self._fresh()))

    def _fresh(self) -> tuple[tuple[str, int], ...]:
        named = self._env.random.sample(self._liars, min(self._names, len(self._liars)))
        return tuple((name, 0) for name in named)

    def _round(self) -> None:
        random = self._env.random
        # as often to each as can be: all of them in turn, and the rest drawn
        turns, rest = divmod(self._per_round, max(1, len(self._victims)))
        for victim in (*self._victims * turns, *random.sample(self._victims, rest if self._victims else 0)):
            self._env.send(victim, Push() if self._protocol is Protocol.BRAHMS else Shuffle(self._fresh()))
        self._env.after(self._round_s, self._round)
