"""The callbacks of one sandbox: when each is due, what it carries, its attempts, and its next retry."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from itertools import dropwhile

from mockserver.core.channels import RULES
from mockserver.core.commands import PushInbound
from mockserver.core.dialect import Dialect
from mockserver.core.facts import CallbackAttempted
from mockserver.core.faults import DROPPED, DUPLICATED, REORDERED, CallbackFault
from mockserver.core.flow import Flow
from mockserver.core.journal import Entry
from mockserver.core.outcome import Answerer
from mockserver.core.step import SERVICES, Strategy
from mockserver.core.values import Value, replace

SECOND = 1_000

TAKEN = {"2xx": range(200, 300), "200": range(200, 201), "any": range(1_000)}
"""For each `taken_answers` of a dialect, the statuses that count as taken (200: doc; others: choice)."""


def is_taken(status: int | None, dialect: Dialect) -> bool:
    """Whether an answer with this status counts as taken; None: there was no answer."""
    return status is not None and status in TAKEN[dialect.taken_answers]


class DeliveryState(StrEnum):
    """The state of a callback."""

    UNDER_WAY = "under way"
    DELIVERED = "delivered"
    WAITING = "waiting to retry"
    GIVEN_UP = "given up"
    DROPPED = "dropped"
    DELAYED = "delayed"
    HELD_BACK = "held back"


class Delivery(Value):
    """One callback. Its body is the document of `flow`, a value, so every attempt posts the same body.

    attempts: the journal entries of its attempts. next: the instant of the next attempt, or None. faults: what a
    scenario makes go wrong with it. copy_of: the number of the callback that it duplicates. inbound: for a callback
    that carries the answer to a Viber message instead: the answer, and its instant. answered: for one that says who
    has answered a call: the step (from 0), who, and the instant.
    """

    number: int
    flow: Flow
    url: str
    attempts: tuple[Entry, ...] = ()
    next: int | None = None
    faults: frozenset[CallbackFault] = frozenset()
    copy_of: int | None = None
    inbound: tuple[PushInbound, int] | None = None
    answered: tuple[int, Answerer, int] | None = None

    @property
    def tells_flow(self) -> bool:
        """Whether it carries the document of its flow."""
        return self.inbound is None and self.answered is None

    @property
    def attempt(self) -> int:
        """The number of the next attempt; the first is 1."""
        return len(self.attempts) + 1

    @property
    def state(self) -> DeliveryState:
        """Its state now."""
        last = self.attempts[-1].fact if self.attempts else None
        if DROPPED in self.faults:
            return DeliveryState.DROPPED
        if isinstance(last, CallbackAttempted):
            waiting = DeliveryState.GIVEN_UP if self.next is None else DeliveryState.WAITING
            return DeliveryState.DELIVERED if last.taken else waiting
        if self.next is not None:
            return DeliveryState.DELAYED
        return DeliveryState.HELD_BACK if REORDERED in self.faults else DeliveryState.UNDER_WAY

    @property
    def failing(self) -> bool:
        """Whether its latest attempt was not taken: it waits to be tried again, or was given up."""
        if not self.attempts:
            return False
        last = self.attempts[-1].fact
        return isinstance(last, CallbackAttempted) and not last.taken


class Deliveries:
    """Every callback of a sandbox, numbered from 1 in the order they fell due. failing: how many each flow has."""

    def __init__(self) -> None:
        self._all: dict[int, Delivery] = {}
        self.failing: Counter[str] = Counter()
        self._announced = 0
        self._of_flow: Counter[str] = Counter()
        self._numbers: dict[str, list[int]] = {}
        self._held: dict[str, tuple[Delivery, ...]] = {}

    def __len__(self) -> int:
        return self._announced

    def __iter__(self) -> Iterator[Delivery]:
        return iter(self._all.values())

    def __getitem__(self, number: int) -> Delivery:
        return self._all[number]

    def get(self, number: int) -> Delivery | None:
        """The callback with this number; None if it was forgotten."""
        return self._all.get(number)

    def after(self, number: int) -> Iterator[Delivery]:
        """The callbacks that fell due after callback `number`; all of them after 0."""
        return dropwhile(lambda each: each.number <= number, self._all.values())

    def of_flow(self, flow: str) -> tuple[Delivery, ...]:
        """The callbacks of a flow, in the order they fell due."""
        return tuple(self._all[number] for number in self._numbers.get(flow, ()))

    def forget(self, flow: str) -> None:
        """Forget the callbacks of a flow."""
        self._held.pop(flow, None)
        self._of_flow.pop(flow, None)
        self.failing.pop(flow, None)
        for number in self._numbers.pop(flow, ()):
            del self._all[number]

    def announce(self, flow: Flow, *, ended: bool, draw: Callable[[str, int], int]) -> tuple[Delivery, ...]:
        """The callbacks that fall due because a message of this flow has changed. ended: this change ended the flow.

        draw(fault, number): a number from 1 to 100 for the flow's callback `number`.
        """
        callback = flow.callback
        if callback is None or (callback.strategy is Strategy.ON_COMPLETION and not ended) or _in_the_reply(flow):
            return ()
        self._of_flow[flow.id] += 1
        number, faults = self._of_flow[flow.id], frozenset[CallbackFault]()
        if callback.faults is not None:
            faults = callback.faults.of(number, final=ended, draw=lambda fault: draw(fault, number))
        first = self._add(Delivery(self._announced + 1, flow, callback.url, faults=faults))
        if DUPLICATED not in faults:
            return (first,)
        return first, self._add(replace(first, number=first.number + 1, copy_of=first.number))

    def answer(self, flow: Flow, inbound: PushInbound, now: int) -> Delivery:
        """The callback that carries an answer to a Viber message."""
        return self._add(Delivery(self._announced + 1, flow, inbound.url, inbound=(inbound, now)))

    def say_who(self, flow: Flow, answered: tuple[int, Answerer, int]) -> Delivery:
        """The callback that says who has answered a call."""
        return self._add(Delivery(self._announced + 1, flow, flow.steps[answered[0]].event_url, answered=answered))

    def release(self, due: tuple[Delivery, ...], flow: Flow) -> tuple[Delivery, ...]:
        """The callbacks to post now: the due ones that are not dropped or held back, then those held before.

        A callback is held back until the next one of its flow is posted; never two in a row, and never the last.
        """
        kept = tuple(each for each in due if DROPPED not in each.faults)
        held = self._held.pop(flow.id, ())
        if kept and REORDERED in kept[0].faults and not held and not flow.final:
            self._held[flow.id] = kept
            return ()
        return (*kept, *held)

    def _add(self, delivery: Delivery) -> Delivery:
        self._announced += 1
        self._all[delivery.number] = delivery
        self._numbers.setdefault(delivery.flow.id, []).append(delivery.number)
        return delivery

    def wait(self, number: int, until: int) -> None:
        """Note that a callback is posted later, at instant `until`."""
        self._all[number] = replace(self[number], next=until)

    def record(self, number: int, attempt: Entry, retry: int | None) -> None:
        """Keep the result of an attempt, and the instant of the next one."""
        before = self._all[number]
        self._all[number] = after = replace(before, attempts=(*before.attempts, attempt), next=retry)
        if change := after.failing - before.failing:
            flow = before.flow.id
            self.failing[flow] += change
            if not self.failing[flow]:
                del self.failing[flow]


def _in_the_reply(flow: Flow) -> bool:
    """Whether the reply to the send tells all there is to tell of a flow, and its service does not tell it again."""
    return not SERVICES[flow.kind].tells_first and flow.messages[0].status == RULES[flow.steps[0].channel].first


def retry_after(attempt: int, plan: Sequence[int]) -> int | None:
    """Milliseconds from this failed attempt to the next; None if it was the last. plan: that of a dialect."""
    return None if attempt > len(plan) else plan[attempt - 1] * SECOND
