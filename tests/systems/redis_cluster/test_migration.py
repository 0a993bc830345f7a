"""Which replica goes to a master that has lost its own, and when."""

from types import SimpleNamespace

import pytest

from gossipkit.gossip.cluster_bus import Belief
from gossipkit.systems.redis_cluster.migration import DELAY_S, Migration

MASTERS = {"m1": ("r1", "r2"), "m2": ("r3",), "m3": ()}


class Node:
    """A node that is told what it knows, and notes whom it follows."""

    def __init__(self, name, masters, slots=("m1", "m2", "m3")):
        self.masters = dict.fromkeys(masters) | {
            replica: master for master, its in masters.items() for replica in its
        }
        self.name, self.master, self.slots, self.ok = name, self.masters[name], slots, True
        self.bus = SimpleNamespace(
            peers={
                each: SimpleNamespace(name=each, belief=Belief.OK) for each in self.masters if each != name
            }
        )
        self.env = SimpleNamespace(now=100.0, record=lambda *_, **__: None)
        self.followed = []
        self.follow = self.followed.append

    def replicas_of(self, master):
        return tuple(name for name, its in self.masters.items() if its == master)


def followed(name, masters=MASTERS, orphaned=("m2", "r3"), waited_s=DELAY_S + 0.1):
    """Whom a replica follows that looks when a replica has failed, and again later."""
    node = Node(name, masters)
    migration = Migration(node)
    if orphaned:
        node.bus.peers[orphaned[1]].belief = Belief.FAIL
    migration.look()
    node.env.now += waited_s
    migration.look()
    return node.followed


def test_the_smallest_replica_of_the_master_with_most_goes_to_the_one_without_after_five_seconds():
    assert followed("r1") == ["m2"] and followed("r2") == []
    assert followed("r1", waited_s=DELAY_S - 0.1) == []
    assert followed("r1", orphaned=()) == [], "m3 never had a replica"


@pytest.mark.parametrize(
    ("name", "most"), [("r1", {"m1": ("r1", "r2"), "m3": ("r5", "r6", "r7")}), ("r2", {"m1": ("r2", "r4")})]
)
def test_a_master_with_fewer_than_the_most_keeps_its_replicas(name, most):
    goes = [] if "m3" in most else ["m2"]
    assert followed(name, MASTERS | most) == goes


def test_a_master_whose_other_replica_has_failed_keeps_the_last():
    masters = MASTERS | {"m1": ("r1", "r2")}
    node = Node("r1", masters)
    migration = Migration(node)
    for failed in ("r2", "r3"):
        node.bus.peers[failed].belief = Belief.FAIL
    for node.env.now in (100.0, 110.0):
        migration.look()
    assert node.followed == []
