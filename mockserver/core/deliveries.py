"""The callbacks of one sandbox: when one is due, what it carries, what was tried, and when it is tried again."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from mockserver.core.commands import Answer
from mockserver.core.flow import Flow, Strategy
from mockserver.core.journal import Entry

SECOND, MINUTE, HOUR = 1_000, 60_000, 3_600_000

RETRIES = (
    30 * SECOND,
    1 * MINUTE,
    2 * MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    1 * HOUR,
    2 * HOUR,
    4 * HOUR,
    8 * HOUR,
    24 * HOUR,
)
"""Milliseconds from each failed attempt to the next (doc, of three sibling services)."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One callback. Its body is the document of `flow`, a value, and so the same at every attempt.

    attempts: the journal's entries of what was tried; retry: the instant of the next attempt, None for none.
    """

    number: int
    flow: Flow
    url: str
    attempts: tuple[Entry, ...] = ()
    retry: int | None = None

    @property
    def attempt(self) -> int:
        """The number of the attempt to make next; the first is 1."""
        return len(self.attempts) + 1


class Deliveries:
    """Every callback of a sandbox, numbered from 1 in the order they fell due."""

    def __init__(self) -> None:
        self._all: list[Delivery] = []

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[Delivery]:
        return iter(self._all)

    def __getitem__(self, number: int) -> Delivery:
        return self._all[number - 1]

    def after(self, number: int) -> Iterator[Delivery]:
        """The callbacks that fell due after callback `number`; all of them after 0."""
        return islice(self._all, number, None)

    def announce(self, flow: Flow, *, ended: bool) -> tuple[Delivery, ...]:
        """What is to be posted because a message of this flow has changed; `ended`: and the flow ended by it."""
        callback = flow.callback
        if callback is None or (callback.strategy is Strategy.ON_COMPLETION and not ended):
            return ()
        delivery = Delivery(len(self._all) + 1, flow, callback.url)
        self._all.append(delivery)
        return (delivery,)

    def record(self, number: int, attempt: Entry, retry: int | None) -> None:
        """Remember what came of an attempt, and when the next one is due."""
        delivery = self[number]
        self._all[number - 1] = replace(delivery, attempts=(*delivery.attempts, attempt), retry=retry)


def retry_after(attempt: int, answer: Answer) -> int | None:
    """Milliseconds to the attempt after this one; None when it was answered well or was the last."""
    return None if answer.ok or attempt > len(RETRIES) else RETRIES[attempt - 1]
