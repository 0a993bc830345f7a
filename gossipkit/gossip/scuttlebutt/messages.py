"""What gossipers say to each other, with the sizes of Cassandra's own encoding.

In Cassandra all of this travels over TCP, but one way and unacknowledged, and is lost with its connection or dropped when
it waited too long; here they are datagrams, so a lossy network shows what the protocol itself makes good.

References
----------
apache/cassandra, gms/GossipDigest*.java, EndpointState, HeartBeatState, VersionedValue (their serializers).
"""

from ...sim import message
from .states import ADDRESS_BYTES, INT_BYTES, TEXT_LENGTH_BYTES, Digest, EndpointState

DIGEST_BYTES = ADDRESS_BYTES + 2 * INT_BYTES
States = tuple[tuple[str, EndpointState], ...]  # endpoint and state


def _states_bytes(states: States) -> int:
    return INT_BYTES + ADDRESS_BYTES * len(states) + sum([state.size_bytes for _, state in states])


@message
class Syn:
    """These are the versions I have. Empty in a shadow round."""

    cluster: str
    digests: tuple[Digest, ...]

    @property
    def size_bytes(self) -> int:
        return TEXT_LENGTH_BYTES + len(self.cluster.encode()) + INT_BYTES + DIGEST_BYTES * len(self.digests)


@message
class Ack:
    """This is newer here, and this I ask you for; ``shadow`` if the answerer is in a shadow round and knows nothing."""

    requests: tuple[Digest, ...]
    states: States
    shadow: bool = False

    @property
    def size_bytes(self) -> int:
        return INT_BYTES + DIGEST_BYTES * len(self.requests) + _states_bytes(self.states)


@message
class Ack2:
    """This is what you asked for."""

    states: States

    @property
    def size_bytes(self) -> int:
        return _states_bytes(self.states)


@message
class Echo:
    """Do you hear me, and I you?"""

    size_bytes = 1


@message
class EchoReply:
    """Yes."""

    size_bytes = 1


@message
class Shutdown:
    """I am going down, and this is my last state: no need to wait until I am suspected."""

    state: EndpointState

    @property
    def size_bytes(self) -> int:
        return self.state.size_bytes
