"""Systems between parties that do not trust each other, read."""

from ..loop import Answer, Reading

GOSSIPSUB = Reading(
    system="gossipsub",
    pressure=Answer(
        "blocks and transactions must reach thousands of peers in a second or two, in a network that anybody may join, also with a thousand "
        "identities",
        (
            "libp2p/specs pubsub/gossipsub/gossipsub-v1.1.md",
            "Vyzovitis et al., arXiv 2007.02754",
        ),
    ),
    job=Answer(
        "messages: whole along a mesh of about six peers, and to others only their names (IHAVE), three heartbeats long, for whoever wants "
        "to ask (IWANT)",
        ("libp2p/specs pubsub/gossipsub/gossipsub-v1.0.md",),
    ),
    authority=Answer(
        "none in this layer: the application's validators accept, reject or ignore a message, and which block counts is the chain's consensus",
        ("libp2p/specs pubsub/gossipsub/gossipsub-v1.1.md, Extended Validators",),
    ),
    repair=Answer(
        "what the mesh did not bring is pulled after an IHAVE; a mesh of poor peers is grafted with better ones each minute; too few or too "
        "many links are mended at each heartbeat",
        ("libp2p/specs pubsub/gossipsub/gossipsub-v1.1.md, Opportunistic Grafting",),
    ),
    trust=Answer(
        "nobody's word about another: each peer scores the peers that it meets by what they deliver, and the score is never gossiped. Own "
        "messages go to all that score well enough, and some links are one's own choice, against being surrounded",
        ("libp2p/specs pubsub/gossipsub/gossipsub-v1.1.md, Peer Scoring, Flood Publishing",),
    ),
    metrics=Answer(
        "the distribution of scores, links in the mesh by topic, promises of IWANT that were broken, and duplicates for each message",
        ("libp2p/specs pubsub/gossipsub/gossipsub-v1.1.md, P7",),
    ),
)

FABRIC = Reading(
    system="Hyperledger Fabric",
    pressure=Answer(
        "the ordering service should hand a block to few, and every peer of an organisation should have it soon",
        ("hyperledger/fabric docs/source/gossip.rst",),
    ),
    job=Answer(
        "blocks, from an organisation's leader to its peers; who is alive, by signed messages; and state for peers that come late",
        ("hyperledger/fabric docs/source/gossip.rst, Gossip messaging",),
    ),
    authority=Answer(
        "the ordering service decides on the order and signs blocks; membership providers say who is who. A leader only fetches: two "
        "leaders in a partition do work twice, and make no second truth",
        ("hyperledger/fabric docs/source/gossip.rst, Leader election",),
    ),
    repair=Answer(
        "each peer pulls blocks that it lacks from others, again and again, and fetches state where it is far behind",
        ("hyperledger/fabric docs/source/gossip.rst", "hyperledger/fabric sampleconfig/core.yaml"),
    ),
    trust=Answer(
        "certificates: each message is signed, so that a peer can lie about nothing but itself, and a block that the ordering service has "
        "not signed is no block. It survives crashes, partitions, and peers that forge",
        ("hyperledger/fabric docs/source/gossip.rst, Gossip messaging",),
    ),
    metrics=Answer(
        "gossip_state_height, the ledger's height at each peer, compared; gossip_membership_total_peers_known; "
        "gossip_leader_election_leader, of which each organisation should have one; gossip_comm_overflow_count, messages that were not sent",
        (
            "hyperledger/fabric gossip/metrics/metrics.go",
            "hyperledger/fabric docs/source/metrics_reference.rst",
        ),
    ),
)
