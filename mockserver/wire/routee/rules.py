"""What several fields get wrong together: rules that look at a whole step, as plain functions.

They read the caller's own fields, blanks taken out, and run whether or not single fields are right, so that
everything wrong is named at once; where a type is wrong they keep quiet, for that has been said already.
"""

from collections.abc import Callable, Iterator, Mapping

from mockserver.core.channels import Channel
from mockserver.core.step import FlowKind
from mockserver.wire import Json

Problem = tuple[str, str]

TEXT, IMAGE, ACTION, FILE, VIDEO = "text", "imageUrl", "action", "viberFile", "viberVideo"
CONTENT = (TEXT, IMAGE, ACTION, FILE, VIDEO)

TAKEN = (
    {TEXT},
    {IMAGE},
    {TEXT, ACTION},
    {TEXT, IMAGE, ACTION},
    {VIDEO},
    {VIDEO, TEXT},
    {VIDEO, TEXT, ACTION},
    {FILE},
)
"""The contents the live Viber service takes (seen)."""

TEMPLATE = ("templateId", "templateLang", "templateParams", "deliveryScope", "seq")
"""Fields of POST /failover/transactional (doc)."""

TEMPLATES_ONLY = {
    FlowKind.FAILOVER: "belongs to the templates of POST /failover/transactional",
    FlowKind.TRANSACTIONAL: "belongs to Viber steps, which are templates here",
}

OWNERS: Mapping[str, tuple[Channel, ...]] = {
    "from": (Channel.SMS, Channel.VOICE),
    "message": (Channel.SMS, Channel.VIBER),
    "urlShortener": (Channel.SMS,),
    "senderInfoTrackingId": (Channel.VIBER,),
    "inboundUrl": (Channel.VIBER,),
    "expireOnDelivery": (Channel.VIBER,),
    "label": (Channel.VIBER,),
    "dialPlan": (Channel.VOICE,),
    "dialplan": (Channel.VOICE,),
    "dialPlans": (Channel.VOICE,),
    "machineDetection": (Channel.VOICE,),
    "message.body": (Channel.SMS,),
    "message.flash": (Channel.SMS,),
    "message.label": (Channel.SMS,),
    "message.transcode": (Channel.SMS,),
    "message.urlShortener": (Channel.SMS,),
    **{f"message.{name}": (Channel.VIBER,) for name in CONTENT},
}
"""The fields that only some channels have, and which."""


def foreign(kind: FlowKind, channel: Channel, path: str) -> str | None:
    """Why a field has no place on a step of this channel; None when it has one, or is not known at all.

    kind: of the flow, for a Viber step is a template on POST /failover/transactional and a message on POST /failover.
    """
    of_templates = kind is FlowKind.TRANSACTIONAL and channel is Channel.VIBER
    if path.removeprefix("message.") in TEMPLATE:
        return None if of_templates else TEMPLATES_ONLY[kind]
    if of_templates and path in ("message", "label"):
        return "belongs to POST /failover; here a Viber step is a template"
    owners = OWNERS.get(path)
    if owners is None or channel in owners:
        return None
    if path == "label" and channel is Channel.SMS:
        return "belongs to Viber steps; the label of an Sms stands inside its message"
    if path == "message.label":
        return "belongs to Sms steps; the label of a Viber message stands on the step"
    return f"belongs to {' and '.join(owners)} steps; this one is {channel}"


def broken(kind: FlowKind, channel: Channel, step: Json) -> Iterator[Problem]:
    """What is wrong between the fields of one step, as (path within the step, sentence)."""
    for rule in () if (kind, channel) == (FlowKind.TRANSACTIONAL, Channel.VIBER) else RULES[channel]:
        yield from rule(step)


def _content(step: Json) -> Iterator[Problem]:
    message = step.get("message")
    if not isinstance(message, dict):
        return
    present = {name for name in CONTENT if name in message}
    if not present:
        yield "message", f"must hold at least one of {', '.join(CONTENT)}"
    elif present not in TAKEN:
        names = " + ".join(name for name in CONTENT if name in present)
        taken = "; ".join(" + ".join(name for name in CONTENT if name in each) for each in TAKEN)
        yield "message", f"cannot hold {names}; Viber takes {taken}"


def _recipient(step: Json) -> Iterator[Problem]:
    to = step.get("to")
    if isinstance(to, dict) and not to.keys() & {"phone", "viber", "sip"}:
        yield "to", "must hold at least one of phone, viber, sip"


def _machine(step: Json) -> Iterator[Problem]:
    machine = step.get("machineDetection")
    if isinstance(machine, dict) and "eventUrl" in machine and machine.get("strategy") == "Hangup":
        yield "machineDetection.eventUrl", "is only for the strategy Continue"


RULES: Mapping[Channel, tuple[Callable[[Json], Iterator[Problem]], ...]] = {
    Channel.SMS: (),
    Channel.VIBER: (_content,),
    Channel.VOICE: (_recipient, _machine),
}
