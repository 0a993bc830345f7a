"""Signatures by origin: what is said about a member carries the signature of who says it, wherever it is passed on."""

import hashlib
from collections.abc import Iterable
from dataclasses import astuple, dataclass, replace
from functools import cached_property
from typing import Any

from ...sim import Message, checks
from ..scuttlebutt import Gossiper
from ..swim import (
    Alive,
    Compound,
    Dead,
    JoinIntent,
    LeaveIntent,
    PushPull,
    PushPullReply,
    Suspect,
    SwimNode,
)
from ..swim.messages import COMPOUND_HEADER_BYTES, COMPOUND_PART_BYTES
from .guard import Check, Defence, Guarded
from .signed_states import StateSigning
from .words import EXCHANGES, KEY_ID_BYTES, WORDS, Said, Signed, SignedExchange, Word, word_of

KEPT = 10_000
"""Signatures that are remembered, so that not every member makes or verifies the same one again."""


class Keys:
    """Who is enrolled: a pair of Ed25519 keys for each name, as an authority would have handed them out.

    The private ones are derived from a seed, so that a run replays; a real key must come from a source of chance. Each member
    signs with its own and knows the public ones of all.

    Parameters
    ----------
    names : iterable of str
    seed : int

    Raises
    ------
    ValueError
        For what are no names, or a seed below 0.
    ModuleNotFoundError
        Without the package ``cryptography``, which only sealing and signing need; at the first use of the keys.

    References
    ----------
    Josefsson, Liusvaara: Edwards-Curve Digital Signature Algorithm, RFC 8032.
    """

    def __init__(self, names: Iterable[str], seed: int = 0):
        self.names = checks.names("names", names)
        self.seed = checks.whole("seed", seed, 0)
        self._verified: dict[Signed, bool] = {}
        self._made: dict[Word | Said, Signed] = {}

    @cached_property
    def _private(self) -> dict[str, Any]:
        with checks.package("cryptography", "signing"):
            from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        secret = ((name, hashlib.sha256(f"{self.seed} {name}".encode()).digest()) for name in self.names)
        return {name: Ed25519PrivateKey.from_private_bytes(each) for name, each in secret}

    @cached_property
    def ids(self) -> dict[str, bytes]:
        """The key id of each name: the first 8 bytes of the SHA-256 of its public key."""
        return {
            name: hashlib.sha256(key.public_key().public_bytes_raw()).digest()[:KEY_ID_BYTES]
            for name, key in self._private.items()
        }

    def sign(self, word: Word | Said) -> Signed:
        """A word with the signature of who says it.

        Raises
        ------
        ValueError
            If that is nobody who is enrolled.
        """
        found = self._made.get(word)
        if found is None:
            name = origin(word)
            checks.one_of("who says it", name, self.names)
            found = Signed(word, self.ids[name], self._private[name].sign(_bytes(word)))
            _keep(self._made, word, found)
        return found

    def vouches(self, signed: Signed) -> bool:
        """Whether the signature is that of who says it."""
        found = self._verified.get(signed)
        if found is None:
            found = self._verify(signed)
            _keep(self._verified, signed, found)
        return found

    def _verify(self, signed: Signed) -> bool:
        name = origin(signed.word)
        if self.ids.get(name) != signed.key_id:
            return False
        from cryptography.exceptions import InvalidSignature  # the ids are made by the same package

        try:
            self._private[name].public_key().verify(signed.signature, _bytes(signed.word))
        except InvalidSignature:
            return False
        return True


def _keep(cache: dict[Any, Any], key: Any, value: Any) -> None:
    if len(cache) >= KEPT:
        cache.clear()
    cache[key] = value


def origin(word: Word | Said) -> str:
    """Who says a word: the member itself, or its accuser."""
    if type(word) is Said:
        return word.endpoint
    return word.accuser if isinstance(word, Suspect | Dead) else word.node


def _bytes(word: Word | Said) -> bytes:
    return repr((type(word).__name__, *astuple(word))).encode()


@dataclass(frozen=True, kw_only=True)
class Signatures(Defence):
    """Only what its origin has signed is heard.

    Life, leaves and intents are said by the member itself. A suspicion or a death is said by its accuser, and counts only in
    an incarnation in which the accused itself has said that it lives: so nobody can be accused in a higher one than its own.
    What is open: that an accuser has signed does not make it true, see `Quorum`; who is enrolled can say two things under one
    incarnation; user events, pings and acks are not signed.

    In Scuttlebutt a node signs its heartbeat and each of its application states, and nobody is heard who speaks for another:
    also not the operator who has one node bury another.

    Parameters
    ----------
    keys : Keys
    """

    called = "signatures"
    keys: Keys

    def __post_init__(self):
        checks.instance("keys", self.keys, Keys, "Keys, such as Keys(('m-1', 'm-2'))")

    def watch(self, guard):
        """See `Defence`."""
        return (StateSigning if isinstance(guard.node, Gossiper) else Signing)(guard, self.keys)


class Signing(Check):
    """`Signatures` at work."""

    called = Signatures.called

    def __init__(self, guard: Guarded, keys: Keys):
        super().__init__(guard)
        self._keys, self._me = keys, guard.env.name
        # what has been heard and may have to be passed on; and the highest incarnation that each member has signed
        self._proofs: dict[Word, Signed] = {}
        self._lived: dict[str, Signed] = {}
        self._accused: dict[str, Signed] = {}

    def outgoing(self, message):
        """The same, signed; in several packets where signatures do not leave room for all."""
        kind = type(message)
        if kind in WORDS:
            return (self._signed(message),)
        if kind in EXCHANGES:
            proofs = [self._proof(row) for row in message.states]
            proofs += [self._lived.get(row[0]) for row in message.states]
            proofs += [self._proofs.get(each) for each in intents(message)]
            found = dict.fromkeys(proof for proof in proofs if proof is not None)
            return (SignedExchange(message, tuple(found)),)
        if kind is not Compound:
            return (message,)
        return self._packets([self._signed(part) if type(part) in WORDS else part for part in message.parts])

    def _packets(self, parts: list[Message]) -> Iterable[Message]:
        node: SwimNode = self.guard.node
        room = node.config.udp_buffer_size
        packet, size = [], COMPOUND_HEADER_BYTES
        for part in parts:
            need = COMPOUND_PART_BYTES + part.size_bytes
            if packet and size + need > room:
                yield _packet(packet)
                packet, size = [], COMPOUND_HEADER_BYTES
            packet.append(part)
            size += need
        yield _packet(packet)

    def _signed(self, word: Word) -> Message:
        """With one's own signature, or with the one that it came with; without one nobody will hear it."""
        if origin(word) == self._me and self._me in self._keys.names:
            return self._remember(self._keys.sign(word))
        return self._proofs.get(word) or word

    def _first(self, word: Word) -> Signed | None:
        """A settled cluster has exchanged what its members said when they came."""
        node = self.guard.node
        if word == Alive(1, word.node) and word.node in node.first_members and word.node in self._keys.names:
            return self._keys.sign(word)
        return None

    def _remember(self, signed: Signed) -> Signed:
        word = signed.word
        self._proofs[word] = signed
        if type(word) is Alive:
            before = self._lived.get(word.node)
            if before is None or before.word.incarnation < word.incarnation:
                self._lived[word.node] = signed
                for old in [each for each in self._proofs if _is_older(each, word)]:
                    del self._proofs[old]
        elif type(word) in (Suspect, Dead) and word.accuser != word.node:
            self._accused[word.node] = signed
        return signed

    def _proof(self, row: tuple) -> Signed | None:
        word = word_of(row, self._me)
        if type(word) is Suspect:
            return self._accused.get(word.node)
        return self._signed(word) if origin(word) == self._me else self._proofs.get(word) or self._first(word)

    def opened(self, sender, message):
        """The words whose signatures hold, and nothing else that is a word."""
        kind = type(message)
        if kind is Signed or kind in WORDS:
            return self._word(sender, message)
        if kind is Compound:
            parts = (
                self._word(sender, part) if type(part) is Signed or type(part) in WORDS else part
                for part in message.parts
            )
            left = tuple(part for part in parts if part is not None)
            return Compound(left) if left else None
        if kind in EXCHANGES:
            self.guard.refuse(sender, None, self.called)
            return None
        if kind is SignedExchange:
            return self._exchange(sender, message)
        return message

    def _word(self, sender: str, signed: Message) -> Word | None:
        if type(signed) is Signed and self._holds(signed):
            return self._remember(signed).word
        self.guard.refuse(sender, (signed.word if type(signed) is Signed else signed).node, self.called)
        return None

    def _holds(self, signed: Signed) -> bool:
        word = signed.word
        if not self._keys.vouches(signed):
            return False
        if type(word) not in (Suspect, Dead) or word.accuser == word.node:
            return True
        return word.incarnation <= self._highest(word.node)

    def _highest(self, name: str) -> int:
        """The highest incarnation in which a member has said that it lives, as far as it was heard here."""
        lived, node = self._lived.get(name), self.guard.node
        mine = node.members.me.incarnation if name == self._me else 0
        first = 1 if name in node.first_members else 0
        return max(first, mine, 0 if lived is None else lived.word.incarnation)

    def _exchange(self, sender: str, signed: SignedExchange) -> Message:
        for proof in signed.proofs:
            # life first: what is accused must have been said to live
            if type(proof.word) is Alive and self._keys.vouches(proof):
                self._remember(proof)
        for proof in signed.proofs:
            if type(proof.word) is not Alive and self._holds(proof):
                self._remember(proof)
        exchange, proven = signed.exchange, set()
        for each in intents(exchange):
            if each in self._proofs:
                proven.add(each.node)
            else:
                self.guard.refuse(sender, each.node, self.called)
        times = tuple(each for each in exchange.status_ltimes if each[0] in proven)
        left = tuple(name for name in exchange.left if name in proven)
        return replace(exchange, status_ltimes=times, left=left)

    def row(self, sender, row):
        """A row whose word is proven, or that says nothing new."""
        node: SwimNode = self.guard.node
        name, incarnation = row[0], row[1]
        word, known = word_of(row, sender), node.members.get(name)
        if type(word) is Suspect:
            proof = self._accused.get(name)
            return proof is not None and proof.word.incarnation >= incarnation
        if word in self._proofs or (word == Alive(1, name) and name in node.first_members):
            return True
        return type(word) is Alive and known is not None and _says_nothing(word, known)


def intents(exchange: PushPull | PushPullReply) -> Iterable[Word]:
    """What the serf part of a push/pull says."""
    left = set(exchange.left)
    return (
        (LeaveIntent if name in left else JoinIntent)(ltime, name) for name, ltime in exchange.status_ltimes
    )


def _says_nothing(word: Alive, known: Any) -> bool:
    return word.incarnation <= known.incarnation and (word.address or word.node) == known.address


def _is_older(word: Word, life: Alive) -> bool:
    return word.node == life.node and getattr(word, "incarnation", life.incarnation) < life.incarnation


def _packet(parts: list[Message]) -> Message:
    return parts[0] if len(parts) == 1 else Compound(tuple(parts))
