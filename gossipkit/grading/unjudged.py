"""What can't be judged: a test that looks at it has no verdict, because a wrong verdict would be worse."""

from __future__ import annotations

from collections.abc import Callable

# what asks for an object's value, rather than for its attributes or for a call
ASKING = tuple(
    f"__{name}__"
    for name in (
        *(
            "eq",
            "ne",
            "lt",
            "le",
            "gt",
            "ge",
            "bool",
            "len",
            "iter",
            "next",
            "contains",
            "getitem",
            "reversed",
        ),
        *("int", "float", "complex", "index", "bytes", "round", "trunc", "floor", "ceil", "format", "fspath"),
        *("neg", "pos", "abs", "invert", "array", "enter", "aenter", "await", "aiter", "anext"),
        *(
            side + name
            for name in (
                *("add", "sub", "mul", "truediv", "floordiv", "mod", "divmod", "pow", "matmul"),
                *("lshift", "rshift", "and", "or", "xor"),
            )
            for side in ("", "r")
        ),
    )
)


class Unjudged(BaseException):
    """A test can't have a verdict; the message says why. No test's ``except Exception`` takes it for an answer's error."""


def answered_by(refuse: Callable) -> Callable[[type], type]:
    """A class decorator: whatever asks for the value of an instance is answered by ``refuse(instance)``, which raises."""

    def refused(self, *args, **kwargs):
        return refuse(self)

    def decorate(kind: type) -> type:
        for name in ASKING:
            setattr(kind, name, refused)
        kind.__hash__ = object.__hash__
        return kind

    return decorate
