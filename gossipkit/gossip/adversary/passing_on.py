"""Lies by what is passed on: not at all, late, again, or in the name of somebody who can't speak any more."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...sim import Message, checks
from ..swim import HIGHEST_INCARNATION, Ack, Alive, Compound, Dead, IndirectPing, Suspect
from .base import Behaviour, Speaks
from .words import NEWS, repacked, without, words_in

if TYPE_CHECKING:
    from .liar import Acting

KEPT = 2000
"""Messages that a replaying liar remembers."""


@dataclass(frozen=True, kw_only=True)
class Withhold(Behaviour):
    """Do not send what one should.

    Parameters
    ----------
    kinds : tuple of str
        Names of message classes, such as ("Alive", "Ack"), also where they ride in a packet with others; empty: all.
    about : tuple of str
        Only what is about these members; empty: whatever it is about.
    towards : tuple of str
        Only what goes to these; empty: to anybody.
    share : float
        How much of it is dropped, between 0 and 1.
    """

    called = "withhold"
    kinds: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    towards: tuple[str, ...] = ()
    share: float = 1.0

    def __post_init__(self):
        super().__post_init__()
        for name in ("kinds", "about", "towards"):
            object.__setattr__(self, name, checks.names(name, getattr(self, name)))
        checks.probability("share", self.share)

    def sends(self, acting, to, message):
        """All but what is withheld."""
        if self.towards and to not in self.towards:
            return ((0.0, message),)
        if type(message) is not Compound:
            return () if self._drops(acting, message) else ((0.0, message),)
        left = repacked(tuple(part for part in message.parts if not self._drops(acting, part)))
        return () if left is None else ((0.0, left),)

    def _drops(self, acting: "Acting", word: Message) -> bool:
        if self.kinds and type(word).__name__ not in self.kinds:
            return False
        if self.about and getattr(word, "node", None) not in self.about:
            return False
        return self.share == 1.0 or acting.liar.env.random.random() < self.share


@dataclass(frozen=True, kw_only=True)
class Delay(Behaviour):
    """Send later.

    Parameters
    ----------
    seconds : float
    kinds, towards : tuple of str
        Which messages, by the names of their classes, and to whom; empty: all. A packet of several is a "Compound".
    """

    called = "delay"
    seconds: float
    kinds: tuple[str, ...] = ()
    towards: tuple[str, ...] = ()

    def __post_init__(self):
        super().__post_init__()
        checks.number("seconds", self.seconds)
        for name in ("kinds", "towards"):
            object.__setattr__(self, name, checks.names(name, getattr(self, name)))

    def sends(self, acting, to, message):
        """The same, perhaps later."""
        late = (not self.towards or to in self.towards) and (
            not self.kinds or type(message).__name__ in self.kinds
        )
        return ((self.seconds if late else 0.0, message),)


@dataclass(frozen=True, kw_only=True)
class Vouch(Behaviour):
    """Answer probes for a member that does not answer, and refute in its name what is said of it.

    Parameters
    ----------
    about : str
        The dead member.
    """

    called = "vouch"
    about: str

    def __post_init__(self):
        super().__post_init__()
        checks.name("about", self.about)

    def hears(self, acting, sender, message):
        """Answer for the dead; the rest is heard as it is."""
        liar = acting.liar
        for word in words_in(message):
            if type(word) is IndirectPing and word.node == self.about:
                liar.note(self, about=self.about, to=(sender,))
                liar.say(sender, Ack(word.seq_no))
            elif (
                type(word) in (Suspect, Dead)
                and word.node == self.about
                and word.incarnation not in acting.kept
            ):
                acting.kept.append(word.incarnation)
                to = liar.others(but=self.about)
                liar.note(self, about=self.about, to=to)
                life = Alive(min(word.incarnation + 1, HIGHEST_INCARNATION), self.about)
                for name in to:
                    liar.say(name, life)
        return without(
            message, lambda word: type(word) in (IndirectPing, Suspect, Dead) and word.node == self.about
        )


@dataclass(frozen=True, kw_only=True)
class Replay(Speaks):
    """Record the packets that one hears, and send them again, as they were, when they are old.

    Parameters
    ----------
    after_s : float
        How old, in seconds.
    """

    called = "replay"
    every_s: float = 0.1
    after_s: float = 30.0

    def __post_init__(self):
        super().__post_init__()
        checks.number("every_s", self.every_s, low=1e-3)
        checks.number("after_s", self.after_s)

    def hears(self, acting, sender, message):
        """Keep what is news of somebody."""
        if len(acting.kept) < KEPT and any(isinstance(word, NEWS) for word in words_in(message)):
            acting.kept.append((acting.liar.env.now, message))
        return message

    def step(self, acting):
        """One of those that are old enough, to all."""
        liar = acting.liar
        old = [message for at, message in acting.kept if liar.env.now - at >= self.after_s]
        if old:
            message = old[acting.count % len(old)]
            to = self.to or liar.others()
            liar.note(self, about=None, to=to)
            for name in to:
                liar.env.send(name, message)
