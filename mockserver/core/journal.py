"""The journal: the record of what came in, what changed and what went out, in order. Entries are only added."""

from array import array
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mockserver.core import facts
from mockserver.core.commands import NoteRequest
from mockserver.core.facts import Fact, StatusChanged, StepBegun
from mockserver.core.values import Value, replace

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
    length = len(request.error or "")
    return length + sum([len(field) + len(text) for field, text in request.wrong]) if request.wrong else length


class Entry(Value):
    """One fact, its number (from 1) and its virtual instant."""

    number: int
    at: int
    fact: Fact


class Journal:
    """The latest entries of one sandbox, oldest first: `most` of them, and `heaviest` characters of texts from outside.

    Its length counts the forgotten ones too. written: the same as the length, but faster to read. forgotten: how many
    of the oldest entries were forgotten. overweight: some of them because of their texts. Facts and instants are kept
    in ring buffers; an entry is made from them when it is read. Another says how far back the entry before about the
    same flow is; 0 when there is none.

    Most entries are changes of status, and many messages change alike. So such a change is kept once, without its flow
    and its message; these are known from the beginning of its step, which is kept beside it.
    """

    def __init__(self, most: int, heaviest: int = HEAVIEST) -> None:
        self.written = self.forgotten = 0
        self.overweight = False
        self._most = most
        self._heaviest = heaviest
        self._weight = 0
        self._facts: list[Fact] = []
        self._begun: list[StepBegun | None] = []
        self._instants = array("q")
        self._back = array("I")
        self._latest: dict[str, int] = {}
        self._alike: dict[StatusChanged, StatusChanged] = {}

    def __len__(self) -> int:
        return self.written

    def write(self, at: int, fact: Fact) -> int:
        """Append a fact at instant `at`; returns the number of its entry."""
        number, flow = self.written + 1, getattr(fact, "flow", None)
        before, begun = 0, None
        if flow is not None:
            before = self._latest.get(flow, 0)
            self._latest[flow] = number
        if type(fact) is StatusChanged:
            begun = next(filter(None, (self._beginning(each, fact) for each in self._chain(before))), None)
            fact = fact if begun is None else self._shared(fact)
        back = number - before if before and before > self.forgotten else 0
        if self.written - self.forgotten == self._most:
            self._forget()
        if number <= self._most:
            self._facts.append(fact)
            self._begun.append(begun)
            self._instants.append(at)
            self._back.append(back)
        else:
            place = self.written % self._most
            self._facts[place], self._begun[place] = fact, begun
            self._instants[place], self._back[place] = at, back
        self.written = number
        if weigh := WEIGHTS.get(type(fact)):
            self._weight += weigh(fact)
            while self._weight > self._heaviest and number - self.forgotten > 1:
                self.overweight = True
                self._forget()
        return number

    def _forget(self) -> None:
        """Forget the oldest entry."""
        place = self.forgotten % self._most
        if weigh := WEIGHTS.get(type(self._facts[place])):
            self._weight -= weigh(self._facts[place])
        self._facts[place], self._begun[place] = GONE, None
        self.forgotten += 1

    def _chain(self, number: int) -> Iterator[int]:
        """The numbers of the entries about a flow, the latest first. number: of the latest."""
        while number > self.forgotten:
            yield number
            number -= self._back[(number - 1) % self._most] or number

    def _beginning(self, number: int, change: StatusChanged) -> StepBegun | None:
        """The beginning of a message, if this entry is that or was made with it."""
        place = (number - 1) % self._most
        found = self._begun[place] or self._facts[place]
        return found if type(found) is StepBegun and found.message == change.message else None

    def _shared(self, change: StatusChanged) -> StatusChanged:
        alike = replace(change, flow="", message="")
        return self._alike.setdefault(alike, alike)

    def entry(self, number: int) -> Entry:
        """The entry with this number. It must still be kept."""
        place = (number - 1) % self._most
        fact, begun = self._facts[place], self._begun[place]
        if begun is not None:
            fact = replace(fact, flow=begun.flow, message=begun.message)
        return Entry(number, self._instants[place], fact)

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
        numbers = [*self._chain(self._latest.get(flow, 0))]
        return tuple(self.entry(number) for number in reversed(numbers))

    def let_go(self, flow: str) -> None:
        """Drop the index of a flow's entries. The entries stay until later ones need their room."""
        self._latest.pop(flow, None)
