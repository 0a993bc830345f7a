"""The processes of a class: a new one for each student's code, and judging ones that go from one submission to the next.

A judging process runs each test in a child of its own (see `checker`), so nothing stays in it of a submission; what stays
are the modules that tests import and what trials came to, which would otherwise be imported and run again for everybody.

A test that asks nothing of the student's process says the same whenever it is told the same, so it is run once for all
who hand in the same answer to it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import threading
from typing import Any

from .sandbox import Confined

CHECKER = "gossipkit.grading.checker"


class Crew:
    """What works on a class until it is called off; a context manager that dismisses it.

    Attributes
    ----------
    cancelled : threading.Event
        Set when it was called off: every process is stopped then.
    """

    def __init__(self):
        self.cancelled = threading.Event()
        self._idle: list[Confined] = []
        self._said: dict[bytes, dict] = {}  # by what a test was told, what it said without asking anything

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *error: object) -> None:
        self.dismiss()

    def process(self, module: str, **how: Any) -> Confined | Lent:
        """A process that runs a module; ``how`` is for `Confined`. A judging one may have been there before."""
        if module != CHECKER:
            return Confined(module, cancelled=self.cancelled, **how)
        with contextlib.suppress(IndexError):
            return Lent(self._idle.pop(), self._idle, self._said)
        return Lent(Confined(module, cancelled=self.cancelled, **how), self._idle, self._said)

    def dismiss(self) -> None:
        """Call off what runs, and end what waits."""
        self.cancelled.set()
        while self._idle:
            self._idle.pop().stop()


class Lent:
    """A judging process on loan: to stop it is to hand it back, unless it was interrupted or is at fault."""

    def __init__(self, process: Confined, idle: list[Confined], said: dict[bytes, dict]):
        self._process, self._idle, self._said = process, idle, said
        self._in_a_test = False

    def ask(self, message: Any, within: float | None = None) -> Any:
        """As `Confined.ask`; a test that was told the same before, and asked nothing, is not run again."""
        told = None if self._in_a_test else hashlib.sha256(json.dumps(message).encode()).digest()
        if told in self._said:
            return self._said[told]
        self._in_a_test = True
        answer = self._process.ask(message, within)
        self._in_a_test = "done" not in answer
        if told and not self._in_a_test:
            self._said[told] = answer
        return answer

    def stop(self, verdict: str = "") -> None:
        """Hand it back, or end it."""
        if self._in_a_test:
            self._process.stop(verdict)
        else:
            self._idle.append(self._process)
