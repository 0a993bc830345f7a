"""A cluster's users, as one process whose counters and log say how they fare."""

from collections.abc import Callable

from ....sim import Env, Message
from ....sim.checks import Refused
from ....systems.operation import Operation

PHRASES = {"request-failed": "[ERROR] {what} failed: {why}"}


class Users:
    """Ask for one thing after the other, and count what fails: ``app.requests``, ``app.errors``.

    Parameters
    ----------
    ask : callable
        From a number to an operation that has begun.
    every_s, begin_s : float
        Between two requests, and before the first.
    patience_s : float
        How long after its begin an operation is judged.
    complaint : callable, optional
        From an operation, and its number, to what is wrong with it, or to ""; by default, whether it is ok.
    """

    def __init__(
        self,
        ask: Callable[[int], Operation],
        every_s: float = 0.5,
        begin_s: float = 10.0,
        patience_s: float = 2.5,
        complaint: Callable[[Operation, int], str] = lambda operation, number: (
            "" if operation.ok else str(operation.status)
        ),
    ):
        self._ask, self._every_s, self._begin_s, self._patience_s = ask, every_s, begin_s, patience_s
        self._complaint = complaint
        self.failed: list[tuple[float, str]] = []
        """When a request was made that failed, and what was wrong with it."""
        self.asked = 0

    def start(self, env: Env) -> None:
        self._env = env
        env.after(self._begin_s, self._next, 0)

    def receive(self, env: Env, sender: str, message: Message) -> None:
        """Nobody writes to it."""

    def _next(self, number: int) -> None:
        env = self._env
        env.after(self._every_s, self._next, number + 1)
        self.asked += 1
        try:
            operation = self._ask(number)
        except Refused:
            env.count("app.requests")
            self._wrong("request", "connection refused")
        else:
            env.after(self._patience_s, self._look, operation, number)

    def _look(self, operation: Operation, number: int) -> None:
        self._env.count("app.requests")
        why = self._complaint(operation, number)
        if why:
            self._wrong(f"{operation.kind} of {operation.key} via {operation.via}", why)

    def _wrong(self, what: str, why: str) -> None:
        self._env.count("app.errors")
        self._env.record("request-failed", what=what, why=why)
        self.failed.append((self._env.now, why))
