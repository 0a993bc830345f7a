"""What the leader makes of what gossip says of one member."""

from types import SimpleNamespace

import pytest

from gossipkit.gossip.swim import State
from gossipkit.repair import Registrations
from gossipkit.systems.consul import Deregister, SetHealth
from gossipkit.systems.consul.messages import ByLeader
from gossipkit.systems.consul.reconciliation import Reconciliation


def committed(state, known):
    """What is committed about a member in a state; ``known``: its serfHealth in the catalog, "" for none, None for no entry."""
    commands = []
    checks = {"serfHealth": SimpleNamespace(status=known)} if known else {}
    nodes = {} if known is None else {"a": Registrations(checks=checks)}
    store = SimpleNamespace(
        leads=True,
        machine=SimpleNamespace(nodes=nodes),
        write=lambda env, command, done: commands.append(command),
    )
    env = SimpleNamespace(after=lambda seconds, then: None)
    Reconciliation(env, SimpleNamespace(), store).one("a", state)
    return commands


@pytest.mark.parametrize(
    ("state", "known", "command"),
    [
        (State.ALIVE, None, SetHealth("a", "passing")),
        (State.ALIVE, "", SetHealth("a", "passing")),
        (State.ALIVE, "critical", SetHealth("a", "passing")),
        (State.ALIVE, "passing", None),
        (State.SUSPECT, "passing", None),
        (State.SUSPECT, "critical", SetHealth("a", "passing")),
        (State.DEAD, "passing", SetHealth("a", "critical")),
        (State.DEAD, "critical", None),
        (State.DEAD, None, None),
        (State.LEFT, "passing", Deregister("a")),
        (State.LEFT, None, None),
    ],
)
def test_only_what_differs_is_committed_and_who_failed_before_it_came_does_not_come(state, known, command):
    assert committed(state, known) == ([] if command is None else [ByLeader(command)])


def test_all_members_are_looked_at_and_all_that_only_the_catalog_still_has_each_minute():
    commands, later = [], []
    store = SimpleNamespace(
        leads=True,
        machine=SimpleNamespace(nodes={"forgotten": Registrations()}),
        write=lambda env, command, done: commands.append(command.what),
    )
    env = SimpleNamespace(after=lambda seconds, then: later.append((seconds, then)))
    reconciliation = Reconciliation(env, SimpleNamespace(states={"a": State.ALIVE}), store)
    reconciliation.all()
    looked = [SetHealth("a", "passing"), Deregister("forgotten")]
    assert commands == looked
    ((seconds, then),) = later
    then()
    assert seconds == 60 and commands == looked * 2 and [wait for wait, _ in later] == [60, 60]
    store.leads = False
    later[-1][1]()
    reconciliation.one("a", State.ALIVE)
    assert commands == looked * 2, "who does not lead commits nothing, and looks on"
    assert len(later) == 3
