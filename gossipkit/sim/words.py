"""The words of a protocol: states, statuses and verdicts."""

from enum import StrEnum


class Word(StrEnum):
    """One of a protocol's fixed words: compared by identity in the rules, shown and stored as its text.

    Examples
    --------
    >>> class Light(Word):
    ...     RED = "red"
    >>> Light.RED, Light.RED == "red", {"now": Light("red")}
    ('red', True, {'now': 'red'})
    >>> Light("blue")
    Traceback (most recent call last):
    ...
    ValueError: 'blue' is not a valid Light
    """

    __repr__ = str.__repr__
