"""What the exercise ``unseen`` asks of three systems, with the answers and why they are right.

The exercise's notebook says the same statements in the same order, and its hidden tests have the same answers: a test
compares them with these.
"""

from typing import NamedTuple


class Statement(NamedTuple):
    """A statement about a system, its answer, and the reason."""

    text: str
    answer: str
    because: str


GOSSIP, AUTHORITY, REPAIR, NOBODY = "gossip", "authority", "repair", "none"

PARTS = {
    "redis": (
        Statement(
            "node-4 knows node-9's address, and nobody has introduced the two.",
            GOSSIP,
            "the gossip section of pings names a few other nodes with their addresses",
        ),
        Statement(
            "Of two replicas of one dead master, at most one takes over its slots in one epoch.",
            AUTHORITY,
            "a majority of masters must vote for it, and a master votes once in an epoch",
        ),
        Statement(
            "node-2 has learnt that node-1 and node-3 cannot reach node-5 either.",
            GOSSIP,
            "the flags of the gossip section carry who is suspected by whom",
        ),
        Statement(
            "All nodes agree at every moment on who is FAIL.",
            NOBODY,
            "FAIL is a broadcast that may miss nodes, made of reports from different moments",
        ),
        Statement(
            "node-1 was away while its slots went to its replica. It comes back and claims them, and whoever hears that sets it right.",
            REPAIR,
            "who receives a stale claim answers with UPDATE",
        ),
        Statement(
            "Two nodes claim slot 5000, and all nodes that know both claims keep the same one.",
            AUTHORITY,
            "the higher configEpoch owns the slot",
        ),
        Statement(
            "Every write that a client got OK for is there after a failover.",
            NOBODY,
            "replication is asynchronous, so that the new master may not have it",
        ),
        Statement(
            "A replica that could not reach its master for a minute has, half a minute later, the writes of that minute.",
            REPAIR,
            "it asks for what lies after its offset, or for everything",
        ),
    ),
    "cockroachdb": (
        Statement(
            "node 7 knows at which address node 3 can be reached.",
            GOSSIP,
            "node descriptors are infos that are gossiped",
        ),
        Statement(
            "Of two nodes that both take node 4 for dead, one raises its epoch, and the other one's attempt fails.",
            AUTHORITY,
            "both are conditional puts on one record in a range that Raft replicates",
        ),
        Statement(
            "node 2 knows about how full the disks of node 5 are.",
            GOSSIP,
            "store descriptors carry the capacity, each minute",
        ),
        Statement(
            "A node whose copy of a liveness record is old has the current one after it has tried to act on the old one.",
            REPAIR,
            "the refused conditional put returns the current record",
        ),
        Statement(
            "At every moment all nodes know which nodes are live.",
            NOBODY,
            "copies of the records are gossiped, with no promise of when they arrive",
        ),
        Statement(
            "While node 4's record has not expired, no other node holds the leases that node 4 has in its epoch.",
            AUTHORITY,
            "the epoch may be raised only after the expiration, by a conditional put",
        ),
        Statement(
            "A replica of a range was down for ten minutes, and soon after its return it has what was committed meanwhile.",
            REPAIR,
            "the leader sends it the rest of the log, or a snapshot",
        ),
        Statement(
            "Within a second of a node's crash another node may serve its ranges.",
            NOBODY,
            "the record must expire first, and that takes seconds",
        ),
    ),
    "corrosion": (
        Statement(
            "A proxy in Tokyo knows, seconds later, that a machine was started in Amsterdam.",
            GOSSIP,
            "the changed row is broadcast from member to member",
        ),
        Statement(
            "A server was cut off for ten minutes; a while after its return it has the rows that it missed.",
            REPAIR,
            "nodes compare versions and fetch those that they lack",
        ),
        Statement(
            "What is true of a machine is what the server says that runs it.",
            AUTHORITY,
            "one server writes a machine's rows: the owner's word is the decision",
        ),
        Statement(
            "No two proxies have different rows for one machine.",
            NOBODY,
            "the rows are eventually equal, and no moment is promised",
        ),
        Statement(
            "A server knows which other servers are members, and which don't answer.",
            GOSSIP,
            "membership spreads by SWIM",
        ),
        Statement(
            "Two servers change the same column at the same time, and all nodes keep the same one of the two values.",
            AUTHORITY,
            "the higher col_version wins, and of equal ones the greater value: a rule that all apply alike",
        ),
        Statement(
            "Bad rows have spread everywhere, and the fleet has good ones again.",
            REPAIR,
            "an operator starts all nodes anew from a snapshot that was good",
        ),
        Statement(
            "A row that makes its readers lock up is kept from spreading.",
            NOBODY,
            "nothing looks at what a row does to those who read it: it went to every proxy on 2024-09-01",
        ),
    ),
}
"""Which part answers for a statement, by system."""

HOLDS, GIVES_WAY = "holds", "gives way"

TRUST = (
    Statement(
        "Redis Cluster: one replica, and nobody else, cannot reach its master. Nobody is promoted.",
        HOLDS,
        "without a majority of masters that report it there is no FAIL, and no vote",
    ),
    Statement(
        "Redis Cluster: two of three masters crash at the same moment. Their replicas take over.",
        GIVES_WAY,
        "one of three masters is no majority: it never comes to FAIL, nor to a vote",
    ),
    Statement(
        "Redis Cluster: somebody who reaches the bus port and speaks as a member says that node-1 has FAILed. Nodes don't believe it.",
        GIVES_WAY,
        "nothing is signed: a FAIL message is believed by whoever gets it",
    ),
    Statement(
        "CockroachDB 2016: a node hears no gossip for a minute, and takes a live node for dead. No range gets two leaseholders.",
        HOLDS,
        "its conditional put fails, because the record has moved on",
    ),
    Statement(
        "CockroachDB 2016: a node's clock is further ahead than the maximum offset. No read sees something old.",
        GIVES_WAY,
        "leases are compared with expirations and timestamps: the bound on clocks is assumed",
    ),
    Statement(
        "CockroachDB 2016: the range with the liveness records loses its majority. The other ranges go on serving.",
        GIVES_WAY,
        "nobody can renew its record, so that all epoch-based leases end: a single point of failure",
    ),
    Statement(
        "Corrosion: two continents lose each other for five minutes. On both, machines can be started and found by those on the same side.",
        HOLDS,
        "no majority is asked: each server writes its own rows",
    ),
    Statement(
        "Corrosion: a server writes wrong rows about its own machines. The others don't take them.",
        GIVES_WAY,
        "the owner is believed, and nobody checks",
    ),
    Statement(
        "Corrosion: a column is added to a table with millions of rows. The traffic between the nodes stays what it was.",
        GIVES_WAY,
        "each row's new column is a change that is broadcast everywhere",
    ),
)
"""Whether what a statement says holds in the system's own way of trusting, or gives way."""

METRICS = (
    Statement(
        "Redis Cluster: some node suspects a master, and the masters have not agreed on it yet.",
        "cluster_slots_pfail",
        "slots of masters that this node takes for PFAIL",
    ),
    Statement(
        "Redis Cluster: how many masters' reports against node-5 this node counts.",
        "CLUSTER COUNT-FAILURE-REPORTS",
        "it counts reports that are not too old",
    ),
    Statement(
        "Redis Cluster: whether replicas have stood for election since yesterday.",
        "cluster_current_epoch",
        "each attempt raises it",
    ),
    Statement(
        "CockroachDB 2016: nodes are about to lose their leases, and none has crashed.",
        "liveness.heartbeatlatency",
        "renewals of the records take longer and longer",
    ),
    Statement(
        "Corrosion: a node believes in servers that were taken away long ago.",
        "corro_gossip_cluster_size",
        "it is larger than the number of servers",
    ),
    Statement(
        "Corrosion: changes made here wait to be sent to the others.",
        "corro_broadcast_pending_count",
        "what is still to be broadcast",
    ),
    Statement(
        "Corrosion: this node knows of versions that it lacks.",
        "corro_sync_client_needed",
        "versions that a sync has to bring",
    ),
    Statement(
        "Corrosion: two nodes say that they lack nothing, and hold different rows.",
        "corro_db_table_checksum",
        "it is compared between nodes",
    ),
)
"""Which metric shows a worry first."""
