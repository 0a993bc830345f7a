"""Failover: what gossip says about a master makes its replica stand for election, and votes make it the master.

Without ``authority`` nobody votes: a replica that doubts its master itself takes over after the delay, in an epoch of its own,
as ``CLUSTER FAILOVER TAKEOVER`` does.
"""

from typing import TYPE_CHECKING

from ...authority.epochs import Candidacy, Step, Verdict, Voter, rank
from ...gossip.cluster_bus import Belief
from .messages import AuthAck, AuthRequest
from .settings import REPL_PING_S

if TYPE_CHECKING:
    from .node import Node


class Failover:
    """One node's part in elections, as a replica and as a voter."""

    def __init__(self, node: "Node", last_vote: int):
        self._node = node
        self.voter = Voter(node.settings.node_timeout_s, last_vote)
        self.candidacy = Candidacy(node.settings.node_timeout_s)

    # As a replica.

    def look(self) -> None:
        """Ten times a second and after each vote: is there something to do (clusterHandleSlaveFailover)?"""
        node = self._node
        master = node.master
        if master is None or master not in node.slots or not self._failed(master) or not self._fresh():
            return
        env, candidacy = node.env, self.candidacy
        others = [node.offsets[name] for name in node.replicas_of(master) if name != node.name]
        own_rank = rank(node.replication.offset, others)
        step = candidacy.step(env.now, env.random, own_rank, len(node.slots))
        if step is Step.SCHEDULED:
            env.record("election-scheduled", about=master, delay_s=candidacy.at_s - env.now, rank=own_rank)
            node.tell_fellow_replicas()
        elif step is Step.DELAYED:
            env.record("election-delayed", about=master, rank=own_rank)
        elif step is Step.ASK:
            epoch = node.current_epoch + 1
            node.epoch_seen(epoch)
            env.record("election-started", about=master, epoch=epoch)
            candidacy.asked(epoch)
            if node.settings.authority:
                node.broadcast(AuthRequest(node.header()))
            else:
                node.promote(epoch)
        elif step is Step.WON:
            node.promote(candidacy.epoch)

    def _failed(self, master: str) -> bool:
        belief = self._node.bus.peers[master].belief
        return belief is Belief.FAIL or (belief is Belief.PFAIL and not self._node.settings.authority)

    def _fresh(self) -> bool:
        """Whether the data are recent enough to stand with (cluster-replica-validity-factor)."""
        settings = self._node.settings
        if not settings.validity_factor:
            return True
        age_s, timeout_s = self._node.replication.age_s(), settings.node_timeout_s
        if age_s > timeout_s:
            age_s -= timeout_s  # so long it took to take the master for failed
        return age_s <= REPL_PING_S + timeout_s * settings.validity_factor

    def voted(self, sender: str, message: AuthAck) -> None:
        """A vote has come."""
        node = self._node
        if self.candidacy.voted(sender, sender in node.slots, message.header.current_epoch):
            node.env.record("vote-received", about=sender, epoch=self.candidacy.epoch)
            self.look()

    # As a voter.

    def vote(self, sender: str, message: AuthRequest) -> None:
        """A replica asks for a vote (clusterSendFailoverAuthIfNeeded)."""
        node, header = self._node, message.header
        master = node.masters[sender]
        peer = node.bus.peers.get(master) if master is not None else None
        verdict = self.voter.vote(
            node.env.now,
            voter=node.name in node.slots,
            epoch=header.current_epoch,
            current=node.current_epoch,
            master=master,
            is_master=master is None,
            failed=peer is not None and peer.belief is Belief.FAIL,
            outdated=node.slots.newer_owner(sender, header.slots, header.config_epoch, node.epochs)
            is not None,
        )
        if verdict is Verdict.NO_VOTER:
            return
        node.env.record("vote", about=sender, epoch=header.current_epoch, verdict=verdict)
        if verdict is Verdict.GRANTED:
            node.send(sender, AuthAck(node.header()))
