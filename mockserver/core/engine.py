"""The engine of one sandbox: the only mutable thing in the core.

Theory of operation. Two calls change it. `submit(command)` is what comes from outside: a send, a token, a move of
the clock, the answer to a callback. `poll(until)` takes the one earliest thing that is due, stands the clock at its
instant and lets it happen. Both answer at once with an Effect: what was journalled, and the callbacks to post
now. Posting them is the caller's business; what came of it returns as a RecordAnswer command.

A step begins with a timeline drawn from the scenario that was chosen for it, and all of its reports are pushed on
the schedule together with its ttl. A report that comes when its step has been left behind updates its message and
nothing else. The same seed and the same commands give the same journal.
"""

from collections.abc import Callable

from mockserver.core import fates, journal
from mockserver.core import flow as flows
from mockserver.core.behaviour import Behaviour, Effect
from mockserver.core.chance import Chance
from mockserver.core.channels import UNSENT, Channel
from mockserver.core.clock import Clock
from mockserver.core.commands import (
    Command,
    IssueToken,
    Mode,
    MoveClock,
    RecordAnswer,
    SendFlow,
    SetClock,
)
from mockserver.core.cost import cost
from mockserver.core.deliveries import Deliveries, retry_after
from mockserver.core.flow import Flow, Message, Step, Verdict
from mockserver.core.scenario import Choice, draw
from mockserver.core.schedule import Due, Expire, Hear, Retry, Schedule
from mockserver.core.tokens import Token, Tokens

REPORT_RANK, TTL_RANK = 0, 1
"""A status beats a ttl at the same instant."""


class Engine:
    """One sandbox: its clock, flows, tokens, balance, callbacks and journal. Read them freely; change nothing."""

    def __init__(self, behaviour: Behaviour, start: int, mode: Mode = Mode.MANUAL, rate: float = 1.0) -> None:
        self.behaviour = behaviour
        self.clock = Clock(start, mode, rate)
        self.flows: dict[str, Flow] = {}
        self.tokens = Tokens()
        self.journal = journal.Journal()
        self.deliveries = Deliveries()
        self.balance = behaviour.balance
        self._chance = Chance(behaviour.seed)
        self._schedule: Schedule[Due] = Schedule()
        self._ttls: dict[tuple[str, int], int] = {}

    @property
    def pending(self) -> int:
        """How many things are due, now or later."""
        return len(self._schedule)

    def peek(self) -> tuple[int, str] | None:
        """The instant of the earliest thing due and the id of its flow, or None."""
        earliest = self._schedule.peek()
        return None if earliest is None else (earliest[0], earliest[1].flow)

    def submit(self, command: Command) -> Effect:
        """Do what a command says, at the instant the clock stands at. Never waits."""
        match command:
            case SendFlow():
                return self._send(command)
            case IssueToken():
                return self._issue(command)
            case RecordAnswer():
                return self._record(command)
            case MoveClock():
                return self._move(command)
            case _:
                return self._set(command)

    def poll(self, until: int) -> Effect | None:
        """Let the earliest thing due by instant `until` happen; None when there is none."""
        taken = self._schedule.pop(until)
        if taken is None:
            return None
        self.clock.move(taken[0])
        match taken[1]:
            case Hear(flow, step, status, reason):
                return self._hear(flow, step, status, reason)
            case Expire(flow, step):
                return self._expire(flow, step)
            case retry:
                return Effect(deliveries=(self.deliveries[retry.callback],))

    # What comes from outside

    def _send(self, command: SendFlow) -> Effect:
        number, now, application = len(self.flows) + 1, self.clock.now, command.application
        choice = self._choose(command.steps[0])
        if self.behaviour.refuse_at_once and choice.outcome.beats[-1].status in UNSENT:
            entry = self._write(journal.SendRefused(application, choice.why))
            return Effect((entry,), refused=choice.why)
        flow = Flow(
            id=self._chance.uuid("flow", number),
            number=number,
            application=application,
            steps=command.steps,
            created=now,
            updated=now,
            callback=command.callback,
            restrictions=command.restrictions,
        )
        channels = tuple(step.channel for step in flow.steps)
        accepted = self._write(journal.FlowAccepted(flow.id, application, channels))
        flow, begun = self._begin(flow, choice)
        self.flows[flow.id] = flow
        return Effect((accepted, begun), flow=flow)

    def _issue(self, command: IssueToken) -> Effect:
        now, life = self.clock.now, self.behaviour.token_life
        token = self.tokens.living(command.application, command.scopes, now)
        entry = self._write(journal.TokenIssued(command.application, command.scopes, token is not None))
        if token is None:
            value = self._chance.uuid("token", len(self.tokens) + 1)
            expires = None if life is None else now + life
            token = Token(value, command.application, command.scopes, expires)
            self.tokens.add(token)
        return Effect((entry,), token=token)

    def _record(self, command: RecordAnswer) -> Effect:
        delivery, now = self.deliveries[command.callback], self.clock.now
        wait = retry_after(command.attempt, command.answer)
        retry = None if wait is None else now + wait
        fact = journal.CallbackAttempted(
            delivery.flow.id, delivery.number, command.attempt, delivery.url, command.answer, retry
        )
        entry = self._write(fact)
        self.deliveries.record(delivery.number, entry, retry)
        if retry is not None:
            self._schedule.push(retry, Retry(delivery.flow.id, delivery.number))
        return Effect((entry,))

    def _move(self, command: MoveClock) -> Effect:
        earliest, since = self.peek(), self.clock.now
        self.clock.move(command.to if earliest is None else min(command.to, earliest[0]))
        if self.clock.mode is Mode.REALTIME or self.clock.now == since:
            return Effect()
        return Effect((self._write(journal.ClockMoved(since)),))

    def _set(self, command: SetClock) -> Effect:
        self.clock.mode = command.mode or self.clock.mode
        self.clock.rate = command.rate or self.clock.rate
        return Effect((self._write(journal.ClockSet(self.clock.mode, self.clock.rate)),))

    # What falls due

    def _hear(self, flow_id: str, step: int, status: str, reason: str | None) -> Effect:
        flow = self.flows[flow_id]
        after = flows.receive(flow, step, status, reason, self.clock.now)
        if after is None:
            message, channel = flow.messages[step], flow.steps[step].channel
            ignored = journal.ReportIgnored(flow_id, step, channel, message.id, status, message.status or "")
            return Effect((self._write(ignored),))
        return self._changed(flow, after, step, "report")

    def _expire(self, flow_id: str, step: int) -> Effect:
        flow = self.flows[flow_id]
        del self._ttls[flow_id, step]
        return self._changed(flow, flows.expire(flow, step, self.clock.now), step, "ttl")

    def _changed(self, before: Flow, flow: Flow, step: int, cause: str) -> Effect:
        """Message `step` has changed: journal it, settle the flow, begin what is next, say what to post."""
        message, late = flow.messages[step], before.final or step != before.running
        facts: list[journal.Entry] = [
            self._write(
                journal.StatusChanged(
                    flow.id,
                    step,
                    flow.steps[step].channel,
                    message.id,
                    str(message.status),
                    message.reason,
                    cause,
                    late,
                )
            )
        ]
        self._charge(cost(flow, step) - cost(before, step))
        if flows.ended(flow.steps[step], message.status) and (flow.id, step) in self._ttls:
            self._schedule.cancel(self._ttls.pop((flow.id, step)))
        verdict = Verdict.GOES_ON
        if not late:
            flow, verdict = flows.settle(flow)
        if flow.status is not before.status:
            facts.append(self._write(journal.FlowMoved(flow.id, flow.status, flow.code, flow.termination)))
        if verdict is Verdict.NEXT:
            flow, begun = self._begin(flow, self._choose(flow.steps[len(flow.messages)]))
            facts.append(begun)
        self.flows[flow.id] = flow
        return Effect(
            tuple(facts), self.deliveries.announce(flow, ended=flow.final and not before.final), flow=flow
        )

    # A step begins

    def _begin(self, flow: Flow, choice: Choice) -> tuple[Flow, journal.Entry]:
        index, now = len(flow.messages), self.clock.now
        step = flow.steps[index]
        paid = self._affords(step)
        message = self._message(flow.number, index, step, paid)
        begun = flows.begin(flow, message)
        self._charge(cost(begun, index))
        for report in draw(choice.outcome, step.ttl, self._between(flow.number, index)):
            self._schedule.push(now + report.after, Hear(flow.id, index, report.status, report.reason), REPORT_RANK)
        if step.ttl is not None:
            self._ttls[flow.id, index] = self._schedule.push(now + step.ttl, Expire(flow.id, index), TTL_RANK)
        fact = journal.StepBegun(flow.id, index, step.channel, message.id, step.to, choice.outcome.name, choice.why)
        return begun, self._write(fact)

    def _choose(self, step: Step) -> Choice:
        if not self._affords(step):
            return Choice(fates.OUTCOMES[step.channel]["unsent"], "the balance is too low: 'unsent'")
        found = (choice for source in self.behaviour.sources if (choice := source(step)) is not None)
        return next(found, fates.success(step))

    def _affords(self, step: Step) -> bool:
        return self.balance is None or self.balance >= step.price * step.parts

    def _charge(self, amount: int) -> None:
        if self.balance is not None:
            self.balance -= amount

    def _message(self, number: int, index: int, step: Step, paid: bool) -> Message:
        parts = range(step.parts) if step.channel is Channel.SMS else ()
        return Message(
            id=self._chance.uuid("message", number, index),
            part_ids=tuple(self._chance.uuid("part", number, index, part) for part in parts),
            created=self.clock.now,
            paid=paid,
        )

    def _between(self, number: int, index: int) -> Callable[[int, int, int], int]:
        return lambda low, high, position: self._chance.between(low, high, "delay", number, index, position)

    def _write(self, fact: journal.Fact) -> journal.Entry:
        return self.journal.write(self.clock.now, fact)
