"""Routers that break the rules: an honest router, and behaviours around it.

A `Liar` holds a `Gossipsub` and stands between it and the network. What the router wants to send passes the behaviours that act at
the time, which may keep it back; and once a heartbeat each of them may send something of its own. Behaviours are checked data:

==================  ==============================================================================================================
`Silence`           passes nothing on, or only a share, or all but one author's messages (a censor)
`Promise`           advertises messages that do not exist, so that it is asked and does not answer
`Spam`              sends messages that no honest validator accepts
`GraftFlood`        grafts its victims in each heartbeat, whether or not it is within a backoff; dials them first
==================  ==============================================================================================================

One operator's many liars are many processes (Sybils); that they sit at one address is what ``addresses`` of the honest routers say.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from ...sim import checks
from .messages import Graft, IHave, Publish, Verdict
from .node import Gossipsub

if TYPE_CHECKING:
    from ...sim import Env, Message


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """What all behaviours share: from when on, in seconds of the world, and for how long (None: until stopped)."""

    at_s: float = 0.0
    for_s: float | None = None

    def __post_init__(self):
        checks.number("at_s", self.at_s)
        if self.for_s is not None:
            checks.number("for_s", self.for_s)

    def acts(self, now: float) -> bool:
        """Whether it acts at that time."""
        return self.at_s <= now and (self.for_s is None or now < self.at_s + self.for_s)

    def says(self, env: "Env", message: "Message") -> "Message | None":
        """What becomes of a message that the honest router sends; None: nothing."""
        return message

    def beat(self, router: Gossipsub) -> None:
        """What it does in each heartbeat."""


@dataclass(frozen=True, kw_only=True)
class Silence(Behaviour):
    """Passes on, advertises and answers with only a part of the messages; takes part in all else, and publishes its own.

    Parameters
    ----------
    share : float
        Of the messages that it keeps back, drawn for each copy; 1 is all.
    of : str or None
        Only messages of that author; None, of all.
    """

    share: float = 1.0
    of: str | None = None

    def __post_init__(self):
        super().__post_init__()
        checks.probability("share", self.share)
        if self.of is not None:
            checks.name("of", self.of)

    def _keeps(self, env: "Env", author: str) -> bool:
        return (
            author != env.name
            and (self.of is None or author == self.of)
            and (self.share == 1.0 or env.random.random() < self.share)
        )

    def says(self, env, message):
        if type(message) is Publish:
            return None if self._keeps(env, message.author) else message
        if type(message) is IHave:
            # an id begins with its author's name; who advertised what it holds back would break a promise
            ids = tuple(id_ for id_ in message.ids if not self._keeps(env, id_.rsplit("/", 1)[0]))
            return IHave(ids) if ids else None
        return message


@dataclass(frozen=True, kw_only=True)
class Promise(Behaviour):
    """Advertises messages that do not exist, to all its peers.

    Parameters
    ----------
    ids : int
        How many in a heartbeat, at least 1.
    """

    ids: int = 5

    def __post_init__(self):
        super().__post_init__()
        checks.whole("ids", self.ids, 1)

    def beat(self, router):
        env = router.env
        for peer in router.peers:
            ids = tuple(f"{env.name}/none-{env.random.getrandbits(48)}" for _ in range(self.ids))
            router.send(peer, IHave(ids))


@dataclass(frozen=True, kw_only=True)
class Spam(Behaviour):
    """Sends invalid messages to all its peers.

    Parameters
    ----------
    messages : int
        How many in a heartbeat, at least 1.
    payload_bytes : int
        The size of each.
    """

    messages: int = 1
    payload_bytes: int = 1000

    def __post_init__(self):
        super().__post_init__()
        checks.whole("messages", self.messages, 1)
        checks.whole("payload_bytes", self.payload_bytes, 0)

    def beat(self, router):
        env = router.env
        for _ in range(self.messages):
            id_ = f"{env.name}/spam-{env.random.getrandbits(48)}"
            spam = Publish(id_, env.name, self.payload_bytes, Verdict.REJECT)
            for peer in router.peers:
                router.send(peer, spam)


@dataclass(frozen=True, kw_only=True)
class GraftFlood(Behaviour):
    """Grafts its victims again and again.

    Parameters
    ----------
    victims : iterable of str
        Empty: all its peers.
    patient : bool
        Whether it keeps to the backoff after a prune, as a liar that knows the rules does.
    """

    victims: tuple[str, ...] = ()
    patient: bool = False

    def __post_init__(self):
        super().__post_init__()
        object.__setattr__(self, "victims", checks.names("victims", self.victims))
        checks.truth("patient", self.patient)

    def beat(self, router):
        for victim in self.victims or tuple(router.peers):
            router.connect(victim)
            if victim not in router.mesh.members and not (self.patient and router.mesh.backs_off(victim)):
                router.send(router.mesh.graft(victim, router.env.now), Graft())


class Liar:
    """A router that lies, as `gossipkit.sim.Process`; without behaviours it is the honest one.

    It writes ``lie`` (behaviour) into the trace when one is added.

    Parameters
    ----------
    router : Gossipsub
    behaviours : iterable of Behaviour

    Attributes
    ----------
    router : Gossipsub
    behaviours : list of Behaviour

    Raises
    ------
    ValueError
        For what is no router or no behaviour.
    """

    def __init__(self, router: Gossipsub, behaviours: Iterable[Behaviour] = ()):
        checks.instance("router", router, Gossipsub, "a Gossipsub")
        self.router, self.behaviours = router, list(behaviours)
        for each in self.behaviours:
            checks.instance("behaviours", each, Behaviour, "behaviours, such as Silence()")

    def start(self, env: "Env") -> None:
        self._env, self._lips = env, Lips(env, self)
        for each in self.behaviours:
            self._note(each)
        self.router.start(self._lips)
        env.after(env.random.random() * self.router.config.heartbeat_interval_s, self._beat)

    def receive(self, env: "Env", sender: str, message: "Message") -> None:
        self.router.receive(self._lips, sender, message)

    def lie(self, behaviour: Behaviour) -> None:
        """Take up a behaviour; one whose time has begun acts at once."""
        checks.instance("behaviour", behaviour, Behaviour, "a behaviour, such as Silence()")
        self.behaviours.append(behaviour)
        self._note(behaviour)

    def stop(self) -> None:
        """Be honest from now on."""
        self.behaviours.clear()
        self._env.record("honest")

    def _note(self, behaviour: Behaviour) -> None:
        told = {each.name: getattr(behaviour, each.name) for each in fields(behaviour)}
        self._env.record("lie", behaviour=type(behaviour).__name__, **told)

    def _acting(self) -> list[Behaviour]:
        return [each for each in self.behaviours if each.acts(self._env.now)]

    def _beat(self) -> None:
        for each in self._acting():
            each.beat(self.router)
        self._env.after(self.router.config.heartbeat_interval_s, self._beat)

    def says(self, message: "Message") -> "Message | None":
        """What is sent in place of a message; None for nothing."""
        for each in self._acting():
            message = each.says(self._env, message)
            if message is None:
                return None
        return message


class Lips:
    """The `Env` of a router within a liar: all is the world's but what is said."""

    __slots__ = ("_env", "_liar")

    def __init__(self, env: "Env", liar: Liar):
        self._env, self._liar = env, liar

    def __getattr__(self, name: str) -> Any:
        return getattr(self._env, name)

    def send_reliably(self, to: str, message: "Message", **callbacks: Any) -> None:
        said = self._liar.says(message)
        if said is not None:
            self._env.send_reliably(to, said, **callbacks)
