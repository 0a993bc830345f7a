"""What the exercise ``trust`` asks of three systems, with the answers and why they are right.

The exercise's notebook says the same statements in the same order, and its hidden tests have the same answers: a test
compares them with these.
"""

from .exercise import Statement

OUTSIDER, MEMBER, OWNER, DECIDER, NOBODY = "outsider", "member", "owner", "decider", "nobody"

LIARS = {
    "consul": (
        Statement(
            "agent-7 takes agent-3 for alive, so agent-3 is running.",
            MEMBER,
            "a claim of life in a higher incarnation is believed, whoever sends it",
        ),
        Statement(
            "A gossip packet that was changed on its way is not acted on.",
            NOBODY,
            "AES-GCM's tag doesn't fit any more, and the packet is dropped",
        ),
        Statement(
            "A gossip packet that an agent can open was sent a moment ago.",
            OUTSIDER,
            "there is no memory of packets: one that was recorded can be sent again by whoever recorded it",
        ),
        Statement(
            "The value of the key limit was written with a token that may write it.",
            DECIDER,
            "servers check tokens, and a server that lies need not",
        ),
        Statement(
            "agent-3 is up, and by the catalog its own check of web passes: so web answers there.",
            OWNER,
            "an agent runs its own checks, and reports them with a token of its own",
        ),
        Statement(
            "agent-4's check serfHealth is critical in the catalog, so agent-4 can't be reached.",
            MEMBER,
            "the leader commits what gossip says, and a member's word makes gossip say it",
        ),
        Statement(
            "The incarnation that agent-7 knows of agent-3 was begun by agent-3.",
            MEMBER,
            "any member can put any number into a claim about any other",
        ),
    ),
    "cassandra": (
        Statement(
            "Tokens by gossip: the tokens that node-5 knows of node-2 are those that node-2 announced.",
            MEMBER,
            "endpoint states are taken from whoever brings them",
        ),
        Statement(
            "What node-5 hears by gossip comes from a node that has a certificate.",
            NOBODY,
            "without one there is no connection",
        ),
        Statement(
            "The generation that node-5 believes of node-2, which it has known for long, is at most a year ahead of node-5's clock.",
            NOBODY,
            "Gossiper.applyStateLocally ignores a state with a higher one, whoever brings it",
        ),
        Statement(
            "node-5 takes node-2 for up, so node-2 has sent a heartbeat in the last minute.",
            MEMBER,
            "a heartbeat is a number in an endpoint state, and any node can bring a higher one",
        ),
        Statement(
            "The same with internode_encryption: none. What node-5 hears by gossip comes from a node of the cluster.",
            OUTSIDER,
            "then whoever reaches the port and names the cluster is heard",
        ),
        Statement(
            "Tokens by gossip: a read at QUORUM asks replicas of the row.",
            MEMBER,
            "who the replicas are is computed from tokens that anybody in the cluster can forge",
        ),
        Statement(
            "Tokens in the log (6.0): the owners of a row, as node-5 knows them, are those that a majority of the log's nodes has committed.",
            DECIDER,
            "only the nodes that keep the log say what was committed",
        ),
    ),
    "gossipsub": (
        Statement(
            "A message that node-1 delivers was published by the peer that it names as its author.",
            NOBODY,
            "its signature is checked with its author's key",
        ),
        Statement(
            "What a message says, and no rule of the application can check, is true.",
            OWNER,
            "a signature proves who said it, and not that it is so",
        ),
        Statement(
            "The score that node-1 gives a peer comes from what node-1 itself has seen of it.",
            NOBODY,
            "scores are computed by each node alone, and never sent",
        ),
        Statement(
            "A peer in node-1's mesh sends node-1 what it receives.",
            OWNER,
            "only that peer can keep it back, and the score notices it afterwards",
        ),
        Statement(
            "Ten peers of node-1 with ten identities and ten addresses are ten parties.",
            OUTSIDER,
            "whoever makes ten keys and has ten addresses is ten peers",
        ),
        Statement(
            "A message that node-1 publishes is sent to all its peers with a good score, also where liars hold its whole mesh.",
            NOBODY,
            "flood publishing: one's own messages go to all peers above a threshold, and not to the mesh alone",
        ),
        Statement(
            "A peer that has had the highest score at node-1 for an hour sends only valid messages.",
            OWNER,
            "a score tells what was, and a liar can behave for an hour",
        ),
    ),
}
