"""The mesh of one topic: whom a router sends every message in full, and how a heartbeat keeps it in shape.

In this order, once a heartbeat (gossipsub.go, heartbeat):

1. a member with a score below 0 is pruned;
2. with fewer than ``d_lo`` members, random peers with a score of at least 0 are grafted up to ``d``;
3. with more than ``d_hi``, the best ``d_score`` and random others are kept, ``d`` in all, ``d_out`` of them dialled by this router;
4. with fewer than ``d_out`` members that it has dialled, some are grafted beyond that;
5. every ``opportunistic_graft_ticks`` heartbeats: if the median score is below a threshold, two peers above the median are grafted.

A peer that was pruned, or has pruned us, is left alone until its backoff is over.
"""

from collections.abc import Callable, Mapping
from random import Random

from ...sim import Word
from .config import GossipsubConfig
from .score import NoScore, PeerScore

CLEAR_BACKOFF_TICKS = 15  # gossipsub.go, clearBackoff: an expired backoff is in force until it is cleared


class Answer(Word):
    """What becomes of a GRAFT."""

    IN = "in"
    BACKOFF = "it comes within the backoff"
    SCORE = "its score is below 0"
    FULL = "the mesh is full and it has dialled in"


class Why(Word):
    """Why a heartbeat prunes."""

    SCORE = "its score is below 0"
    FULL = "the mesh is too large"


class Mesh:
    """Members, backoffs, and the rules above. It sends nothing: what it decides, the router tells the peers.

    Parameters
    ----------
    config : GossipsubConfig
    scores : PeerScore or NoScore
    peers : mapping of str to bool
        The connected peers, and whether this router has dialled them; the router's own, live.
    random : random.Random

    Attributes
    ----------
    members : dict of str to None
        In the order of grafting.
    """

    def __init__(
        self, config: GossipsubConfig, scores: PeerScore | NoScore, peers: Mapping[str, bool], random: Random
    ):
        self._config, self._scores, self._peers, self._random = config, scores, peers, random
        self.members: dict[str, None] = {}
        self._backoff: dict[str, float] = {}  # when it is over, by peer

    def join(self, now: float) -> list[str]:
        """Graft the first ``d`` peers; returns them."""
        return [self.graft(peer, now) for peer in self._draw(self._config.d, lambda peer: True)]

    def forget(self, peer: str) -> None:
        """A peer has disconnected; its backoff stays."""
        self.members.pop(peer, None)

    def _draw(self, count: int, fits: Callable[[str], bool]) -> list[str]:
        """Random peers that may be grafted."""
        score = self._scores.score
        fitting = [
            peer
            for peer in self._peers
            if peer not in self.members and peer not in self._backoff and score(peer) >= 0 and fits(peer)
        ]
        return self._random.sample(fitting, min(count, len(fitting)))

    def graft(self, peer: str, now: float) -> str:
        """Take a peer in; returns it."""
        self.members[peer] = None
        self._scores.graft(peer, now)
        return peer

    def _prune(self, peer: str, now: float) -> None:
        self._scores.prune(peer)
        del self.members[peer]
        self.back_off(peer, now + self._config.prune_backoff_s)

    def back_off(self, peer: str, until: float) -> None:
        """Keep away from a peer until then, or longer if that was agreed already."""
        if self._config.prune_backoff_s:
            self._backoff[peer] = max(until, self._backoff.get(peer, 0.0))

    def backs_off(self, peer: str) -> bool:
        """Whether a backoff from that peer is in force."""
        return peer in self._backoff

    # What peers say.

    def asked(self, peer: str, now: float) -> Answer:
        """A peer has sent GRAFT (gossipsub.go, handleGraft)."""
        config = self._config
        if peer in self.members:
            return Answer.IN
        over = self._backoff.get(peer)
        if over is not None and now < over:
            # a peer that knows the rules does not do this
            flood = now < over + config.graft_flood_threshold_s - config.prune_backoff_s
            self._scores.penalise(peer, 2 if flood else 1)
            self.back_off(peer, now + config.prune_backoff_s)
            return Answer.BACKOFF
        if self._scores.score(peer) < 0:
            self.back_off(peer, now + config.prune_backoff_s)
            return Answer.SCORE
        # against many who dial in and graft all at once: those that this router has dialled are still let in
        if config.graft_limit and len(self.members) >= config.d_hi and not self._peers[peer]:
            self.back_off(peer, now + config.prune_backoff_s)
            return Answer.FULL
        self.graft(peer, now)
        return Answer.IN

    def told(self, peer: str, backoff_s: float, now: float) -> None:
        """A peer has sent PRUNE."""
        if peer in self.members:
            self._scores.prune(peer)
            del self.members[peer]
        self.back_off(peer, now + backoff_s)

    # What a heartbeat does.

    def maintain(self, tick: int, now: float) -> tuple[list[str], dict[str, Why]]:
        """One heartbeat, the ``tick``-th: whom it has grafted, and whom it has pruned for what reason."""
        config, score = self._config, self._scores.score
        if tick % CLEAR_BACKOFF_TICKS == 0:
            self._backoff = {peer: over for peer, over in self._backoff.items() if over >= now}
        pruned = {peer: Why.SCORE for peer in self.members if score(peer) < 0}
        for peer in pruned:
            self._prune(peer, now)
        grafted = []
        if len(self.members) < config.d_lo:
            grafted += [self.graft(peer, now) for peer in self._draw(config.d - len(self.members), _any)]
        if len(self.members) > config.d_hi:
            for peer in self._surplus():
                self._prune(peer, now)
                pruned[peer] = Why.FULL
        if len(self.members) >= config.d_lo:
            lacking = config.d_out - sum(self._peers[peer] for peer in self.members)
            if lacking > 0:
                grafted += [self.graft(peer, now) for peer in self._draw(lacking, self._peers.__getitem__)]
        if tick % config.opportunistic_graft_ticks == 0 and len(self.members) > 1:
            median = sorted(map(score, self.members))[len(self.members) // 2]
            if median < self._scores.params.thresholds.opportunistic_graft:
                better = self._draw(config.opportunistic_graft_peers, lambda peer: score(peer) > median)
                grafted += [self.graft(peer, now) for peer in better]
        return grafted, pruned

    def _surplus(self) -> list[str]:
        """Whom to prune from a mesh that is too large."""
        config, dialled = self._config, self._peers
        order = self._random.sample(list(self.members), len(self.members))
        order.sort(key=self._scores.score, reverse=True)  # stable: equals stay shuffled
        best, others = order[: config.d_score], order[config.d_score :]
        self._random.shuffle(others)
        order = best + others
        kept, rest = order[: config.d], order[config.d :]
        lacking = config.d_out - sum(map(dialled.__getitem__, kept))
        # dialled peers take the places of the last ones kept that were not dialled: random ones first, as they come last
        spare = [peer for peer in rest if dialled[peer]][: max(0, lacking)]
        leaving = [peer for peer in reversed(kept) if not dialled[peer]][: len(spare)]
        return [*leaving, *(peer for peer in rest if peer not in spare)]


def _any(peer: str) -> bool:
    return True
