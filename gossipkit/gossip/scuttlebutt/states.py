"""What is gossiped: the state of each node, which only the node itself writes, with a version on every part of it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from ...sim import Word, message

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


class Status(Word):
    """What the first part of STATUS says (gms/VersionedValue.java)."""

    NONE = ""
    """It says nothing yet: a node that only listens."""
    BOOT = "BOOT"
    BOOT_REPLACE = "BOOT_REPLACE"
    NORMAL = "NORMAL"
    LEAVING = "LEAVING"
    LEFT = "left"
    REMOVING = "removing"
    REMOVED = "removed"
    HIBERNATE = "hibernate"
    SHUTDOWN = "shutdown"


DEAD_STATES = (Status.REMOVING, Status.REMOVED, Status.LEFT, Status.HIBERNATE)
"""Never marked alive, whatever is heard (Gossiper.java)."""
DEPARTED = (Status.REMOVED, Status.LEFT)
GOSSIP_ONLY_STATES = (Status.NONE, Status.BOOT, Status.BOOT_REPLACE)
"""Owns no tokens yet, or never will: a "fat client"."""
NO_STATES: Mapping[str, "VersionedValue"] = MappingProxyType({})

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


class _Remembered:
    """What an `EndpointState` has computed once: no field of it, so no trace shows it and no wire damages it."""

    __slots__ = ("_alone", "_digest", "_named", "max_version", "newest")


@message
class EndpointState(_Remembered):
    """What is known of one node; a value that is replaced, never changed.

    Parameters
    ----------
    heartbeat : HeartBeatState
    applications : mapping of str to VersionedValue
        By name, see `APPLICATION_STATES`. Versions come from the same counter as the heartbeat's, so one number says
        how much of the whole somebody has.

    Attributes
    ----------
    newest : int
        The greatest version of an application state, 0 where there is none.
    max_version : int
        The greatest of all versions.

    Examples
    --------
    >>> state = EndpointState(HeartBeatState(1, 8), {"STATUS": VersionedValue("NORMAL", 2)})
    >>> state.max_version, state.status
    (8, 'NORMAL')
    """

    heartbeat: HeartBeatState
    applications: Mapping[str, VersionedValue]

    def __init__(self, heartbeat: HeartBeatState, applications: Mapping[str, VersionedValue] = NO_STATES):
        _set_heartbeat(self, heartbeat)
        _set_applications(self, applications)

    def __getattr__(self, name: str):
        # comes here only while it is not remembered: versions are asked for by many nodes, again and again
        if name == "newest":
            found = 0
            for _, version in self.applications.values():
                if version > found:
                    found = version
        elif name == "max_version":
            version, newest = self.heartbeat.version, self.newest
            found = version if version > newest else newest
        elif name == "_alone":
            found = EndpointState(self.heartbeat)
        elif name in ("_digest", "_named"):
            found = None
        else:
            raise AttributeError(f"an EndpointState has no {name!r}")
        object.__setattr__(self, name, found)
        return found

    @property
    def status(self) -> str:
        """The first part of STATUS: a `Status`, or the text as it is where it is none, as in a damaged message."""
        found = self.applications.get("STATUS")
        if found is None:
            return Status.NONE
        text = found.value.partition(",")[0]
        return _STATUSES.get(text, text)

    @property
    def size_bytes(self) -> int:
        """Length as Cassandra serialises it, in bytes."""
        size = 3 * INT_BYTES
        for value, _ in self.applications.values():
            size += 2 * INT_BYTES + TEXT_LENGTH_BYTES + len(value.encode())
        return size

    def digest(self, endpoint: str) -> Digest:
        """Its digest, for the endpoint whose state it is."""
        found = self._digest
        if found is not None and found[0] == endpoint:
            return found
        # all nodes pass on the same word of a heartbeat: one digest serves them all, and a trace keeps each that is made
        if self.applications and self.max_version == self.heartbeat.version:
            found = self._alone.digest(endpoint)
        else:
            found = Digest(endpoint, self.heartbeat.generation, self.max_version)
        _set_digest(self, found)
        return found

    def named(self, endpoint: str) -> "tuple[str, EndpointState]":
        """Itself under the name of the endpoint whose state it is, as messages have it."""
        found = self._named
        if found is None or found[0] != endpoint:
            found = (endpoint, self)
            if not self.applications:
                object.__setattr__(self, "_named", found)
        return found

    def newer_than(self, version: int) -> "EndpointState | None":
        """The part with greater versions, None if there is none. The heartbeat is always in it."""
        if version < self.newest:
            newer = {name: each for name, each in self.applications.items() if each.version > version}
            return self._as_new(newer, self.newest)
        if self.heartbeat.version <= version:
            return None
        return self._alone if self.applications else self

    def with_heartbeat(self, alone: "EndpointState") -> "EndpointState":
        """The same with a newer heartbeat, from a state that says nothing else and that is passed on as it is."""
        return alone._as_new(self.applications, self.newest)

    def with_newer(self, newer: "EndpointState", values: Mapping[str, VersionedValue]) -> "EndpointState":
        """The same with the heartbeat of a newer part, and with those of its application states."""
        return newer._as_new({**self.applications, **values}, max(self.newest, newer.newest))

    def _as_new(self, applications: Mapping[str, VersionedValue], newest: int) -> "EndpointState":
        """Other application states with the same heartbeat and the same greatest version, and so with the same digest."""
        found = _new(EndpointState)
        _set_heartbeat(found, self.heartbeat)
        _set_applications(found, applications)
        _set_alone(found, self._alone if self.applications else self)
        _set_digest(found, self._digest)
        _set_newest(found, newest)
        _set_max_version(found, self.max_version)
        return found

    def with_values(self, values: Mapping[str, VersionedValue]) -> "EndpointState":
        """The same with these application states set."""
        return EndpointState(self.heartbeat, {**self.applications, **values})


# a frozen class stores by name, through object.__setattr__; its slots themselves take half the time
_set_heartbeat, _set_applications = EndpointState.heartbeat.__set__, EndpointState.applications.__set__
_set_newest, _set_max_version = _Remembered.newest.__set__, _Remembered.max_version.__set__
_set_alone, _set_digest = _Remembered._alone.__set__, _Remembered._digest.__set__
_new = object.__new__
_STATUSES = {status.value: status for status in Status}
