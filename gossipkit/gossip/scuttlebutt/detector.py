"""Cassandra's failure detector: a phi window for every endpoint, fed by news of it, whoever has brought them."""

from ..phi import ArrivalWindow, LocalPauseGuard, suspected
from .config import GossipConfig


class FailureDetector:
    """Suspicion of every endpoint, as a local opinion: it is never gossiped.

    Parameters
    ----------
    config : GossipConfig
    now_s : float
        Seconds.

    References
    ----------
    apache/cassandra @07242de, gms/FailureDetector.java.
    """

    def __init__(self, config: GossipConfig, now_s: float):
        self._config = config
        self._windows: dict[str, ArrivalWindow] = {}
        self._guard = LocalPauseGuard(now_s, config.max_local_pause_s)

    def report(self, endpoint: str, now_s: float) -> None:
        """There is news of it."""
        window = self._windows.get(endpoint)
        if window is None:
            config = self._config
            window = self._windows[endpoint] = ArrivalWindow(
                config.sample_size, config.initial_interval_s, config.max_interval_s
            )
        window.add(now_s)

    def forget(self, endpoint: str) -> None:
        """Learn its intervals anew."""
        self._windows.pop(endpoint, None)

    def phi(self, endpoint: str, now_s: float) -> float:
        """How suspicious it is; 0 where nothing was heard yet."""
        window = self._windows.get(endpoint)
        return 0.0 if window is None else window.phi(now_s)

    def convicted(self, now_s: float) -> list[str] | None:
        """The endpoints whose phi is more than the threshold; None, and nobody is judged, after a pause of one's own."""
        if not self._guard.allows(now_s):
            return None
        return suspected(self._windows, now_s, self._config.phi_convict_threshold)
