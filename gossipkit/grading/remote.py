"""A student's object as a test sees it: the object itself stays in the student's process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from .unjudged import Unjudged, answered_by


class Asks(Protocol):
    """The way to the student's process."""

    def call(self, ref: int, args: tuple, kwargs: dict) -> Any: ...

    def asked(self, do: str, **about: Any) -> Any: ...


class Remote:
    """A student's function, class or value beyond all bounds: it can be called, and asked for attributes that don't begin with ``_``.

    Parameters
    ----------
    way : Asks
    told : mapping
        What the student's process says of the object.
    """

    def __init__(self, way: Asks, told: Mapping[str, Any]):
        self.__way, self.__ref, self.__type = way, told["ref"], str(told["type"])

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.__way.call(self.__ref, args, kwargs)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return self.__way.asked("attribute", ref=self.__ref, name=name)

    def __repr__(self) -> str:
        return f"<your {self.__type}>"


def _no_value(remote: Remote) -> Any:
    raise Unjudged(
        f"the answer holds an object of the type {remote._Remote__type!r}, whose value the grader can't read"
    )


@answered_by(_no_value)
class RemoteObject(Remote):
    """A student's object of a type that the grader can't read: who asks for its value learns that this can't be judged."""

    __class__ = property(_no_value)  # which isinstance() asks for


def remote(way: Asks, told: Mapping[str, Any]) -> Remote:
    """What stands for an object; raises Unjudged for one that is not there, because the grader lacks its module."""
    if told.get("lacks"):
        raise Unjudged(str(told["lacks"]))
    return (RemoteObject if told.get("unread") else Remote)(way, told)
