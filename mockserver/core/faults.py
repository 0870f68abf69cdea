"""What a scenario makes go wrong between the provider and the application: with its callbacks, with its sends.

Faults are values, drawn from the seed like everything else: the same seed and commands play the same faults.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class CallbackFault(StrEnum):
    """What can befall a callback."""

    DROPPED = "dropped"
    DUPLICATED = "duplicated"
    REORDERED = "reordered"


DROPPED, DUPLICATED, REORDERED = CallbackFault

LATE_ANSWER = "the scenario has it that this answer came too late"


@dataclass(frozen=True, slots=True)
class Which:
    """Which of a flow's callbacks are meant: a share of them, those with these numbers, the one that ends the flow.

    percent: 0 to 100, drawn for each on its own; numbers: from 1, in the order they fall due for this flow.
    """

    percent: int = 0
    numbers: frozenset[int] = frozenset()
    last: bool = False

    def hits(self, number: int, *, final: bool, drawn: int) -> bool:
        """Whether the flow's callback `number` is meant; `drawn`: a number from 1 to 100, its own."""
        return drawn <= self.percent or number in self.numbers or (final and self.last)


NONE = Which()


@dataclass(frozen=True, slots=True)
class CallbackFaults:
    """What goes wrong with the callbacks of a flow.

    delay: they are posted so many milliseconds after they fall due, from the lower to the higher. dropped: never
    posted. duplicated: posted once more, as a callback of its own. reordered: held back until the next callback of
    the flow has been posted. timeouts: the first so many attempts of each are taken for not answered in time.
    scenario: whose faults these are.
    """

    delay: tuple[int, int] = (0, 0)
    dropped: Which = NONE
    duplicated: Which = NONE
    reordered: Which = NONE
    timeouts: int = 0
    scenario: str = ""

    def of(self, number: int, *, final: bool, draw: Callable[[str], int]) -> frozenset[CallbackFault]:
        """The faults that befall the flow's callback `number`; `draw(name)`: from 1 to 100."""
        chances = {DROPPED: self.dropped, DUPLICATED: self.duplicated, REORDERED: self.reordered}
        return frozenset(
            each for each, which in chances.items() if which.hits(number, final=final, drawn=draw(each.value))
        )


class ApiAnswer(StrEnum):
    """What a send is answered instead of being accepted. `lost`: it is accepted, and then the answer is lost."""

    SERVER_ERROR = "500"
    UNAVAILABLE = "503"
    TOO_MANY = "429"
    RESET = "reset"
    LOST = "lost"
    BALANCE = "insufficient balance"


@dataclass(frozen=True, slots=True)
class ApiFault:
    """What goes wrong with a send: it is answered so (None: as it should be), after `delay` real milliseconds."""

    answer: ApiAnswer | None = None
    delay: int = 0

    @property
    def accepts(self) -> bool:
        """Whether the send becomes a flow all the same."""
        return self.answer in (None, ApiAnswer.LOST)

    def __str__(self) -> str:
        """In words."""
        slow = f"answered {self.delay / 1_000:g} s late" if self.delay else ""
        return ", ".join(part for part in (self.answer or "", slow) if part)
