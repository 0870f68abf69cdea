"""Events pushed by hand: which message gets which status. All of it is ours (choice)."""

from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, TypeVar

import orjson
from pydantic import ConfigDict, Field, ValidationError

from mockserver.core.channels import RULES, Channel, canonical
from mockserver.core.commands import HoldStep, PushInbound, PushReport
from mockserver.core.flow import Flow, Message, Verdict, begin, legal, receive, settle
from mockserver.core.step import Step
from mockserver.core.values import replace
from mockserver.wire import Json, errors
from mockserver.wire.control import views
from mockserver.wire.problems import Wrong, clip, cut, nearest, problems, read_object
from mockserver.wire.types import WHOLE, FlowId, Model, Text, Url

EXAMPLE = (
    'send {"trackingId" | "to" | "label": which flow, "status": "SEEN", and if need be "step": 1 or '
    '"channel": "Viber", "reason": "Not Viber User"}'
)

SEVERAL = (
    'send {"trackingId" | "to" | "label": which flow, "events": [{"status": "Ringing"}, {"status": "InProgress"}]}, and'
    ' if need be for all or for each "step": 1 or "channel": "Voice"'
)

HOLD = 'send {"trackingId" | "to" | "label": which flow}, and if need be "step": 2 or "channel": "Sms"'

MOST = 20
"""The most events in one request."""


T = TypeVar("T", bound="Target")

INBOUND = (
    'send {"trackingId" | "to" | "label": which flow, "message": "Thank you", and if need be "step": 1, '
    '"media": a URL, "filename": its name}'
)


class Target(Model):
    """One message: of the flow with this id, or of the newest flow to a number or with a label."""

    tracking_id: FlowId | None = None
    to: Text | None = None
    label: Text | None = None
    step: Annotated[int, Field(ge=1), WHOLE] | None = None
    channel: Text | None = None


class Event(Target):
    """One status for one message."""

    status: Annotated[Text, Field(min_length=1)]
    reason: Text | None = None


class PushedStatus(Model):
    """One of several events: a status, of the message that the others are for or of another."""

    model_config = ConfigDict(extra="forbid")

    status: Annotated[Text, Field(min_length=1)]
    reason: Text | None = None
    step: Annotated[int, Field(ge=1), WHOLE] | None = None
    channel: Text | None = None


class Events(Target):
    """Several statuses, one after the other in one instant."""

    events: Annotated[list[PushedStatus], Field(min_length=1, max_length=MOST)]


PUSHED = (Event, Events)
"""What a POST /_mock/events can be."""


class Inbound(Target):
    """What the recipient of a Viber message answers."""

    message: Annotated[Text, Field(max_length=7_000)]
    media: Annotated[Url, Field(max_length=2_000)] | None = None
    filename: Annotated[Text, Field(max_length=255)] | None = None


def read_event(body: bytes) -> Event | Events:
    """The event in a POST /_mock/events, or several. Raises Refusal, which names every wrong field."""
    data = read_object(body, EXAMPLE)
    return _read(Events, data, SEVERAL) if "events" in data else _read(Event, data, EXAMPLE)


def read_target(body: bytes) -> Target:
    """The message that a POST /_mock/hold is for. Raises Refusal, which names every wrong field."""
    return _read(Target, read_object(body, HOLD), HOLD)


def read_inbound(body: bytes) -> Inbound:
    """The answer in a POST /_mock/inbound. Raises Refusal, which names every wrong field."""
    return _read(Inbound, read_object(body, INBOUND), INBOUND).model_copy(update={"channel": str(Channel.VIBER)})


def _read(kind: type[T], data: Json, example: str) -> T:
    names, wrong = kind.names(), Wrong()
    few, lost = cut(data, kind.all_names())
    try:
        target = kind.model_validate(few)
    except ValidationError as error:
        wrong = problems(error, kind.all_names())
    wrong.unknown([name for name in few if name not in names], names)
    wrong.skip(lost)
    if wrong:
        raise errors.malformed(f"This cannot be pushed; {example}.", wrong)
    chosen = [name for name in ("trackingId", "to", "label") if data.get(name)]
    if len(chosen) != 1:
        raise errors.malformed(f"Which flow? Please {example}.", dict.fromkeys(chosen, "only one of these"))
    return target


def find_flow(event: Target, flows: Mapping[str, Flow]) -> Flow:
    """The flow that an event is for; by number or label, the newest one. Raises Refusal when there is none."""
    if event.tracking_id:
        found = flows.get(event.tracking_id)
    else:
        addressed = _addressed(event)
        found = next((flow for flow in reversed(flows.values()) if any(map(addressed, flow.steps))), None)  # type: ignore[call-overload]
    if found is None:
        ways = {"trackingId": event.tracking_id, "to": event.to, "label": event.label}
        by, value = next((by, value) for by, value in ways.items() if value)
        raise views.unknown_flow(value, flows, by=by)
    return found


def read_reports(event: Event | Events, flow: Flow) -> PushReport:
    """The command for an event, or for several. Raises Refusal for a status that a message cannot get then."""
    if isinstance(event, Event):
        return read_report(event, flow)
    reports: list[PushReport] = []
    for position, one in enumerate(event.events):
        step, channel = one.step or event.step, one.channel or event.channel
        wanted = Event(to=event.to, label=event.label, step=step, channel=channel, status=one.status, reason=one.reason)
        try:
            reports.append(read_report(wanted, flow))
        except errors.Refusal as refusal:
            raise _of_several(refusal, position) from None
        flow = _heard(flow, reports[-1])
    return replace(reports[0], then=tuple(reports[1:]))


def _of_several(refusal: errors.Refusal, position: int) -> errors.Refusal:
    """What is wrong with one of several events, at its place among them."""
    said, wrong = refusal.body["developerMessage"], refusal.body.get("properties", {})
    placed = {f"events[{position}].{field}": text for field, text in wrong.items()}
    return errors.malformed(f"Event {position + 1}: {said}", placed)


def _heard(flow: Flow, report: PushReport) -> Flow:
    """The flow as it will be when it has heard what is pushed, and its next step, if one begins, its first status."""
    late = flow.final or report.step != flow.running
    after = receive(flow, report.step, report.status, report.reason, flow.updated)
    assert after is not None  # noqa: S101 -- it was read for this flow
    settled, verdict = (after, Verdict.GOES_ON) if late else settle(after)
    if verdict is not Verdict.NEXT:
        return settled
    begun = begin(settled, Message("", flow.updated))
    first = RULES[begun.steps[begun.running].channel].first
    return receive(begun, begun.running, first, None, flow.updated) or begun


def read_hold(target: Target, flow: Flow) -> HoldStep:
    """The command that holds a step, begun or not; without more words the running one. Raises Refusal."""
    fit = [index for index, meant in enumerate(_meant(target, flow.steps)) if meant]
    begun = [index for index in fit if index < len(flow.messages)]
    if not begun and fit and not flow.final:
        return HoldStep(flow.id, fit[0])
    return HoldStep(flow.id, _choose(target, flow))


def read_report(event: Event, flow: Flow) -> PushReport:
    """The command for an event. Raises Refusal for a status the message cannot get, and names those it can."""
    index = _choose(event, flow)
    channel = flow.steps[index].channel
    status, allowed = canonical(channel, event.status), legal(flow, index)
    if status not in allowed:
        standing = flow.messages[index].status
        can = ", ".join(each for each in RULES[channel].statuses if each in allowed) or "nothing any more"
        meant = nearest(event.status, RULES[channel].statuses) if status is None else ""
        text = f"the {channel} message is {standing} and can become {can}, not {clip(event.status, 100)}{meant}"
        raise errors.malformed(f"That cannot happen now: {text}{'' if meant else '.'}", {"status": text})
    if event.reason and event.reason not in RULES[channel].reasons:
        known = ", ".join(RULES[channel].reasons) or "none on this channel"
        text = f"must be one of {known}{nearest(event.reason, RULES[channel].reasons)}"
        raise errors.malformed(f"There is no such reason: it {text}.", {"reason": text})
    return PushReport(flow.id, index, status or "", event.reason or None)


def read_answer(inbound: Inbound, flow: Flow) -> PushInbound:
    """The command for an answer. Raises Refusal when the step has no inboundUrl."""
    index = _choose(inbound, flow)
    url = orjson.loads(flow.steps[index].asked).get("inboundUrl")
    if url is None:
        raise errors.malformed(f"Step {index + 1} has no inboundUrl: nobody would hear of an answer.")
    return PushInbound(flow.id, index, url, inbound.message, inbound.media, inbound.filename)


def _choose(event: Target, flow: Flow) -> int:
    """The index of the message that an event is for: of those that match, the one that began last."""
    fit = [index for index, meant in enumerate(_meant(event, flow.steps)) if meant]
    begun = [index for index in fit if index < len(flow.messages)]
    if begun:
        return begun[-1]
    steps = ", ".join(f"{number} {step.channel}" for number, step in enumerate(flow.steps, start=1))
    why = "that step has not begun" if fit else "no step fits"
    only = "" if fit or not isinstance(event, Inbound) else ", and only a message over Viber is answered"
    said = f"{why}{only}. The flow has the steps {steps}; {len(flow.messages)} of them begun"
    chosen = [name for name, given in (("step", event.step), ("channel", event.channel and not only)) if given]
    raise errors.malformed(f"There is no such message: {said}.", dict.fromkeys(chosen, said))


def _meant(event: Target, steps: Iterable[Step]) -> Iterable[bool]:
    addressed = _addressed(event)
    for number, step in enumerate(steps, start=1):
        yield (
            event.step in (None, number)
            and (not event.channel or event.channel.casefold() == step.channel.casefold())
            and addressed(step)
        )


def _addressed(event: Target) -> Callable[[Step], bool]:
    """Tells whether a step has the number or the label of an event. Every flow that is kept may be asked about."""
    number, label = (event.to or "").removeprefix("+"), event.label
    if event.to:
        return lambda step: step.to.removeprefix("+") == number
    return lambda step: not label or step.label == label
