"""Signatures by origin in Scuttlebutt: each heartbeat and each application state carries its node's signature."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ...sim import Message
from ..scuttlebutt import Ack, Ack2, EndpointState, Shutdown
from .guard import Check, Guarded
from .words import Said, Signed, SignedExchange

if TYPE_CHECKING:
    from .signatures import Keys

STATES = (Ack, Ack2, Shutdown)


class StateSigning(Check):
    """`Signatures` at work at a `Gossiper`.

    A state that arrives is heard if its heartbeat and all application states in it are proven. Digests are not signed: what
    they make a node ask for, it does not believe without proof. A farewell is heard from the node that says it, and not from
    others: the highest version, which its hearers then hold of that node, is their own mark.
    """

    called = "signatures"

    def __init__(self, guard: Guarded, keys: "Keys"):
        super().__init__(guard)
        self._keys, self._me = keys, guard.env.name
        self._proofs: dict[tuple[str, str], Signed] = {}  # by endpoint and application, the latest

    def outgoing(self, message):
        """The same, with the signatures that bear it."""
        if type(message) not in STATES:
            return (message,)
        found = (
            self._proof(said) for name, state in self._told(self._me, message) for said in words(name, state)
        )
        return (SignedExchange(message, tuple(proof for proof in found if proof is not None)),)

    def _told(self, sender: str, message: Message) -> tuple[tuple[str, EndpointState], ...]:
        # a farewell is its sender's own state
        return ((sender, message.state),) if type(message) is Shutdown else message.states

    def _proof(self, said: Said) -> Signed | None:
        if said.endpoint == self._me and self._me in self._keys.names:
            return self._keys.sign(said)
        found = self._proofs.get((said.endpoint, said.name))
        return found if found is not None and found.word == said else None

    def opened(self, sender, message):
        """The states that are proven, and nothing else that is a state."""
        if type(message) in STATES:
            message = SignedExchange(message, ())
        elif type(message) is not SignedExchange:
            return message
        content = message.exchange
        proven = {proof.word: proof for proof in message.proofs if self._keys.vouches(proof)}
        kept = tuple(
            (name, state)
            for name, state in self._told(sender, content)
            if self._holds(sender, name, state, proven)
        )
        if type(content) is Ack:
            return Ack(content.requests, kept, content.shadow)
        if type(content) is Ack2:
            return Ack2(kept)
        return content if kept else None

    def _holds(self, sender: str, name: str, state: EndpointState, proven: dict[Said, Signed]) -> bool:
        said = tuple(words(name, state))
        if not all(each in proven for each in said):
            self.guard.refuse(sender, name, self.called)
            return False
        for each in said:
            before = self._proofs.get((name, each.name))
            if before is None or _age(before.word) < _age(each):
                self._proofs[name, each.name] = proven[each]
        return True


def words(name: str, state: EndpointState) -> Iterable[Said]:
    """What a state says, part by part; the heartbeat has no name."""
    generation, version = state.heartbeat
    yield Said(name, generation, "", "", version)
    for application, (value, newest) in state.applications.items():
        yield Said(name, generation, application, value, newest)


def _age(said: Said) -> tuple[int, int]:
    return said.generation, said.version
