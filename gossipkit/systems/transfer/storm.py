"""Two layers that both retry: clients ask a gateway, the gateway asks a server, and each repeats what gets no answer in time.

The server answers what it gets in order, so many a second, and does not know that nobody waits for an answer any more.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...sim import World, checks, message

if TYPE_CHECKING:
    from ...sim import Env, Message

CAPACITY_PER_S, REQUESTS_PER_S = 100.0, 40.0
GATEWAY_TIMEOUT_S, CLIENT_TIMEOUT_S = 1.0, 4.0
SLOW_FROM_S, SLOW_S, SECONDS = 20.0, 10.0, 90.0


@message
class Request:
    """Please."""

    number: int


@message
class Reply:
    """Done."""

    number: int


class Server:
    """Answers one request after the other."""

    def start(self, env: Env) -> None:
        """Nothing waits."""
        self._env, self._free_s = env, 0.0
        self.arrived: list[float] = []

    def receive(self, env: Env, sender: str, message: Message) -> None:
        """Queue a request behind all before it."""
        self.arrived.append(env.now)
        self._free_s = max(self._free_s, env.now) + 1 / CAPACITY_PER_S
        env.after(self._free_s - env.now, env.send, sender, Reply(message.number))


class Retrying:
    """Asks the next layer, and asks again after a timeout, a few times; replies go back to who asked first."""

    def __init__(self, ask: str, retries: int, timeout_s: float, begin_per_s: float = 0.0):
        self._ask, self._retries, self._timeout_s, self._begin_per_s = ask, retries, timeout_s, begin_per_s

    def start(self, env: Env) -> None:
        """Begin requests of one's own, if this is the client."""
        self._env, self._waiting = env, {}
        self._count = 0
        self.done: list[float] = []
        if self._begin_per_s:
            self._begin()

    def _begin(self) -> None:
        self._env.after(self._env.random.expovariate(self._begin_per_s), self._begin)
        self._try("", 0, self._retries)

    def _try(self, asker: str, theirs: int, left: int) -> None:
        self._count += 1
        self._waiting[self._count] = asker, theirs
        self._env.send(self._ask, Request(self._count))
        self._env.after(self._timeout_s, self._overdue, self._count, left)

    def _overdue(self, number: int, left: int) -> None:
        waiting = self._waiting.pop(number, None)
        if waiting is not None and left:
            self._try(*waiting, left - 1)

    def receive(self, env: Env, sender: str, message: Message) -> None:
        """A request from before, or an answer, which may come too late."""
        if type(message) is Request:
            return self._try(sender, message.number, self._retries)
        asker, theirs = self._waiting.pop(message.number, (None, 0))
        if asker:
            env.send(asker, Reply(theirs))
        elif asker == "":
            self.done.append(env.now)


@dataclass(frozen=True, eq=False)
class Storm:
    """What happened, by second."""

    times: np.ndarray
    arrived: np.ndarray
    """Requests that reached the server in each second."""
    done: np.ndarray
    """Requests that a client had an answer to in time, in each second."""

    @property
    def lasts_s(self) -> float:
        """Seconds, after the server is quick again, until clients get nine of ten answers again over five seconds; nan for never."""
        late = np.convolve(self.done, np.ones(5) / 5, "valid") >= 0.9 * REQUESTS_PER_S
        after = int(SLOW_FROM_S + SLOW_S)
        good = np.flatnonzero(late[after:])
        return float(good[0]) if good.size else float("nan")


def storm(client_retries: int = 1, gateway_retries: int = 1, seed: int = 1) -> Storm:
    """A server stands still for ten seconds, with 40 requests a second where 100 would be possible.

    Parameters
    ----------
    client_retries, gateway_retries : int
        How often each layer repeats a request; their timeouts are 4 s and 1 s.
    seed : int

    Raises
    ------
    ValueError
        For a negative number.
    """
    checks.whole("client_retries", client_retries, 0)
    checks.whole("gateway_retries", gateway_retries, 0)
    world = World(seed=seed, trace=False)
    server, client = Server(), Retrying("gateway", client_retries, CLIENT_TIMEOUT_S, REQUESTS_PER_S)
    world.add("server", server)
    world.add("gateway", Retrying("server", gateway_retries, GATEWAY_TIMEOUT_S))
    world.add("client", client)
    world.run(until=SLOW_FROM_S)
    world.pause("server", SLOW_S)
    world.run(until=SECONDS)
    return Storm(np.arange(int(SECONDS)), _by_second(server.arrived), _by_second(client.done))


def _by_second(times: list[float]) -> np.ndarray:
    count = Counter(map(int, times))
    return np.array([count[second] for second in range(int(SECONDS))])
