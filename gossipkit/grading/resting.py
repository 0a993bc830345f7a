"""The garbage collector rests while a process imports what it needs.

Nothing of that is garbage, and the collector would look at all of it again and again: a seventh of the command's start, and
a twentieth of the start of each student's process. Import this module first, and call `collect_again` after the imports.
"""

import gc

gc.disable()


def collect_again() -> None:
    """From now on garbage is collected, and what is there by now is never looked at."""
    gc.freeze()
    gc.enable()
