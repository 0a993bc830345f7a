"""What Consul's servers agree on: the state machine behind the log.

What a request's token may not do is answered with `Denied`. Deciding that inside the log, and not before it, keeps every
server's answer the same.

A session is a lock's tie to gossip: it belongs to a node, and by default it is gone when that node's ``serfHealth`` is
critical; the keys that it held are free then, whether their holder knows or not. Nobody gets them for the lock delay, so that a
holder that looks often enough notices first. That is no part of what the log decides: each server counts it by its own clock from
when it has applied the end of the session, and the leader refuses before the log is asked. Left out are sessions with further
checks or a time to live.

References
----------
hashicorp/consul agent/consul/fsm, agent/consul/catalog_endpoint.go; agent/consul/session_endpoint.go (serfHealth is the
default check), agent/consul/state/catalog.go (a critical check invalidates), state/session.go (deleteSessionTxn), state/kvs.go
(kvsLockTxn), state/delay.go, kvs_endpoint.go (kvsPreApply).
"""

from collections.abc import Callable, Iterable
from typing import Any

from ...authority import AccessList
from ...authority.raft import Role
from ...authority.raft_messages import Answer, Write
from ...repair import Check, Registrations
from .messages import (
    CRITICAL,
    Acquire,
    ByLeader,
    CreateSession,
    Denied,
    Deregister,
    PutKey,
    Request,
    SetHealth,
    Sync,
)

SERF_HEALTH = "serfHealth"


class Catalog:
    """Nodes with their services and checks, and keys; a `gossipkit.authority.StateMachine`.

    Parameters
    ----------
    access : AccessList, optional
        Who may do what; by default everybody everything, as in Consul without ACLs.

    Attributes
    ----------
    index : int
        How many commands have been carried out.
    nodes : dict of str to Registrations
    keys : dict of str to tuple
        Value, and the index of its last change.
    sessions : dict of str to CreateSession
        Those that have not ended, with what they were begun by.
    locks : dict of str to str
        By key that is held, the session that holds it.
    clock : callable
        What time it is on this server, in seconds, for the lock delay; by default always 0.
    """

    def __init__(self, access: AccessList | None = None):
        self.access = access or AccessList({}, default="allow")
        self.index = 0
        self.nodes: dict[str, Registrations] = {}
        self.keys: dict[str, tuple[str, int]] = {}
        self.sessions: dict[str, CreateSession] = {}
        self.locks: dict[str, str] = {}
        self.clock: Callable[[], float] = float
        self._free_s: dict[str, float] = {}  # by key, until when nobody gets it

    def apply(self, request: Request | ByLeader) -> Any:
        """Carry a command out; True, False for a check-and-set that was too late, or `Denied`."""
        # also for what is refused: the index counts entries of the log, and is the same on each server
        self.index += 1
        refused = self._refused(request) if type(request) is Request else None
        return refused or getattr(self, f"_{type(request.what).__name__.lower()}")(request.what)

    def read(self, request: Request) -> Any:
        """Answer a question: ("node", name), ("service", name), ("key", key), ("session", name) or ("nodes",).

        A service's instances are ``(node, service id, port)``, those alone of which no check and no node's check is
        critical: what Consul's DNS answers.
        """
        kind, *name = request.what
        if kind == "nodes":
            return tuple(self.nodes)
        if kind == "session":
            session = self.sessions.get(name[0])
            refused = session and not self.access.allows(request.token, "read", kind, session.node)
            return Denied("read", kind, session.node) if refused else session
        if not self.access.allows(request.token, "read", kind, name[0]):
            return Denied("read", kind, name[0])
        if kind == "node":
            return self.entry(name[0])
        if kind == "service":
            return self.healthy(name[0])
        return self.keys.get(name[0], (None, 0))

    def entry(self, node: str) -> Registrations:
        """What is registered for a node; nothing for one that is not there."""
        return self.nodes.get(node, Registrations())

    def delayed(self, request: Request | ByLeader) -> bool:
        """Whether a request wants a lock whose delay is not over yet on this server; one that is denied is denied first."""
        what = request.what
        if type(what) is not Acquire or self.clock() >= self._free_s.get(what.key, 0.0):
            return False
        return self._refused(request) is None

    def _refused(self, request: Request) -> Denied | None:
        what = request.what
        if type(what) is PutKey or type(what) is Acquire:
            needed = [("key", what.key)]
        elif type(what) is CreateSession:
            needed = [("session", what.node)]
        else:
            needed = [("node", what.node)]
            if type(what) is Sync:
                needed += [("service", service.name) for service in what.changes.register_services.values()]
        for resource, name in needed:
            if not self.access.allows(request.token, "write", resource, name):
                return Denied("write", resource, name)
        return None

    def _sync(self, command: Sync) -> bool:
        known, changes = self.entry(command.node), command.changes
        services = {**known.services, **changes.register_services}
        checks = {**known.checks, **changes.register_checks}
        for name in changes.deregister_services:
            services.pop(name, None)
        for name in changes.deregister_checks:
            checks.pop(name, None)
        # a check goes with its service
        checks = {
            name: check
            for name, check in checks.items()
            if not check.service_id or check.service_id in services
        }
        meta = known.meta if changes.meta is None else changes.meta
        self.nodes[command.node] = Registrations(services, checks, meta)
        return True

    def _sethealth(self, command: SetHealth) -> bool:
        known = self.entry(command.node)
        checks = {**known.checks, SERF_HEALTH: Check(command.status)}
        self.nodes[command.node] = Registrations(known.services, checks, known.meta)
        if command.status == CRITICAL:
            self._end_sessions(session for session in self._sessions_of(command.node) if session.health)
        return True

    def _deregister(self, command: Deregister) -> bool:
        self._end_sessions(self._sessions_of(command.node))
        return self.nodes.pop(command.node, None) is not None

    def _putkey(self, command: PutKey) -> bool:
        _, index = self.keys.get(command.key, (None, 0))
        if command.if_index is not None and command.if_index != index:
            return False
        self.keys[command.key] = (command.value, self.index)
        return True

    def _createsession(self, command: CreateSession) -> bool:
        if command.node not in self.nodes or command.session in self.sessions:
            return False
        health = self.entry(command.node).checks.get(SERF_HEALTH)
        if command.health and (health is None or health.status == CRITICAL):
            return False
        self.sessions[command.session] = command
        return True

    def _acquire(self, command: Acquire) -> bool:
        held = self.locks.get(command.key, command.session) != command.session
        if held or command.session not in self.sessions:
            return False
        self.locks[command.key] = command.session
        self.keys[command.key] = (command.value, self.index)
        return True

    def _sessions_of(self, node: str) -> tuple[CreateSession, ...]:
        return tuple(session for session in self.sessions.values() if session.node == node)

    def _end_sessions(self, ended: Iterable[CreateSession]) -> None:
        for session in ended:
            del self.sessions[session.session]
            for key in [key for key, holder in self.locks.items() if holder == session.session]:
                del self.locks[key]
                self._free_s[key] = self.clock() + session.lock_delay_s
                self.keys[key] = (self.keys[key][0], self.index)  # whoever waits for the key sees it change

    def healthy(self, name: str) -> tuple[tuple[str, str, int], ...]:
        """A service's instances without a critical check of their own or of their node: (node, service id, port)."""
        found = []
        for node, entry in self.nodes.items():
            offered = {key: each.port for key, each in entry.services.items() if each.name == name}
            if offered:
                # a check without a service is the node's own, such as serfHealth: it takes all its services out of the answers
                critical = {check.service_id for check in entry.checks.values() if check.status == CRITICAL}
                found += [(node, key, port) for key, port in offered.items() if not critical & {"", key}]
        return tuple(found)


class Alone:
    """What stands in for the log when authority is switched off: each server keeps a catalog of its own, and answers.

    It takes what a `gossipkit.authority.RaftNode` takes, and always leads, because nobody is asked.
    """

    role, leader, leads = Role.LEADER, None, True

    def __init__(self, machine: Catalog):
        self.machine = machine

    def start(self, env) -> None:
        self.leader = env.name

    def persisted(self) -> None:
        """Nothing: there is no log."""

    def write(self, env, command: Request | ByLeader, done) -> bool:
        done(self.machine.apply(command))
        return True

    def receive(self, env, sender: str, received) -> None:
        if type(received) is Write:
            result = self.machine.apply(received.command)
        else:
            result = self.machine.read(received.query)
        env.send_reliably(sender, Answer(received.session, received.serial, result))
