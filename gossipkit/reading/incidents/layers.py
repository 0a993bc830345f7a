"""The layers that a fault can be in, and the mechanisms among which a verdict chooses."""

from ...sim import Word


class Layer(Word):
    """Where a fault sits: what has to be mended so that it doesn't happen again."""

    NETWORK = "network"
    """Packets that are lost, late, or pass between some pairs only."""
    GOSSIP = "gossip"
    """What spreads: membership, failure detection, the news itself."""
    AUTHORITY = "authority"
    """What is decided: leaders, votes, quorums, who owns what."""
    REPAIR = "repair"
    """What corrects: hints, anti-entropy, tombstones, registrations that are sent again."""
    TRUST = "trust"
    """Whose word counts: keys, certificates, tokens."""
    CLOCKS = "clocks"
    """What machines take the time to be."""
    OBSERVABILITY = "observability"
    """What an operator is shown."""
    CONSUMER = "consumer"
    """A program that acts by what the other layers say."""


LAYERS = tuple(Layer)

NEIGHBOURS: dict[Layer, tuple[Layer, ...]] = {
    Layer.NETWORK: (Layer.GOSSIP,),
    Layer.GOSSIP: (Layer.NETWORK, Layer.TRUST),
    Layer.AUTHORITY: (Layer.CONSUMER, Layer.TRUST),
    Layer.REPAIR: (Layer.CLOCKS, Layer.AUTHORITY),
    Layer.TRUST: (Layer.GOSSIP, Layer.AUTHORITY),
    Layer.CLOCKS: (Layer.REPAIR,),
    Layer.OBSERVABILITY: (Layer.CONSUMER,),
    Layer.CONSUMER: (Layer.AUTHORITY, Layer.OBSERVABILITY),
}
"""By layer at fault, the layers for which it is easily taken: those hand its fault on, or show the same signs."""

_KNOWN: dict[Layer, dict[str, str]] = {
    Layer.NETWORK: {
        "partial partition": "Two nodes can't reach each other, and a third one reaches both.",
        "one-way loss": "What one node sends arrives; most of what is sent to it does not.",
        "link comes and goes": "One node is cut off for tens of seconds, again and again.",
        "full partition": "The cluster falls into two sides, and nothing passes between them.",
        "loss everywhere": "A share of all packets is lost, whoever sends them.",
    },
    Layer.GOSSIP: {
        "damaged news": "A piece of gossip has changed on its way, is still intelligible, and is passed on.",
        "slow taken for dead": "A node stands still for a while, and its silence is taken for its death.",
        "stale news": "Old news of a node's death reaches nodes that don't know better.",
        "seeds gone": "Two groups don't know of each other, and nobody is left who would introduce them.",
    },
    Layer.AUTHORITY: {
        "no majority": "Of those who vote too few are left, and so nothing can be decided.",
        "authority overloaded": "All ask the deciding service at once, and it answers too late for each of them.",
        "unordered changes": "Two changes of who owns what go on at the same time, and neither knows of the other.",
        "capped log": "The log of decisions is full, and no more is committed.",
    },
    Layer.REPAIR: {
        "tombstone dropped early": "The mark of a deletion is thrown away before all replicas have it.",
        "entries dropped with the node": "What a node had registered goes when it is taken for gone, and nothing brings it back.",
        "hints given up": "A replica is away for longer than others keep its writes, and nothing compares them later.",
        "repair storm": "So much is corrected at once that nothing is left for requests.",
    },
    Layer.TRUST: {
        "key half rotated": "Some members use a key that others don't have.",
        "forged news": "A member that holds the key says of another one what isn't so.",
        "expired credential": "A certificate or token has expired, and who shows it is refused.",
    },
    Layer.CLOCKS: {
        "clock ahead": "One machine's clock is fast: what it writes wins over what others write later.",
        "clock behind": "One machine's clock is slow: what it writes is older than what it replaces.",
        "clock set back": "A clock is set back, and what was to end by it goes on.",
    },
    Layer.OBSERVABILITY: {
        "watches itself": "The monitoring finds what to watch through what it watches, and both fail together.",
        "averaged away": "One node's trouble disappears in an average over all.",
        "stale panel": "A panel goes on to show the last value that it got.",
    },
    Layer.CONSUMER: {
        "restart taken for gone": "A program replaces a node that is away for seconds, with one that has nothing yet.",
        "no fencing": "Who has lost the lead goes on writing, and the storage takes it.",
        "merge by union": "An application makes one of two versions, and brings back what was taken out of one.",
        "poisoned update": "Each reader of an update stops at it, and all readers get the same update.",
        "retry storm": "Clients ask again and again, faster than they can be answered.",
    },
}

MECHANISMS: dict[str, str] = {name: said for known in _KNOWN.values() for name, said in known.items()}
"""What a verdict chooses from: by name, what happens."""


def layer_of(mechanism: str) -> Layer:
    """The layer that a mechanism belongs to.

    Raises
    ------
    ValueError
        For a mechanism that is none of `MECHANISMS`.
    """
    for layer, known in _KNOWN.items():
        if mechanism in known:
            return layer
    raise ValueError(f"mechanism is {mechanism!r}: it must be one of {', '.join(map(repr, MECHANISMS))}")
