"""What liars and defences look at in a message: the words that it says about members."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from ...sim import Message, message
from ..scuttlebutt import Ack, Ack2, Shutdown, Syn
from ..swim import (
    Alive,
    Compound,
    Dead,
    JoinIntent,
    LeaveIntent,
    PushPull,
    PushPullReply,
    State,
    Suspect,
    UserEvent,
)
from ..swim.messages import Claim, Row, Rows

Word = Claim | JoinIntent | LeaveIntent
"""What is said about a member, with its name in ``node``."""
WORDS = (Alive, Suspect, Dead, JoinIntent, LeaveIntent)
EXCHANGES = (PushPull, PushPullReply)
NEWS = (*WORDS, UserEvent, Syn, Ack, Ack2)
"""What is worth recording."""


@message
class Said:
    """A part of a node's state, as the node signs it: an application state, or with an empty name the heartbeat."""

    endpoint: str
    generation: int
    name: str
    value: str
    version: int


SIGNATURE_BYTES = 64
"""Of Ed25519 (RFC 8032)."""
KEY_ID_BYTES = 8
"""The beginning of the SHA-256 of the public key."""


@message
class Signed:
    """A word with its origin's signature, which goes with it wherever it is passed on."""

    word: Word | Said
    key_id: bytes
    signature: bytes

    @property
    def size_bytes(self) -> int:
        return self.word.size_bytes + KEY_ID_BYTES + SIGNATURE_BYTES


@message
class SignedExchange:
    """A push/pull or Scuttlebutt's states, and the signatures that bear what it says."""

    exchange: PushPull | PushPullReply | Ack | Ack2 | Shutdown
    proofs: tuple[Signed, ...]

    @property
    def size_bytes(self) -> int:
        return self.exchange.size_bytes + len(self.proofs) * (KEY_ID_BYTES + SIGNATURE_BYTES)


def words_in(message: Message) -> Iterable[Message]:
    """What a packet says, part by part."""
    return message.parts if type(message) is Compound else (message,)


def repacked(parts: tuple[Message, ...]) -> Message | None:
    """A packet of these parts; None for none."""
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else Compound(parts)


def without(message: Message, unwanted: Callable[[Message], bool]) -> Message | None:
    """The message without the words that are unwanted, also in the rows of a push/pull; None if nothing is left."""
    if type(message) is Compound:
        left = tuple(part for part in message.parts if not unwanted(part))
        return message if len(left) == len(message.parts) else repacked(left)
    if type(message) in EXCHANGES:
        left = Rows(row for row in message.states if not unwanted(word_of(row, "")))
        return message if len(left) == len(message.states) else with_rows(message, left)
    return None if unwanted(message) else message


def with_rows(exchange: PushPull | PushPullReply, rows: Rows) -> PushPull | PushPullReply:
    """The same exchange with other rows."""
    return replace(exchange, states=rows)


def word_of(row: Row, teller: str) -> Claim:
    """What a row of a push/pull claims; a suspicion or a death in it is its teller's word."""
    name, incarnation, state, metadata, address = row
    if state is State.ALIVE:
        return Alive(incarnation, name, metadata, "" if address == name else address)
    if state is State.LEFT:
        return Dead(incarnation, name, name)
    return Suspect(incarnation, name, teller)
