"""The journal: the record of what came in, what changed and what went out, in order. Entries are only added."""

from array import array
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mockserver.core import facts
from mockserver.core.commands import NoteRequest
from mockserver.core.facts import Fact
from mockserver.core.values import Value

HEAVIEST = 64 * 1_048_576
"""The most characters of texts from outside that a journal keeps (choice)."""

WEIGHTS: Mapping[type[Fact], Callable[[Any], int]] = {
    facts.TokensRevoked: lambda fact: len(fact.application or ""),
    facts.RequestAnswered: lambda fact: _length(fact.request),
    facts.ScenariosChanged: lambda fact: len(fact.source or b""),
    facts.InboundReceived: lambda fact: len(fact.text),
    facts.CallbackAttempted: lambda fact: len(fact.answer.body),
}
"""The characters in the facts that whoever sends them can make long. All others are small."""

GONE = facts.ClockMoved(0)
"""In the place of a fact that was forgotten."""


def _length(request: NoteRequest) -> int:
    return len(request.error or "") + sum(len(field) + len(text) for field, text in request.wrong)


class Entry(Value):
    """One fact, its number (from 1) and its virtual instant."""

    number: int
    at: int
    fact: Fact


class Journal:
    """The latest entries of one sandbox, oldest first: `most` of them, and `heaviest` characters of texts from outside.

    Its length counts the forgotten ones too. written: the same as the length, but faster to read. forgotten: how many
    of the oldest entries were forgotten. overweight: some of them because of their texts. Facts and instants are kept
    in two ring buffers; an entry is made from them when it is read.
    """

    def __init__(self, most: int, heaviest: int = HEAVIEST) -> None:
        self.written = self.forgotten = 0
        self.overweight = False
        self._most = most
        self._heaviest = heaviest
        self._weight = 0
        self._facts: list[Fact] = []
        self._instants = array("q")
        self._of_flow: dict[str, array[int]] = {}

    def __len__(self) -> int:
        return self.written

    def write(self, at: int, fact: Fact) -> int:
        """Append a fact at instant `at`; returns the number of its entry."""
        if self.written - self.forgotten == self._most:
            self._forget()
        if self.written < self._most:
            self._facts.append(fact)
            self._instants.append(at)
        else:
            place = self.written % self._most
            self._facts[place], self._instants[place] = fact, at
        self.written += 1
        if weigh := WEIGHTS.get(type(fact)):
            self._weight += weigh(fact)
            while self._weight > self._heaviest and self.written - self.forgotten > 1:
                self.overweight = True
                self._forget()
        flow = getattr(fact, "flow", None)
        if flow is not None:
            numbers = self._of_flow.get(flow)
            if numbers is None:
                self._of_flow[flow] = array("q", (self.written,))
            else:
                numbers.append(self.written)
        return self.written

    def _forget(self) -> None:
        """Forget the oldest entry."""
        place = self.forgotten % self._most
        if weigh := WEIGHTS.get(type(self._facts[place])):
            self._weight -= weigh(self._facts[place])
        self._facts[place] = GONE
        self.forgotten += 1

    def entry(self, number: int) -> Entry:
        """The entry with this number. It must still be kept."""
        place = (number - 1) % self._most
        return Entry(number, self._instants[place], self._facts[place])

    def after(self, number: int) -> tuple[Entry, ...]:
        """The entries that came after entry `number`; all of them after 0."""
        return tuple(self.read(number))

    def read(self, number: int) -> Iterator[Entry]:
        """The same one by one. What is written in between is not read, and what is forgotten then is left out."""
        for each in range(max(number, self.forgotten) + 1, self.written + 1):
            if each > self.forgotten:
                yield self.entry(each)

    def of_flow(self, flow: str) -> tuple[Entry, ...]:
        """The entries about a flow; none after `let_go`."""
        kept = self.forgotten
        return tuple(self.entry(number) for number in self._of_flow.get(flow, ()) if number > kept)

    def let_go(self, flow: str) -> None:
        """Drop the index of a flow's entries. The entries stay until later ones need their room."""
        self._of_flow.pop(flow, None)
