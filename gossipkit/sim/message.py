"""Messages: frozen values with a size on the wire, and what a faulty wire makes of them.

A protocol's message is a class decorated with `message`:

    @message
    class Ping:
        number: int
        about: str

It becomes a frozen, slotted dataclass whose ``size_bytes`` is the length of a compact binary encoding: one byte for
the kind of message and then the fields, in the manner of MessagePack without field names. The size is the payload's:
IPv4 and UDP headers add 28 bytes to every datagram. A class that sets ``size_bytes`` itself (a constant or a
property) keeps its own.
"""

import struct
from collections.abc import Mapping, Set
from dataclasses import MISSING, dataclass, fields, is_dataclass
from enum import Enum
from functools import WRAPPER_ASSIGNMENTS, update_wrapper
from random import Random
from typing import Any, Protocol, TypeVar, dataclass_transform

KIND_BYTES = 1
LENGTH_BYTES = 2  # in front of everything whose length varies
FIXED_BYTES = {bool: 1, int: 8, float: 8, type(None): 1}

C = TypeVar("C", bound=type)


class Message(Protocol):
    """What the network needs of a message."""

    @property
    def size_bytes(self) -> int: ...


@dataclass_transform(frozen_default=True)
def message(cls: C) -> C:
    """Make a class a message: a frozen, slotted dataclass with ``size_bytes``.

    Examples
    --------
    >>> @message
    ... class Ping:
    ...     number: int
    ...     about: str
    >>> Ping(7, "agent-3").size_bytes  # 1 for the kind, 8 for the number, 2 + 7 for the text
    18
    """
    own_init = "__init__" in vars(cls)
    cls = dataclass(frozen=True, slots=True)(cls)
    if not own_init and not hasattr(cls, "__post_init__"):
        _quicken_init(cls)
    if "size_bytes" not in vars(cls):  # a base's size knows nothing of further fields
        cls.size_bytes = _size_of(cls)
    return cls


def _size_of(cls: type) -> int | property:
    """The ``size_bytes`` of a class: a constant if it never varies, otherwise a sum that is written out once."""
    # annotations are types, or their names where the module postpones them
    by_name = {kind.__name__: size for kind, size in FIXED_BYTES.items()}
    always, varying = KIND_BYTES, []
    for field in fields(cls):
        size = FIXED_BYTES.get(field.type) or by_name.get(field.type)
        if size is None:
            varying.append(f"_item_size(self.{field.name})")
        else:
            always += size
    if not varying:
        return always
    namespace = {"_item_size": _item_size}
    exec(f"def size_bytes(self): return {' + '.join([str(always), *varying])}", namespace)
    return property(namespace["size_bytes"], doc="Length on the wire, in bytes.")


def _quicken_init(cls: type) -> None:
    # a frozen dataclass stores by name, through object.__setattr__; its slots themselves take half the time
    if not all(
        field.init and not field.kw_only and field.default_factory is MISSING for field in fields(cls)
    ):
        return
    names = [field.name for field in fields(cls)]
    namespace = {f"_set_{name}": getattr(cls, name).__set__ for name in names}
    stores = "; ".join(f"_set_{name}(self, {name})" for name in names) or "pass"
    exec(f"def __init__({', '.join(['self', *names])}): {stores}", namespace)
    cls.__init__ = update_wrapper(namespace["__init__"], cls.__init__, (*WRAPPER_ASSIGNMENTS, "__defaults__"))


def wire_size(value: Any) -> int:
    """Length of a value in the encoding that `message` describes, in bytes.

    Numbers take 8, truth values, None and members of an Enum 1; text its UTF-8 length and sequences, sets and mappings
    their items, each behind a length of 2; a message the sum of its fields and 1, and inside of another its ``size_bytes``.

    Raises
    ------
    ValueError
        For a value of any other type: give its message a ``size_bytes`` of its own.

    Examples
    --------
    >>> wire_size(("agent-1", 3, True))
    20
    """
    if is_dataclass(value):
        return KIND_BYTES + sum(_item_size(getattr(value, field.name)) for field in fields(value))
    return _item_size(value)


def _item_size(value: Any) -> int:
    kind = type(value)
    size = FIXED_BYTES.get(kind)
    if size is not None:
        return size
    # by the exact type first: nearly everything on a wire is one of these, and isinstance of an ABC is slow
    if kind is str:
        return LENGTH_BYTES + (len(value) if value.isascii() else len(value.encode()))
    if kind is tuple or kind is list:
        return LENGTH_BYTES + sum(map(_item_size, value))
    if isinstance(value, Enum):  # before text: a member can be both
        return 1
    if hasattr(kind, "size_bytes"):
        return value.size_bytes
    if isinstance(value, str):
        return LENGTH_BYTES + len(value.encode())
    if isinstance(value, bytes):
        return LENGTH_BYTES + len(value)
    if isinstance(value, Mapping):
        return LENGTH_BYTES + sum(_item_size(key) + _item_size(item) for key, item in value.items())
    if isinstance(value, (tuple, list, Set)):
        return LENGTH_BYTES + sum(map(_item_size, value))
    if is_dataclass(value):
        return wire_size(value)
    raise ValueError(
        f"no wire size for {value!r}: messages hold numbers, text, bytes, None, enums, tuples, sets, mappings and messages"
    )


def corrupted(value: Message, random: Random) -> tuple[Message, str] | None:
    """The message with one field changed to another value of its type, and that field's name.

    Numbers, text and bytes lose a single bit, as in the incident that took Amazon S3 down in July 2008: single-bit
    corruption in gossiped messages that were otherwise intelligible, and no checksum on them. None where no field has
    another value to take.

    References
    ----------
    Amazon S3 Availability Event: July 20, 2008 (status.aws.amazon.com/s3-20080720.html).
    """
    # every field in a random order, until one has another value to take
    for damaged in random.sample(fields(value), len(fields(value))):
        old = getattr(value, damaged.name)
        new = _another(old, random)
        if new != old:
            break
    else:
        return None
    # no constructor runs: a wire does not ask whether the damaged message is a legal one
    copy = object.__new__(type(value))
    for field in fields(value):
        object.__setattr__(copy, field.name, new if field is damaged else getattr(value, field.name))
    return copy, damaged.name


def _another(value: Any, random: Random) -> Any:
    """Another value of the same type, one bit away where the type has bits; the value itself where there is no other."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, Enum):
        return random.choice([member for member in type(value) if member is not value] or [value])
    if isinstance(value, int):
        return value ^ 1 << random.randrange(max(8, value.bit_length()))
    if isinstance(value, float):
        # a bit of the mantissa's upper half: the result is finite, and not just a rounding error
        (bits,) = struct.unpack("<q", struct.pack("<d", value))
        return struct.unpack("<d", struct.pack("<q", bits ^ 1 << random.randrange(26, 52)))[0]
    if isinstance(value, str) and value:
        at = random.randrange(len(value))
        # the three lowest bits: printable text stays readable, and a digit mostly stays a digit
        return value[:at] + chr(ord(value[at]) ^ 1 << random.randrange(3)) + value[at + 1 :]
    if isinstance(value, bytes) and value:
        at = random.randrange(len(value))
        return value[:at] + bytes([value[at] ^ 1 << random.randrange(8)]) + value[at + 1 :]
    if isinstance(value, (tuple, list)):
        items = _another_item(dict(enumerate(value)), random).values()
        # as it is: a named tuple's constructor takes its items one by one
        return tuple.__new__(type(value), items) if isinstance(value, tuple) else list(items)
    if isinstance(value, Mapping):
        return _another_item(dict(value), random)
    if is_dataclass(value):
        found = corrupted(value, random)
        return found[0] if found else value
    return value


def _another_item(items: dict, random: Random) -> dict:
    """The items with one of them changed, unless none has another value."""
    for key in random.sample(list(items), len(items)):
        new = _another(items[key], random)
        if new != items[key]:
            return {**items, key: new}
    return items
