"""The journal: the record of what came in, what changed and what went out, in order. Entries are only added."""

from array import array
from collections.abc import Callable, Iterator, Mapping
from operator import attrgetter
from typing import Any

from mockserver.core import facts
from mockserver.core.commands import NoteRequest
from mockserver.core.facts import Fact, FlowMoved, StatusChanged, StepBegun
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

ALIKE: Mapping[type[Fact], tuple[Callable[[Any], tuple[object, ...]], Mapping[str, str]]] = {
    StatusChanged: (
        attrgetter("step", "channel", "status", "reason", "cause", "late"),
        {"flow": "", "message": ""},
    ),
    FlowMoved: (attrgetter("status", "code", "termination"), {"flow": ""}),
}
"""What many changes have in common, and what is left out of them then."""

GONE = facts.ClockMoved(0)
"""In the place of a fact that was forgotten."""


def _length(request: NoteRequest) -> int:
    length = len(request.error or "")
    return length + sum([len(field) + len(text) for field, text in request.wrong]) if request.wrong else length


def _own(shared: Fact, begun: Any) -> Fact:
    """A change with its own flow, and its own message if it is of one. begun: the beginning of the step."""
    if isinstance(shared, StatusChanged):
        return replace(shared, flow=begun.flow, message=begun.message)
    return replace(shared, flow=begun.flow)


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

    Most entries are changes of status, and many flows and messages change alike. So such a change is kept once, without
    its flow and its message, and a number says which it is: 0 for none. The beginning of a step, from which these are
    known, is kept as the fact.
    """

    def __init__(self, most: int, heaviest: int = HEAVIEST) -> None:
        self.written = self.forgotten = 0
        self.overweight = False
        self._most = most
        self._heaviest = heaviest
        self._weight = 0
        self._facts: list[Fact] = []
        self._instants = array("q")
        self._back = array("I")
        self._latest: dict[str, int] = {}
        self._changes: list[Fact] = [GONE]
        self._alike: dict[tuple[object, ...], int] = {}
        self._change = array("I")

    def __len__(self) -> int:
        return self.written

    def write(self, at: int, fact: Fact) -> int:
        """Append a fact at instant `at`; returns the number of its entry."""
        self.written = number = self.written + 1
        flow, change, back = getattr(fact, "flow", None), 0, 0
        if flow is not None:
            before = self._latest.get(flow, 0)
            self._latest[flow] = number
            if before > self.forgotten:
                back = number - before
                if type(fact) in ALIKE and (begun := self._beginning(before, fact)):
                    change, fact = self._shared(fact), begun
        if number <= self._most:
            self._facts.append(fact)
            self._change.append(change)
            self._instants.append(at)
            self._back.append(back)
        else:
            self._overwrite(number, (fact, change, at, back))
        if weigh := WEIGHTS.get(type(fact)):
            self._weight += weigh(fact)
            while self._weight > self._heaviest and number - self.forgotten > 1:
                self.overweight = True
                self._forget()
        return number

    def _overwrite(self, number: int, row: tuple[Fact, int, int, int]) -> None:
        if number - self.forgotten > self._most:
            self._forget()
        place = (number - 1) % self._most
        self._facts[place], self._change[place], self._instants[place], self._back[place] = row

    def _forget(self) -> None:
        """Forget the oldest entry."""
        place = self.forgotten % self._most
        if weigh := WEIGHTS.get(type(self._facts[place])):
            self._weight -= weigh(self._facts[place])
        self._facts[place], self._change[place] = GONE, 0
        self.forgotten += 1

    def _chain(self, number: int) -> Iterator[int]:
        """The numbers of the entries about a flow, the latest first. number: of the latest."""
        while number > self.forgotten:
            yield number
            number -= self._back[(number - 1) % self._most] or number

    def _beginning(self, number: int, change: Fact) -> StepBegun | None:
        """The beginning of a message, or for a change of the flow, of any. number: of the flow's latest entry."""
        for each in self._chain(number):
            found = self._facts[(each - 1) % self._most]
            if type(found) is StepBegun and (not isinstance(change, StatusChanged) or found.message == change.message):
                return found
        return None

    def _shared(self, change: Fact) -> int:
        """The number of what a change has in common with others, from 1."""
        alike, own = ALIKE[type(change)]
        key = alike(change)
        if key not in self._alike:
            self._alike[key] = len(self._changes)
            self._changes.append(replace(change, **own))
        return self._alike[key]

    def entry(self, number: int) -> Entry:
        """The entry with this number. It must still be kept."""
        place = (number - 1) % self._most
        fact = self._facts[place]
        if shared := self._change[place]:
            fact = _own(self._changes[shared], fact)
        return Entry(number, self._instants[place], fact)

    def after(self, number: int) -> tuple[Entry, ...]:
        """The entries that came after entry `number`; all of them after 0."""
        return tuple(self.read(number))

    def read(self, number: int) -> Iterator[Entry]:
        """The same one by one. What is written in between is not read, and what is forgotten then is left out."""
        return filter(None, self.pick(number + 1, self.written))

    def pick(self, first: int, last: int, kinds: tuple[type[Fact], ...] = ()) -> Iterator[Entry | None]:
        """The entries from `first` to `last`, one by one; None for each that is gone, or of none of these kinds."""
        for each in range(max(first, self.forgotten + 1), last + 1):
            unwanted = kinds and self._kind((each - 1) % self._most) not in kinds
            yield None if unwanted or each <= self.forgotten else self.entry(each)

    def _kind(self, place: int) -> type[Fact]:
        change = self._change[place]
        return type(self._changes[change] if change else self._facts[place])

    def of_flow(self, flow: str) -> tuple[Entry, ...]:
        """The entries about a flow; none after `let_go`."""
        numbers = [*self._chain(self._latest.get(flow, 0))]
        return tuple(self.entry(number) for number in reversed(numbers))

    def let_go(self, flow: str) -> None:
        """Drop the index of a flow's entries. The entries stay until later ones need their room."""
        self._latest.pop(flow, None)
