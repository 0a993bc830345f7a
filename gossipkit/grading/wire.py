"""Values between two processes that don't trust each other: length-prefixed JSON, types spelled out, nothing run to read it.

What is plain travels as a copy: None, booleans, numbers, text, bytes, lists, tuples, sets, dicts, NumPy arrays and
numbers, named tuples, and the dataclasses and enumerations of gossipkit. Everything else, a student's function or
object, stays where it is; the other side gets its number, with which it can be called and asked for attributes.
Types are compared exactly: an instance of a student's subclass of ``int`` is an object, not a number.
"""

from __future__ import annotations

import base64
import importlib
import json
import struct
from collections import Counter, OrderedDict, defaultdict, namedtuple
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any, BinaryIO

import numpy as np

LONGEST_BYTES = 16_000_000  # of a message: far beyond an answer; as Python's lists it takes 20 times as much
DEEPEST = 100
LENGTH = struct.Struct("!I")
DICTS = (dict, OrderedDict, defaultdict, Counter)
SEQUENCES = {"tuple": tuple, "set": set, "frozenset": frozenset}


class WireError(Exception):
    """A message that breaks the rules of this file."""


def write(stream: BinaryIO, message: Any) -> None:
    """Send a message; OSError if nobody is there any more."""
    try:
        data = json.dumps(message).encode()
    except RecursionError:
        raise WireError("a message that is nested too deep") from None
    if len(data) > LONGEST_BYTES:
        raise WireError(
            f"a value of {len(data) / 1e6:.0f} MB: at most {LONGEST_BYTES / 1e6:.0f} MB are taken"
        )
    stream.write(LENGTH.pack(len(data)) + data)
    stream.flush()


def read(stream: BinaryIO) -> Any:
    """Receive a message; EOFError when the other side is gone, WireError for one that is none."""
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        raise EOFError
    (length,) = LENGTH.unpack(head)
    if length > LONGEST_BYTES:
        raise WireError(f"a message of {length} bytes: at most {LONGEST_BYTES} are taken")
    data = stream.read(length)
    if len(data) < length:
        raise EOFError
    return parsed(data)


def parsed(data: bytes) -> Any:
    """The message that some bytes are, in characters that can be written down; WireError if they are none."""
    try:
        message = json.loads(data)
        if b"\\u" in data:  # half a character, which no file takes, can only be spelt like this
            message = json.loads(json.dumps(message, ensure_ascii=False).encode("utf-8", "replace"))
        return message
    except (ValueError, RecursionError) as error:
        raise WireError(f"no message: {error}") from None


def encode(value: Any, refer: Callable[[Any], dict], depth: int = 0) -> Any:
    """A value as JSON.

    Parameters
    ----------
    value : object
    refer : callable
        From an object that doesn't travel to the dict that stands for it; may raise TypeError.

    Raises
    ------
    WireError
        For a value that is nested more than 100 deep, as one that holds itself is.
    """
    if depth > DEEPEST:
        raise WireError(f"a value nested more than {DEEPEST} deep")
    kind = type(value)

    def inner(item: Any) -> Any:
        return encode(item, refer, depth + 1)

    if value is None or kind in (bool, str, float):
        return value
    if kind is int:
        return value if value.bit_length() < 64 else {"t": "int", "v": hex(value)}
    if kind is list:
        return [inner(item) for item in value]
    for name, sequence in SEQUENCES.items():
        if kind is sequence:
            return {"t": name, "v": [inner(item) for item in value]}
    if kind in DICTS:
        return {"t": "dict", "v": [[inner(key), inner(item)] for key, item in value.items()]}
    if kind in (bytes, bytearray):
        return {"t": "bytes", "v": base64.b64encode(value).decode()}
    if kind is complex:
        return {"t": "complex", "v": [value.real, value.imag]}
    if kind is range:
        return {"t": "range", "v": [value.start, value.stop, value.step]}
    if isinstance(value, np.generic) and kind.__module__ == "numpy" and value.dtype.kind in "biufc":
        return inner(value.item())
    if kind is np.ndarray and value.dtype.kind in "biufc":
        data = base64.b64encode(np.ascontiguousarray(value).tobytes()).decode()
        return {"t": "array", "dtype": value.dtype.str, "shape": list(value.shape), "v": data}
    if issubclass(kind, tuple) and isinstance(getattr(kind, "_fields", None), tuple):
        return {
            "t": "namedtuple",
            "name": kind.__name__,
            "fields": list(kind._fields),
            "v": list(map(inner, tuple.__iter__(value))),
        }
    if kind.__module__.startswith("gossipkit.") and "<" not in kind.__qualname__:
        if hasattr(kind, "from_json"):
            return {"t": "text", "class": _address(kind), "v": value.to_json()}
        if isinstance(value, Enum):
            return {"t": "enum", "class": _address(kind), "v": value.name}
        if is_dataclass(value) and all(field.init for field in fields(value)):
            held = {field.name: inner(getattr(value, field.name)) for field in fields(value)}
            return {"t": "record", "class": _address(kind), "v": held}
    return refer(value)


def decode(message: Any, resolve: Callable[[dict], Any], classes: Mapping[str, Any]) -> Any:
    """The value that JSON stands for.

    Parameters
    ----------
    message : object
        From `encode`.
    resolve : callable
        From the dict that stands for an object that didn't travel to what stands for it here.
    classes : mapping
        A namespace in which named tuples are looked up; one that isn't there is made.

    Raises
    ------
    WireError
        For JSON that `encode` doesn't make.
    """
    try:
        return _decode(message, resolve, classes)
    except (
        KeyError,
        TypeError,
        ValueError,
        AttributeError,
        ImportError,
        OverflowError,
        RecursionError,
    ) as error:
        raise WireError(f"no value: {type(error).__name__}: {error}") from None


def _decode(message: Any, resolve: Callable[[dict], Any], classes: Mapping[str, Any]) -> Any:
    def inner(item: Any) -> Any:
        return _decode(item, resolve, classes)

    if isinstance(message, list):
        return [inner(item) for item in message]
    if not isinstance(message, dict):
        return message
    tag, value = message["t"], message.get("v")
    if tag in SEQUENCES:
        return SEQUENCES[tag](map(inner, value))
    if tag == "dict":
        return {inner(key): inner(item) for key, item in value}
    if tag == "int":
        return int(value, 16)
    if tag == "bytes":
        return base64.b64decode(value)
    if tag == "complex":
        return complex(*value)
    if tag == "range":
        return range(*value)
    if tag == "array":
        dtype = np.dtype(message["dtype"])
        if dtype.kind not in "biufc":
            raise WireError(f"an array of {dtype}")
        return np.frombuffer(base64.b64decode(value), dtype).reshape(message["shape"]).copy()
    if tag == "namedtuple":
        known = classes.get(message["name"])
        if not (
            isinstance(known, type)
            and issubclass(known, tuple)
            and getattr(known, "_fields", ()) == tuple(message["fields"])
        ):
            known = namedtuple(message["name"], message["fields"])
        return known._make(map(inner, value))
    if tag == "text":
        return _class(message["class"]).from_json(value)
    if tag == "enum":
        kind = _class(message["class"])
        if not issubclass(kind, Enum):
            raise WireError(f"{kind.__name__} is no enumeration")
        return kind[value]
    if tag == "record":
        kind = _class(message["class"])
        if not is_dataclass(kind):
            raise WireError(f"{kind.__name__} is no dataclass")
        return kind(**{name: inner(item) for name, item in value.items()})
    return resolve(message)


def _address(kind: type) -> str:
    return f"{kind.__module__}:{kind.__qualname__}"


def _class(address: str) -> Any:
    """A class of gossipkit by its address: nothing else can be named."""
    module, _, name = address.partition(":")
    if not module.startswith("gossipkit.") or module.startswith(("gossipkit.grading", "gossipkit.lab")):
        raise WireError(f"{address} is no class of the engine")
    kind = importlib.import_module(module)
    for part in name.split("."):
        kind = getattr(kind, part)
    if not isinstance(kind, type) or kind.__module__ != module:
        raise WireError(f"{address} is no class of the engine")
    return kind
