"""The case-study reading loop: six questions that take any system apart, answered as data, and evidence for the answers.

==================  =================================================================================================
``Reading``         a system's answers, each with its sources; `compare` puts several side by side
``CONSUL``          Consul's; ``CASSANDRA`` and ``DYNAMO``, the other two's
``Claim``           something that can be shown by a run; `CONSUL_CLAIMS` and so on are those of the exercises
``judge``           replays the evidence, on the system and on a variant of it in which the claim is false
``Incident``        a recorded run with a hidden fault, to be found by questions that cost time; see `incidents`
``PATTERNS``        what systems make use of again and again, with the places in them; `overview` shows who has which
==================  =================================================================================================
"""

from .cassandra import CASSANDRA, CASSANDRA_CLAIMS
from .consul import CONSUL, CONSUL_CLAIMS, CONSUL_EXAMPLE
from .dynamo import DYNAMO, DYNAMO_CLAIMS
from .evidence import Claim, Verdict, judge
from .incidents import INCIDENTS, LAYERS, MECHANISMS, Finding, Incident, Layer, score, separating_metrics
from .loop import QUESTIONS, Answer, Reading, compare
from .patterns import PATTERNS, Pattern, Place, overview
from .redis_cluster import REDIS_CLUSTER_CLAIMS
from .trust import TRUST_CLAIMS

__all__ = [
    "CASSANDRA",
    "CASSANDRA_CLAIMS",
    "CONSUL",
    "CONSUL_CLAIMS",
    "CONSUL_EXAMPLE",
    "DYNAMO",
    "DYNAMO_CLAIMS",
    "INCIDENTS",
    "LAYERS",
    "MECHANISMS",
    "PATTERNS",
    "QUESTIONS",
    "REDIS_CLUSTER_CLAIMS",
    "TRUST_CLAIMS",
    "Answer",
    "Claim",
    "Finding",
    "Incident",
    "Layer",
    "Pattern",
    "Place",
    "Reading",
    "Verdict",
    "compare",
    "judge",
    "overview",
    "score",
    "separating_metrics",
]
