"""Systems that tell services where the others are, read."""

from ..loop import Answer, Reading

CORROSION = Reading(
    system="Corrosion",
    pressure=Answer(
        "proxies all over the world must know within seconds which of some 800 servers runs which machine; a log whose majority sits "
        "beyond an ocean is too slow for it, and polling one copy of it too much",
        ("fly.io/blog/corrosion", "superfly/corrosion doc/intro.md"),
    ),
    job=Answer(
        "the data itself: changed columns of a SQLite database, broadcast to random members, each with a version; and by SWIM, who is a "
        "member at all",
        ("superfly/corrosion doc/crdts.md", "superfly/corrosion doc/config/gossip.md"),
    ),
    authority=Answer(
        "no consensus: the server that runs a machine is the only one that writes its rows, as a router owns its links. Should two write "
        "one column, the higher col_version wins, and of equal ones the greater value, so that all nodes keep the same",
        ("fly.io/blog/corrosion", "superfly/corrosion doc/crdts.md"),
    ),
    repair=Answer(
        "nodes compare which versions they have and fetch those that they lack; whole rows are sent again rather than parts of them; and "
        "where bad data has spread, all nodes are started anew from a snapshot that was good, and lose what was written since",
        ("fly.io/blog/corrosion", "superfly/corrosion doc/reseeding.md"),
    ),
    trust=Answer(
        "its own fleet behind WireGuard or mutual TLS: a member's rows are taken as they are. It survives crashes and partitions, on both "
        "sides; a row that makes its readers lock up reaches all of them (2024-09-01), and a column added to a big table writes every row "
        "anew everywhere",
        ("fly.io/blog/corrosion", "superfly/corrosion doc/config/gossip.md, gossip.plaintext"),
    ),
    metrics=Answer(
        "corro_gossip_cluster_size against the number of servers, corro_broadcast_pending_count and corro_gossip_updates_backlog (news "
        "that waits), corro_sync_client_needed (versions that are lacking), corro_db_table_checksum, compared between nodes",
        ("superfly/corrosion doc/telemetry/prometheus.md", "caio/foca issue 15"),
    ),
)

NETWORKDB = Reading(
    system="NetworkDB",
    pressure=Answer(
        "each worker of a swarm must know the addresses of the tasks on all others, for names and for overlay networks, and those of a "
        "network's members alone",
        ("moby/moby daemon/libnetwork/networkdb/networkdb.go",),
    ),
    job=Answer(
        "tables of service names and endpoints, by network, with Lamport times, among the workers that are in that network; and who is a "
        "member and in which networks, over memberlist",
        (
            "moby/moby daemon/libnetwork/networkdb/cluster.go",
            "moby/moby daemon/libnetwork/networkdb/networkdb.go",
        ),
    ),
    authority=Answer(
        "which task runs where, with which address, is decided by the managers' Raft; an entry belongs to the worker that runs the "
        "endpoint, and no other writes it",
        ("moby/moby daemon/libnetwork/networkdb/networkdb.go",),
    ),
    repair=Answer(
        "each push/pull interval a bulk exchange with a random peer; a deletion is remembered for 30 min; a failed node is tried again, and "
        "forgotten after 24 h with all that it owned",
        (
            "moby/moby daemon/libnetwork/networkdb/cluster.go",
            "moby/moby issues 47728 and 53142",
        ),
    ),
    trust=Answer(
        "whoever has the gossip keys that the managers hand out. It survives crashes and loss; an outage that is longer than a deletion is "
        "remembered may bring deleted entries back, and a worker whose only known peers are gone stays alone",
        ("moby/moby daemon/libnetwork/networkdb/cluster.go", "moby/libnetwork issue 1734"),
    ),
    metrics=Answer(
        "the log's 'NetworkDB stats' with entries, queue length and health score; the health score tells of the member's own slowness, and "
        "the sizes of a bulk exchange, because it ends at 20 MB",
        ("moby/moby daemon/libnetwork/networkdb/cluster.go", "moby/moby issue 52661"),
    ),
)

PEKKO = Reading(
    system="Pekko Cluster",
    pressure=Answer(
        "actors on many machines need to know which machines there are, without a server that knows it for them",
        ("apache/pekko docs/src/main/paradox/typed/cluster-concepts.md",),
    ),
    job=Answer(
        "one state: members with their status, who takes whom for unreachable, and the set of those that have seen this version, with a "
        "vector clock; each second to a random member, three times while fewer than half have seen it, and with preference to those that have not",
        ("apache/pekko docs/src/main/paradox/typed/cluster-concepts.md, Gossip Protocol",),
    ),
    authority=Answer(
        "convergence: when all have seen the same version, the first member in order is the leader, without an election, and moves members "
        "in and out. Nothing moves while anybody is unreachable; who that is, is said by one of at most five observers. To remove the "
        "unreachable a downing strategy or an operator decides",
        (
            "apache/pekko docs/src/main/paradox/typed/cluster-concepts.md, Gossip Convergence, Leader",
            "apache/pekko docs/src/main/paradox/split-brain-resolver.md",
        ),
    ),
    repair=Answer(
        "a status of the version shows who is behind, and conflicting versions are merged; an unreachable node is reachable again when all "
        "its observers reach it; who was quarantined must be restarted",
        ("apache/pekko docs/src/main/paradox/typed/cluster-concepts.md, Failure Detector, Gossip Protocol",),
    ),
    trust=Answer(
        "its own nodes. It survives crashes and pauses that end before stable-after; each strategy decides wrongly in some case: with "
        "keep-majority, if more than half crash at once, the rest takes itself down as well",
        ("apache/pekko docs/src/main/paradox/split-brain-resolver.md, Keep Majority",),
    ),
    metrics=Answer(
        "members that are unreachable and for how long, members that stay joining (no convergence), decisions of the split brain resolver, "
        "and phi of the failure detector",
        (
            "apache/pekko docs/src/main/paradox/typed/cluster-concepts.md",
            "apache/pekko docs/src/main/paradox/split-brain-resolver.md",
        ),
    ),
)

RINGPOP = Reading(
    system="Ringpop",
    pressure=Answer(
        "the processes of an application should divide keys between them and pass requests on, with no other service to ask",
        ("uber/ringpop-go README.md",),
    ),
    job=Answer(
        "members and their states by SWIM, on the back of pings at least 200 ms apart; from the members each process makes its hash ring. "
        "Its incarnation is the time of the wall clock",
        ("uber/ringpop-go swim/node.go",),
    ),
    authority=Answer(
        "none: who owns a key follows from whatever ring a process has. Two sides of a partition have two rings, both serve the key, and "
        "the application has to bear it",
        (
            "uber/ringpop-go README.md, Consistent Hashing",
            "uber/ringpop-go swim/node.go, PartitionHealPeriod",
        ),
    ),
    repair=Answer(
        "checksums of the membership that differ start a full exchange (five at once at most); and each 30 s a process tries, with "
        "probability 3/n, to heal a partition with hosts that discovery names, six tries a minute in the whole cluster",
        ("uber/ringpop-go swim/node.go, MaxReverseFullSyncJobs, PartitionHealPeriod",),
    ),
    trust=Answer(
        "the processes of one application. Slow ones are suspects for 5 s, then faulty for 24 h, then a tombstone for a minute; a clock that "
        "goes back makes a process's new words older than its old ones",
        ("uber/ringpop-go swim/node.go, StateTimeouts",),
    ),
    metrics=Answer(
        "membership.checksum and ring.checksum of each process, compared: one number that shows convergence; beside it the counts of "
        "changes, of full syncs and of pings that failed",
        ("uber/ringpop-go ringpop.go, HandleEvent",),
    ),
)
