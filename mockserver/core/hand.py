"""What is done by hand: statuses are pushed, and steps are held, so that nothing planned happens to them."""

from mockserver.core import facts
from mockserver.core.catalogue import BY_HAND, HAND
from mockserver.core.channels import RULES
from mockserver.core.commands import HoldStep, PushReport
from mockserver.core.outcome import Cause, Choice
from mockserver.core.parts import Parts
from mockserver.core.schedule import REPORT_RANK, StatusDue, Ticket, instant_of
from mockserver.core.step import Step
from mockserver.core.values import replace


class Hand:
    """Pushes and holds, and keeps what is planned for each flow. A part of the engine; nothing else uses it.

    held: the steps that are held, each as the number of its flow and its index.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._tickets: dict[str, list[Ticket]] = {}
        self.held: set[tuple[int, int]] = set()

    def plan(self, flow: str) -> list[Ticket]:
        """The tickets of the statuses that timelines have put on the schedule for a flow; add those of a new one."""
        return self._tickets.setdefault(flow, [])

    def planned(self, flow: str) -> list[tuple[int, StatusDue]]:
        """The statuses that the messages of a flow will get by their timelines, with their instants."""
        found = ((ticket, self._parts.schedule.find(ticket)) for ticket in self._tickets.get(flow, ()))
        return [(instant_of(ticket), due) for ticket, due in found if isinstance(due, StatusDue)]

    def push(self, command: PushReport) -> None:
        """Put what is pushed on the schedule."""
        self._push(_due(command))

    def go_on(self, due: StatusDue) -> None:
        """A status was heard: put on the schedule what follows at the same instant."""
        if due.then:
            first, *rest = due.then
            self._push(replace(first, then=tuple(rest)))

    def _push(self, due: StatusDue) -> None:
        self._parts.schedule.push(self._parts.clock.now, due, REPORT_RANK)

    def hold(self, command: HoldStep) -> None:
        """Hold a step, and journal it: its message gets its first status only. Does nothing for a forgotten flow."""
        flow, step, schedule = self._parts.store.flows.get(command.flow), command.step, self._parts.schedule
        if flow is None:
            return
        self.held.add((flow.number, step))
        first = RULES[flow.steps[step].channel].first
        found = ((ticket, schedule.find(ticket)) for ticket in self._tickets.get(flow.id, ()))
        due = [(ticket, each) for ticket, each in found if isinstance(each, StatusDue)]
        mine = [ticket for ticket, each in due if each.step == step and each.status != first]
        for ticket in mine:
            schedule.cancel(ticket)
        message = flow.messages[step].id if step < len(flow.messages) else None
        self._parts.write(facts.StepHeld(flow.id, step, flow.steps[step].channel, message, len(mine)))

    def choice(self, step: Step, index: int, number: int) -> Choice | None:
        """The outcome of step `index` of flow `number` if it is held; None if it is not."""
        held = (number, index) in self.held
        return Choice(BY_HAND[step.channel], f"taken over by hand: {HAND!r}") if held else None

    def ended(self, flow: str) -> None:
        """A flow has ended: of its tickets, keep only those of what comes late."""
        late = [ticket for ticket in self._tickets.pop(flow, ()) if self._parts.schedule.find(ticket) is not None]
        if late:
            self._tickets[flow] = late
        elif not self._tickets:
            self._tickets.clear()  # an emptied table keeps the room for all those that were in it at once

    def forget(self, flow: str, number: int, steps: int) -> None:
        """Forget a flow, its number and how many steps it has."""
        self._tickets.pop(flow, None)
        if self.held:
            self.held.difference_update((number, index) for index in range(steps))


def _due(command: PushReport) -> StatusDue:
    then = tuple(map(_due, command.then))
    return StatusDue(command.flow, command.step, command.status, command.reason, Cause.PUSHED, then)
