"""The process in which a student's code runs. Nothing that it says about itself is believed; see `checker`.

It is told, message by message, to run a cell, to hand over the values of names, to call one of its functions or to look
up an attribute. It answers with values (`wire`) or with what was raised. It keeps no secret: everything in it is the
student's.
"""

from __future__ import annotations

import os
import sys
from itertools import islice
from typing import Any

from . import resting, wire
from .lacks import Missing
from .shell import Shell, trace
from .told import LONGEST_NAME, MOST_LOST, raised

resting.collect_again()


class Student:
    """A namespace with a student's work, and the objects in it that the checker knows by number."""

    def __init__(self):
        self.shell = Shell.instance()
        self.objects: dict[int, Any] = {}

    def answer(self, do: str, **about: Any) -> dict:
        """What is said to a question."""
        return getattr(self, do)(**about)

    def cell(self, source: str) -> dict:
        """Run a cell: its error, if any, the beginning of what it printed, and the names that are lost for what it lacks."""
        output = self.shell.output
        output.take()
        try:
            outcome = self.shell.run(source)
        except BaseException as beyond:  # of a task of asyncio, or of a loop that was stopped
            error = beyond
        else:
            error = outcome.error_before_exec or outcome.error_in_exec
        if error is not None:
            output.write(trace(error))
        lost = {name[:LONGEST_NAME]: why[:LONGEST_NAME] for name, why in self.shell.lacks.lost.items()}
        lost = dict(islice(lost.items(), MOST_LOST))
        return {"output": output.take(), "raised": error and self._raised(error), "lost": lost}

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
        return back | {"raised": self._raised(error)}

    def _tried(self, action) -> dict:
        try:
            with self.shell.builtin_trap:  # display and get_ipython, as in a cell
                return {"value": self._encoded(action())}
        except BaseException as error:
            return {"raised": self._raised(error)}
        finally:
            self.shell.output.take()

    def _raised(self, error: BaseException) -> dict:
        return raised(error) | {"lacks": self.shell.lacks.reason(error)[:LONGEST_NAME]}

    def _encoded(self, value: Any) -> Any:
        try:
            return wire.encode(value, self._refer)
        except Exception:  # a property that raises, a value that holds itself: not a plain value
            return self._refer(value)

    def _decoded(self, message: Any) -> Any:
        return wire.decode(message, lambda told: self.objects[told["ref"]], self.shell.user_ns)

    def _refer(self, value: Any) -> dict:
        self.objects[id(value)] = value
        said = {"t": "object", "ref": id(value), "type": type(value).__name__[:LONGEST_NAME]}
        if type(value) is Missing:
            return said | {"unread": True, "lacks": value.why[:LONGEST_NAME]}
        # a plain value that does not travel is too large or holds itself, and no answer does that
        return said | {"unread": not (callable(value) or type(value) in wire.PLAIN_TYPES), "lacks": ""}


def main() -> None:
    """Answer until nobody asks any more."""
    requests, answers = wire.channel()
    os.environ |= {"USER": "student", "LOGNAME": "student", "PIP_NO_INDEX": "1"}
    sys.argv = ["student"]
    sys.path.insert(0, "")  # a file that a cell writes can be imported
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
