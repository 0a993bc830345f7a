"""Who keeps what: tokens on a ring, and replicas by walking it; `gossipkit.authority.layouts` builds rings.

One ring serves both families. A token owns the range that ends in it; a key belongs to the first token at or after its
hash, and its replicas are found by walking on clockwise until enough distinct nodes have been met. What differs is who
takes part in the walk (``replication``) and how tokens and partitions are laid out (the Dynamo paper's strategies):

========  ==========================  ====================  =====================  =====================================
strategy  tokens                      partitions            built by               a node that joins
========  ==========================  ====================  =====================  =====================================
1         T random ones per node      between the tokens    `random_ring`          splits ranges: they are scanned for
                                                                                   the keys that move (Cassandra, too)
2         T random ones per node      Q of equal size       `random_ring` with     takes whole partitions
                                                            ``partitions=Q``
3         Q / S per node              Q of equal size       `equal_ring`           takes whole partitions from the others
                                                                                   (`steal`), which keep Q / S
========  ==========================  ====================  =====================  =====================================

References
----------
G. DeCandia et al., "Dynamo: Amazon's highly available key-value store", SOSP 2007, sections 4.2, 4.3 and 6.2;
apache/cassandra doc/modules/cassandra/pages/architecture/dynamo.adoc, src/java/org/apache/cassandra/locator/
NetworkTopologyStrategy.java.
"""

import hashlib
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from random import Random

from ..sim.checks import name as check_name
from ..sim.checks import whole

RING = 2**128
"""How many positions the ring has: MD5's 128 bits (Dynamo, section 4.2; Cassandra's RandomPartitioner).

Cassandra's default since 1.2, Murmur3Partitioner, hashes to 64 bits; nothing here depends on which it is."""
TOKEN_BYTES = 16
NODE_BYTES = 2
"""What a node's name costs in `Ring.metadata_bytes`: enough to number 65 536 of them; an assumption of this model."""

Replication = int | Mapping[str, int]
"""How many replicas: of any node met on the walk (Dynamo, Cassandra's SimpleStrategy), or by data centre."""


def token_of(key: str) -> int:
    """Where a key lies on the ring: its MD5.

    Examples
    --------
    >>> hex(token_of("cart-7"))[:10]
    '0xfdaf2d44'
    """
    return int.from_bytes(hashlib.md5(key.encode(), usedforsecurity=False).digest(), "big")


@dataclass(frozen=True)
class Place:
    """Where a node stands: what fails together is kept apart."""

    datacentre: str = "dc1"
    rack: str = "rack1"


@dataclass(frozen=True)
class Move:
    """A range of the ring that a node has to be sent.

    Parameters
    ----------
    start, end : int
        The range (start, end], in positions of the ring; it may wrap around.
    node : str
        Who becomes a replica of it.
    sources : tuple of str
        Who has it so far: any of them can send it.
    """

    start: int
    end: int
    node: str
    sources: tuple[str, ...]

    @property
    def share(self) -> float:
        """Of the ring, from 0 to 1."""
        return _length(self.start, self.end) / RING


class Ring:
    """An assignment of tokens to nodes, which never changes: joining and leaving make another ring.

    Two nodes with different rings disagree about who keeps a key. Whether they can is a question of how rings are
    spread, by gossip or by a log; the ring itself only computes.

    Parameters
    ----------
    tokens : mapping of int to str
        From token, in 0 .. `RING` - 1, to the node that has it.
    places : mapping of str to Place
        Where nodes stand; whoever is not named stands in ``Place()``.
    partitions : int, optional
        Cut the ring into so many partitions of equal size, and walk from the end of the key's partition rather than
        from the key. By default the tokens are the only borders.

    Attributes
    ----------
    tokens : dict of int to str
        In the order of the ring.
    nodes : tuple of str
        In alphabetical order.

    Raises
    ------
    ValueError
        Without tokens, for a token outside the ring, a name that is none, a place of a node without tokens, or
        partitions below 1.

    Examples
    --------
    >>> ring = Ring({100: "a", 200: "b", 300: "c", 400: "a"})
    >>> ring.replicas(150, 2), ring.replicas(301, 2), ring.replicas(401, 2)
    (('b', 'c'), ('a', 'b'), ('a', 'b'))
    """

    def __init__(
        self,
        tokens: Mapping[int, str],
        places: Mapping[str, Place] | None = None,
        partitions: int | None = None,
    ):
        if not tokens:
            raise ValueError("tokens is empty: a ring needs at least one")
        for token, node in tokens.items():
            whole("token", token, 0, RING - 1)
            check_name("node", node)
        if partitions is not None:
            whole("partitions", partitions, 1, RING)
        self.tokens = dict(sorted(tokens.items()))
        self.nodes = tuple(sorted(set(tokens.values())))
        places = dict(places or {})
        if unknown := sorted(set(places) - set(self.nodes)):
            raise ValueError(
                f"places names {unknown[0]!r}: it must name nodes with tokens: {', '.join(self.nodes)}"
            )
        self.places = {node: places.get(node, Place()) for node in self.nodes}
        self.partitions = partitions
        self._order = tuple(self.tokens)
        self._owners = tuple(self.tokens.values())
        self._racks = Counter(place.datacentre for place in set(self.places.values()))
        self._members = Counter(place.datacentre for place in self.places.values())
        # a ring never changes: replicas by where the walk begins and the replication, preference lists by that and the homes
        self._found: dict = {}
        self._lists: dict[tuple[int, tuple[str, ...]], tuple[str, ...]] = {}

    def walk(self, token: int) -> Iterator[str]:
        """Every node once, in the order in which one meets them clockwise from a position."""
        first, met = self._start(token), set()
        for step in range(len(self._order)):
            node = self._owners[(first + step) % len(self._order)]
            if node not in met:
                met.add(node)
                yield node
                if len(met) == len(self.nodes):
                    return

    def replicas(self, token: int, replication: Replication) -> tuple[str, ...]:
        """The nodes that keep what lies at a position.

        With a number: the first distinct nodes of the walk. By data centre: in each, so many nodes, one from every rack
        before any rack has two (NetworkTopologyStrategy). Where there are too few nodes, all there are.

        Parameters
        ----------
        token : int
            A position, see `token_of`.
        replication : int or mapping of str to int
            How many, in all or in each data centre.

        Raises
        ------
        ValueError
            For a position outside the ring, a replication below 1, or a data centre without nodes.
        """
        whole("token", token, 0, RING - 1)
        self._check(replication)
        return self._replicas(self._start(token), token, replication)

    def preference_list(self, token: int, replication: Replication) -> tuple[str, ...]:
        """All nodes, in the order in which they are asked to keep a key: its replicas, then the rest of the walk.

        Strict quorums use the first N of them, sloppy quorums the first N that are healthy.
        """
        homes = self.replicas(token, replication)
        # the walk from one token meets the nodes in one order, so the list depends on its first token and on the homes
        begun = self._start(token), homes
        if begun not in self._lists:
            self._lists[begun] = homes + tuple(node for node in self.walk(token) if node not in homes)
        return self._lists[begun]

    def ranges(self) -> list[tuple[int, int]]:
        """The borders between which replicas do not change, as (start, end] in the order of the ring."""
        ends = self._ends()
        return list(zip([ends[-1], *ends[:-1]], ends, strict=True))

    def ownership(self, replication: Replication) -> dict[str, float]:
        """What share of the ring each node keeps, as its replica; together as many as there are replicas.

        It is what ``nodetool status`` calls "Owns (effective)", and the load where keys are uniform and equally busy.
        """
        self._check(replication)
        owned = dict.fromkeys(self.nodes, 0)
        for start, end in self.ranges():
            for node in self._replicas(self._start(end), end, replication):
                owned[node] += _length(start, end)
        return {node: length / RING for node, length in owned.items()}

    def efficiency(self, replication: Replication) -> float:
        """The mean load over the load of the busiest node, 1 if all are equal (Dynamo, section 6.2)."""
        owned = self.ownership(replication)
        return sum(owned.values()) / len(owned) / max(owned.values())

    @property
    def metadata_bytes(self) -> int:
        """What each node must remember, and gossip, to know who keeps what.

        A random token costs itself and a node; a partition costs a node, since its borders follow from its number.
        """
        if self.equal:
            return len(self._order) * NODE_BYTES
        return len(self._order) * (TOKEN_BYTES + NODE_BYTES) + (self.partitions or 0) * NODE_BYTES

    @property
    def equal(self) -> bool:
        """Whether the tokens themselves are the ends of equal partitions: strategy 3."""
        return self._order == equal_tokens(len(self._order))

    def join(self, node: str, tokens: Iterable[int], place: Place | None = None) -> "Ring":
        """The ring with one node more, or with a node that has more tokens.

        Raises
        ------
        ValueError
            For a token that a node has already, or what the constructor refuses.
        """
        added = dict.fromkeys(tokens, node)
        if not added:
            raise ValueError(f"tokens is empty: {node!r} would own nothing")
        for token in added.keys() & self.tokens.keys():
            raise ValueError(
                f"token is {token}: {self.tokens[token]!r} has it already, take one that is free"
            )
        return self._with(self.tokens | added, {node: place} if place else {})

    def leave(self, node: str) -> "Ring":
        """The ring without a node: each of its ranges falls to whoever comes next.

        Raises
        ------
        ValueError
            If it has no token, or all of them.
        """
        self._check_member(node)
        return self._with({token: other for token, other in self.tokens.items() if other != node})

    def steal(self, node: str, seed: int, place: Place | None = None) -> "Ring":
        """The ring in which a new node has taken tokens from the others, until it has its share: strategy 3's join.

        It takes ``len(tokens) // (nodes + 1)``, each from whoever has most then, so that nobody has more than one above
        another. No border moves.

        Raises
        ------
        ValueError
            If the node is there already, or there are fewer tokens than nodes would be.
        """
        if node in self.nodes:
            raise ValueError(f"node is {node!r}: it has tokens already, only a new node steals")
        count = len(self._order) // (len(self.nodes) + 1)
        if not count:
            raise ValueError(f"node is {node!r}: {len(self._order)} tokens are too few for one node more")
        random, taken = Random(seed), dict(self.tokens)
        held = {other: [token for token in self._order if taken[token] == other] for other in self.nodes}
        for _ in range(count):
            richest = max(held.values(), key=lambda tokens: (len(tokens), random.random()))
            taken[richest.pop(random.randrange(len(richest)))] = node
        return self._with(taken, {node: place} if place else {})

    def hand_out(self, node: str, seed: int) -> "Ring":
        """The ring in which a node has given its tokens to the others, the poorest first: strategy 3's leave.

        Raises
        ------
        ValueError
            If it has no token, or all of them.
        """
        self._check_member(node)
        random = Random(seed)
        held = Counter(other for other in self._owners if other != node)
        taken = dict(self.tokens)
        for token in (token for token in self._order if taken[token] == node):
            taken[token] = min(held, key=lambda other: (held[other], random.random()))
            held[taken[token]] += 1
        return self._with(taken)

    def _with(self, tokens: Mapping[int, str], places: Mapping[str, Place] | None = None) -> "Ring":
        kept = {node: self.places[node] for node in self.nodes if node in set(tokens.values())}
        return Ring(tokens, kept | (places or {}), self.partitions)

    def _check(self, replication: Replication) -> None:
        if not isinstance(replication, Mapping):
            whole("replication", replication, 1)
            return
        if not replication:
            raise ValueError("replication is empty: it must name at least one data centre")
        for datacentre, count in replication.items():
            if datacentre not in self._members:
                known = ", ".join(sorted(self._members))
                raise ValueError(
                    f"replication names {datacentre!r}: it must name data centres with nodes: {known}"
                )
            whole(f"replication in {datacentre}", count, 1)

    def _check_member(self, node: str) -> None:
        if node not in self.nodes or len(self.nodes) == 1:
            raise ValueError(
                f"node is {node!r}: it must be one of at least two nodes of {', '.join(self.nodes)}"
            )

    def _ends(self) -> list[int]:
        return list(self._order if self.partitions is None else equal_tokens(self.partitions))

    def _start(self, token: int) -> int:
        """The index of the token at which the walk from a position begins."""
        # the last position of the partition that the key lies in, rounded as `equal_tokens` rounds the partitions' ends
        if self.partitions is not None:
            token = -(-(token + 1) * self.partitions // RING) * RING // self.partitions - 1
        return bisect_left(self._order, token) % len(self._order)

    def _replicas(self, start: int, token: int, replication: Replication) -> tuple[str, ...]:
        wanted = tuple(sorted(replication.items())) if isinstance(replication, Mapping) else replication
        if (start, wanted) not in self._found:
            self._found[start, wanted] = self._find(token, replication)
        return self._found[start, wanted]

    def _find(self, token: int, replication: Replication) -> tuple[str, ...]:
        homes: list[str] = []
        if not isinstance(replication, Mapping):
            for node in self.walk(token):
                homes.append(node)
                if len(homes) == replication:
                    break
            return tuple(homes)
        left = {
            datacentre: min(count, self._members[datacentre]) for datacentre, count in replication.items()
        }
        # NetworkTopologyStrategy, acceptableRackRepeats: where there are fewer racks than replicas, so many of them may share one
        repeats = {datacentre: count - self._racks[datacentre] for datacentre, count in replication.items()}
        used: set[Place] = set()
        for node in self.walk(token):
            place = self.places[node]
            if not left.get(place.datacentre):
                continue
            if place in used:
                if repeats[place.datacentre] <= 0:
                    continue
                repeats[place.datacentre] -= 1
            used.add(place)
            homes.append(node)
            left[place.datacentre] -= 1
            if not any(left.values()):
                break
        return tuple(homes)


def _length(start: int, end: int) -> int:
    """Of the range (start, end]; the whole ring if it begins where it ends."""
    return (end - start) % RING or RING


def equal_tokens(count: int) -> tuple[int, ...]:
    """The last position of each of so many equal partitions."""
    return tuple((number + 1) * RING // count - 1 for number in range(count))
