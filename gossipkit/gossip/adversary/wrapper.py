"""A process around another one: it sees all that the inner one hears and says."""

from collections.abc import Callable
from functools import partial
from typing import Any

from ...sim import Env, Message, Process
from ..scuttlebutt import Gossiper
from ..swim import SwimNode

Send = Callable[[Message], None]
"""Sends a message to a receiver that is settled already, as a datagram or over a connection."""


class Between:
    """What the inner process is handed in place of its `Env`: the same, but what it sends goes through the wrapper."""

    def __init__(self, env: Env, wrapper: "Wrapper"):
        self._env, self._wrapper = env, wrapper
        self.name, self.random, self.after, self.when_sent = env.name, env.random, env.after, env.when_sent
        self.record, self.count, self.gauge = env.record, env.count, env.gauge
        self.clock, self.loss = env.clock, env.loss

    @property
    def now(self) -> float:
        return self._env.now

    def send(self, to: str, message: Message) -> None:
        self._wrapper.sends(to, message, partial(self._env.send, to))

    def send_reliably(self, to: str, message: Message, *more: Any, **named: Any) -> None:
        def send(made: Message) -> None:
            self._env.send_reliably(to, made, *more, **named)

        self._wrapper.sends(to, message, send)


class Wrapper:
    """Hands everything on as it is; what is built on it changes that.

    Parameters
    ----------
    process : Process
        The inner one.

    Attributes
    ----------
    process : Process
    env : Env
        There once it has started.
    """

    def __init__(self, process: Process):
        for method in ("start", "receive"):
            if not callable(getattr(process, method, None)):
                raise ValueError(
                    f"process is {process!r}: it must have start(env) and receive(env, sender, message)"
                )
        self.process = process

    def start(self, env: Env) -> None:
        """Come up, and with it the inner process."""
        self.env = env
        self.process.start(Between(env, self))

    def receive(self, env: Env, sender: str, message: Message) -> None:
        """Hand a message to the inner process."""
        self.process.receive(env, sender, message)

    def sends(self, to: str, message: Message, send: Send) -> None:
        """The inner process sends: ``send`` does it."""
        send(message)

    def checksummed(self, message: Message) -> bool:
        """As the inner process says, see `gossipkit.sim.Process`."""
        inner = getattr(self.process, "checksummed", None)
        return inner is not None and inner(message)

    def persisted(self) -> Any:
        """What the inner process keeps over a crash; None where it keeps nothing."""
        inner = getattr(self.process, "persisted", None)
        return None if inner is None else inner()


def member(process: Process | None) -> SwimNode | Gossiper | None:
    """The member inside of a process: a `SwimNode` or a `Gossiper`, however it is wrapped; None where there is none."""
    while isinstance(process, Wrapper):
        process = process.process
    return process if isinstance(process, SwimNode | Gossiper) else None
