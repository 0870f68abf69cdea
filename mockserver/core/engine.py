"""The engine of one sandbox: the only mutable thing in the core.

Theory of operation. Two calls change it, and both return at once. `submit(command)` carries out a command from
outside. `poll(until)` takes the one earliest thing that is due, sets the clock to its instant and lets it happen. The
journal gets what happened. The Effect names the callbacks to post now; their results come back as commands.

When a step begins, a timeline is drawn from its outcome. All reports of the timeline, and the ttl, go on the schedule.
"""

from collections.abc import Callable, Mapping
from typing import Any

from mockserver.core import commands, facts
from mockserver.core import flow as flows
from mockserver.core.acceptance import Acceptance, Accepted
from mockserver.core.account import Account
from mockserver.core.behaviour import NOTHING, Behaviour, Effect
from mockserver.core.chance import Chance
from mockserver.core.channels import RULES
from mockserver.core.clock import Clock
from mockserver.core.commands import Mode
from mockserver.core.flow import Flow, Message, Verdict
from mockserver.core.hand import Hand
from mockserver.core.history import CommandLog, Start
from mockserver.core.journal import Journal
from mockserver.core.outbox import Outbox
from mockserver.core.outcome import CAUSES, Cause, Choice, draw
from mockserver.core.parts import Parts
from mockserver.core.requests import Requests
from mockserver.core.schedule import REPORT_RANK, TIES, Due, Schedule, StatusDue, TtlDue
from mockserver.core.selection import Selection
from mockserver.core.step import Step
from mockserver.core.store import Store
from mockserver.core.timekeeping import Timekeeping
from mockserver.core.ttls import Ttls


class Engine:
    """One sandbox: its clock, schedule, flows, tokens, balance, callbacks and journal. Read them, but change none."""

    def __init__(self, behaviour: Behaviour, start: int, mode: Mode = Mode.MANUAL, rate: float = 1.0) -> None:
        self.behaviour = behaviour
        self.clock = Clock(start, mode, rate)
        self.log = CommandLog(Start(behaviour, start, mode, rate))
        self.journal, self.store = Journal(behaviour.limits.entries), Store(behaviour.limits)
        self.flows = self.store.flows
        self.schedule: Schedule[Due] = Schedule(TIES[behaviour.dialect.ttl_tie])
        self._parts = Parts(self.clock, Chance(behaviour.seed), self.journal, self.schedule, self.store)
        self._account = Account(behaviour, self._parts)
        self.tokens, self.purse = self._account.tokens, self._account.purse
        self._outbox = Outbox(behaviour.dialect, self._parts)
        self._hand = Hand(self._parts)
        self.selection = Selection(behaviour, self.purse, self._parts, self._hand)
        self.scenarios, self.deliveries = self.selection.scenarios, self._outbox.deliveries
        self._acceptance = Acceptance(behaviour, self.selection, self._parts)
        self.requests, self._timekeeping = Requests(self._parts), Timekeeping(self._parts)
        self.peek, self.planned = self._timekeeping.peek, self._hand.planned
        self._ttls = Ttls(self._parts)
        self._handlers: Mapping[type[commands.Command], Callable[[Any], Effect | None]] = {
            commands.SendFlow: self._send,
            commands.MeetRequest: self._acceptance.meet,
            commands.IssueToken: self._account.issue,
            commands.RevokeTokens: self._account.revoke,
            commands.SetBalance: self._account.set_balance,
            commands.PushReport: self._hand.push,
            commands.HoldStep: self._hand.hold,
            commands.PushInbound: self._outbox.receive,
            commands.RecordAnswer: self._outbox.answered,
            commands.MoveClock: self._timekeeping.move,
            commands.SetClock: self._timekeeping.set,
            commands.PutScenario: self.selection.put,
            commands.DropScenario: self.selection.drop,
            commands.NoteRequest: self.requests.note,
            commands.NoteRestart: self._outbox.restarted,
        }

    @property
    def pending(self) -> int:
        """How many things are due, now or later."""
        return len(self._parts.schedule)

    def submit(self, command: commands.Command) -> Effect:
        """Carry out a command at the current instant of the clock. Never waits."""
        mark = self.journal.written
        effect = self._handlers[type(command)](command) or NOTHING
        self.log.submitted(command, silent=self.journal.written == mark)
        if self.store.has_forgotten or self.journal.overweight:
            self._forget()
        return effect

    def _forget(self) -> None:
        self.log.give_up()
        for flow in self.store.take_forgotten():
            self.deliveries.forget(flow.id)
            self.journal.let_go(flow.id)
            self._hand.forget(flow.id, flow.number, len(flow.steps))
            self.scenarios.forget(flow.number)

    def poll(self, until: int) -> Effect | None:
        """Let the earliest thing that is due by instant `until` happen; None when nothing is."""
        taken = self._parts.schedule.pop(until)
        if taken is None:
            return None
        self.clock.move(taken[0])
        self.log.happened()
        due = taken[1]
        if due.flow not in self.flows:
            return NOTHING
        match due:
            case StatusDue():
                effect = self._report(due)
                self._hand.go_on(due)
                return effect
            case TtlDue():
                return self._expire(due.flow, due.step)
        return Effect(deliveries=(self.deliveries[due.callback],))

    # What comes from outside

    def _send(self, command: commands.SendFlow) -> Effect:
        taken = self._acceptance.take(command)
        if not isinstance(taken, Accepted):
            return taken
        self.store.accept(flow := self._begin(taken.flow, taken.choice))
        return Effect(flow=flow, fault=taken.fault)

    # What falls due

    def _report(self, due: StatusDue) -> Effect:
        flow, step = self.flows[due.flow], due.step
        after = flows.receive(flow, step, due.status, due.reason, self.clock.now)
        if after is not None:
            return self._changed(flow, after, step, due.cause)
        message, channel = flow.messages[step], flow.steps[step].channel
        self._parts.write(facts.ReportIgnored(flow.id, step, channel, message.id, due.status, message.status or ""))
        return NOTHING

    def _expire(self, flow_id: str, step: int) -> Effect:
        flow = self.flows[flow_id]
        self._ttls.ran_out(flow_id, step)
        if not flows.awaits_seen(flow, step):
            return self._changed(flow, flows.expire(flow, step, self.clock.now), step, Cause.TTL)
        self._parts.write(facts.NotSeen(flow_id, step, flow.steps[step].channel, flow.messages[step].id))
        self.store.change(after := self._next(flow), ended=False)
        return Effect(flow=after)

    def _changed(self, before: Flow, flow: Flow, step: int, cause: Cause) -> Effect:
        """Message `step` has changed: journal it, settle the flow, begin the next step, return what to post."""
        message, late = flow.messages[step], before.final or step != before.running
        status, channel = str(message.status), flow.steps[step].channel
        changed = facts.StatusChanged(flow.id, step, channel, message.id, status, message.reason, cause, late)
        self._parts.write(changed)
        self.purse.charge(flow, step, before)
        if flows.ended(flow.steps[step], status):
            self._ttls.stop(flow.id, step)
        elif flows.awaits_seen(flow, step) and not late:
            self._ttls.stop(flow.id, step)
            self._ttls.start(flow, step)
        flow, verdict = (flow, Verdict.GOES_ON) if late else flows.settle(flow, broken=cause is Cause.SERVER_ERROR)
        if flow.status is not before.status:
            self._parts.write(facts.FlowMoved(flow.id, flow.status, flow.code, flow.termination))
        if verdict is Verdict.NEXT:
            flow = self._next(flow)
        if ended := flow.final and not before.final:
            self._hand.ended(flow.id)
        self.store.change(flow, ended=ended)
        return Effect(self._outbox.call_back(flow, step, cause, ended=ended), flow)

    # A step begins

    def _next(self, flow: Flow) -> Flow:
        index = len(flow.messages)
        return self._begin(flow, self.selection.outcome(flow.steps[index], index, flow.number))

    def _begin(self, flow: Flow, choice: Choice) -> Flow:
        index, now = len(flow.messages), self.clock.now
        step = flow.steps[index]
        message = self._message(flow.number, index, step, choice)
        self.purse.charge(begun := flows.begin(flow, message), index)
        chance, key, outcome = self._parts.chance, ("delay", flow.number, index), choice.outcome
        offsets = draw(outcome, step.ttl, lambda low, high, at: chance.between(low, high, *key, at))
        plan, push = self._hand.plan(flow.id), self._parts.schedule.push
        for moment, after in zip(outcome.moments, offsets, strict=True):
            due = StatusDue(flow.id, index, moment.status, moment.reason, CAUSES[moment.broken])
            plan.append(push(now + after, due, REPORT_RANK))
        self._ttls.start(flow, index)
        about = flow.id, index, step.channel, message.id, step.to
        self._parts.write(facts.StepBegun(*about, outcome.name, choice.why))
        if choice.scenario is not None:
            self.scenarios.used(choice.scenario, flow.number)
            self.scenarios.took_turn(choice.scenario, step, index)
        return begun

    def _message(self, number: int, index: int, step: Step, choice: Choice) -> Message:
        uuid, parts = self._parts.chance.uuid, range(step.parts) if RULES[step.channel].in_parts else ()
        part_ids = tuple([uuid("part", number, index, part) for part in parts]) if parts else ()
        id_, paid, machine = uuid("message", number, index), choice.paid, choice.outcome.machine
        return Message(id_, self.clock.now, part_ids, paid=paid, operator=choice.operator, machine=machine)
