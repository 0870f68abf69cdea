"""A simulation: a flow played through the engine without a server, and the callbacks that its webhook would get.

It uses the engine and the documents of the server, and plays them as a sandbox does; only the answers of the webhook
are fixed beforehand. A server with the same seed, instant, scenario and answers posts the same bodies in the same
order.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from mockserver.core.behaviour import Behaviour
from mockserver.core.channels import Channel
from mockserver.core.clock import LAST
from mockserver.core.commands import Answer, PutScenario, RecordAnswer, SendFlow
from mockserver.core.deliveries import Delivery
from mockserver.core.engine import Engine
from mockserver.core.facts import StepBegun
from mockserver.core.flow import Flow
from mockserver.core.step import FlowKind
from mockserver.core.values import replace
from mockserver.wire import Json
from mockserver.wire.errors import Refusal
from mockserver.wire.instants import stamp
from mockserver.wire.scenario.language import Written, nothing, read_scenario
from mockserver.wire.services import document, payload, read_send, reply

START = 1_893_499_200_000
"""The default start of a simulation: 2030-01-01T12:00:00Z, in milliseconds since 1970."""

APPLICATION = "0123456789abcdef01234567"
"""The default applicationId in the documents: 24 hexadecimal digits, like those of Routee."""

GOOD = Answer(200, None, 0.0)
BAD = Answer(500, "answered 500", 0.0)


@dataclass(frozen=True, slots=True)
class Send:
    """A valid send, read once for whatever is done with it. request: its body; command: what the engine is told."""

    request: Json
    command: SendFlow

    @property
    def channels(self) -> tuple[Channel, ...]:
        """The channels of its steps, in the order they run."""
        return tuple(step.channel for step in self.command.steps)

    def by(self, application: str) -> "Send":
        """The same, sent by another application."""
        return Send(self.request, replace(self.command, application=application))


@dataclass(frozen=True, slots=True)
class Call:
    """One POST to the webhook.

    number: of the callback in its flow, from 1, in the order of the changes that they report. attempt: 1, or more for
    a retry. copy: it is a duplicate. failed: the attempt counts as failed, so there is a retry. again: the webhook has
    already had this callback. at: the virtual instant. body: what is posted.
    """

    number: int
    attempt: int
    copy: bool
    failed: bool
    again: bool
    at: str
    body: Json

    def __str__(self) -> str:
        """In one line: the statuses it reports, and what is unusual about it."""
        told = ", ".join(_statuses(self.body))
        odd = ("duplicate",) * self.copy + (f"attempt {self.attempt}",) * (self.attempt > 1)
        odd += ("answered badly",) * self.failed
        oddly = f"  ({', '.join(odd)})" if odd else ""
        return f"{self.number}: {told} -> {self.body['status']}{oddly}"


@dataclass(frozen=True, slots=True, repr=False)
class CallbackSequence:
    """The callbacks of one flow, in the order the webhook gets them, and the truth to compare them with.

    request: the body that was sent, by its kind to POST /failover ("failover"), POST /failover/transactional or
    POST /failover-otp/otp/send-failover ("otp"). reply: its answer. scenario: the one that was played, as the control
    API takes it. seed: of the sandbox. outcomes: of the steps that began. calls: every POST to the webhook. in_order:
    what the webhook would get if nothing went wrong, each callback once. document: the flow when nothing is due any
    more, as tracking shows it.
    """

    request: Json
    kind: str
    scenario: Json
    seed: int
    outcomes: tuple[str, ...]
    reply: Json
    calls: tuple[Call, ...]
    in_order: tuple[Json, ...]
    document: Json

    @property
    def bodies(self) -> list[Json]:
        """The bodies that the webhook gets, in the order they come."""
        return [call.body for call in self.calls]

    @property
    def final(self) -> Json:
        """The last state of the flow: where a handler should end, in whatever order the bodies come."""
        return self.in_order[-1]

    @property
    def tracking_id(self) -> str:
        """The flow's trackingId; of a one-time password, its flowId."""
        return str(self.document.get("trackingId") or self.document["flowId"])

    @property
    def orderly(self) -> bool:
        """Whether every callback comes exactly once, and in order."""
        return self.bodies == list(self.in_order)

    def __repr__(self) -> str:
        """A line for each call; a property test that fails prints it."""
        strategy = self.reply.get("callback", {}).get("strategy", self.kind)
        lines = "".join(f"\n  {call}" for call in self.calls)
        return f"<CallbackSequence, {strategy}, {', '.join(self.outcomes)}:{lines}>"

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:
        """The same, for IPython and Hypothesis."""
        printer.text(repr(self))


def read(body: Json, *, kind: str = "failover", application: str = APPLICATION) -> Send:
    """The send in a body of POST /failover, or of the endpoint of its kind, with a callback.

    Raises ValueError for a body that is no valid send, or has no callback.
    """
    try:
        command = read_send(json.dumps(body).encode(), application, kind=FlowKind(kind))
    except Refusal as refusal:
        said, found = refusal.explain()
        wrong = "".join(f"\n  {place}: {text}" for place, text in found)
        raise ValueError(f"this is no valid flow: {said}{wrong}") from None
    if command.callback is None:
        raise ValueError('the flow has no callback: add "callback": {"strategy": "OnStep", "url": ...} to its body')
    return Send(body, command)


def simulate(
    send: Send,
    *,
    outcomes: Sequence[str] = (),
    callbacks: Mapping[str, Any] | None = None,
    failures: Mapping[int, int] | None = None,
    seed: int = 0,
    start: int = START,
) -> CallbackSequence:
    """Play a flow to its end.

    outcomes: of its steps, in running order, in the words of scenarios ("delivered", "busy"...); without them the
    recipients decide. callbacks: what goes wrong with callbacks, in the words of scenarios ({"duplicate": [1]}).
    failures: for a callback, by its number, how many first attempts fail. seed: of the ids and delays. start: the
    instant, in milliseconds since 1970. Raises ValueError for an unknown outcome or fault.
    """
    scenario = _scenario(send.command, outcomes, callbacks or {})
    engine, flow = _begun(send, scenario, seed, start)
    calls = tuple(_play(engine, failures or {}))
    told = [payload(each) for each in engine.deliveries if each.copy_of is None and each.tells_flow]
    begun = [entry.fact.outcome for entry in engine.journal.after(0) if isinstance(entry.fact, StepBegun)]
    return CallbackSequence(
        request=send.request,
        kind=send.command.kind,
        scenario=scenario,
        seed=seed,
        outcomes=tuple(begun),
        reply=orjson.loads(reply(flow, send.command)),
        calls=calls,
        in_order=tuple(orjson.loads(each) for each in told),
        document=document(engine.flows[flow.id]),
    )


def count_callbacks(send: Send, *, outcomes: Sequence[str] = (), seed: int = 0, start: int = START) -> int:
    """How many callbacks tell of a flow, whatever befalls them. Arguments as for `simulate`."""
    engine, _ = _begun(send, _scenario(send.command, outcomes, {}), seed, start)
    while engine.poll(LAST) is not None:
        pass
    return sum(1 for each in engine.deliveries if each.tells_flow)


def _begun(send: Send, scenario: Json, seed: int, start: int) -> tuple[Engine, Flow]:
    """An engine with the flow in it, to which nothing has happened yet."""
    engine = Engine(Behaviour(seed=seed), start)
    if scenario:
        engine.submit(PutScenario(read_scenario(Written("rehearsal", scenario), nothing)))
    flow = engine.submit(send.command).flow
    assert flow is not None  # noqa: S101 -- money and room have no end here
    return engine, flow


def _scenario(command: SendFlow, outcomes: Sequence[str], callbacks: Mapping[str, Any]) -> Json:
    """The scenario that plays these outcomes and faults for any recipients; {} when there are neither."""
    named = zip(command.steps, outcomes, strict=False)
    steps: Json = {"steps": [{step.channel.lower(): outcome} for step, outcome in named]} if outcomes else {}
    faults: Json = {"callbacks": dict(callbacks)} if callbacks else {}
    return {"name": "rehearsal", "when": {"to": "*"}} | steps | faults if steps or faults else {}


def _play(engine: Engine, failures: Mapping[int, int]) -> Iterator[Call]:
    """Let everything happen, and answer every callback. failures: by number, how many first attempts fail."""
    numbers, known = dict[int, int](), set[int]()
    while (effect := engine.poll(LAST)) is not None:
        for delivery in effect.deliveries:
            if not delivery.tells_flow:  # who answered a call is told to another URL
                engine.submit(RecordAnswer(delivery.number, delivery.attempt, GOOD))
                continue
            number = _number(engine, delivery, numbers)
            copy, attempt = delivery.copy_of is not None, delivery.attempt
            failed = not copy and attempt <= failures.get(number, 0)
            body = orjson.loads(payload(delivery))
            yield Call(number, attempt, copy, failed, number in known, stamp(engine.clock.now), body)
            known.add(number)
            engine.submit(RecordAnswer(delivery.number, attempt, BAD if failed else GOOD))


def _number(engine: Engine, delivery: Delivery, numbers: dict[int, int]) -> int:
    """The number of a callback, not counting duplicates; a duplicate has the number of its original."""
    for each in engine.deliveries.after(max(numbers, default=0)):
        if not each.tells_flow:
            continue
        numbers[each.number] = numbers[each.copy_of] if each.copy_of else max(numbers.values(), default=0) + 1
    return numbers[delivery.number]


def _statuses(body: Json) -> Iterator[str]:
    """The statuses that a callback reports."""
    if "steps" in body:
        return (f"{each['channel']} {each['status']}" for each in body["steps"])
    return (f"{each['type']} {each['status']['name']}" for each in _firsts(body["messages"]))


def _firsts(messages: Sequence[Json]) -> Iterator[Json]:
    """The messages; for a message in several parts, only its first part."""
    return (each for each in messages if each.get("part", 1) == 1)
