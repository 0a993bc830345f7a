"""Databases, read."""

from ..loop import Answer, Reading

LEASES = "cockroachdb/cockroach docs/RFCS/20160210_range_leases.md"

COCKROACHDB = Reading(
    system="CockroachDB 2016",
    pressure=Answer(
        "each of 10 000 ranges renewed its own lease of 9 s after 7.2 s: 1 388 Raft commits a second that said, again and again, "
        "that a handful of nodes are alive. Where other nodes are and how full they are must be known to all, and need not be exact",
        (LEASES, "cockroachdb/cockroach pkg/gossip/gossip.go"),
    ),
    job=Answer(
        "infos with a key, an owner, a timestamp and a time to live: addresses of nodes (1 h), capacity of stores (60 s), the "
        "system's configuration, a sentinel that tells who hears it that it is not cut off, and copies of the liveness records. "
        "Connections are changed until any info needs at most five hops. No row, and no lease",
        ("cockroachdb/cockroach pkg/gossip/gossip.go", LEASES),
    ),
    authority=Answer(
        "a node's liveness record (epoch, expiration) stands in a range that Raft replicates, and changes by conditional puts "
        "alone. Its owner moves the expiration; another node may raise the epoch once it has expired, which ends all leases "
        "of the old epoch. Who acts on an old copy has its conditional put refused, so that timely gossip isn't needed to be right",
        (LEASES,),
    ),
    repair=Answer(
        "a refused conditional put returns the current record; infos that nobody renews expire, and peers ask for what is newer than "
        "the timestamps that they know of each node; what a replica missed, Raft's log or a snapshot brings",
        (LEASES, "cockroachdb/cockroach pkg/gossip/gossip.go"),
    ),
    trust=Answer(
        "nodes prove with TLS certificates who they are, and are then believed; it survives crashes, loss and partitions, as long as "
        "clocks differ by less than the maximum offset. One range is everybody's: without a majority for the liveness records "
        "no node stays live, a single point of failure that its authors name, and that leader leases removed in v25.2",
        (
            f"{LEASES}, Drawbacks",
            "cockroachdb/docs pull request 19587",
            "emptysqua.re review of Scalable Leader Leases",
        ),
    ),
    metrics=Answer(
        "liveness.heartbeatlatency (above a second is a sign of instability), liveness.heartbeatfailures and epoch increments; "
        "gossip.connections.incoming, outgoing and refused; gossip.infos.sent and received; gossip.bytes.sent and received",
        (
            "cockroachdb/cockroach pkg/gossip/gossip.go",
            "CockroachDB documentation: Essential Alerts",
        ),
    ),
)

SCYLLADB = Reading(
    system="ScyllaDB 6",
    pressure=Answer(
        "to leave gossip: a change of the topology waited for ring_delay and hoped that the old one was gone, one node could join "
        "at a time, a failure on the way could lose writes or bring old ones back, and two schema changes at once could conflict",
        (
            "scylladb.com 2024-06-18, ScyllaDB 6.0",
            "scylladb/scylladb docs/architecture/raft.rst",
        ),
    ),
    job=Answer(
        "who is up, and application states such as load; before, also tokens, status and schema versions",
        ("scylladb.com 2023-05-04", "scylladb/scylladb docs/architecture/raft.rst"),
    ),
    authority=Answer(
        "Raft's group 0, with all nodes in it: schema since 5.2, topology, service levels and authentication with 6.0. A coordinator "
        "drives each change through steps of that log, so that dozens of nodes may join at once. For a row it is the "
        "consistency level and the timestamp, as before",
        (
            "scylladb/scylladb docs/architecture/raft.rst",
            "scylladb.com 2024-06-18, ScyllaDB 6.0",
        ),
    ),
    repair=Answer(
        "Raft's log and snapshots for metadata; requests that carry an old version of the topology are fenced off; rows are repaired "
        "by hints, read repair and repair; and a procedure by hand if the group has lost its majority",
        ("scylladb/scylladb docs/architecture/raft.rst",),
    ),
    trust=Answer(
        "its own nodes. It survives the loss of a minority: without a quorum no schema or topology can change, while reads and writes go "
        "on, so three data centres are recommended rather than two",
        ("scylladb/scylladb docs/architecture/raft.rst, Quorum Requirement",),
    ),
    metrics=Answer(
        "upgrade_state in system.topology (done), group0_upgrade_state in system.scylla_local (use_post_raft_procedures), the log's "
        "'raft upgrade finished', and nodetool status as before",
        ("scylladb/scylladb docs/architecture/raft.rst, Verifying that Raft is enabled",),
    ),
)

RIAK = Reading(
    system="Riak",
    pressure=Answer(
        "Dynamo's: a store without a master, in which each node can say who owns each of the ring's partitions",
        ("Dynamo, SOSP 2007", "basho/riak_core src/riak_core_gossip.erl"),
    ),
    job=Answer(
        "the whole ring: owners of partitions, members and their status, a vector clock. It goes to one random node each 10 s, and down a "
        "binary tree of members at once when it changes, with at most 45 messages in 10 s. No object",
        ("basho/riak_core src/riak_core_gossip.erl, DEFAULT_LIMIT, recursive_gossip",),
    ),
    authority=Answer(
        "one member, the claimant, which the ring names: joins and leaves are staged, planned and committed, and a commit is refused "
        "unless the ring is ready and still gives the plan that was shown. For an object its vector clock, and the application "
        "that merges siblings",
        ("basho/riak_core src/riak_core_claimant.erl", "basho.com: Riak 1.2"),
    ),
    repair=Answer(
        "rings that differ are reconciled by their clocks; partitions are handed to their owners, and what a stand-in took to its home; "
        "hash trees are exchanged for objects. The gossip of a member that is down or removed is ignored, and it is told to join again",
        (
            "basho/riak_core src/riak_core_gossip.erl, reconcile",
            "basho/riak_core src/riak_core_vnode.erl",
            "basho/riak_core src/hashtree.erl",
        ),
    ),
    trust=Answer(
        "members of the same cluster's name, of one administration: whatever ring arrives from a member is merged. It "
        "survives crashes, loss and partitions, in which both sides take writes",
        ("basho/riak_core src/riak_core_gossip.erl, reconcile",),
    ),
    metrics=Answer(
        "gossip_received, rings_reconciled and ignored_gossip; riak-admin member-status, ring-status and transfers; read_repairs and "
        "siblings of objects",
        ("basho/riak_core src/riak_core_gossip.erl", "Riak documentation: Statistics"),
    ),
)

DYNOMITE = Reading(
    system="Dynomite",
    pressure=Answer(
        "stores that know nothing of each other, such as Redis, should be replicated in several data centres, with few moving parts",
        ("Netflix/dynomite README.md",),
    ),
    job=Answer(
        "a list of all nodes: data centre, rack, token, address, state, and the second of its owner's clock at which the owner was "
        "last heard of. No key and no write",
        ("Netflix/dynomite src/dyn_gossip.c, gossip_forward_state",),
    ),
    authority=Answer(
        "tokens come from the configuration or a seeds provider. Yet who hears a token with an address that it did not know replaces "
        "the owner by it, without asking anybody: here gossip decides, and nothing checks it",
        ("Netflix/dynomite src/dyn_gossip.c, gossip_add_node_if_absent, gossip_replace_node",),
    ),
    repair=Answer(
        "the whole list is sent again and again, and a newer timestamp replaces an older one; nothing in this part compares data",
        ("Netflix/dynomite src/dyn_gossip.c, gossip_forward_state, gossip_update_state",),
    ),
    trust=Answer(
        "everybody, about everybody, and all clocks: a node is down if its timestamp, of its own clock, is 40 gossip intervals behind the "
        "reader's clock. It survives crashes, and neither a liar nor a wrong clock",
        ("Netflix/dynomite src/dyn_gossip.c, gossip_failure_detector",),
    ),
    metrics=Answer(
        "the state of each peer as each node has it, compared, and the warnings 'Replacing an existing token' in the log",
        ("Netflix/dynomite src/dyn_gossip.c, gossip_add_node_if_absent",),
    ),
)
