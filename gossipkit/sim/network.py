"""What the network does to a datagram: how long it takes, and how often it loses, repeats or damages one.

Reordering needs no setting: each message draws its own latency, so one that was sent later may arrive earlier.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from math import log
from random import Random

from . import checks


def stream(seed: int, *names: str) -> Random:
    """A random stream of its own for every seed and name.

    Streams are told apart by a hash of their names, so one more process, or one more draw by another, changes no other
    stream; and the hash is SHA-256 because Python's own differs from one process to the next (PYTHONHASHSEED).
    """
    digest = hashlib.sha256("\0".join((str(seed), *names)).encode()).digest()
    return Random(int.from_bytes(digest[:16], "big"))


@dataclass(frozen=True)
class Constant:
    """Every message takes the same time, one way."""

    seconds: float

    def __post_init__(self):
        checks.number("latency in seconds", self.seconds)

    def sampler(self, random: Random) -> Callable[[], float]:
        """A function that returns the next latency in seconds."""
        return partial(float, self.seconds)


@dataclass(frozen=True)
class Uniform:
    """Latency evenly spread between ``low`` and ``high`` seconds, one way."""

    low: float
    high: float

    def __post_init__(self):
        checks.number("lowest latency in seconds", self.low)
        checks.number("highest latency in seconds", self.high, low=self.low)

    def sampler(self, random: Random) -> Callable[[], float]:
        """A function that returns the next latency in seconds."""
        low, width, draw = self.low, self.high - self.low, random.random
        return lambda: low + width * draw()


@dataclass(frozen=True)
class LogNormal:
    """Latency with a long tail: half of the messages take longer than ``median`` seconds, one way.

    ``sigma`` is the standard deviation of the logarithm: at 0.5, one message in forty takes more than 2.7 medians.
    """

    median: float
    sigma: float = 0.5

    def __post_init__(self):
        checks.number("median latency in seconds", self.median, low=1e-9)
        checks.number("sigma of the latency", self.sigma)

    def sampler(self, random: Random) -> Callable[[], float]:
        """A function that returns the next latency in seconds."""
        draw = partial(random.lognormvariate, log(self.median), self.sigma)
        # whole nanoseconds: logarithms differ in their last bit from one platform to another
        return lambda: round(draw(), 9)


@dataclass(frozen=True)
class Network:
    """The network between the processes of a `World`.

    Parameters
    ----------
    latency : Constant, Uniform or LogNormal
        One way, in seconds. The default, 0.5 to 1.5 ms, is a local network.
    loss : float
        Probability that a datagram is lost, for each on its own, 0 to 1.
    duplicate : float
        Probability that a second copy arrives, with a latency of its own.
    corrupt : float
        Probability that one field of the message arrives changed.

    Raises
    ------
    ValueError
        For a probability outside 0 to 1, or a latency that is none of the three.

    Examples
    --------
    >>> Network(latency=Constant(0.05), loss=0.1).loss
    0.1
    >>> Network(loss=1.2)
    Traceback (most recent call last):
    ...
    ValueError: loss is 1.2: it must be a number, between 0 and 1
    """

    latency: Constant | Uniform | LogNormal = field(default=Uniform(0.0005, 0.0015))
    loss: float = 0.0
    duplicate: float = 0.0
    corrupt: float = 0.0

    def __post_init__(self):
        if not isinstance(self.latency, (Constant, Uniform, LogNormal)):
            raise ValueError(f"latency is {self.latency!r}: it must be a Constant, a Uniform or a LogNormal")
        for name in ("loss", "duplicate", "corrupt"):
            checks.probability(name, getattr(self, name))
