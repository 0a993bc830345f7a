"""The process that judges: an assignment's own cells, run on what a student's process hands over (see `student`).

Student code never runs here. The student's plain values come as copies, functions and objects as a `Remote` that calls
back; gossipkit, NumPy and everything else that a test uses is this process's own. So a patched library, an object that
equals everything and a print of "passed" change nothing.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import importlib
import os
import sys
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from . import memory, resting, wire
from .properties import PropertyFailed
from .remote import Remote, remote
from .told import Kept, raised
from .unjudged import Unjudged

resting.collect_again()


class StudentGone(BaseException):
    """The student's process was stopped; no test can go on."""


class Checker:
    """Runs tests, each in a namespace of its own, and knows the way to the student's process."""

    def __init__(self, requests, answers):
        self.requests, self.answers = requests, answers
        self.namespace: dict[str, Any] = {}

    def run(
        self, setup: list[list[str]], test: list[str], values: Mapping[str, Any] | None, gone: str = ""
    ) -> dict:
        """Run one test: what it looked at, and what failed, if anything did.

        Parameters
        ----------
        setup : list of [str, str]
            Name and source of each of the course's cells that it builds on. They run first, in a fresh namespace.
        test : [str, str]
            Its own name and source.
        values : mapping or None
            The answers that it reads, as the student's process told them; None if there is no telling.
        gone : str
            Why not.
        """
        self.namespace = {"__name__": "__main__"}
        answer: dict[str, Any] = {"answers": {}}
        kept = Kept()
        with contextlib.redirect_stdout(kept), contextlib.redirect_stderr(kept):
            try:
                for name, source in setup:
                    self._exec(name, source)
            except Exception as error:
                return answer | {"broken": {"cell": name} | raised(error)}
            try:
                if values is None:
                    raise StudentGone(gone)
                self.namespace |= (found := {name: self._decoded(told) for name, told in values.items()})
                answer["answers"] = {
                    name: repr(value)[:1000] for name, value in found.items() if not isinstance(value, Remote)
                }
                self._exec(*test)
            except PropertyFailed as error:
                answer["failed"] = str(error)
            except StudentGone as error:
                answer["gone"] = str(error)
            except Unjudged as error:
                answer["unjudged"] = str(error)
            except Exception as error:
                answer["raised"] = raised(error)
        return answer

    def _exec(self, name: str, source: str) -> None:
        exec(compile(source, f"<{name}>", "exec"), self.namespace)

    def call(self, ref: int, args: tuple, kwargs: dict) -> Any:
        """Call a student's function; what it changes in its arguments is changed in them here, as in one process."""
        answer = self._ask(
            "call",
            ref=ref,
            args=[wire.encode(value, _refuse) for value in args],
            kwargs={name: wire.encode(value, _refuse) for name, value in kwargs.items()},
        )
        for value, now in zip(
            (*args, *kwargs.values()), (*answer["args"], *answer["kwargs"].values()), strict=True
        ):
            _change(value, self._decoded(now))
        return self._value(answer)

    def asked(self, do: str, **about: Any) -> Any:
        """What a student's process answers."""
        return self._value(self._ask(do, **about))

    def _ask(self, do: str, **about: Any) -> dict:
        wire.write(self.answers, {"ask": {"do": do, **about}})
        answer = wire.read(self.requests)
        if "gone" in answer:
            raise StudentGone(answer["gone"])
        return answer

    def _value(self, answer: dict) -> Any:
        if "raised" in answer:
            if answer["raised"]["lacks"]:
                raise Unjudged(answer["raised"]["lacks"])
            raise _as_error(answer["raised"])
        return self._decoded(answer["value"])

    def _decoded(self, message: Any) -> Any:
        return wire.decode(message, lambda told: remote(self, told), self.namespace)


def _refuse(value: Any) -> dict:
    if isinstance(value, Remote):
        return {"t": "object", "ref": value._Remote__ref}
    raise TypeError(f"a {type(value).__name__} can't be handed to a student's function: plain values can")


def _change(value: Any, now: Any) -> None:
    if type(value) is list and type(now) is list:
        value[:] = now
    elif type(value) in (set, dict) and type(now) is type(value):
        value.clear()
        value.update(now)
    elif type(value) is np.ndarray and type(now) is np.ndarray and value.shape == now.shape:
        value[...] = now


def _as_error(raised: dict) -> Exception:
    """What a student's function raised, as the same built-in error, or as a RuntimeError that names it."""
    name, text = str(raised.get("name")), str(raised.get("text"))
    kind = getattr(builtins, name, None)
    if (
        isinstance(kind, type)
        and issubclass(kind, Exception)
        and not issubclass(kind, (UnicodeError, ExceptionGroup))
    ):
        return kind(text)
    return RuntimeError(f"{name}: {text}")


def import_for(sources: Iterable[str]) -> None:
    """Import what some cells import, as far as it goes: what doesn't fails again, and is said, when the cell runs."""
    for source in sources:
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module]
            else:
                continue
            for name in names:
                with contextlib.suppress(Exception):
                    importlib.import_module(name)


def main() -> None:
    """Run what is asked for until nobody asks any more, where processes can fork each test in a child of its own.

    Imports are made before, and stay for the next test; so does what trials came to (see `memory`). Nothing else does.
    """
    requests, answers = wire.channel()
    sys.argv = ["checker"]
    import_for(
        ["import numpy.ma, numpy.random"]
    )  # NumPy imports them when they are first used: in each child again
    wire.write(answers, {"ready": True})
    while True:
        try:
            request = wire.read(requests)
        except EOFError:
            return
        if not hasattr(os, "fork"):
            wire.write(answers, {"done": Checker(requests, answers).run(**request)})
            continue
        import_for(source for _, source in [*request["setup"], request["test"]])
        known, (reads, writes) = memory.counted(), os.pipe()
        child = os.fork()
        if not child:
            wire.write(answers, {"done": Checker(requests, answers).run(**request)})
            with os.fdopen(writes, "wb") as told:
                memory.tell(told, known)
            os._exit(0)
        os.close(writes)
        with os.fdopen(reads, "rb") as told:
            memory.learn(told)
        if os.waitpid(child, 0)[1]:
            return  # it ended without a verdict, and so does this


if __name__ == "__main__":
    main()
