"""The schemas of what is looked at: lists of flows and requests, one flow whole, what is due, and what would happen."""

from mockserver.core.step import FlowKind
from mockserver.wire import Json
from mockserver.wire.control.listing import REFUSED, Group
from mockserver.wire.openapi.schemas import (
    ANY_OBJECT,
    INSTANT,
    NUMBER,
    TEXT,
    WHOLE,
    YES_OR_NO,
    listed,
    maybe,
    one_of,
    record,
    ref,
    words,
)

TEXT_OR_NONE: Json = maybe(TEXT)
WHOLE_OR_NONE: Json = maybe(WHOLE)
INSTANT_OR_NONE: Json = maybe(INSTANT)

IN_LIST: Json = {
    "label": TEXT,
    "text": TEXT | {"description": "Its first words."},
    "senders": listed(TEXT),
    "webhook": ref("Webhook"),
}
"""What the line of a flow has in a list, besides what it has everywhere."""

WHOLE_FLOW: Json = {
    "kind": words(FlowKind),
    "callback": maybe(ref("AcceptedCallback")),
    "request": WHOLE_OR_NONE | {"description": "The number of the entry of the request that made it."},
    "restrictions": maybe(ANY_OBJECT),
    "document": ref("FlowDocument"),
    "steps": listed(ref("EchoedStep")),
    "progress": listed(ref("StepProgress")),
    "due": listed(ref("Due")),
    "journal": listed(ref("Entry")),
}

MADE: Json = {
    "trackingId": TEXT_OR_NONE | {"description": "Of the flow it made."},
    "tookMs": maybe(NUMBER) | {"description": "Real time."},
    "body": TEXT_OR_NONE | {"description": "Its beginning, as text."},
    "bodyBytes": WHOLE_OR_NONE,
    "places": listed(ref("WrongPlace")),
}
"""What a request has in a list, besides its entry."""


def schemas(line: Json, request: Json, callback: Json) -> Json:
    """Every schema, by its name. line, request, callback: the fields of a flow in short, of an entry, of a callback."""
    return _lists(line, request) | _whole(line, callback) | _due() | _foresight()


def _lists(line: Json, request: Json) -> Json:
    return {
        "FlowInList": record(line | IN_LIST, about="A flow in a list."),
        "Webhook": record(
            dict.fromkeys(("posted", "failing", "waiting"), WHOLE),
            about="How the callbacks of a flow went: how many were posted, how many of these were not taken at their"
            " latest attempt, and how many of these are tried again.",
        ),
        "Counts": record(
            dict.fromkeys((*map(str, Group), REFUSED), WHOLE),
            about="How many flows there are of each group, and how many requests were refused.",
        ),
        "RequestMade": record(request | MADE, about="A request to the mocked API, and what came of it."),
        "WrongPlace": record(
            {
                "pointer": TEXT | {"description": "A JSON pointer into the body."},
                "field": TEXT | {"description": "The same, as errors name it."},
                "says": TEXT,
            },
            about="A field of a request that is wrong.",
        ),
        "SentFlow": one_of(("AcceptedFlow", "OtpReply"), "The answer of the mocked API to the send."),
        "AcceptedFlow": record(
            {
                "trackingId": TEXT,
                "flow": listed(ref("EchoedStep")),
                "callback": ref("AcceptedCallback"),
                "restrictions": ANY_OBJECT,
                "flowKind": TEXT,
                "createdAt": INSTANT,
            },
            ["trackingId", "flow", "createdAt"],
            "The flow was accepted, as the mocked API would answer.",
        ),
    }


def _whole(line: Json, callback: Json) -> Json:
    more: Json = {"why": listed(ref("Reason")), "callbacks": listed(ref("CallbackOfFlow"))}
    changes = listed(TEXT) | {"description": "What is new since the one before, such as Viber EXPIRED."}
    return {
        "WholeFlow": record(
            line | IN_LIST | WHOLE_FLOW | more,
            [*line, *IN_LIST, *WHOLE_FLOW],
            "A flow with its document, its steps as asked, how far each has come, what is due, and its journal.",
        ),
        "CallbackOfFlow": record(
            callback | {"changes": changes, "payload": ref("CallbackBody")},
            [*callback, "changes"],
            "A callback of a flow, and what it tells that is new.",
        ),
        "StepProgress": record(
            {
                "step": WHOLE,
                "channel": ref("Channel"),
                "to": TEXT,
                **dict.fromkeys(("begun", "ended", "ttlEnds"), INSTANT_OR_NONE),
                **dict.fromkeys(("status", "reason", "outcome", "why"), TEXT_OR_NONE),
                "late": YES_OR_NO | {"description": "Whether a status came after the step was left."},
                "size": maybe(ref("Size")),
                "can": listed(ref("PossibleStatus")) | {"description": "What its message can hear now."},
            },
            about="How far a step has come.",
        ),
        "Size": record({"parts": WHOLE, "characters": WHOLE, "encoding": TEXT}, about="How an Sms is sent."),
        "PossibleStatus": record(
            {
                "status": TEXT,
                "reasons": listed(TEXT) | {"description": "Those it usually comes with."},
                "then": TEXT | {"description": "What it would lead to."},
            },
            about="A status that a message can get.",
        ),
    }


def _due() -> Json:
    return {
        "Due": record(
            {
                "at": INSTANT_OR_NONE,
                "trackingId": TEXT,
                "kind": words(["status", "ttl", "callback"]),
                "says": TEXT,
                "step": WHOLE,
                "channel": ref("Channel"),
                "status": TEXT,
                "reason": TEXT_OR_NONE,
                "callback": WHOLE,
                "attempt": WHOLE,
            },
            ["at", "trackingId", "kind", "says"],
            "Something that is due, in words.",
        ),
    }


def _foresight() -> Json:
    return {
        "SendToCheck": record(
            {
                "send": ANY_OBJECT | {"description": "The body of POST /failover."},
                "scenario": maybe(ref("Scenario")) | {"description": "One that would be played, too."},
                "kind": words(FlowKind),
            },
            ["send"],
            "A send that is not to be sent.",
        ),
        "SendBody": record({"flow": listed(ANY_OBJECT)}, about="The body of POST /failover: see /openapi.json.")
        | {"additionalProperties": True},
        "Foresight": record(
            {
                "ok": YES_OR_NO,
                "error": TEXT_OR_NONE,
                "wrong": {"type": "object", "additionalProperties": TEXT},
                "places": listed(ref("WrongPlace")),
                "steps": listed(ref("ForeseenStep")),
                "api": maybe(ref("ForeseenFault")) | {"description": "What goes wrong with the answer."},
                "callbacks": maybe(ref("ForeseenFault")) | {"description": "What goes wrong with the callbacks."},
            },
            about="What would become of a send.",
        ),
        "ForeseenFault": record({"scenario": TEXT, "says": TEXT}, ["scenario"], "What a scenario makes go wrong."),
        "ForeseenStep": record(
            {
                "step": WHOLE,
                "channel": ref("Channel"),
                "to": TEXT,
                "size": maybe(ref("Size")),
                "price": NUMBER | {"description": "In euro; of a call, for a minute."},
                "outcome": TEXT,
                "why": TEXT,
                "scenario": TEXT_OR_NONE,
                "hears": listed(ref("ForeseenStatus")),
            },
            about="What a step would hear if it began now, and what decides that.",
        ),
        "ForeseenStatus": record(
            {
                "status": TEXT,
                "reason": TEXT_OR_NONE,
                "after": {"type": "array", "items": NUMBER, "minItems": 2, "maxItems": 2},
                "late": YES_OR_NO,
            },
            about="A status to come. after: at least and at most so many seconds after the one before; if it is late,"
            " after the ttl.",
        ),
    }
