"""Local health: how much a member distrusts its own ears, and therefore its accusations."""

from ...sim import checks


class Awareness:
    """Lifeguard's local health multiplier, memberlist's ``awareness``.

    The score is 0 in full health and at most ``max_multiplier - 1``. A probe that was answered gives -1; having to refute
    an accusation +1; a failed probe +1 for every helper whose nack is missing, or +1 if no helper could be asked.

    Parameters
    ----------
    max_multiplier : int
        AwarenessMaxMultiplier, at least 1, which switches local health off: the score stays 0.

    Examples
    --------
    >>> health = Awareness(8)
    >>> health.apply(2)
    >>> health.score, health.scale(1.0)
    (2, 3.0)

    References
    ----------
    hashicorp/memberlist, awareness.go; arXiv 1707.00788, LHA-Probe.
    """

    __slots__ = ("_max", "score")

    def __init__(self, max_multiplier: int):
        self._max = checks.whole("max_multiplier", max_multiplier, 1) - 1
        self.score = 0

    def apply(self, delta: int) -> None:
        """Add ``delta`` to the score; it stays within its bounds."""
        self.score = min(self._max, max(0, self.score + delta))

    def scale(self, seconds: float) -> float:
        """``seconds * (score + 1)``."""
        checks.number("seconds", seconds)
        return seconds * (self.score + 1)
