"""What a scenario makes go wrong between the provider and the application: with callbacks and with requests.

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


class Endpoint(StrEnum):
    """What a request to the mocked API is about."""

    SEND = "send"
    TOKEN = "token"  # noqa: S105 -- the name of an endpoint
    TRACKING = "tracking"
    SEARCH = "search"
    BALANCE = "balance"


class ApiAnswer(StrEnum):
    """How a request is answered, apart from an error by its status. `lost`: it is done, but the answer is lost."""

    RESET = "reset"
    LOST = "lost"
    BALANCE = "insufficient balance"


class ApiFault(Value):
    """What goes wrong with requests.

    answer: a status from 400 to 599, or a word; None: as usual. delay: real milliseconds until then. body: of an error,
    in place of Routee's: JSON, or text. retry_after: seconds, as a header. endpoints: those that it happens to.
    """

    answer: int | ApiAnswer | None = None
    delay: int = 0
    body: bytes | str | None = None
    retry_after: int | None = None
    endpoints: frozenset[Endpoint] = frozenset({Endpoint.SEND})

    @property
    def accepts(self) -> bool:
        """Whether what is asked for is still done: a send still becomes a flow."""
        return self.answer in (None, ApiAnswer.LOST)

    def __str__(self) -> str:
        """In words."""
        own = "a body of its own" if self.body is not None else ""
        later = f"Retry-After {self.retry_after}" if self.retry_after is not None else ""
        slow = f"answered {self.delay / 1_000:g} s late" if self.delay else ""
        return ", ".join(part for part in (str(self.answer or ""), own, later, slow) if part)
