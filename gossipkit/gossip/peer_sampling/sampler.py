"""Min-wise samplers: one name out of a stream, however often each is said in it.

A sampler hashes every name that it hears with a function of its own, drawn at random, and keeps the one with the least value. Saying
a name a thousand times changes nothing, and so a flood biases no sampler: once every name has been heard, each is kept with the
same probability.
"""

from collections.abc import Iterable
from hashlib import blake2b
from random import Random

PRIME = (1 << 61) - 1


class Samplers:
    """Some independent samplers over one stream.

    A function is ``(a x + b) mod 2⁶¹ - 1`` of a digest of the name: min-wise independent to a good approximation.

    Parameters
    ----------
    count : int
    random : random.Random
        Draws the functions.

    References
    ----------
    E. Bortnikov et al., "Brahms: Byzantine resilient random membership sampling", Computer Networks 53 (2009): Sampler.

    Examples
    --------
    >>> samplers = Samplers(3, Random(1))
    >>> samplers.offer(["a", "b", "c"] + 1000 * ["liar"])
    >>> samplers.samples
    ['liar', 'b', 'b']
    """

    def __init__(self, count: int, random: Random):
        self._random = random
        self._functions = [self._draw() for _ in range(count)]
        self._least: list[int] = [PRIME] * count
        self._kept: list[str | None] = [None] * count
        # names that are not news to any sampler: that saves the hashing, and changes nothing
        self._heard: set[str] = set()

    def _draw(self) -> tuple[int, int]:
        return self._random.randrange(1, PRIME), self._random.randrange(PRIME)

    @property
    def samples(self) -> list[str]:
        """What the samplers keep, without those that have heard nothing."""
        return [name for name in self._kept if name is not None]

    def offer(self, names: Iterable[str]) -> None:
        """The stream goes on with these."""
        for name in names:
            if name in self._heard:
                continue
            self._heard.add(name)
            x = int.from_bytes(blake2b(name.encode(), digest_size=7).digest(), "big")
            for at, (a, b) in enumerate(self._functions):
                value = (a * x + b) % PRIME
                if value < self._least[at]:
                    self._least[at], self._kept[at] = value, name

    def invalidate(self, name: str) -> None:
        """A peer is gone: samplers that keep it begin again, with another function, from what is said from now on."""
        for at, kept in enumerate(self._kept):
            if kept == name:
                self._functions[at], self._least[at], self._kept[at] = self._draw(), PRIME, None
                self._heard.clear()
