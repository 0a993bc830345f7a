"""A client of a Raft group: it finds the leader, asks again until it is answered, and is carried out once."""

from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from ..sim import Env, Message, Timer
from ..sim.checks import number
from .raft_messages import Answer, Read, Redirect, Write


class RaftClient:
    """A part of a process that wants something of a Raft group: one request at a time, in the order of asking.

    A request goes to the last known leader, or to a random server; a `Redirect` is followed; silence for ``timeout_s``
    means another server. A write that is sent twice is carried out once, because it bears the session's serial number
    (section 8 of the paper). A session ends with its process: what was waiting at a crash may have been carried out.

    Parameters
    ----------
    servers : iterable of str
    timeout_s : float
        Seconds before asking again. Below the time that a commit takes, it multiplies the load when the servers are
        slowest; far above an election, it prolongs every crash of a leader for its clients.

    Attributes
    ----------
    waiting : int
        Requests not yet answered.
    leader : str or None
        The server that answered last, or that was named to it as the leader; None where it has to guess.
    """

    MESSAGES = (Answer, Redirect)

    def __init__(self, servers: Iterable[str], timeout_s: float = 0.5):
        number("timeout_s", timeout_s, low=1e-6)
        self.servers, self.timeout_s = tuple(servers), timeout_s
        if not self.servers:
            raise ValueError("servers is empty: a client needs at least one to ask")
        self._session = ""
        self._serial = 0
        self._queue: deque[tuple[type, Any, Callable[[Any], None]]] = deque()
        self.leader: str | None = None
        self._timer = Timer()

    @property
    def waiting(self) -> int:
        return len(self._queue)

    def start(self, env: Env) -> None:
        """Open a session: a restarted process must not reuse the serial numbers of the one that crashed."""
        self._session = f"{env.name}#{env.random.getrandbits(32):08x}"

    def write(self, env: Env, command: Any, done: Callable[[Any], None]) -> None:
        """Have a command carried out; ``done(result)`` is called when it has been, however long that takes.

        Raises
        ------
        ValueError
            For the command None, which is Raft's own no-op.
        """
        if command is None:
            raise ValueError("command is None: it must be something for the state machine to do")
        self._ask(env, Write, command, done)

    def read(self, env: Env, query: Any, done: Callable[[Any], None]) -> None:
        """Ask something; ``done(result)`` is called with an answer as of some moment after the asking."""
        self._ask(env, Read, query, done)

    def _ask(self, env: Env, kind: type, content: Any, done: Callable[[Any], None]) -> None:
        self._queue.append((kind, content, done))
        if len(self._queue) == 1:
            self._next(env)

    def _next(self, env: Env) -> None:
        self._serial += 1
        self._send(env)

    def _send(self, env: Env) -> None:
        kind, content, _ = self._queue[0]
        self._timer.cancel()
        self._timer = env.after(self.timeout_s, self._give_up, env)
        to = self.leader or env.random.choice(self.servers)
        env.send_reliably(to, kind(self._session, self._serial, content))

    def _give_up(self, env: Env) -> None:
        self.leader = None
        self._send(env)

    def receive(self, env: Env, sender: str, message: Message) -> None:
        """Handle an `Answer` or a `Redirect`; those to earlier requests change nothing."""
        if (message.session, message.serial) != (self._session, self._serial) or not self._queue:
            return
        if isinstance(message, Redirect):
            # Redirects cannot go in circles: a server names the leader of its term, and if that one sends us on, it does so
            # in a later term. Without a name, the timer asks another server.
            self.leader = message.leader
            if message.leader is not None:
                self._send(env)
            return
        self.leader = sender
        self._timer.cancel()
        _, _, done = self._queue.popleft()
        if self._queue:
            self._next(env)
        done(message.result)
