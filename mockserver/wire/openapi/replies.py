"""The schemas of what Routee's endpoints answer and post: echoed sends, flow documents, tokens, errors."""

from collections.abc import Mapping

from mockserver.core.channels import RULES, Channel
from mockserver.core.flow import FlowStatus
from mockserver.core.outcome import Answerer
from mockserver.core.step import FlowKind, Strategy
from mockserver.wire import Json
from mockserver.wire.openapi import requests
from mockserver.wire.openapi.schemas import (
    INSTANT,
    NUMBER,
    TEXT,
    WHOLE,
    YES_OR_NO,
    by_kind,
    exactly,
    listed,
    maybe,
    one_of,
    record,
    ref,
    words,
)
from mockserver.wire.routee.channels.voice import DIAL_PLANS
from mockserver.wire.routee.limits import E164, MOST_TTL
from mockserver.wire.routee.tokens import SCOPES

PHONE: Json = {"type": "string", "pattern": f"^{E164.replace('?', '', 1)}$"}
UUID: Json = {"type": "string", "format": "uuid"}
PRICE: Json = {"type": "number", "minimum": 0}
TTL: Json = {"type": "number", "minimum": 0, "maximum": MOST_TTL, "description": "Minutes."}
TRIGGERS = {"description": "The statuses that lead to the next step, as they were sent."} | listed(TEXT)
COUNTRY = TEXT | {"description": "ISO 3166-1 alpha-2, from the number."}


def schemas() -> Json:
    """Every schema of an answer, by its name, apart from those of refusals."""
    return _accepted() | _flow() | _messages() | _statuses() | _others()


# The echo of a send


def _accepted() -> Json:
    steps = {name: _accepted_step(requests.models()[name]) for name in requests.STEPS}
    made: Json = {f"Accepted{name}": step for name, step in steps.items()}
    for kind, (name, step, _) in requests.SENDS.items():
        mapping = {"Sms": "SmsStep", "Viber": "ViberStep", "Voice": "VoiceStep"}
        mapping |= {"Viber": "TemplateStep"} if kind is FlowKind.TRANSACTIONAL else {}
        accepted = {channel: f"Accepted{each}" for channel, each in mapping.items()}
        made[f"Accepted{step}"] = by_kind("type", accepted, "A step as it was accepted.")
        made[f"{name}Reply"] = _reply(f"Accepted{step}", kind)
    return made | {"AcceptedCallback": record({"strategy": words(Strategy), "url": TEXT}, about="The webhook.")}


def _reply(step: str, kind: FlowKind) -> Json:
    fields = {
        "trackingId": UUID,
        "flow": listed(ref(step)) | {"minItems": 1, "description": "The steps in running order, defaults filled in."},
        "callback": ref("AcceptedCallback"),
        "restrictions": {"type": "object"},
        **({} if kind is FlowKind.FAILOVER else {"flowKind": exactly(kind)}),
        "createdAt": INSTANT,
    }
    required = [name for name in fields if name not in ("callback", "restrictions")]
    return record(fields, required, "The send was accepted, and its first step has begun.")


def _accepted_step(asked: Json) -> Json:
    """The echo of a step: every default is filled in, and what the caller left out is left out."""
    fields = {name: _filled(each) for name, each in asked["properties"].items()}
    [channel] = asked["properties"]["type"]["examples"]
    fields |= {"type": exactly(channel), "failoverOnStatuses": TRIGGERS}
    fields["to"] = fields["to"] if channel == Channel.VOICE else PHONE
    required = [name for name in fields if name in asked["required"] or "default" in asked["properties"][name]]
    required.append("order")
    if channel == Channel.VOICE:
        del fields["ttl"]
        fields = {DIAL_PLANS[-1] if name == DIAL_PLANS[0] else name: each for name, each in fields.items()}
        fields[DIAL_PLANS[-1]] = ref("DialPlan")
    if "seq" in fields:
        fields["seq"] = maybe(fields["seq"])
        required.append("seq")
    required = [DIAL_PLANS[-1] if name == DIAL_PLANS[0] else name for name in required]
    return record(fields, [name for name in fields if name in required], f"A step over {channel} as it was accepted.")


def _filled(schema: Json) -> Json:
    """The schema of a field that is there, and so is not null."""
    kept = {key: value for key, value in schema.items() if key not in ("default", "examples")}
    if isinstance(kept.get("type"), list):
        kept["type"] = next(each for each in kept["type"] if each != "null")
    options = [each for each in kept.get("anyOf", ()) if each != {"type": "null"}]
    return ({key: value for key, value in kept.items() if key != "anyOf"} | options[0]) if len(options) == 1 else kept


# The flow document


def _flow() -> Json:
    return {
        "Flow": record(
            {
                "trackingId": UUID,
                "messages": listed(ref("Message"))
                | {"description": "A message for every step that has begun, in order."},
                "terminationChannel": maybe(ref("Channel")),
                "status": ref("FlowStatus"),
                "statusCode": maybe(ref("StatusCode")),
                "totalPrice": PRICE,
                "originatingService": exactly("Failover"),
                "applicationId": TEXT,
                "createdAt": INSTANT,
                "updatedAt": INSTANT,
            },
            about="A flow and what has happened to it: the answer of tracking, and the body of a callback.",
        ),
        "Message": by_kind("type", {each: each for each in map(str, Channel)}, "What came of a step."),
        "Channel": words(Channel, "A way to reach a recipient."),
        "FlowStatus": words(FlowStatus, "The status of a flow."),
        "StatusCode": words(
            ("0", "1", "2", "3"),
            "Why a flow has failed. 0: a server error. 1: no balance. 2: no step is left. 3: the final status of a step"
            " is not in its failoverOnStatuses.",
        ),
    }


def _messages() -> Json:
    return {
        "Sms": _sms(),
        "Viber": _viber(),
        "Voice": _voice(),
        "ViberBody": one_of(("TemplateContent", "ViberMessage"), "What a Viber message has in it."),
        "TemplateContent": record(
            {"templateId": TEXT, "templateLang": TEXT, "templateParams": {"type": "object"}},
            about="The template of a transactional Viber message, and what it was filled with.",
        ),
    }


def _sms() -> Json:
    return _message(
        Channel.SMS,
        {
            "messageId": UUID,
            "smsId": UUID,
            "to": TEXT,
            "from": TEXT,
            "country": COUNTRY,
            "operator": TEXT,
            "ttl": TTL,
            "status": ref("SmsStatus"),
            "body": TEXT,
            "price": PRICE,
            "label": TEXT,
            "order": WHOLE,
            "part": WHOLE,
            "parts": WHOLE,
            "latency": WHOLE | {"description": "Seconds until it was delivered; 0 before."},
            "failoverOnStatuses": TRIGGERS,
            "createdAt": INSTANT,
        },
        optional=("country", "operator", "label"),
        about="An Sms, or a part of one: a long Sms has an entry for each part.",
    )


def _viber() -> Json:
    return _message(
        Channel.VIBER,
        {
            "trackingId": UUID,
            "to": TEXT,
            "from": TEXT | {"description": "The name behind senderInfoTrackingId."},
            "country": COUNTRY,
            "ttl": TTL,
            "expireOnDelivery": YES_OR_NO,
            "expiredOnDeliveryAt": maybe(INSTANT),
            "status": ref("ViberStatus"),
            "body": ref("ViberBody"),
            "label": TEXT,
            "failoverOnStatuses": TRIGGERS,
            "order": WHOLE,
            "inboundUrl": TEXT,
            "price": PRICE,
            "createdAt": INSTANT,
        },
        optional=("country", "label", "inboundUrl"),
        about="A Viber message.",
    )


def _voice() -> Json:
    return _message(
        Channel.VOICE,
        {
            "messageId": UUID,
            "to": TEXT,
            "from": TEXT,
            "country": COUNTRY,
            "status": ref("VoiceStatus"),
            "duration": WHOLE | {"description": "Seconds."},
            "price": PRICE,
            "order": WHOLE,
            "failoverOnStatuses": TRIGGERS,
            "createdAt": INSTANT,
        },
        optional=("country",),
        about="A call.",
    )


def _message(channel: Channel, fields: Mapping[str, Json], *, optional: tuple[str, ...], about: str) -> Json:
    every = {"type": exactly(channel)} | dict(fields)
    return record(every, [name for name in every if name not in optional], about)


def _statuses() -> Json:
    made: Json = {}
    for channel, rules in RULES.items():
        made[f"{channel}StatusName"] = words(rules.statuses, f"The statuses of {channel}, in the order they come.")
        fields: Json = {"name": ref(f"{channel}StatusName"), "updatedDate": INSTANT}
        if rules.reasons:
            made[f"{channel}ReasonName"] = words(rules.reasons, f"Why a message over {channel} has its status.")
            made[f"{channel}Reason"] = record({"detailedStatus": ref(f"{channel}ReasonName"), "description": TEXT})
            fields["reason"] = maybe(ref(f"{channel}Reason"))
        made[f"{channel}Status"] = record(fields, about="The status of a message, and since when.")
    return made


# The others


def _others() -> Json:
    return {
        "Token": record(
            {
                "access_token": UUID,
                "token_type": exactly("bearer"),
                "expires_in": WHOLE | {"description": "Seconds."},
                "scope": {"type": "string", "description": f"Some of: {' '.join(SCOPES)}"},
                "permissions": listed(TEXT),
            },
            about="A bearer token.",
        ),
        "Balance": record({"balance": NUMBER, "currency": ref("Currency")}, about="The balance of the account."),
        "Currency": record(dict.fromkeys(("code", "name", "sign"), TEXT)),
        "Page": record(
            {
                "content": listed(ref("Flow")),
                **dict.fromkeys(("totalPages", "totalElements", "number", "size", "numberOfElements"), WHOLE),
                "first": YES_OR_NO,
                "last": YES_OR_NO,
            },
            about="A page of flows, newest first.",
        ),
        "InboundMessage": record(
            {
                "from": TEXT,
                "to": TEXT,
                "message": TEXT,
                "sentDate": INSTANT,
                "referenceTrackingId": UUID | {"description": "The trackingId of the Viber message that is answered."},
                "direction": exactly("Inbound"),
                **dict.fromkeys(("media", "filename", "label"), TEXT),
            },
            ["from", "to", "message", "sentDate", "referenceTrackingId", "direction"],
            "What a recipient answers to a Viber message, as it is posted to its inboundUrl.",
        ),
        "AnsweredCall": record(
            {
                "messageId": UUID | {"description": "The id of the message of the call."},
                "conversationTrackingId": UUID | {"description": "The trackingId of the flow."},
                "from": TEXT,
                "to": TEXT,
                "direction": exactly("Outbound"),
                "status": record({"name": exactly("InProgress"), "updatedDate": INSTANT}),
                "answeredBy": words(Answerer),
            },
            about="Who has answered a call, as it is posted to the eventUrl of its machineDetection.",
        ),
    }


def refusals() -> Json:
    """The schemas of errors, by name."""
    return {
        "Error": record(
            {
                "code": {"type": "string", "pattern": "^[0-9]{9}$"},
                "developerMessage": TEXT,
                "properties": {
                    "type": "object",
                    "additionalProperties": TEXT,
                    "description": "What is wrong with each field, by its path.",
                },
                "lines": {
                    "type": "object",
                    "additionalProperties": WHOLE,
                    "description": "The line of each, in a scenario.",
                },
                **dict.fromkeys(("entity", "property", "value"), TEXT),
            },
            ["code", "developerMessage"],
            "A refusal, in Routee's common shape.",
        ),
        "OAuthError": record({"error": TEXT, "error_description": TEXT}, about="A refusal, in the shape of OAuth 2."),
        "BadCredentials": record(
            {"timestamp": WHOLE, "status": WHOLE, **dict.fromkeys(("error", "message", "path"), TEXT)},
            about="The refusal of an application's id and secret. timestamp: milliseconds since 1970.",
        ),
        "AuthError": one_of(("OAuthError", "BadCredentials"), "The refusal of a request for a token."),
    }
