"""The shadow round: a starting node asks the seeds what they know, and nobody learns of the node yet."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from .config import GossipConfig
from .messages import Ack, Syn
from .states import EndpointState

if TYPE_CHECKING:
    from ...sim import Env


class ShadowRound:
    """An empty SYN to every seed, again and again, until somebody answers with all that it knows.

    From the second time on the peers of an earlier life are asked, too. What comes back is used for checks at the start and
    never passed on. A seed goes on without an answer once every other seed says that it is starting too, or when
    ``ring_delay_s`` is over: somebody has to begin a new cluster. Any other node gives up after twice that time, because a
    node that knows nobody must not begin a cluster of its own.

    Parameters
    ----------
    env : Env
    config : GossipConfig
    seeds : tuple of str
        Without oneself.
    peers : tuple of str
        Who was known in an earlier life, without oneself and the seeds.
    is_seed : bool
        Whether oneself is one.
    finished : callable
        Called once, with the states by endpoint, or with None where it failed.

    References
    ----------
    apache/cassandra, Gossiper.doShadowRound, maybeFinishShadowRound; CASSANDRA-13851 for the peers and the doubled time.
    """

    def __init__(
        self,
        env: "Env",
        config: GossipConfig,
        seeds: tuple[str, ...],
        peers: tuple[str, ...],
        is_seed: bool,
        finished: Callable[[dict[str, EndpointState] | None], None],
    ):
        self._env, self._config, self._seeds, self._is_seed = env, config, seeds, is_seed
        self._finished = finished
        self._asked, self._peers = seeds, peers
        self._starting: set[str] = set()  # seeds in a shadow round of their own
        self._deadline_s = env.now + config.ring_delay_s * (1 if is_seed else 2)
        self._ask()

    def _ask(self) -> None:
        env = self._env
        if env.now >= self._deadline_s:
            self._timer = None
            return self._finished({} if self._is_seed else None)
        for name in self._asked:
            env.send(name, Syn(self._config.cluster_name, ()))
        self._asked = self._seeds + self._peers
        wait_s = min(self._config.shadow_round_retry_s, self._deadline_s - env.now)
        self._timer = env.after(wait_s, self._ask)

    def answered(self, sender: str, ack: Ack) -> None:
        """An ACK came."""
        if not ack.shadow:
            self.end(dict(ack.states))
        else:
            # maybeFinishShadowRound: the seed that answers knows nobody yet, because it asks the same question
            self._starting.add(sender)
            if self._is_seed and self._starting.issuperset(self._seeds):
                self.end({})

    def end(self, states: dict[str, EndpointState]) -> None:
        """Stop asking."""
        if self._timer is not None:
            self._timer.cancel()
        self._finished(states)
