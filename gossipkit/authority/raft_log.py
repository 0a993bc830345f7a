"""A server's log: entries numbered from 1, and what a leader's message does to them (sections 5.3 and 5.4)."""

from collections.abc import Iterable, Sequence

from .raft_messages import Entry


class Log:
    """Entries in order; entry i of the paper is ``entries[i - 1]``.

    Attributes
    ----------
    entries : list of Entry

    Examples
    --------
    >>> log = Log([Entry(1, "x"), Entry(1, "y"), Entry(2, "z")])
    >>> log.agrees(2, 1), log.agrees(3, 1), log.first_doubtful(9)
    (True, False, 4)
    >>> log.merge(1, [Entry(3, "w")])
    True
    >>> [entry.command for entry in log.entries]
    ['x', 'w']
    """

    def __init__(self, entries: Iterable[Entry] = ()):
        self.entries = list(entries)

    @property
    def last_index(self) -> int:
        """The index of the last entry, 0 if there is none."""
        return len(self.entries)

    def term_at(self, index: int) -> int:
        """The term of the entry at ``index``; 0 at index 0, before all entries."""
        return self.entries[index - 1].term if index else 0

    def agrees(self, index: int, term: int) -> bool:
        """Whether there is an entry of ``term`` at ``index``: then everything before it is the leader's, too."""
        return index <= self.last_index and self.term_at(index) == term

    def first_doubtful(self, index: int) -> int:
        """Where a leader should try next that found no agreement at ``index``, so that it need not go one by one.

        Behind the end of a log that is too short; else at the first entry of the term that conflicts.
        """
        if index > self.last_index:
            return self.last_index + 1
        while index > 1 and self.term_at(index - 1) == self.term_at(index):
            index -= 1
        return index

    def merge(self, previous: int, entries: Sequence[Entry]) -> bool:
        """Take over entries that follow ``previous``: what conflicts is cut with all behind it, the rest stays.

        A message that was overtaken brings only entries that are here: cutting behind them would lose what has been
        promised since. True if the log has changed.
        """
        for index, entry in enumerate(entries, previous + 1):
            if not self.agrees(index, entry.term):
                self.entries[index - 1 :] = entries[index - previous - 1 :]
                return True
        return False
