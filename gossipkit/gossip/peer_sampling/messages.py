"""What peers say to keep their views: Cyclon's shuffles, Brahms' pushes and pulls."""

from ...sim import message

Entry = tuple[str, int]
"""A peer in one of Cyclon's views: its name, and how many rounds ago it said that it is there."""


@message
class Shuffle:
    """Take these, and give me as many of yours."""

    entries: tuple[Entry, ...]


@message
class ShuffleReply:
    """The other half of a shuffle."""

    entries: tuple[Entry, ...]


@message
class Push:
    """I am here. Who sent it cannot be forged, and a name that is pushed is the sender's own."""


@message
class PullRequest:
    """Whom do you know?"""


@message
class PullReply:
    """All of its sender's view."""

    names: tuple[str, ...]


@message
class Probe:
    """Are you still there? That the machine accepts it is the answer."""
