"""The journal: an append-only record of what came in, what changed and what went out, in one order."""

from collections import deque
from itertools import islice

from mockserver.core.facts import Fact
from mockserver.core.values import value


@value
class Entry:
    """One fact, numbered from 1, at a virtual instant."""

    number: int
    at: int
    fact: Fact


class Journal:
    """The latest entries of one sandbox, `most` of them, oldest first. Its length counts the forgotten ones too.

    written: the same as its length, for whoever asks often.
    """

    def __init__(self, most: int) -> None:
        self._entries: deque[Entry] = deque(maxlen=most)
        self.written = 0

    def __len__(self) -> int:
        return self.written

    @property
    def forgotten(self) -> int:
        """How many of the oldest entries are kept no longer."""
        return self.written - len(self._entries)

    def write(self, at: int, fact: Fact) -> Entry:
        """Append a fact."""
        self.written += 1
        entry = Entry(self.written, at, fact)
        self._entries.append(entry)
        return entry

    def after(self, number: int) -> tuple[Entry, ...]:
        """The entries that came after entry `number`; all of them after 0."""
        wanted = self.written - max(number, self.forgotten)
        return tuple(reversed([*islice(reversed(self._entries), max(0, wanted))]))
