"""The journal: an append-only record of what came in, what changed and what went out, in one order."""

from collections import deque
from dataclasses import dataclass
from itertools import islice

from mockserver.core.facts import Fact


@dataclass(frozen=True, slots=True)
class Entry:
    """One fact, numbered from 1, at a virtual instant."""

    number: int
    at: int
    fact: Fact


class Journal:
    """The latest entries of one sandbox, `most` of them, oldest first. Its length counts the forgotten ones too."""

    def __init__(self, most: int) -> None:
        self._entries: deque[Entry] = deque(maxlen=most)
        self._written = 0

    def __len__(self) -> int:
        return self._written

    @property
    def forgotten(self) -> int:
        """How many of the oldest entries are kept no longer."""
        return self._written - len(self._entries)

    def write(self, at: int, fact: Fact) -> Entry:
        """Append a fact."""
        self._written += 1
        entry = Entry(self._written, at, fact)
        self._entries.append(entry)
        return entry

    def after(self, number: int) -> tuple[Entry, ...]:
        """The entries that came after entry `number`; all of them after 0."""
        wanted = self._written - max(number, self.forgotten)
        return tuple(reversed([*islice(reversed(self._entries), max(0, wanted))]))
