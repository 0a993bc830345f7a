"""Values between two processes that don't trust each other: length-prefixed JSON, types spelled out, nothing run to read it.

What is plain travels as a copy: None, booleans, numbers, text, bytes, lists, tuples, sets, dicts, NumPy arrays and
numbers, named tuples, and the dataclasses and enumerations of gossipkit. So does what has a plain value: a ``Fraction`` or
``Decimal`` as a number, a deque or a dict's values as a list, an instance of a subclass of ``int`` or ``dict`` as what
``int`` or ``dict`` know of it. Everything else, a student's function or object, stays where it is; the other side gets its
number, with which it can be called and asked for attributes.
"""

from __future__ import annotations

import array
import base64
import importlib
import json
import os
import struct
import types
from collections import (
    ChainMap,
    Counter,
    OrderedDict,
    UserDict,
    UserList,
    UserString,
    defaultdict,
    deque,
    namedtuple,
)
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Any, BinaryIO

import numpy as np

LONGEST_BYTES = 16_000_000  # of a message: far beyond an answer; as Python's lists it takes 20 times as much
DEEPEST = 100
LENGTH = struct.Struct("!I")
DICTS = (dict, OrderedDict, defaultdict, Counter)
SEQUENCES = {"tuple": tuple, "set": set, "frozenset": frozenset}
KEYS, VALUES, ITEMS = (type(getattr({}, name)()) for name in ("keys", "values", "items"))
# what has a plain value, and how to get at it without asking a student's class
PLAIN = {
    deque: list,
    VALUES: list,
    array.array: list,
    types.MappingProxyType: dict,
    ChainMap: dict,
    memoryview: bytes,
    UserDict: lambda value: value.data,
    UserList: lambda value: value.data,
    UserString: lambda value: value.data,
}
EXACT = {
    int: int.__int__,
    float: float.__float__,
    complex: complex.__complex__,
    str: str.__str__,
    bytes: lambda value: bytes.__getitem__(value, slice(None)),
    list: lambda value: list(list.__iter__(value)),
    tuple: lambda value: tuple(tuple.__iter__(value)),
    set: lambda value: set(set.__iter__(value)),
    frozenset: lambda value: frozenset(frozenset.__iter__(value)),
    dict: lambda value: dict(dict.items(value)),
}
PLAIN_TYPES = (*EXACT, *DICTS, np.ndarray, types.CoroutineType)  # what is no answer if it doesn't travel
# what a subclass may have, and its instances are still no more than their plain value
HARMLESS = {
    f"__{name}__"
    for name in (
        *("module", "qualname", "doc", "dict", "weakref", "slots", "annotations", "orig_bases", "parameters"),
        *("static_attributes", "firstlineno", "init", "new", "repr", "str", "format", "eq", "ne", "hash"),
    )
}


class WireError(Exception):
    """A message that breaks the rules of this file."""


def channel() -> tuple[BinaryIO, BinaryIO]:
    """Requests and answers, taken away from where a child process, a print or an `input` would find them."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    return requests, answers


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
    if kind in (Fraction, Decimal):
        try:
            return inner(_number(value))
        except (ValueError, OverflowError):  # a signalling NaN; beyond a float
            return refer(value)
    if kind in (KEYS, ITEMS):
        return {"t": "keys" if kind is KEYS else "items", "v": [inner(item) for item in value]}
    if kind in PLAIN:
        return inner(PLAIN[kind](value))
    if issubclass(kind, np.generic) and kind.__module__ == "numpy" and value.dtype.kind in "biufcSU":
        return inner(_scalar(value))
    if kind is np.ndarray and (value.ndim == 0 or value.dtype.kind in "OSU"):
        return inner(value[()] if value.ndim == 0 else value.tolist())
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
    if (
        kind.__module__.startswith("gossipkit.")
        and not _unheard_of(kind.__module__)
        and "<" not in kind.__qualname__
    ):
        if hasattr(kind, "from_json"):
            return {"t": "text", "class": _address(kind), "v": value.to_json()}
        if isinstance(value, Enum):
            return {"t": "enum", "class": _address(kind), "v": value.name}
        if is_dataclass(value) and all(field.init for field in fields(value)):
            held = {field.name: inner(getattr(value, field.name)) for field in fields(value)}
            return {"t": "record", "class": _address(kind), "v": held}
    for plain, exact in EXACT.items():
        if issubclass(kind, plain) and not _behaves(value, plain):
            return inner(exact(value))
    return refer(value)


def _number(value: Fraction | Decimal) -> int | float:
    """A whole number as it is, another one as the nearest float."""
    if isinstance(value, Decimal) and not value.is_finite():
        return float(value)
    return int(value) if value == int(value) else float(value)


def _scalar(value: np.generic) -> Any:
    """A NumPy scalar as Python's; a short float as the number that it is written as, so that 0.1 is 0.1."""
    if value.dtype.kind == "f" and value.dtype != np.float64:
        return float(str(value)) if value.dtype.itemsize < 8 else float(value)
    return value.item()


def _behaves(value: Any, plain: type) -> bool:
    """Whether an instance of a subclass is more than its plain value: it has attributes, or methods that tests may call."""
    if isinstance(value, Enum):
        return False
    own = {name for kind in type(value).__mro__[: type(value).__mro__.index(plain)] for name in vars(kind)}
    return bool(getattr(value, "__dict__", None)) or any(
        name not in HARMLESS and not (name[:1] == "_" != name[1:2]) for name in own
    )


def _unheard_of(module: str) -> bool:
    """Whether a module of gossipkit is none of the engine's."""
    return module.startswith(("gossipkit.grading", "gossipkit.lab"))


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
    if tag == "keys":
        return dict.fromkeys(map(inner, value)).keys()
    if tag == "items":
        return dict(map(inner, value)).items()
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
    if not module.startswith("gossipkit.") or _unheard_of(module):
        raise WireError(f"{address} is no class of the engine")
    kind = importlib.import_module(module)
    for part in name.split("."):
        kind = getattr(kind, part)
    if not isinstance(kind, type) or kind.__module__ != module:
        raise WireError(f"{address} is no class of the engine")
    return kind
