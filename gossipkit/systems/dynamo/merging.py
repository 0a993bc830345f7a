"""Merge policies: what an application makes of siblings. A policy is any function from a tuple of values to one value."""

from typing import Any


def union(siblings: tuple[tuple[Any, ...], ...]) -> tuple[Any, ...]:
    """The paper's shopping cart: all items that are in any of the siblings. No addition is lost, but a removal can be.

    Examples
    --------
    >>> union((("book", "milk"), ("book",)))  # milk was taken out of one of them: it is back
    ('book', 'milk')
    """
    return tuple(sorted({item for cart in siblings for item in cart}))
