"""The same epidemic message by message: every node a process in a simulated world, every copy a datagram.

How it works. Rounds begin at the whole seconds 1, 2, 3, ... A node that knows tells, a node that doesn't asks, exactly as
in `spread`; a datagram that takes less than half a second lets a request and its reply lie within one round. What a node
does in a round depends on what it knew when the round began, which is why it remembers the round in which it learnt.

`spread` is the fast way to the same distribution; this is the way in which everything can be looked at.
"""

from __future__ import annotations

from ..sim import Env, message
from .parameters import Parameters

ROUND_S = 1.0


@message
class Tell:
    """The rumour."""


@message
class Ask:
    """Who knows the rumour answers with it."""


class Teller:
    """One node of the epidemic, as a `gossipkit.sim.Process`.

    Parameters
    ----------
    parameters : Parameters
        Mode, fanout and budget of copies.
    contacts : list of str
        Whom it may call.
    learned : int or None
        The round in which it learnt the rumour, 0 for the originator; None as long as it doesn't know.
    """

    def __init__(self, parameters: Parameters, contacts: list[str], learned: int | None = None):
        self._mode, self._fanout, self._copies = parameters.mode, parameters.fanout, parameters.copies
        self._contacts = contacts
        self.learned = learned
        self.round = 0

    def start(self, env: Env) -> None:
        self._env = env
        env.after(ROUND_S, self._begin_round)

    def receive(self, env: Env, sender: str, received: Tell | Ask) -> None:
        if type(received) is Ask:
            if self._copies_in(self.round):
                env.send(sender, Tell())
        elif self.learned is None:
            self.learned = self.round
            env.record("learned", round=self.round)

    def tells_next(self) -> bool:
        """Whether it will tell, or answer, in the round that comes."""
        return self._copies_in(self.round + 1) > 0

    def _copies_in(self, round_: int) -> int:
        """How many copies it may push in a round: none if it didn't know when that began, or its budget is spent."""
        if self.learned is None or self.learned >= round_:
            return 0
        if self._copies is None:
            return self._fanout
        return max(0, min(self._fanout, self._copies - self._fanout * (round_ - self.learned - 1)))

    def _begin_round(self) -> None:
        self.round += 1
        if self.learned is None:
            if self._mode != "push":
                self._call(self._fanout, Ask())
        elif self._mode != "pull":
            self._call(self._copies_in(self.round), Tell())
        self._env.after(ROUND_S, self._begin_round)

    def _call(self, number: int, sent: Tell | Ask) -> None:
        for contact in self._env.random.sample(self._contacts, min(number, len(self._contacts))):
            self._env.send(contact, sent)
