"""One suspicion: who accused, who confirmed, and when it becomes a death."""

from functools import lru_cache

from ...sim import checks
from .formulas import remaining_suspicion

_wait_s = lru_cache(maxsize=256)(
    remaining_suspicion
)  # a cluster asks it with the same few numbers, again and again


class Suspicion:
    """A deadline that moves forward with every independent confirmation; it holds no timer and reads no clock.

    Parameters
    ----------
    suspector : str
        Who accused first. A repetition by the same member is no confirmation.
    k : int
        With so many confirmations the wait is ``min_s``; further ones are not counted.
    min_s, max_s : float
        Seconds to wait with ``k`` confirmations, and with none. If ``k`` is 0 it is ``min_s`` from the beginning.
    started_s : float
        When the suspicion began, in seconds.

    Attributes
    ----------
    deadline_s : float
        When the suspect is to be declared dead, in seconds on the clock of ``started_s``. It may be in the past.
    confirmations : int

    Examples
    --------
    >>> suspicion = Suspicion("a", k=3, min_s=0.5, max_s=2.0, started_s=10.0)
    >>> suspicion.confirm("a"), suspicion.confirm("b"), suspicion.confirm("b")
    (False, True, False)
    >>> suspicion.deadline_s
    11.25

    References
    ----------
    hashicorp/memberlist, suspicion.go.
    """

    __slots__ = ("_accusers", "confirmations", "deadline_s", "k", "max_s", "min_s", "started_s")

    def __init__(self, suspector: str, k: int, min_s: float, max_s: float, started_s: float):
        checks.number("started_s", started_s)
        self.k, self.min_s, self.max_s, self.started_s = checks.whole("k", k, 0), min_s, max_s, started_s
        self._accusers = {suspector}
        self.confirmations = 0
        self.deadline_s = self._deadline()

    def confirm(self, name: str) -> bool:
        """Count an accusation by ``name``; False if it is not news: that member has accused before, or ``k`` have."""
        if self.confirmations >= self.k or name in self._accusers:
            return False
        # independent accusers are evidence that it is not the first one's own ears (Lifeguard, LHA-Suspicion)
        self._accusers.add(name)
        self.confirmations += 1
        self.deadline_s = self._deadline()
        return True

    def _deadline(self) -> float:
        return self.started_s + _wait_s(self.confirmations, self.k, 0.0, self.min_s, self.max_s)
