"""Cyclon: peers swap parts of their views.

How it works. Once a round a peer (1) makes all its entries a round older; (2) takes the oldest, and others at random; (3) puts itself,
with age 0, in the place of the oldest; (4) sends these to the peer that was the oldest, and (5) gets as many back; (6) of those it
leaves out itself and what it has; (7) it takes the rest into empty places first, and then in the place of what it has sent. The other
one does the last two steps with what it got. An entry that is sent away is thus given up for one that comes: views stay random, and
a peer that has crashed is the oldest of some view soon, is asked, and is gone. Nothing says that what comes is true.
"""

from collections.abc import Collection
from typing import TYPE_CHECKING

from ...sim import checks
from .messages import Entry, Shuffle, ShuffleReply

if TYPE_CHECKING:
    from ...sim import Env, Message


class Cyclon:
    """A peer that keeps a view by enhanced shuffling, as `gossipkit.sim.Process`.

    Parameters
    ----------
    known : collection of str
        Whom it knows at the start; at most ``view_size`` of them are kept.
    view_size : int
        Places in the view, at least 2. Too few: the overlay falls apart when many crash.
    shuffle_length : int
        Entries in one shuffle, from 1 to ``view_size``. Too few: news of newcomers and of crashes is slow.
    round_s : float
        Seconds between two shuffles that it begins.

    Attributes
    ----------
    view : dict of str to int
        The peers it knows, and how many rounds ago each said that it is there.

    Raises
    ------
    ValueError
        For an argument out of range.

    References
    ----------
    S. Voulgaris, D. Gavidia, M. van Steen, "CYCLON: Inexpensive Membership Management for Unstructured P2P Overlays", Journal of
    Network and Systems Management 13 (2005), enhanced shuffling.
    """

    def __init__(
        self, known: Collection[str], view_size: int = 12, shuffle_length: int = 5, round_s: float = 1.0
    ):
        checks.whole("view_size", view_size, 2)
        checks.whole("shuffle_length", shuffle_length, 1, view_size)
        checks.number("round_s", round_s, low=0.01)
        self._view_size, self._shuffle_length, self._round_s = view_size, shuffle_length, round_s
        self.view: dict[str, int] = dict.fromkeys(checks.names("known", known)[:view_size], 0)
        self._sent: dict[str, tuple[Entry, ...]] = {}  # in shuffles that wait for their reply, by partner

    def start(self, env: "Env") -> None:
        self._env = env
        env.after(env.random.random() * self._round_s, self._shuffle)

    def receive(self, env: "Env", sender: str, message: "Message") -> None:
        if type(message) is Shuffle:
            answer = self._some(self._shuffle_length)
            env.send(sender, ShuffleReply(answer))
            self._merge(message.entries, answer)
        elif type(message) is ShuffleReply and sender in self._sent:
            self._merge(message.entries, self._sent.pop(sender))

    def _some(self, count: int) -> tuple[Entry, ...]:
        return tuple(self._env.random.sample(list(self.view.items()), min(count, len(self.view))))

    def _shuffle(self) -> None:
        self._env.after(self._round_s, self._shuffle)
        if not self.view:
            return
        self.view = {name: age + 1 for name, age in self.view.items()}
        oldest = max(self.view, key=self.view.__getitem__)
        del self.view[oldest]  # it comes back when it answers with others that know it, or is gone
        given = self._some(self._shuffle_length - 1)
        # a partner that never answered is forgotten
        self._sent = {oldest: given}
        self._env.send(oldest, Shuffle(((self._env.name, 0), *given)))

    def _merge(self, entries: tuple[Entry, ...], given: tuple[Entry, ...]) -> None:
        """Steps 6 and 7; of a partner that sends more than a shuffle's length the rest does not count."""
        spare = [name for name, _ in given if name in self.view]
        for name, age in entries[: self._shuffle_length]:
            if name == self._env.name or name in self.view:
                continue
            if len(self.view) >= self._view_size:
                if not spare:
                    return
                del self.view[spare.pop()]
            self.view[name] = age
