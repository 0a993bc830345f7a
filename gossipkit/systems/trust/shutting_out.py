"""One laptop is stolen: how long it is heard in the pool, and what it costs to shut it out.

A pool of SWIM members with memberlist's LAN settings. From `STOLEN_S` on the laptop, a member until then, tells each of the
others something five times a second, with the key or the certificate that it has; at `DECIDED_S` an operator begins to shut
it out. One other member may be down then, and is back `ABSENT_S` later.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import inf, isnan, nan
from statistics import median

from ...authority import Keyring
from ...authority.identities import Certificate, CertificateAuthority, Credentials
from ...gossip.swim import State, SwimNode
from ...gossip.swim.messages import Ack
from ...sim import Env, Message, Timer, Word, World, message
from ...sim.checks import instance, truth, whole
from ..consul.messages import Packet
from ..consul.pool import PoolEnv

STOLEN_S, DECIDED_S, ABSENT_S, AFTER_S = 5.0, 10.0, 40.0, 40.0
"""Seconds: when the laptop changes sides; when the operator begins; how long after that the absent member is back, and for how
long one watches from then on."""
SPEAKS_S = 0.2
RETRY_S, PATIENCE_S = 1.0, 5.0
"""An operator asks a member that hasn't answered again after this; and goes on without it after this, if he goes on at all."""
LIFETIME_S = 60.0
"""Of the certificates that are let expire. Real ones last from an hour to some days; what grows with it is the time that a thief
has, and what shrinks is the number of renewals."""
LONG_S = 86_400.0
"""Of those that are revoked before their end."""
SEEDS = 3
"""Whom a member asks to join that is back."""
POOL, OPERATOR, LAPTOP = "lan", "operator", "laptop"
OLD, NEW = b"o" * 32, b"n" * 32


class Way(Word):
    """How a member is shut out."""

    ROTATE_WAIT = "rotate the key, wait for everybody"
    ROTATE_ON = "rotate the key, go on without who is missing"
    ROTATE_GOSSIP = "rotate the key through the pool"
    REVOKE = "revoke its certificate"
    EXPIRE = "renew all certificates but its own"


ROTATIONS = (Way.ROTATE_WAIT, Way.ROTATE_ON, Way.ROTATE_GOSSIP)


class Step(Word):
    """What an operator wants of a member."""

    INSTALL = "install"
    USE = "use"
    REMOVE = "remove"
    REVOKED = "revoked"


@message
class Order:
    """Do a step of a rotation with this key, or take this list of revoked certificates."""

    step: Step
    key: bytes
    revoked: tuple[int, ...]


@message
class Done:
    """It is done."""

    step: Step


@message
class Renew:
    """A member asks for a new certificate."""


@message
class Renewed:
    """The new certificate, as large as an X.509 one with an Ed25519 key."""

    credentials: Credentials
    size_bytes = 600


class Member:
    """One member of the pool, behind its door.

    Parameters
    ----------
    door : Keyring or Credentials
    names : tuple of str
        All members of the pool.
    settled : bool
        Whether it has been there from the beginning.
    renews : bool
        Whether it renews its certificate when half of its time is over; after a restart, before anything else.
    """

    def __init__(self, door: Keyring | Credentials, names: tuple[str, ...], settled: bool, renews: bool):
        self.door, self._names, self._settled, self._renews = door, names, settled, renews
        self.heard_s: dict[str, float] = {}
        self.swim: SwimNode | None = None

    def persisted(self) -> Keyring | Credentials:
        """Its keys, or its certificate."""
        return self.door

    def start(self, env: Env) -> None:
        """Come up, and join where it isn't a member yet."""
        self.env = env
        self._pool = PoolEnv(env, POOL, self.door)
        self._take(self.door)
        if self._renews:
            wait_s = LIFETIME_S * (0.4 + 0.2 * env.random.random()) if self._settled else 0.0
            env.after(wait_s, self._renew)
        if self._settled or not self._renews:
            self._join()

    def _join(self) -> None:
        others = [name for name in self._names if name != self.env.name]
        seeds = () if self._settled else tuple(self.env.random.sample(others, SEEDS))
        self.swim = SwimNode(seeds=seeds, members=self._names if self._settled else ())
        self.swim.start(self._pool)

    def _take(self, door: Keyring | Credentials) -> None:
        self.door = self._pool.keyring = door
        if isinstance(door, Credentials):
            door.clock = self.env.clock

    def _renew(self) -> None:
        self.env.send_reliably(OPERATOR, Renew())

    def receive(self, env: Env, sender: str, received: Message) -> None:
        """Gossip through the door, orders past it."""
        if type(received) is Packet:
            content = self._pool.opened(sender, received)
            if content is None:
                return
            self.heard_s[sender] = env.now
            if type(content) is Order:
                self._obey(sender, content)
            elif self.swim is not None:
                self.swim.receive(self._pool, sender, content)
        elif type(received) is Order:
            self._obey(sender, received)
        else:  # Renewed
            received.credentials.revoked = self.door.revoked
            self._take(received.credentials)
            if self.swim is None:
                self._join()
            env.after(LIFETIME_S / 2, self._renew)

    def _obey(self, sender: str, order: Order) -> None:
        if order.step is Step.REVOKED:
            self.door.revoked = frozenset(order.revoked)
        else:
            try:
                getattr(self.door, order.step)(order.key)
            except ValueError:  # it has missed a step: serf's answer to the operator is an error
                return
        self.env.send_reliably(sender, Done(order.step))


class Laptop(Member):
    """The stolen one: it goes on listening, and tells everybody something with what it holds."""

    def start(self, env: Env) -> None:
        """Come up as a member; change sides later."""
        super().start(env)
        env.after(STOLEN_S, self._speak)

    def _speak(self) -> None:
        for name in self._names:
            if name != self.env.name:
                self._pool.send(name, Ack(0))
        self.env.after(SPEAKS_S, self._speak)


class Operator:
    """Who shuts a member out, and the authority that renews certificates.

    Parameters
    ----------
    way : Way
    names : tuple of str
        Whom it tells.
    door : Keyring or Credentials
        By which it speaks in the pool, where that is the way.
    authority : CertificateAuthority
    stolen : Certificate or None
    """

    def __init__(
        self,
        way: Way,
        names: tuple[str, ...],
        door: Keyring | Credentials,
        authority: CertificateAuthority,
        stolen: Certificate | None,
    ):
        self._way, self._names, self._door = way, names, door
        self._authority, self._stolen = authority, stolen
        self._orders: list[Order] = []
        self._waits: set[str] = set()
        self._timer = Timer()

    def start(self, env: Env) -> None:
        """Wait until the theft is known."""
        self._env, self._pool = env, PoolEnv(env, POOL, self._door)
        env.after(DECIDED_S, self._begin)

    def _begin(self) -> None:
        if self._way is Way.REVOKE:
            self._authority.revoke(self._stolen)
            self._orders = [Order(Step.REVOKED, b"", tuple(self._authority.revoked))]
        elif self._way in ROTATIONS:
            steps = (Step.INSTALL, NEW), (Step.USE, NEW), (Step.REMOVE, OLD)
            self._orders = [Order(step, key, ()) for step, key in steps]
        self._next()

    def _next(self) -> None:
        if self._orders:
            self._waits, self._since_s = set(self._names), self._env.now
            self._ask()

    def _ask(self) -> None:
        env, order = self._env, self._orders[0]
        goes_on = self._way in (Way.ROTATE_ON, Way.ROTATE_GOSSIP)
        if goes_on and env.now - self._since_s >= PATIENCE_S:
            return self._done()
        for name in self._names:
            if name not in self._waits:
                continue
            if self._way is Way.ROTATE_GOSSIP:
                self._pool.send_reliably(name, order)
            else:
                env.send_reliably(name, order)
        self._timer = env.after(RETRY_S, self._ask)

    def _done(self) -> None:
        self._timer.cancel()
        step = self._orders.pop(0).step
        if self._way is Way.ROTATE_GOSSIP:
            # it is a member itself, and seals with what all have
            getattr(self._door, step)(NEW if step is not Step.REMOVE else OLD)
        self._next()

    def receive(self, env: Env, sender: str, received: Message) -> None:
        """An answer, or somebody whose certificate is half over."""
        if type(received) is Done:
            if self._orders and received.step is self._orders[0].step:
                self._waits.discard(sender)
                if not self._waits:
                    self._done()
        elif type(received) is Renew and not self._is_stolen(sender):
            env.send_reliably(sender, Renewed(self._authority.issue(sender, env.clock())))

    def _is_stolen(self, name: str) -> bool:
        return self._stolen is not None and self._stolen.name == name and self._env.now >= DECIDED_S


@dataclass(frozen=True)
class ShutOut:
    """What it took to shut one laptop out.

    Attributes
    ----------
    way : Way
    members : int
        With the laptop.
    absent : str or None
        Who was down.
    out_s : float
        From the decision until no member that was up hears the laptop any more, in seconds; nan: they hear it to the end.
    let_in : tuple of str
        Who still hears the laptop at the end.
    locked_out : tuple of str
        Honest members that are up, and that most of the others hold for dead at the end.
    wrong : int
        At the end, pairs of honest members, both up, of which one holds the other for dead.
    messages, bytes : int
        What the operator and the members have said to each other about it from the decision on; renewals as well.
    seed : int
    """

    way: Way
    members: int
    absent: str | None
    out_s: float
    let_in: tuple[str, ...]
    locked_out: tuple[str, ...]
    wrong: int
    messages: int
    bytes: int
    seed: int

    def __repr__(self) -> str:
        out = "never" if isnan(self.out_s) else f"after {self.out_s:.1f} s"
        locked = f", locked out too: {', '.join(self.locked_out)}" if self.locked_out else ""
        return f"<ShutOut, {self.way}: out {out} by {self.messages} messages{locked}>"


def shut_out(way: Way, *, members: int = 12, absent: bool = True, seed: int = 1) -> ShutOut:
    """Have an operator shut one stolen laptop out of a pool.

    Parameters
    ----------
    way : Way
    members : int
        With the laptop, at least 6.
    absent : bool
        Whether one other member is down meanwhile, and is back later with the keys, or the certificate, that it had.
    seed : int

    Raises
    ------
    ValueError
        For another way, or a number out of range.
    """
    instance("way", way, Way, f"one of {', '.join(map(str, Way))}, as a Way")
    whole("members", members, 6)
    truth("absent", absent)
    names = (*(f"member-{number}" for number in range(1, members)), LAPTOP)
    honest, missing = names[:-1], names[1] if absent else None
    world, authority = World(seed), CertificateAuthority(LIFETIME_S if way is Way.EXPIRE else LONG_S)
    doors = {
        name: Keyring(OLD) if way in ROTATIONS else authority.issue(name, 0.0) for name in (*names, OPERATOR)
    }
    renews = way is Way.EXPIRE
    for name in honest:
        world.add(
            name,
            Member(doors[name], names, True, renews),
            lambda door: Member(door, names, False, renews),
        )
    world.add(LAPTOP, Laptop(doors[LAPTOP], names, True, renews))
    stolen = None if way in ROTATIONS else doors[LAPTOP].certificate
    # who speaks through the pool can't leave one of its members out
    told = names if way is Way.ROTATE_GOSSIP else honest
    world.add(OPERATOR, Operator(way, told, doors[OPERATOR], authority, stolen))
    if missing:
        world.at(DECIDED_S - 1.0, world.crash, missing)
        world.at(DECIDED_S + ABSENT_S, world.restart, missing)
    end_s = DECIDED_S + ABSENT_S + AFTER_S
    world.run(until=end_s)
    heard_s = {name: world.process(name).heard_s.get(LAPTOP, 0.0) for name in honest}
    let_in = tuple(name for name in honest if heard_s[name] > end_s - 1.0)
    last_s = max(heard_s[name] for name in honest if name != missing)
    views = {name: world.process(name).swim.states for name in honest}
    buried = [
        (observer, subject)
        for observer in honest
        for subject in honest
        if observer != subject and views[observer].get(subject) not in (State.ALIVE, State.SUSPECT)
    ]
    locked_out = tuple(
        name for name in honest if 2 * sum(subject == name for _, subject in buried) > len(honest) - 1
    )
    said = [
        event.fields["message"]
        for event in world.trace.filter(kind="stream-send", after=DECIDED_S)
        if _about_it(event.fields["message"])
    ]
    return ShutOut(
        way,
        members,
        missing,
        nan if last_s > end_s - 1.0 else max(0.0, last_s - DECIDED_S),
        let_in,
        locked_out,
        len(buried),
        len(said),
        sum(message.size_bytes for message in said),
        seed,
    )


def _about_it(said: Message) -> bool:
    """Whether a message is the operator's, or an answer to one; also under a seal."""
    inside = getattr(getattr(said, "content", said), "content", said)
    return isinstance(inside, Order | Done | Renew | Renewed)


def shut_out_table(runs: Iterable[ShutOut]) -> str:
    """Each way in numbers, medians over its runs, as a Markdown table.

    Raises
    ------
    ValueError
        If there is none.
    """
    by_way: dict[Way, list[ShutOut]] = {}
    for run in runs:
        by_way.setdefault(run.way, []).append(run)
    if not by_way:
        raise ValueError("runs is empty: give at least one")

    def row(way: Way, of: list[ShutOut]) -> str:
        out_s = median(inf if isnan(run.out_s) else run.out_s for run in of)
        messages, size = (median(getattr(run, name) for run in of) for name in ("messages", "bytes"))
        let_in, locked_out = (
            median(len(getattr(run, name)) for run in of) for name in ("let_in", "locked_out")
        )
        out = "never" if out_s == inf else f"{out_s:.1f} s"
        return f"| {way} | {out} | {messages:.0f} | {size:.0f} | {let_in:.0f} | {locked_out:.0f} |"

    return "\n".join(
        [
            "| way | out after | messages | bytes | members that still let it in | honest ones locked out |",
            "|---|---|---|---|---|---|",
            *(row(way, of) for way, of in by_way.items()),
        ]
    )
