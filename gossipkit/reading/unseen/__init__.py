"""Readings of systems that no lesson reads: what an instructor holds the answers of the exercise ``unseen`` against.

Students do not receive this folder: ``python -m gossipkit.grading release`` leaves it out of what it packs, and the sandbox
in which their answers run has it not. So nothing outside it may import it, but for tests.

====================  ===============================================================================================
``UNSEEN``            the readings, by the system's name
``exercise``          what the exercise ``unseen`` asks of three systems, with the answers and their reasons
``trust``             the same of the exercise ``trust``
====================  ===============================================================================================
"""

from .databases import COCKROACHDB, DYNOMITE, RIAK, SCYLLADB
from .discovery import CORROSION, NETWORKDB, PEKKO, RINGPOP
from .ledgers import FABRIC, GOSSIPSUB
from .redis_cluster import REDIS_CLUSTER

UNSEEN = {
    reading.system: reading
    for reading in (
        REDIS_CLUSTER,
        COCKROACHDB,
        SCYLLADB,
        RIAK,
        DYNOMITE,
        CORROSION,
        NETWORKDB,
        PEKKO,
        RINGPOP,
        GOSSIPSUB,
        FABRIC,
    )
}

__all__ = ["UNSEEN"]
