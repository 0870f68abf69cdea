"""The schemas of a send, made from the models that validate it and from the tables of the channels."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import get_args

from mockserver.core.channels import RULES, Channel
from mockserver.core.step import FlowKind, Strategy
from mockserver.wire import Json
from mockserver.wire.openapi.rules import (
    FILLED,
    KINDS,
    at_least_one,
    blank_or_whole,
    foreign,
    not_with,
    or_blank,
    ruled,
    together,
)
from mockserver.wire.openapi.schemas import by_kind, listed, record, ref, words
from mockserver.wire.openapi.shapes import hoisted, shapes
from mockserver.wire.routee.channels import FORMS, OWNERS
from mockserver.wire.routee.channels import foreign as why_foreign
from mockserver.wire.routee.channels.viber import CONTENT, FILE_TYPES, TAKEN, TEMPLATE_FIELDS
from mockserver.wire.routee.channels.voice import DIAL_PLANS, LANGUAGES
from mockserver.wire.routee.limits import E164, MOST_STEPS, MOST_TRIGGERS
from mockserver.wire.routee.models.send import CallbackModel
from mockserver.wire.types import any_case

STEPS: Mapping[str, tuple[FlowKind, Channel]] = {
    "SmsStep": (FlowKind.FAILOVER, Channel.SMS),
    "ViberStep": (FlowKind.FAILOVER, Channel.VIBER),
    "VoiceStep": (FlowKind.FAILOVER, Channel.VOICE),
    "TemplateStep": (FlowKind.TRANSACTIONAL, Channel.VIBER),
}
"""For each schema of a step, whose it is."""

SENDS = {
    FlowKind.FAILOVER: (
        "Send",
        "Step",
        "A flow: its steps run by ascending order, each when the one before it ended in one of its statuses.",
    ),
    FlowKind.TRANSACTIONAL: ("SendTemplates", "TransactionalStep", "A flow whose Viber steps are templates."),
}
"""For each kind of send, its name, that of its steps, and its description."""

OPTIONAL = ("Action", "ViberFile", "ViberVideo", "UrlShortener", "MachineDetection", "Callback")
"""Objects that count as absent where everything in them is blank."""

WORDS = {
    "Language": get_args(LANGUAGES),
    "Gender": ("male", "female"),
    "DeliveryScope": ("PRIMARY_DEVICE", "ALL_DEVICES"),
    "MachineStrategy": ("Hangup", "Continue"),
}
"""Sets of words that have a name."""

PHONE: Json = {"type": "string", "pattern": rf"^{E164}$", "examples": ["+306900000000"]}


@cache
def models() -> Json:
    """The schemas of the models, as strict as these are where nothing is blank."""
    forms = [form.model() for each in FORMS.values() for form in each.values()]
    made = shapes([*forms, CallbackModel], {"CallbackModel": "Callback"})
    for name, (_, channel) in STEPS.items():
        fields = made[name]["properties"]
        fields["type"] = spelled(str(channel))
        default = {"default": fields["failoverOnStatuses"]["default"], "description": "What leads to the next step."}
        fields["failoverOnStatuses"] = ref(f"{channel}Triggers") | default
    made["VoiceStep"]["properties"]["to"] = ref("VoiceRecipient")
    made["DialPlan"]["properties"]["verbs"]["items"] = ref("Verb")
    made["Callback"]["properties"]["strategy"] = spelled(*Strategy) | {"default": str(Strategy.ON_COMPLETION)}
    types = {"type": "string", "pattern": rf"^\.?(?:{any_case(*get_args(FILE_TYPES))})$"}
    made["ViberFile"]["properties"]["fileType"] = types | {"description": f"Of {', '.join(get_args(FILE_TYPES))}."}
    return made


def spelled(*known: str) -> Json:
    """One of these words, in any case."""
    told = f"{' or '.join(known)}, in any case."
    return {
        "type": "string",
        "pattern": rf"^\s*(?:{any_case(*known)})\s*$",
        "description": told,
        "examples": [known[0]],
    }


def schemas() -> Json:
    """Every schema of a send, by its name."""
    loose = {name: _loose(schema) for name, schema in models().items()}
    loose |= {name: blank_or_whole(loose[name]) for name in OPTIONAL}
    unions = {
        "Verb": by_kind("type", {"SAY": "Say", "PLAY": "Play"}, "What happens in a call, told apart by its type."),
        "VoiceRecipient": {
            "description": "A number, or an object with a number, a Viber number or a SIP address.",
            "anyOf": [PHONE, ref("VoiceTo")],
        },
    }
    named = hoisted(loose, {name: words(literal) for name, literal in WORDS.items()})
    with_rules = {name: ruled(schema, *RULES_OF.get(name, ())) for name, schema in named.items()}
    return with_rules | unions | _triggers() | _sends() | KINDS


def _loose(schema: Json) -> Json:
    """The schema of an object whose optional fields may be blank."""
    required = [name for name in schema.get("required", ()) if name not in DIAL_PLANS]  # one spelling of several
    fields = {name: each if name in required else or_blank(each) for name, each in schema["properties"].items()}
    fields = {
        name: {key: value for key, value in each.items() if (key, value) != ("default", {})}
        for name, each in fields.items()
    }
    return schema | {"properties": fields} | ({"required": required} if required else {})


def _foreign(kind: FlowKind, channel: Channel, prefix: str = "") -> Json:
    """The fields of other steps, or of their messages, are blank here."""
    templates = [place + name for place in ("", "message.") for name in TEMPLATE_FIELDS]
    paths = dict.fromkeys([*OWNERS, *FORMS[kind][channel].elsewhere, *templates])
    inner = [path for path in paths if path.startswith("message.") == bool(prefix)]
    reasons = {path.removeprefix(prefix): why_foreign(kind, channel, path) for path in inner}
    return foreign({name: reason for name, reason in reasons.items() if reason is not None})


RULES_OF: Mapping[str, Sequence[Json]] = {
    **{name: [_foreign(*whose)] for name, whose in STEPS.items()},
    "SmsMessage": [_foreign(FlowKind.FAILOVER, Channel.SMS, "message.")],
    "ViberMessage": [_foreign(FlowKind.FAILOVER, Channel.VIBER, "message."), together(CONTENT, TAKEN)],
    "VoiceStep": [
        _foreign(FlowKind.FAILOVER, Channel.VOICE),
        at_least_one(DIAL_PLANS),
        {"properties": {name: {"if": FILLED, "then": ref("DialPlan")} for name in DIAL_PLANS[1:]}},
    ],
    "VoiceTo": [at_least_one(["phone", "viber", "sip"])],
    "MachineDetection": [not_with("eventUrl", "strategy", "Hangup")],
}
"""For each object, the rules between its fields."""


def _triggers() -> Json:
    """`failoverOnStatuses`, by channel."""
    return {f"{channel}Triggers": _trigger(channel) for channel in RULES}


def _trigger(channel: Channel) -> Json:
    known = RULES[channel].triggers
    one = any_case(*known)
    entry = {"type": "string", "pattern": rf"^\s*(?:{one})\s*$", "examples": [known[0]]}
    commas = {"type": "string", "pattern": rf"^[\s,]*(?:(?:{one})[\s,]*(?:,[\s,]*(?:{one})[\s,]*)*)?$"}
    return {
        "description": f"{', '.join(known)}, in any case: an array, or one text with commas between.",
        "anyOf": [listed(entry) | {"maxItems": MOST_TRIGGERS}, commas],
    }


def _sends() -> Json:
    made: Json = {}
    for kind, (name, step, about) in SENDS.items():
        of_kind = {
            str(channel): "ViberStep" if channel is Channel.VIBER else f"{channel}Step" for channel in FORMS[kind]
        }
        if kind is FlowKind.TRANSACTIONAL:
            of_kind["Viber"] = "TemplateStep"
        made[step] = by_kind("type", of_kind, "A step of a flow: what to send over one channel.")
        made[name] = record(
            {
                "flow": listed(ref(step)) | {"minItems": 1, "maxItems": MOST_STEPS},
                "callback": or_blank(ref("Callback")),
                "restrictions": or_blank({"type": "object", "description": "Anything; it is echoed."}),
            },
            ["flow"],
            about,
        )
    return made
