"""What all behaviours of a liar share, and who says what and when."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from ...sim import Message, checks

if TYPE_CHECKING:
    from .liar import Acting

Later = tuple[float, Message]
"""A message, and by how many seconds it leaves later."""


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """What all behaviours share, see the module."""

    called: ClassVar[str]
    lasts: ClassVar[bool] = True
    """Whether it goes on when it has nothing more to say."""
    at_s: float = 0.0
    for_s: float | None = None

    def __post_init__(self):
        checks.number("at_s", self.at_s)
        if self.for_s is not None:
            checks.number("for_s", self.for_s)

    def step(self, acting: "Acting") -> None:
        """Say something of one's own accord; called once, and then every ``every_s`` seconds."""

    def sends(self, acting: "Acting", to: str, message: Message) -> Iterable[Later]:
        """What is sent in place of a message of the honest process, and how many seconds later."""
        return ((0.0, message),)

    def hears(self, acting: "Acting", sender: str, message: Message) -> Message | None:
        """What the honest process hears in place of a message; None for nothing."""
        return message


@dataclass(frozen=True, kw_only=True)
class Speaks(Behaviour):
    """What behaviours share that send of their own accord."""

    every_s: float = 0.0
    to: tuple[str, ...] = ()

    def __post_init__(self):
        super().__post_init__()
        checks.number("every_s", self.every_s)
        object.__setattr__(self, "to", checks.names("to", self.to))
