"""The honest side's defences: what stands between a member and the network, and refuses words."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from ...sim import Env, Message, Process, checks
from ..scuttlebutt import Ack, Ack2, Digest, EndpointState, Syn
from ..swim import Compound
from ..swim.messages import Row, Rows
from .words import EXCHANGES, WORDS, Word, repacked, with_rows, word_of
from .wrapper import Send, Wrapper, member


class Check:
    """A defence at work, at one member; by default it lets everything pass.

    Parameters
    ----------
    guard : Guarded
        Whose it is.
    """

    def __init__(self, guard: "Guarded"):
        self.guard = guard

    def outgoing(self, message: Message) -> Iterable[Message]:
        """What leaves in place of a message."""
        return (message,)

    def opened(self, sender: str, message: Message) -> Message | None:
        """What arrived, without what this defence puts around it; None if it is refused."""
        return message

    def word(self, sender: str, word: Word) -> Word | None:
        """What is heard in place of a word about a member; None if it is refused."""
        return word

    def row(self, sender: str, row: Row) -> bool:
        """Whether a row of a push/pull is heard."""
        return self.word(sender, word_of(row, sender)) is not None

    def state(self, sender: str, name: str, state: EndpointState | Digest) -> bool:
        """Whether a state or a digest of an endpoint is heard."""
        return True


@dataclass(frozen=True, kw_only=True)
class Defence:
    """What is common to all defences, which are values; `watch` makes what works."""

    called: ClassVar[str]

    def watch(self, guard: "Guarded") -> Check:
        """The defence at work at one member."""
        raise NotImplementedError


class Guarded(Wrapper):
    """A process behind defences; without any it is the process, byte for byte.

    What is refused is a ``claim-refused`` in the trace, with ``about`` whom it was, ``by`` whom it was sent and ``why``, which is
    the name of the defence, and counts as ``claims.refused``.

    Parameters
    ----------
    process : Process
        A `SwimNode`, a `Gossiper`, or a `Liar` around one: then the liar's own words go through its defences, too, and
        are sealed and signed as its member's are.
    defences : iterable of Defence
        In this order on the way out, and in the other one on the way in: what seals the whole comes last.

    Raises
    ------
    ValueError
        For what is no process or no defence, and for a defence that is named twice.
    """

    def __init__(self, process: Process, defences: Iterable[Defence] = ()):
        super().__init__(process)
        self.defences = tuple(defences)
        for each in self.defences:
            checks.instance("a defence", each, Defence, "a Defence, such as Cap()")
        checks.names("defences", [each.called for each in self.defences])
        self._checks: tuple[Check, ...] = ()

    @property
    def node(self) -> Any:
        """The member inside."""
        return member(self.process)

    def start(self, env: Env) -> None:
        """Come up behind the defences."""
        self._checks = ()  # until the member has started, it hears nobody
        self.env = env
        made = [each.watch(self) for each in self.defences]
        self._checks = tuple(made)
        super().start(env)

    def sends(self, to: str, message: Message, send: Send) -> None:
        """Send what the defences make of a message."""
        leaving: list[Message] = [message]
        for check in self._checks:
            leaving = [made for each in leaving for made in check.outgoing(each)]
        for each in leaving:
            send(each)

    def receive(self, env: Env, sender: str, message: Message) -> None:
        """Hand on what is left of a message."""
        left: Message | None = message
        for check in reversed(self._checks):
            left = check.opened(sender, left)
            if left is None:
                return
        if self._checks:
            left = self._heard(sender, left)
        if left is not None:
            self.process.receive(env, sender, left)

    def refuse(self, sender: str, about: str | None, why: str) -> None:
        """Write down that something is not heard."""
        self.env.record("claim-refused", about=about, by=sender, why=why)
        self.env.count("claims.refused")

    def _heard(self, sender: str, message: Message) -> Message | None:
        kind = type(message)
        if kind is Compound:
            parts = (self._word(sender, part) for part in message.parts)
            return repacked(tuple(part for part in parts if part is not None))
        if kind in EXCHANGES:
            return with_rows(message, Rows(row for row in message.states if self._row(sender, row)))
        if kind is Syn:
            kept = tuple(each for each in message.digests if self._state(sender, each.endpoint, each))
            # an empty one would ask for everything, as in a shadow round
            return Syn(message.cluster, kept) if kept or not message.digests else None
        if kind is Ack:
            return Ack(message.requests, self._states(sender, message.states), message.shadow)
        if kind is Ack2:
            return Ack2(self._states(sender, message.states))
        return self._word(sender, message)

    def _word(self, sender: str, word: Message) -> Message | None:
        if type(word) not in WORDS:
            return word
        for check in self._checks:
            about = word.node
            word = check.word(sender, word)
            if word is None:
                self.refuse(sender, about, _name(check))
                return None
        return word

    def _row(self, sender: str, row: Row) -> bool:
        for check in self._checks:
            if not check.row(sender, row):
                self.refuse(sender, row[0], _name(check))
                return False
        return True

    def _state(self, sender: str, name: str, state: EndpointState | Digest) -> bool:
        for check in self._checks:
            if not check.state(sender, name, state):
                self.refuse(sender, name, _name(check))
                return False
        return True

    def _states(self, sender: str, states: tuple) -> tuple:
        return tuple(named for named in states if self._state(sender, *named))


def _name(check: Check) -> str:
    return check.called
