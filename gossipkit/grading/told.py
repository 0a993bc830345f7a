"""What a process tells of the code that it ran: the beginning of what was printed, and an error in words."""

from __future__ import annotations

import io
import traceback

LONGEST_OUTPUT = 100_000  # characters of a cell's output that are kept
LONGEST_ERROR = 2_000
LONGEST_NAME = 200
MOST_LOST = 1_000  # names that lack something
EVERY = "*"  # in place of one: all that nobody bound


class Kept(io.TextIOBase):
    """The beginning of what is printed; the rest is dropped, and takes no memory."""

    def __init__(self):
        self.clear()

    def clear(self) -> None:
        """Forget what was kept."""
        self.parts, self.room = [], LONGEST_OUTPUT

    def write(self, text: str) -> int:
        if self.room > 0:
            self.parts.append(text[: self.room])
            self.room -= len(text)
        return len(text)

    def writable(self) -> bool:
        return True

    def __str__(self) -> str:
        return "".join(self.parts) + ("\n… and more, which was not kept" if self.room < 0 else "")


def raised(error: BaseException) -> dict[str, str]:
    """An error's name and text."""
    try:
        text = str(error)
    except BaseException:  # it is the student's, and may raise anything
        text = ""
    lines = traceback.format_exception_only(type(error), error) if isinstance(error, SyntaxError) else [text]
    return {"name": type(error).__name__[:LONGEST_NAME], "text": "".join(lines)[:LONGEST_ERROR]}
