"""Lies by number: more packets than others can afford, and more names than there are members."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...sim import checks
from ..swim import Ack, Alive, Dead, Ping, StreamAck, StreamPing, Suspect, UserEvent
from .base import Speaks
from .words import without, words_in

if TYPE_CHECKING:
    from .liar import Acting

EVENTS, SUSPICIONS = "events", "suspicions"


@dataclass(frozen=True, kw_only=True)
class Flood(Speaks):
    """Spend what others pay: each packet of this is passed on by all.

    Parameters
    ----------
    what : {"events", "suspicions"}
        User events, or suspicions of members in turn, each of which its victim refutes.
    size_bytes : int
        Payload of an event.
    """

    called = "flood"
    lasts = False
    every_s: float = 0.05
    what: str = EVENTS
    size_bytes: int = 400

    def __post_init__(self):
        super().__post_init__()
        checks.number("every_s", self.every_s, low=1e-3)
        checks.one_of("what", self.what, (EVENTS, SUSPICIONS))
        checks.whole("size_bytes", self.size_bytes, 0, 500)

    def step(self, acting):
        """One packet, to the next member in turn."""
        liar = acting.liar
        others = self.to or liar.others()
        if not others:
            return
        to = others[acting.count % len(others)]
        if self.what == EVENTS:
            word = UserEvent(liar.event_time() + 1, f"flood-{acting.count}", "x" * self.size_bytes)
            about = None
        else:
            about = others[(acting.count + 1) % len(others)]
            word = Suspect(liar.known(about), about, liar.env.name)
        liar.note(self, about=about, to=(to,))
        liar.say(to, word)


@dataclass(frozen=True, kw_only=True)
class Sybil(Speaks):
    """Join many times: each name is a member for the others, and all of them are this one.

    Parameters
    ----------
    count : int
        How many names.
    """

    called = "sybil"
    count: int = 5

    def __post_init__(self):
        super().__post_init__()
        checks.whole("count", self.count, 1)

    def names(self) -> tuple[str, ...]:
        """The names under which it joins."""
        return tuple(f"sybil-{number}" for number in range(1, self.count + 1))

    def step(self, acting):
        """Announce them."""
        to = self.to or acting.liar.others()
        acting.liar.note(self, about=None, to=to)
        self._announce(acting, self.names(), to, 1)

    def _announce(
        self, acting: "Acting", names: tuple[str, ...], to: tuple[str, ...], incarnation: int
    ) -> None:
        for name in names:
            for each in to:
                acting.liar.say(each, Alive(incarnation, name, "", acting.liar.env.name))

    def hears(self, acting, sender, message):
        """Answer pings and accusations for all of them."""
        liar, mine = acting.liar, self.names()
        for word in words_in(message):
            if getattr(word, "node", None) not in mine:
                continue
            if type(word) is Ping:
                liar.say(sender, Ack(word.seq_no))
            elif type(word) is StreamPing:
                liar.env.send_reliably(sender, StreamAck(word.seq_no))
            elif type(word) in (Suspect, Dead):
                self._announce(acting, (word.node,), liar.others(), word.incarnation + 1)
        return without(message, lambda word: type(word) in (Ping, StreamPing) and word.node in mine)
