"""The requests to the mocked API: which entries of the journal they are, and which of them were refused."""

from array import array
from collections.abc import Sequence
from itertools import dropwhile, takewhile

from mockserver.core import facts
from mockserver.core.commands import NoteRequest
from mockserver.core.parts import Parts

OFTEN = 1_024
"""After so many requests, the numbers of those that the journal has forgotten are dropped."""


class Requests:
    """Journals requests, and keeps the numbers of their entries. A part of the engine; nothing else uses it."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._all = array("Q")
        self._refused = array("Q")
        self._noted = 0

    def note(self, command: NoteRequest) -> None:
        """Journal a request."""
        number = self._parts.write(facts.RequestAnswered(command))
        self._all.append(number)
        if command.error is not None:
            self._refused.append(number)
        self._noted += 1
        if self._noted % OFTEN == 0:
            self._forget()

    def _forget(self) -> None:
        for numbers in (self._all, self._refused):
            del numbers[: sum(1 for _ in takewhile(self._gone, numbers))]

    def numbers(self, *, refused: bool = False) -> Sequence[int]:
        """The numbers of the entries that are kept, oldest first. refused: only of requests that were refused."""
        return tuple(dropwhile(self._gone, self._refused if refused else self._all))

    @property
    def refused(self) -> int:
        """How many requests were refused whose entries are kept."""
        return len(self._refused) - sum(1 for _ in takewhile(self._gone, self._refused))

    def _gone(self, number: int) -> bool:
        return number <= self._parts.journal.forgotten
