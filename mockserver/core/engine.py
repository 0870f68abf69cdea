"""The engine of one sandbox: the only mutable thing in the core.

Theory of operation. Two calls change it, and both answer at once. `submit(command)` is what comes from outside.
`poll(until)` takes the one earliest thing that is due, stands the clock at its instant and lets it happen. What
happened is in the journal; the Effect names the callbacks to post now, and what comes of them returns as commands.

A step begins with a timeline drawn from its outcome: all its reports are pushed on the schedule, and its ttl.
"""

from collections.abc import Callable, Mapping
from typing import Any

from mockserver.core import commands, journal
from mockserver.core import flow as flows
from mockserver.core.behaviour import Behaviour, Effect
from mockserver.core.chance import Chance
from mockserver.core.channels import UNSENT, Channel
from mockserver.core.clock import Clock
from mockserver.core.commands import Mode
from mockserver.core.cost import Purse, cost
from mockserver.core.deliveries import Deliveries, retry_after
from mockserver.core.flow import Flow, Message, Step, Verdict
from mockserver.core.scenario import Choice, draw
from mockserver.core.schedule import REPORT_RANK, TTL_RANK, Due, Expire, Hear, Retry, Schedule
from mockserver.core.tokens import Token, Tokens


class Engine:
    """One sandbox: its clock, flows, tokens, balance, callbacks and journal. Read them freely; change nothing."""

    def __init__(self, behaviour: Behaviour, start: int, mode: Mode = Mode.MANUAL, rate: float = 1.0) -> None:
        self.behaviour = behaviour
        self.clock = Clock(start, mode, rate)
        self.flows: dict[str, Flow] = {}
        self.tokens = Tokens()
        self.journal = journal.Journal()
        self.deliveries = Deliveries()
        self.purse = Purse(behaviour.balance)
        self._chance = Chance(behaviour.seed)
        self._schedule: Schedule[Due] = Schedule()
        self._ttls: dict[tuple[str, int], int] = {}
        self._doers: Mapping[type[commands.Command], Callable[[Any], Effect | None]] = {
            commands.SendFlow: self._send,
            commands.IssueToken: self._issue,
            commands.RevokeTokens: self._revoke,
            commands.SetBalance: self._set_balance,
            commands.PushReport: self._push,
            commands.RecordAnswer: self._record,
            commands.MoveClock: self._move,
            commands.SetClock: self._set_clock,
            commands.NoteRequest: self._note,
        }

    @property
    def pending(self) -> int:
        """How many things are due, now or later."""
        return len(self._schedule)

    def peek(self) -> tuple[int, str] | None:
        """The instant of the earliest thing due and the id of its flow, or None."""
        earliest = self._schedule.peek()
        return None if earliest is None else (earliest[0], earliest[1].flow)

    def submit(self, command: commands.Command) -> Effect:
        """Do what a command says, at the instant the clock stands at. Never waits."""
        return self._doers[type(command)](command) or Effect()

    def poll(self, until: int) -> Effect | None:
        """Let the earliest thing due by instant `until` happen; None when there is none."""
        taken = self._schedule.pop(until)
        if taken is None:
            return None
        self.clock.move(taken[0])
        match taken[1]:
            case Hear():
                return self._hear(taken[1])
            case Expire(flow, step):
                return self._expire(flow, step)
            case retry:
                return Effect(deliveries=(self.deliveries[retry.callback],))

    # What comes from outside

    def _send(self, command: commands.SendFlow) -> Effect:
        number, now, application = len(self.flows) + 1, self.clock.now, command.application
        choice = self._choose(command.steps[0])
        if self.behaviour.refuse_at_once and choice.outcome.beats[-1].status in UNSENT:
            self._write(journal.SendRefused(application, choice.why))
            return Effect(refused=choice.why)
        id_, asked = self._chance.uuid("flow", number), (command.callback, command.restrictions, command.kind)
        flow = Flow(id_, number, application, command.steps, now, now, *asked)
        self._write(journal.FlowAccepted(flow.id, application, tuple(step.channel for step in flow.steps)))
        self.flows[flow.id] = flow = self._begin(flow, choice)
        return Effect(flow=flow)

    def _issue(self, command: commands.IssueToken) -> Effect:
        now, life = self.clock.now, self.behaviour.token_life
        token = self.tokens.living(command.application, command.scopes, now)
        self._write(journal.TokenIssued(command.application, command.scopes, token is not None))
        if token is None:
            value = self._chance.uuid("token", command.application, self.tokens.issued + 1)
            token = Token(value, command.application, command.scopes, None if life is None else now + life)
            self.tokens.add(token)
        return Effect(token=token)

    def _revoke(self, command: commands.RevokeTokens) -> None:
        self._write(journal.TokensRevoked(command.application, self.tokens.revoke(command.application)))

    def _set_balance(self, command: commands.SetBalance) -> None:
        self.purse.balance = command.balance
        self._write(journal.BalanceSet(command.balance))

    def _push(self, command: commands.PushReport) -> None:
        due = Hear(command.flow, command.step, command.status, command.reason, "pushed")
        self._schedule.push(self.clock.now, due, REPORT_RANK)

    def _record(self, command: commands.RecordAnswer) -> None:
        delivery, wait = self.deliveries[command.callback], retry_after(command.attempt, command.answer)
        number, retry = delivery.number, None if wait is None else self.clock.now + wait
        fact = journal.CallbackAttempted(delivery.flow.id, number, command.attempt, delivery.url, command.answer, retry)
        self.deliveries.record(number, self._write(fact), retry)
        if retry is not None:
            self._schedule.push(retry, Retry(delivery.flow.id, number))

    def _move(self, command: commands.MoveClock) -> None:
        earliest, since = self.peek(), self.clock.now
        self.clock.move(command.to if earliest is None else min(command.to, earliest[0]))
        if self.clock.mode is not Mode.REALTIME and self.clock.now != since:
            self._write(journal.ClockMoved(since))

    def _set_clock(self, command: commands.SetClock) -> None:
        self.clock.mode = command.mode or self.clock.mode
        self.clock.rate = command.rate or self.clock.rate
        self._write(journal.ClockSet(self.clock.mode, self.clock.rate))

    def _note(self, command: commands.NoteRequest) -> None:
        self._write(journal.RequestAnswered(command))

    # What falls due

    def _hear(self, due: Hear) -> Effect:
        flow, step = self.flows[due.flow], due.step
        after = flows.receive(flow, step, due.status, due.reason, self.clock.now)
        if after is not None:
            return self._changed(flow, after, step, due.cause)
        message, channel = flow.messages[step], flow.steps[step].channel
        self._write(journal.ReportIgnored(flow.id, step, channel, message.id, due.status, message.status or ""))
        return Effect()

    def _expire(self, flow_id: str, step: int) -> Effect:
        flow = self.flows[flow_id]
        del self._ttls[flow_id, step]
        return self._changed(flow, flows.expire(flow, step, self.clock.now), step, "ttl")

    def _changed(self, before: Flow, flow: Flow, step: int, cause: str) -> Effect:
        """Message `step` has changed: journal it, settle the flow, begin what is next, say what to post."""
        message, late = flow.messages[step], before.final or step != before.running
        status, channel = str(message.status), flow.steps[step].channel
        changed = journal.StatusChanged(flow.id, step, channel, message.id, status, message.reason, cause, late)
        self._write(changed)
        self.purse.charge(cost(flow, step) - cost(before, step))
        if flows.ended(flow.steps[step], status) and (flow.id, step) in self._ttls:
            self._schedule.cancel(self._ttls.pop((flow.id, step)))
        flow, verdict = (flow, Verdict.GOES_ON) if late else flows.settle(flow)
        if flow.status is not before.status:
            self._write(journal.FlowMoved(flow.id, flow.status, flow.code, flow.termination))
        if verdict is Verdict.NEXT:
            flow = self._begin(flow, self._choose(flow.steps[len(flow.messages)]))
        self.flows[flow.id] = flow
        deliveries = self.deliveries.announce(flow, ended=flow.final and not before.final)
        return Effect(deliveries, flow)

    # A step begins

    def _begin(self, flow: Flow, choice: Choice) -> Flow:
        index, now = len(flow.messages), self.clock.now
        step = flow.steps[index]
        message = self._message(flow.number, index, step)
        begun = flows.begin(flow, message)
        self.purse.charge(cost(begun, index))
        key = ("delay", flow.number, index)
        for report in draw(choice.outcome, step.ttl, lambda low, high, at: self._chance.between(low, high, *key, at)):
            self._schedule.push(now + report.after, Hear(flow.id, index, report.status, report.reason), REPORT_RANK)
        if step.ttl is not None:
            self._ttls[flow.id, index] = self._schedule.push(now + step.ttl, Expire(flow.id, index), TTL_RANK)
        fate = (choice.outcome.name, choice.why)
        self._write(journal.StepBegun(flow.id, index, step.channel, message.id, step.to, *fate))
        return begun

    def _choose(self, step: Step) -> Choice:
        return self.behaviour.choose(step, affordable=self.purse.affords(step))

    def _message(self, number: int, index: int, step: Step) -> Message:
        parts = range(step.parts) if step.channel is Channel.SMS else ()
        part_ids = tuple(self._chance.uuid("part", number, index, part) for part in parts)
        id_, paid = self._chance.uuid("message", number, index), self.purse.affords(step)
        return Message(id_, self.clock.now, part_ids, paid=paid)

    def _write(self, fact: journal.Fact) -> journal.Entry:
        return self.journal.write(self.clock.now, fact)
