"""What goes out of a sandbox: the callbacks that fall due, what a scenario does to them, and their results."""

from functools import partial

from mockserver.core import facts
from mockserver.core.channels import RULES
from mockserver.core.commands import NoteRestart, PushInbound, RecordAnswer
from mockserver.core.deliveries import Deliveries, Delivery, is_taken, retry_after
from mockserver.core.dialect import Dialect
from mockserver.core.faults import DROPPED, LATE_ANSWER, CallbackFaults
from mockserver.core.flow import Flow
from mockserver.core.outcome import Answerer, Cause
from mockserver.core.parts import Parts
from mockserver.core.schedule import CallbackDue
from mockserver.core.step import SERVICES
from mockserver.core.values import replace

NOT_TAKEN = "answered {}, not 200"
"""Why an answer failed that is good by default."""

UNTOLD = {"queued": frozenset[str](), "after-queued": frozenset({rules.first for rules in RULES.values()})}
"""For each `first_callback` of a dialect, the statuses that have no callback, where a service has one for each."""


class Outbox:
    """Decides which callbacks are posted, and when. A part of the engine; nothing else uses it."""

    def __init__(self, dialect: Dialect, parts: Parts) -> None:
        self.deliveries = Deliveries()
        self._untold = UNTOLD[dialect.first_callback]
        self._dialect = dialect
        self._parts = parts

    def call_back(self, flow: Flow, step: int, cause: Cause, *, ended: bool) -> tuple[Delivery, ...]:
        """The callbacks to post now because message `step` has changed; journals what a scenario does to the others."""
        told = () if self._is_untold(flow, step) else self._announce(flow, ended=ended)
        if flow.steps[step].event_url:
            self._detect(flow, step, cause)
        return told

    def _is_untold(self, flow: Flow, step: int) -> bool:
        return flow.messages[step].status in self._untold and SERVICES[flow.kind].tells_first

    def _announce(self, flow: Flow, *, ended: bool) -> tuple[Delivery, ...]:
        chance = partial(self._parts.chance.between, 1, 100, "fault", flow.number)
        due = self.deliveries.announce(flow, ended=ended, draw=chance)
        now = self.deliveries.release(due, flow)
        if flow.callback is None or flow.callback.faults is None:
            return now
        for each in due:
            self._journal_fault(each, "dropped" if DROPPED in each.faults else "held back" if each not in now else "")
            self._journal_fault(each, f"a duplicate of callback {each.copy_of}" if each.copy_of else "")
        return tuple(each for each in now if not self._delayed(each))

    def _detect(self, flow: Flow, step: int, cause: Cause) -> None:
        """If a call has just been answered, it is due at once to say by whom. What is pushed by hand, a person does."""
        message, now = flow.messages[step], self._parts.clock.now
        if message.status == RULES[flow.steps[step].channel].picked_up:
            by = Answerer.MACHINE if message.machine and cause is not Cause.PUSHED else Answerer.HUMAN
            number = self.deliveries.say_who(flow, (step, by, now)).number
            self._parts.write(facts.CallAnswered(flow.id, step, message.id, by, number))
            due = CallbackDue(flow.id, number)
            self._parts.schedule.push(now, due)

    def receive(self, command: PushInbound) -> None:
        """The recipient answers a Viber message: a callback is due at once. Does nothing for a forgotten flow."""
        flow, now = self._parts.store.flows.get(command.flow), self._parts.clock.now
        if flow is not None:
            self._parts.store.keep(command)
            number = self.deliveries.answer(flow, command, now).number
            message = flow.messages[command.step].id
            fact = facts.InboundReceived(flow.id, command.step, message, command.message, number)
            self._parts.write(fact)
            self._parts.schedule.push(now, CallbackDue(flow.id, number))

    def answered(self, command: RecordAnswer) -> None:
        """Journal the result of an attempt, and put the next one on the schedule.

        Does nothing for a callback whose flow was forgotten during the attempt.
        """
        delivery, answer = self.deliveries.get(command.callback), command.answer
        if delivery is None:
            return
        if command.attempt <= _faults(delivery).timeouts:
            answer = replace(answer, status=None, error=LATE_ANSWER)
        taken = is_taken(answer.status, self._dialect)
        if taken != (answer.error is None):
            answer = replace(answer, error=None if taken else NOT_TAKEN.format(answer.status))
        number, again = delivery.number, SERVICES[delivery.flow.kind].retries and delivery.answered is None
        wait = retry_after(command.attempt, self._dialect.retry_plan) if again and not taken else None
        retry = None if wait is None else self._parts.clock.now + wait
        fact = facts.CallbackAttempted(delivery.flow.id, number, command.attempt, delivery.url, answer, retry, taken)
        self.deliveries.record(number, self._parts.journal.entry(self._parts.write(fact)), retry)
        if retry is not None:
            self._parts.schedule.push(retry, CallbackDue(delivery.flow.id, number))

    def restarted(self, command: NoteRestart) -> None:
        """Journal a restart of the server. The callbacks that are posted again are still under way."""
        self._parts.write(facts.Restarted(command.down, command.again))

    def _delayed(self, delivery: Delivery) -> bool:
        """Whether a scenario delays this callback; if so, put it on the schedule."""
        wait = self._parts.chance.between(*_faults(delivery).delay, "callback", delivery.number)
        if wait:
            self._parts.schedule.push(self._parts.clock.now + wait, CallbackDue(delivery.flow.id, delivery.number))
            self.deliveries.wait(delivery.number, self._parts.clock.now + wait)
            self._journal_fault(delivery, f"delayed by {wait / 1_000:g} s")
        return wait > 0

    def _journal_fault(self, delivery: Delivery, fault: str) -> None:
        if fault:
            why = f"scenario {_faults(delivery).scenario!r}"
            self._parts.write(facts.FaultPlayed(delivery.flow.id, fault, why, delivery.number))


NONE = CallbackFaults()


def _faults(delivery: Delivery) -> CallbackFaults:
    callback = delivery.flow.callback if delivery.tells_flow else None
    return NONE if callback is None or callback.faults is None else callback.faults
