"""What a scenario makes go wrong between the provider and the application: with callbacks and with sends.

Faults are values, drawn from the seed like everything else: the same seed and commands give the same faults.
"""

from collections.abc import Callable
from enum import StrEnum

from mockserver.core.values import Value


class CallbackFault(StrEnum):
    """What can go wrong with a callback."""

    DROPPED = "dropped"
    DUPLICATED = "duplicated"
    REORDERED = "reordered"


DROPPED, DUPLICATED, REORDERED = CallbackFault

LATE_ANSWER = "the scenario has it that this answer came too late"


class Which(Value):
    """Which of a flow's callbacks a fault applies to.

    percent: a share of them, 0 to 100; each is drawn on its own. numbers: those with these numbers, from 1 in the
    order they fall due for this flow. last: the one that ends the flow.
    """

    percent: int = 0
    numbers: frozenset[int] = frozenset()
    last: bool = False

    def hits(self, number: int, *, final: bool, drawn: int) -> bool:
        """Whether the fault applies to the flow's callback `number`. drawn: a number from 1 to 100, drawn for it."""
        return drawn <= self.percent or number in self.numbers or (final and self.last)


NONE = Which()


class CallbackFaults(Value):
    """What goes wrong with the callbacks of a flow.

    delay: they are posted this many milliseconds after they fall due, drawn between the two numbers. dropped: never
    posted. duplicated: posted once more, as a second callback. reordered: held back until the next callback of the
    flow is posted. timeouts: this many first attempts of each callback count as answered too late.
    scenario: the name of the scenario with these faults.
    """

    delay: tuple[int, int] = (0, 0)
    dropped: Which = NONE
    duplicated: Which = NONE
    reordered: Which = NONE
    timeouts: int = 0
    scenario: str = ""

    def of(self, number: int, *, final: bool, draw: Callable[[str], int]) -> frozenset[CallbackFault]:
        """The faults of the flow's callback `number`. draw(name): a number from 1 to 100."""
        chances = {DROPPED: self.dropped, DUPLICATED: self.duplicated, REORDERED: self.reordered}
        return frozenset(
            each for each, which in chances.items() if which.hits(number, final=final, drawn=draw(each.value))
        )


class ApiAnswer(StrEnum):
    """How a send is answered instead of being accepted. `lost`: it is accepted, but the answer is lost."""

    SERVER_ERROR = "500"
    UNAVAILABLE = "503"
    TOO_MANY = "429"
    RESET = "reset"
    LOST = "lost"
    BALANCE = "insufficient balance"


class ApiFault(Value):
    """What goes wrong with a send. answer: how it is answered (None: as usual). delay: real milliseconds until then."""

    answer: ApiAnswer | None = None
    delay: int = 0

    @property
    def accepts(self) -> bool:
        """Whether the send still becomes a flow."""
        return self.answer in (None, ApiAnswer.LOST)

    def __str__(self) -> str:
        """In words."""
        slow = f"answered {self.delay / 1_000:g} s late" if self.delay else ""
        return ", ".join(part for part in (self.answer or "", slow) if part)
