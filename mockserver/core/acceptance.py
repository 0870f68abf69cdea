"""Accepting a send: it becomes a flow, or is refused for a reason."""

from mockserver.core import facts
from mockserver.core.behaviour import Behaviour, Effect
from mockserver.core.channels import UNSENT, Channel
from mockserver.core.commands import MeetRequest, SendFlow
from mockserver.core.faults import ApiFault, Endpoint
from mockserver.core.flow import Flow, FlowStatus
from mockserver.core.outcome import Choice
from mockserver.core.parts import Parts
from mockserver.core.scenario import Scenario
from mockserver.core.selection import TOO_POOR, Selection
from mockserver.core.step import SERVICES
from mockserver.core.values import Value

SEND = Endpoint.SEND


class Accepted(Value):
    """An accepted send: its flow, the outcome of its first step, and what goes wrong with the answer."""

    flow: Flow
    choice: Choice
    fault: ApiFault | None


class Acceptance:
    """Accepts sends. A part of the engine; nothing else uses it."""

    def __init__(self, behaviour: Behaviour, selection: Selection, parts: Parts) -> None:
        self._behaviour = behaviour
        self._first = FlowStatus(behaviour.dialect.first_flow_status)
        self._selection = selection
        self._parts = parts
        self._refused = 0
        self._channels: tuple[Channel, ...] = ()

    def take(self, sent: SendFlow) -> Accepted | Effect:
        """The flow of a send; or an Effect, if a fault, the balance or the lack of room prevents it (in this order)."""
        number, application = self._parts.store.accepted + 1, sent.application
        troubled = self._selection.trouble(SEND, sent.steps, number)
        fault = None if troubled is None else troubled.api
        if troubled is not None and fault is not None and not fault.accepts:
            self._play(troubled, fault, None, self._no_flow())
            return Effect(fault=fault)
        command = self._selection.payable(sent) if SERVICES[sent.kind].passes_over else sent
        if command is None:
            self._parts.write(facts.SendRefused(application, TOO_POOR))
            return Effect(refused=TOO_POOR)
        choice = self._selection.outcome(command.steps[0], 0, number)
        if self._behaviour.refuse_at_once and choice.outcome.moments[-1].status in UNSENT:
            self._parts.write(facts.SendRefused(application, choice.why))
            return Effect(refused=choice.why)
        if full := self._parts.store.make_room(command):
            self._parts.write(facts.SendRefused(application, full))
            return Effect(full=full)
        flow = self._flow(command, number)
        channels = tuple([step.channel for step in flow.steps])
        if channels != self._channels:  # most sends have the channels of the one before, so one value serves them all
            self._channels = channels
        self._parts.write(facts.FlowAccepted(flow.id, application, self._channels))
        if troubled is not None and fault is not None:
            self._play(troubled, fault, flow.id, number)
        return Accepted(flow, choice, fault)

    def meet(self, command: MeetRequest) -> Effect | None:
        """What a scenario makes go wrong with a request that is no send; None if nothing does."""
        flow = self._parts.store.flows.get(command.flow or "")
        steps, number = () if flow is None else flow.steps, self._no_flow()
        troubled = self._selection.trouble(command.endpoint, steps, number)
        if troubled is None or troubled.api is None:
            return None
        self._play(troubled, troubled.api, None if flow is None else flow.id, number, command.endpoint)
        return Effect(fault=troubled.api)

    def _no_flow(self) -> int:
        """A number for a request that makes no flow: no flow has it, and no other request."""
        self._refused += 1
        return -self._refused

    def _flow(self, command: SendFlow, number: int) -> Flow:
        now, callback = self._parts.clock.now, self._selection.callback(command, number)
        id_, asked = self._parts.chance.uuid("flow", number), (callback, command.restrictions, command.kind)
        return Flow(id_, number, command.application, command.steps, now, now, *asked, status=self._first)

    def _play(
        self, scenario: Scenario, fault: ApiFault, flow: str | None, number: int, endpoint: Endpoint | None = None
    ) -> None:
        self._selection.scenarios.used(scenario.name, number)
        self._parts.write(facts.FaultPlayed(flow, str(fault), f"scenario {scenario.name!r}", endpoint=endpoint))
