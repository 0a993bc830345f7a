"""What is gossiped: the state of each node, which only the node itself writes, with a version on every part of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

APPLICATION_STATES = (
    "STATUS",
    "LOAD",
    "SCHEMA",
    "DC",
    "RACK",
    "RELEASE_VERSION",
    "REMOVAL_COORDINATOR",
    "INTERNAL_IP",
    "RPC_ADDRESS",
    "X_11_PADDING",
    "SEVERITY",
    "NET_VERSION",
    "HOST_ID",
    "TOKENS",
    "RPC_READY",
    "INTERNAL_ADDRESS_AND_PORT",
    "NATIVE_ADDRESS_AND_PORT",
    "STATUS_WITH_PORT",
    "SSTABLE_VERSIONS",
    "DISK_USAGE",
)

DEAD_STATES = ("removing", "removed", "left", "hibernate")  # never marked alive, whatever is heard
SHUTDOWN = "shutdown"
GOSSIP_ONLY_STATES = ("", "BOOT", "BOOT_REPLACE")  # owns no tokens yet, or never will: a "fat client"

HIGHEST_VERSION = 2**31 - 1  # Java's largest int; nothing newer can come in this generation

ADDRESS_BYTES, INT_BYTES, TEXT_LENGTH_BYTES = (
    7,
    4,
    2,
)  # IPv4 and port behind a length; Java's writeInt and writeUTF


class HeartBeatState(NamedTuple):
    """``generation``: seconds of the node's wall clock when it started; ``version``: raised by the node each round."""

    generation: int
    version: int


class VersionedValue(NamedTuple):
    """An application state's text, and the version at which its node set it."""

    value: str
    version: int


class Digest(NamedTuple):
    """All that a node says first of an endpoint: how new its knowledge is. A version of 0 asks for everything."""

    endpoint: str
    generation: int
    max_version: int


@dataclass(frozen=True, slots=True)
class EndpointState:
    """What is known of one node; a value that is replaced, never changed.

    Parameters
    ----------
    heartbeat : HeartBeatState
    applications : mapping of str to VersionedValue
        By name, see `APPLICATION_STATES`. Versions come from the same counter as the heartbeat's, so one number says
        how much of the whole somebody has.

    Examples
    --------
    >>> state = EndpointState(HeartBeatState(1, 8), {"STATUS": VersionedValue("NORMAL", 2)})
    >>> state.max_version, state.status
    (8, 'NORMAL')
    """

    heartbeat: HeartBeatState
    applications: Mapping[str, VersionedValue] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def max_version(self) -> int:
        """The greatest of all versions."""
        newest = self.heartbeat.version
        for _, version in self.applications.values():
            if version > newest:
                newest = version
        return newest

    @property
    def status(self) -> str:
        """The first part of STATUS, "" where there is none."""
        found = self.applications.get("STATUS")
        return "" if found is None else found.value.partition(",")[0]

    @property
    def size_bytes(self) -> int:
        """Length as Cassandra serialises it, in bytes."""
        size = 3 * INT_BYTES
        for value, _ in self.applications.values():
            size += 2 * INT_BYTES + TEXT_LENGTH_BYTES + len(value.encode())
        return size

    def digest(self, endpoint: str) -> Digest:
        """Its digest, for the endpoint whose state it is."""
        return Digest(endpoint, self.heartbeat.generation, self.max_version)

    def newer_than(self, version: int) -> "EndpointState | None":
        """The part with greater versions, None if there is none. The heartbeat is always in it."""
        newer = {name: value for name, value in self.applications.items() if value.version > version}
        if not newer and self.heartbeat.version <= version:
            return None
        return EndpointState(self.heartbeat, newer)

    def with_values(self, values: Mapping[str, VersionedValue]) -> "EndpointState":
        """The same with these application states set."""
        return EndpointState(self.heartbeat, {**self.applications, **values})
