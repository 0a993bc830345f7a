"""A desk for what the browser asks: many quick requests become one piece of work, and each gets its answer.

How it works. A request is put down and the handler returns at once; a thread takes all that lie there, has them worked on
together, and ends when none is left. So ten quick clicks are one replay, or two where the first was already under way.
Handlers may come from the kernel's main thread and from a subshell's at the same time: whoever works holds `lock`.
"""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable
from typing import Any

PATIENCE = (
    20  # so often a piece of work may be given up for newer requests before it is finished all the same
)


class Desk:
    """Where requests are put down.

    Parameters
    ----------
    work : callable
        Called with a list of requests, in the order in which they came, while the lock is held.

    Attributes
    ----------
    lock : threading.RLock
    """

    def __init__(self, work: Callable[[list[Any]], None]):
        self._work = work
        self._lying: list[Any] = []
        self._given_up = 0
        self._thread: threading.Thread | None = None
        self._guard = threading.Lock()  # of the three above; never held while something is worked on
        self._idle = threading.Event()
        self._idle.set()
        self.lock = threading.RLock()

    def put(self, request: Any) -> None:
        """Put a request down. It is worked on soon, in another thread where the platform has threads."""
        with self._guard:
            self._lying.append(request)
            if self._thread is not None:
                return
            self._idle.clear()
            # a message to the browser is sent in the context of the request that it answers
            run = contextvars.copy_context().run
            self._thread = threading.Thread(target=run, args=(self._empty,), name="stage", daemon=True)
        try:
            self._thread.start()
        except RuntimeError:  # a kernel in a browser has no threads
            self._empty()

    def put_back(self, requests: list[Any]) -> None:
        """Put requests back in front of newer ones, because their work was given up for those."""
        with self._guard:
            self._lying[:0] = requests
            self._given_up += 1

    @property
    def wanted(self) -> bool:
        """Whether no newer request waits, or work has been given up too often already."""
        return not self._lying or self._given_up >= PATIENCE

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until nothing lies on the desk and nothing is worked on; whether it came to that in time."""
        return self._idle.wait(timeout_s)

    def _empty(self) -> None:
        while True:
            with self._guard:
                taken, self._lying = self._lying, []
                if not taken:
                    self._thread = None
                    self._idle.set()
                    return
            with self.lock:
                before = self._given_up
                self._work(taken)
                if self._given_up == before:
                    self._given_up = 0
