"""The process in which a student's code runs. Nothing that it says about itself is believed; see `checker`.

It is told, message by message, to run a cell, to hand over the values of names, to call one of its functions or to look
up an attribute. It answers with values (`wire`) or with what was raised. It keeps no secret: everything in it is the
student's.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import traceback
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from . import wire

LONGEST_OUTPUT = 100_000  # characters of a cell's output that are kept
LONGEST_ERROR = 2_000
LONGEST_NAME = 200


class Kept(io.TextIOBase):
    """The beginning of what is printed; the rest is dropped, and takes no memory."""

    def __init__(self):
        self.parts, self.room = [], LONGEST_OUTPUT

    def write(self, text: str) -> int:
        if self.room > 0:
            self.parts.append(text[: self.room])
            self.room -= len(text)
        return len(text)

    def writable(self) -> bool:
        return True

    def __str__(self) -> str:
        return "".join(self.parts) + ("\n… and more, which was not kept" if self.room < 0 else "")


class Student:
    """A namespace with a student's work, and the objects in it that the checker knows by number."""

    def __init__(self):
        self.shell = InteractiveShell.instance(colors="NoColor")
        self.shell.history_manager.enabled = False
        self.objects: dict[int, Any] = {}

    def answer(self, do: str, **about: Any) -> dict:
        """What is said to a question."""
        return getattr(self, do)(**about)

    def cell(self, source: str) -> dict:
        """Run a cell as a notebook would: its error, if any, and the beginning of what it printed."""
        kept = Kept()
        with contextlib.redirect_stdout(kept), contextlib.redirect_stderr(kept):
            outcome = self.shell.run_cell(source, store_history=True)
        error = outcome.error_before_exec or outcome.error_in_exec
        return {"output": str(kept), "raised": error and _raised(error)}

    def names(self, names: list[str]) -> dict:
        """The values of those names that there are."""
        found = self.shell.user_ns
        return {"values": {name: self._encoded(found[name]) for name in names if name in found}}

    def call(self, ref: int, args: list, kwargs: dict) -> dict:
        """Call an object; the arguments are handed back, because it may have changed them."""
        function = self.objects[ref]
        args = [self._decoded(value) for value in args]
        kwargs = {name: self._decoded(value) for name, value in kwargs.items()}
        answer = self._tried(lambda: function(*args, **kwargs))
        return answer | {
            "args": [self._encoded(value) for value in args],
            "kwargs": {name: self._encoded(value) for name, value in kwargs.items()},
        }

    def attribute(self, ref: int, name: str) -> dict:
        """Look up an object's attribute."""
        return self._tried(lambda: getattr(self.objects[ref], name))

    def too_large(self, error: Exception, do: str, **about: Any) -> dict:
        """What is said in place of an answer that does not travel."""
        if do == "names":
            found = self.shell.user_ns
            return {"values": {name: self._refer(found[name]) for name in about["names"] if name in found}}
        back = {key: about[key] for key in ("args", "kwargs") if key in about}
        return back | {"raised": _raised(error)}

    def _tried(self, action) -> dict:
        kept = Kept()
        try:
            with contextlib.redirect_stdout(kept), contextlib.redirect_stderr(kept):
                return {"value": self._encoded(action())}
        except BaseException as error:
            return {"raised": _raised(error)}

    def _encoded(self, value: Any) -> Any:
        try:
            return wire.encode(value, self._refer)
        except Exception:  # a property that raises, a value that holds itself: not a plain value
            return self._refer(value)

    def _decoded(self, message: Any) -> Any:
        return wire.decode(message, lambda told: self.objects[told["ref"]], self.shell.user_ns)

    def _refer(self, value: Any) -> dict:
        self.objects[id(value)] = value
        return {"t": "object", "ref": id(value), "type": type(value).__name__[:LONGEST_NAME]}


def _raised(error: BaseException) -> dict:
    try:
        text = str(error)
    except BaseException:  # it is the student's, and may raise anything
        text = ""
    lines = traceback.format_exception_only(type(error), error) if isinstance(error, SyntaxError) else [text]
    return {"name": type(error).__name__[:LONGEST_NAME], "text": "".join(lines)[:LONGEST_ERROR]}


def main() -> None:
    """Answer until nobody asks any more. The channel leaves the places where a child process or a print would find it."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    sys.argv = ["student"]
    student, born = Student(), os.getpid()
    wire.write(answers, {"ready": True})
    while True:
        try:
            request = wire.read(requests)
        except EOFError:
            return
        answer = student.answer(**request)
        if os.getpid() != born:
            os._exit(0)  # a fork that came back from the student's code: one process answers
        try:
            wire.write(answers, answer)
        except (wire.WireError, ValueError) as error:
            wire.write(answers, student.too_large(error, **request))


if __name__ == "__main__":
    main()
