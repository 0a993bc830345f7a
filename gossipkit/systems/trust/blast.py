"""What breaks in Consul when one secret is stolen, and what does not: the blast radius of each.

A Consul with everything switched on: a gossip key, certificates for requests and for Raft, tokens. A stranger, who is no
member, has one thing and tries all that he can with it, in this order:

========  ============================================================================================================
second    attempt
========  ============================================================================================================
to 20     opens what he has seen on the wire
20        tells everybody that one member is dead, twice a second for 5 s, sealed if he can
40        asks each server, and an agent's HTTP interface, to set a key
45        asks the same to take a node out of the catalog
50        as a leader of a later term, sends two of the three servers a log of his own
========  ============================================================================================================

Each effect is looked for right after its attempt. Whoever owns a whole member has its key, its certificate and its token
together: the union of three rows.

The servers of the model are fixed. Consul's leader takes a server out of Raft's peers that gossip says has left, and adds one
that gossip says has come, so there the holder of the gossip key gets further: he can't speak Raft, but he can make the majority
larger or smaller than it should be.

References
----------
hashicorp/consul agent/consul/leader.go (handleDeregisterMember, joinConsulServer); hashicorp/nomad#9406; and those of
`gossipkit.authority.admission` and `gossipkit.authority.identities`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ...authority import AccessList, Keyring, Policy, Rule, Sealed, Unreadable
from ...authority.identities import CertificateAuthority
from ...authority.raft_messages import AppendEntries, Entry, Write
from ...gossip.swim import State
from ...gossip.swim.messages import Dead
from ...sim import Env, Message, Word
from ...sim.checks import truth
from ..consul import Consul, Deregister, PutKey, Request
from ..consul.messages import ByLeader, Packet

KEY_S, LIE_S, LIES_FOR_S, AGAIN_S, WRITE_S, REMOVE_S, LOG_S, END_S = (
    15.0,
    20.0,
    5.0,
    0.5,
    40.0,
    45.0,
    50.0,
    52.0,
)
LOOK_S = 0.05
STRANGER, ACCUSED, ACCUSER, SERVICE, KEY = "stranger", "agent-1", "agent-2", "web", "app/colour"
GOSSIP_KEY = b"k" * 32
FORGED = "forged"
TERM, ENTRIES = 1000, 400
"""Of the stranger's log: later, and longer, than what the servers have."""


class Holds(Word):
    """What the stranger has."""

    NOTHING = "nothing"
    GOSSIP_KEY = "the gossip key"
    TOKEN = "an application's ACL token"
    MEMBER = "a member's certificate"
    SERVER = "a server's certificate"


class Effect(Word):
    """What he may reach with it."""

    READ = "gossip is read"
    BELIEFS = "members are wrong about others"
    ANSWERS = "a service leaves the answers"
    KEYS = "a key is written"
    CATALOG = "a node leaves the catalog"
    LOG = "what was committed is replaced"


class Stranger:
    """A process that only sends what it is told to; what comes back is of no interest to it."""

    def start(self, env: Env) -> None:
        """Connect."""
        self.env = env

    def receive(self, env: Env, sender: str, message: Message) -> None:
        """Nothing: it expects no answers."""


@dataclass(frozen=True)
class BlastRadius:
    """What was reached with what.

    Attributes
    ----------
    cells : mapping of (Holds, Effect) to tuple of bool
        One for each run.
    tls, acl : bool
        Whether servers wanted certificates, and tokens.
    seeds : tuple of int
    """

    cells: Mapping[tuple[Holds, Effect], tuple[bool, ...]]
    tls: bool
    acl: bool
    seeds: tuple[int, ...]

    def reached(self, holds: Holds) -> tuple[Effect, ...]:
        """What was reached with one thing in at least one run."""
        return tuple(effect for effect in Effect if any(self.cells[holds, effect]))

    def table(self) -> str:
        """In how many runs each was reached, as a Markdown table with a row for each thing that can be stolen."""

        def cell(runs: tuple[bool, ...]) -> str:
            return "–" if not any(runs) else "yes" if all(runs) else f"{sum(runs)} of {len(runs)}"

        rows = [
            f"| {holds} | {' | '.join(cell(self.cells[holds, effect]) for effect in Effect)} |"
            for holds in Holds
        ]
        return "\n".join([f"| who holds | {' | '.join(Effect)} |", "|---" * (len(Effect) + 1) + "|", *rows])

    def __repr__(self) -> str:
        counts = ", ".join(f"{holds} {len(self.reached(holds))}" for holds in Holds)
        return f"<BlastRadius, effects of {len(Effect)} by what is held: {counts}>"


def blast_radius(seeds: Iterable[int] = (1, 2, 3), *, tls: bool = True, acl: bool = True) -> BlastRadius:
    """Let a stranger try everything with each thing that can be stolen.

    Parameters
    ----------
    seeds : iterable of int
        One run for each, and for each thing.
    tls : bool
        Whether servers want certificates.
    acl : bool
        Whether they want tokens.

    Raises
    ------
    ValueError
        For no seed, or anything but True and False.
    """
    truth("tls", tls)
    truth("acl", acl)
    seeds = tuple(seeds)
    if not seeds:
        raise ValueError("seeds is empty: give at least one")
    runs = {holds: [_one(holds, seed, tls, acl) for seed in seeds] for holds in Holds}
    cells = {
        (holds, effect): tuple(effect in run for run in of) for holds, of in runs.items() for effect in Effect
    }
    return BlastRadius(cells, tls, acl, seeds)


def _one(holds: Holds, seed: int, tls: bool, acl: bool) -> set[Effect]:
    """What one stranger reaches in one run."""
    authority = CertificateAuthority(lifetime_s=86_400.0)
    consul = Consul(
        agents=3,
        servers=3,
        seed=seed,
        gossip_key=GOSSIP_KEY,
        access=_access() if acl else None,
        token="agents" if acl else None,
        tls=authority if tls else None,
    )
    consul.register(ACCUSED, SERVICE)
    stranger, world = Stranger(), consul.world
    world.add(STRANGER, stranger)
    if tls and holds in (Holds.MEMBER, Holds.SERVER):
        consul.doors.shown[STRANGER] = authority.issue(
            "stolen", 0.0, server=holds is Holds.SERVER
        ).certificate
    keyring = Keyring(GOSSIP_KEY) if holds is Holds.GOSSIP_KEY else None
    token = "application" if acl and holds is Holds.TOKEN else None
    reached: set[Effect] = set()

    consul.run(until=KEY_S)
    if _opens(consul, keyring):
        reached.add(Effect.READ)

    consul.run(until=LIE_S)
    while world.now < LIE_S + LIES_FOR_S:
        if (world.now - LIE_S) % AGAIN_S < LOOK_S / 2:
            _lie(consul, stranger, keyring)
        consul.run(until=round(world.now + LOOK_S, 6))
        # that the accused itself is well is nobody's belief but his own
        if any(process.swim.state_of(ACCUSED) is State.DEAD for process in _nodes(consul)):
            reached.add(Effect.BELIEFS)
        if ACCUSED not in consul.authority.answer(SERVICE):
            reached.add(Effect.ANSWERS)

    consul.run(until=WRITE_S)
    _ask(consul, stranger, PutKey(KEY, FORGED), token, 1)
    consul.run(until=REMOVE_S)
    if consul.authority.catalog().keys.get(KEY, ("", 0))[0] == FORGED:
        reached.add(Effect.KEYS)
    _ask(consul, stranger, Deregister(ACCUSED), token, 2)
    consul.run(until=REMOVE_S + 1.0)
    if ACCUSED not in consul.authority.catalog().nodes:
        reached |= {Effect.CATALOG, Effect.ANSWERS}

    consul.run(until=LOG_S)
    leader = consul.authority.leader()
    before = _committed(consul, leader)
    entries = tuple(Entry(TERM, ByLeader(PutKey(KEY, FORGED))) for _ in range(ENTRIES))
    for name in consul.servers_of(1):
        if name != leader:
            stranger.env.send_reliably(name, AppendEntries(TERM, 0, 0, entries, ENTRIES, 1))
    consul.run(until=END_S)
    servers = consul.servers_of(1)
    if any(_committed(consul, name)[: len(before)] != before for name in servers):
        reached.add(Effect.LOG)
    stores = [consul.process(name).store for name in servers]
    # whoever writes the log writes what is in it
    if any(store.machine.keys.get(KEY, ("", 0))[0] == FORGED for store in stores):
        reached.add(Effect.KEYS)
    return reached


def _access() -> AccessList:
    """Agents may register what they have; an application may write its own keys."""
    rules = {
        "agents": (Rule("node", "write", prefix=True), Rule("service", "write", prefix=True)),
        "application": (Rule("key", "write", "app/", prefix=True),),
    }
    return AccessList({name: [Policy(name, said)] for name, said in rules.items()})


def _nodes(consul: Consul) -> list[Any]:
    return [consul.process(name) for name in consul.nodes_of(1)]


def _committed(consul: Consul, server: str) -> list[Entry]:
    store = consul.process(server).store
    return store.log.entries[: store.commit_index]


def _opens(consul: Consul, keyring: Keyring | None) -> bool:
    """Whether one of the packets of gossip so far says something to the stranger."""
    for event in consul.trace.filter(kind="send"):
        packet = event.fields["message"]
        if type(packet) is not Packet:
            continue
        if type(packet.content) is not Sealed:
            return True
        try:
            return keyring is not None and keyring.unwrap(packet.content, packet.pool) is not None
        except Unreadable:
            continue
    return False


def _lie(consul: Consul, stranger: Stranger, keyring: Keyring | None) -> None:
    # the incarnation is what anybody hears who can read gossip; without the key it doesn't matter
    for name in consul.nodes_of(1):
        if name != ACCUSED:
            known = consul.process(name).swim.members[ACCUSED].incarnation
            claim = Dead(known, ACCUSED, ACCUSER)
            content = claim if keyring is None else keyring.wrap(claim, "lan")
            stranger.env.send(name, Packet("lan", content))


def _ask(
    consul: Consul, stranger: Stranger, command: PutKey | Deregister, token: str | None, serial: int
) -> None:
    request = Request(command, token)
    for name in consul.servers_of(1):
        stranger.env.send_reliably(name, Write("stranger", serial, request))
    # an agent takes requests from whoever reaches it, and hands them on under its own certificate
    consul.ask("command", KEY, request, "agent-3", 3.0)
