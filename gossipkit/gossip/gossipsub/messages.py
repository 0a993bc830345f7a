"""What gossipsub's routers say to each other: v1.0's control messages, v1.1's fields of PRUNE, and the messages themselves.

libp2p packs several of these into one RPC; here each travels on its own, which costs some bytes of framing more. A topic's
name is left out: there is one.
"""

from ...sim import Word, message

ID_AND_SIGNATURE_BYTES = 64 + 36 + 8
"""What every published message carries beside its payload: an Ed25519 signature, its author's peer id, a sequence number
(pb/rpc.proto, Message; sign.go)."""


class Verdict(Word):
    """What an application's validator says of a message (specification v1.1, Extended Validators)."""

    ACCEPT = "accept"
    """It is delivered and forwarded."""
    REJECT = "reject"
    """It is dropped, and whoever brought it pays by P4."""
    IGNORE = "ignore"
    """It is dropped, and nobody pays."""


@message
class Publish:
    """A message of the application, from its author or forwarded.

    The payload itself is not modelled: ``verdict`` is what every honest validator will find when it looks at it.
    """

    id: str
    author: str
    payload_bytes: int
    verdict: Verdict = Verdict.ACCEPT

    @property
    def size_bytes(self) -> int:
        """Payload, id and signature; in bytes."""
        return ID_AND_SIGNATURE_BYTES + self.payload_bytes


@message
class IHave:
    """I have seen these messages: gossip about metadata, to peers outside the mesh."""

    ids: tuple[str, ...]


@message
class IWant:
    """Send me these."""

    ids: tuple[str, ...]


@message
class Graft:
    """You are in my mesh."""


@message
class Prune:
    """You are out of my mesh; keep away for ``backoff_s`` seconds, and here are others whom you may ask."""

    backoff_s: float
    peers: tuple[str, ...] = ()


@message
class Connect:
    """A peer has dialled: the first packet of a connection, and its announcement that it subscribes to the topic."""
