"""Systems: each composes what spreads, what is decided and what is corrected, and keeps the three apart.

=============  ======================================================================================================
``Consul``     SWIM membership; Raft servers with catalog, keys and tokens; agent-to-catalog anti-entropy
=============  ======================================================================================================
"""

from .consul import Consul

__all__ = ["Consul"]
