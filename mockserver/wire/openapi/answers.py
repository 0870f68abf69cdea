"""The schemas of what the control API answers: the clock, sandboxes, flows, callbacks, the journal, verdicts."""

from collections.abc import Mapping

from mockserver.choices import Sync
from mockserver.core.commands import Mode
from mockserver.core.deliveries import DeliveryState
from mockserver.core.outcome import Answerer, Cause
from mockserver.fidelity.rule import Mark
from mockserver.wire import Json
from mockserver.wire.control.journal import NAMES
from mockserver.wire.openapi import looks
from mockserver.wire.openapi.schemas import (
    ANY_OBJECT,
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

TEXTS: Json = {"type": "object", "additionalProperties": TEXT}
INSTANT_OR_NONE: Json = maybe(INSTANT)
TEXT_OR_NONE: Json = maybe(TEXT)
WHOLE_OR_NONE: Json = maybe(WHOLE)
CHANNEL_OR_NONE: Json = maybe(ref("Channel"))
OF_FLOW: Json = {"trackingId": TEXT}
OF_STEP: Json = OF_FLOW | {"step": WHOLE}
OF_MESSAGE: Json = OF_STEP | {"channel": ref("Channel"), "messageId": TEXT}
STATUS: Json = OF_MESSAGE | {
    "status": TEXT,
    "reason": TEXT_OR_NONE,
    "cause": TEXT | {"description": f"{', '.join(Cause)}, or what a scenario says."},
    "late": YES_OR_NO,
}
FLOW: Json = OF_FLOW | {
    "flowStatus": ref("FlowStatus"),
    "statusCode": maybe(ref("StatusCode")),
    "terminationChannel": CHANNEL_OR_NONE,
}
ATTEMPT: Json = {
    "callback": WHOLE | {"description": "The number of the callback."},
    "trackingId": TEXT,
    "url": TEXT,
    "postedTo": TEXT | {"description": "Where it was posted; only with --callback-rewrite."},
    "attempt": WHOLE,
    "delivered": YES_OR_NO,
    "status": WHOLE_OR_NONE | {"description": "The status of the answer."},
    "error": TEXT_OR_NONE,
    "answer": TEXT,
    "tookMs": NUMBER | {"description": "Real time."},
    "nextRetry": INSTANT_OR_NONE,
}
CALLBACK: Json = {
    "callback": WHOLE | {"description": "Its number."},
    "trackingId": TEXT,
    "url": TEXT,
    "state": words(DeliveryState),
    "nextRetry": INSTANT_OR_NONE,
    "faults": listed(TEXT),
    "copyOf": WHOLE_OR_NONE,
    "attempts": listed(ref("Attempt")),
}
HAPPENED: Json = {"transitions": listed(ref("Transition")), "callbacks": listed(ref("Attempt"))}
LINE: Json = {
    "flow": WHOLE | {"description": "Its number."},
    "trackingId": TEXT,
    "applicationId": TEXT,
    "createdAt": INSTANT,
    "to": listed(TEXT),
    "channels": listed(ref("Channel")),
    "heard": listed(TEXT),
    "status": ref("FlowStatus"),
    "statusCode": maybe(ref("StatusCode")),
    "terminationChannel": CHANNEL_OR_NONE,
    "ttlEnds": INSTANT_OR_NONE,
}
NO_REWRITE = tuple(name for name in ATTEMPT if name != "postedTo")

ENTRIES: Mapping[str, tuple[Json, tuple[str, ...]]] = {
    "token": (
        {"applicationId": TEXT_OR_NONE, "scope": TEXT, "again": YES_OR_NO, "revoked": WHOLE, "expired": WHOLE},
        ("applicationId",),
    ),
    "request": (
        {
            "method": TEXT,
            "path": TEXT,
            "status": WHOLE,
            "applicationId": TEXT_OR_NONE,
            "error": TEXT_OR_NONE,
            "wrong": TEXTS,
        },
        ("method", "path", "status", "applicationId", "error", "wrong"),
    ),
    "balance": ({"balance": ref("Euro")}, ("balance",)),
    "refused": ({"applicationId": TEXT, "why": TEXT}, ("applicationId", "why")),
    "scenario": (
        {"scenario": TEXT_OR_NONE, "change": words(["added", "dropped"]), "says": ANY_OBJECT},
        ("scenario", "change"),
    ),
    "fault": (
        {"trackingId": TEXT_OR_NONE, "callback": WHOLE_OR_NONE, "fault": TEXT, "why": TEXT},
        ("trackingId", "callback", "fault", "why"),
    ),
    "send": (
        OF_FLOW | {"applicationId": TEXT, "channels": listed(ref("Channel"))},
        ("trackingId", "applicationId", "channels"),
    ),
    "step": (OF_MESSAGE | {"to": TEXT, "outcome": TEXT, "why": TEXT}, (*OF_MESSAGE, "to", "outcome", "why")),
    "status": (STATUS, tuple(STATUS)),
    "ignored": (OF_MESSAGE | {"status": TEXT, "standing": TEXT_OR_NONE}, (*OF_MESSAGE, "status", "standing")),
    "unseen": (OF_MESSAGE, tuple(OF_MESSAGE)),
    "hold": (
        OF_STEP | {"channel": ref("Channel"), "messageId": TEXT_OR_NONE, "dropped": WHOLE},
        (*OF_MESSAGE, "dropped"),
    ),
    "flow": (FLOW, tuple(FLOW)),
    "inbound": (
        OF_STEP | {"messageId": TEXT, "message": TEXT, "callback": WHOLE},
        (*OF_STEP, "messageId", "message", "callback"),
    ),
    "answered": (
        OF_STEP | {"messageId": TEXT, "answeredBy": words(Answerer), "callback": WHOLE},
        (*OF_STEP, "messageId", "answeredBy", "callback"),
    ),
    "callback": (ATTEMPT, NO_REWRITE),
    "clock": ({"mode": words(Mode), "rate": NUMBER, "from": INSTANT}, ()),
    "restart": (
        {
            "downMs": WHOLE | {"description": "Real milliseconds that the server was down."},
            "again": listed(WHOLE)
            | {"description": "The callbacks that are posted again, because they were under way when it ended."},
        },
        ("downMs", "again"),
    ),
}
"""For each kind of entry in the journal, its fields, and those that are always there."""


def schemas() -> Json:
    """Every schema of an answer, by its name."""
    fields, _ = ENTRIES["request"]
    entry = {"number": WHOLE, "at": INSTANT, "kind": exactly("request"), **fields}
    ours = _sandboxes() | _events() | _flows() | _journal() | _store() | _others()
    return ours | looks.schemas(LINE, entry, CALLBACK)


def _sandboxes() -> Json:
    return {
        "Clock": record(
            {"now": INSTANT, "mode": words(Mode), "rate": NUMBER, "pending": WHOLE, "next": INSTANT_OR_NONE},
            about="The clock of a sandbox: its instant, how it moves, and what is due.",
        ),
        "Sandbox": record(
            {
                "id": TEXT,
                "applicationId": TEXT_OR_NONE,
                "applicationSecret": TEXT_OR_NONE,
                **dict.fromkeys(("authUrl", "apiUrl", "controlUrl"), TEXT),
                "seed": {"type": "integer"},
                "dialect": ANY_OBJECT | {"description": "What it does otherwise than by default."},
                "clock": ref("Clock"),
                "flows": WHOLE,
                "forgotten": ref("Forgotten"),
                "callbacks": WHOLE,
                "journal": WHOLE,
            },
            about="A sandbox, and how much it holds.",
        ),
        "Sandboxes": record(
            {"sandboxes": listed(ref("Sandbox")), "elsewhere": listed(ref("SandboxElsewhere"))},
            ["sandboxes"],
            about="The sandboxes of a server. elsewhere: with --store, those that other servers had some seconds ago.",
        ),
        "SandboxElsewhere": record(
            {"id": TEXT, "applicationId": TEXT_OR_NONE, "owner": TEXT, "until": INSTANT},
            about="A sandbox that another server on the same store has, until this real instant or longer. owner: which"
            " server, or `no server` until one takes it over.",
        ),
        "Forgotten": record({"flows": WHOLE, "journal": WHOLE}, about="How much was forgotten to make room."),
    }


def _events() -> Json:
    return {
        "StatusChange": record({"at": INSTANT, **STATUS}, about="A message got a new status."),
        "FlowChange": record({"at": INSTANT, **FLOW}, about="A flow got a new status."),
        "Transition": one_of(("StatusChange", "FlowChange"), "A change of status."),
        "Attempt": record({"at": INSTANT, **ATTEMPT}, ["at", *NO_REWRITE], "One attempt to post a callback."),
        "Callback": record(
            CALLBACK | {"payload": ref("CallbackBody")},
            CALLBACK,
            "A callback: what it carries, and how its delivery stands.",
        ),
        "CallbackBody": one_of(("Flow", "OtpFlow", "InboundMessage", "AnsweredCall"), "The body of a callback."),
        "Happened": record(HAPPENED | {"clock": ref("Clock")}, about="What has happened."),
        "Moved": record(
            {"from": INSTANT, "to": INSTANT, "stopped": TEXT, "events": WHOLE, **HAPPENED, "clock": ref("Clock")},
            about="How far time has moved, why it stopped, and what has happened.",
        ),
    }


RULE: Json = {"rule": TEXT, "mark": words(Mark), "name": TEXT}
"""What is said of a rule wherever one is named."""


def _flows() -> Json:
    steps = ("AcceptedSmsStep", "AcceptedViberStep", "AcceptedTemplateStep", "AcceptedVoiceStep", "AcceptedOtpStep")
    return {
        "FlowDocument": one_of(("Flow", "OtpFlow"), "A flow, as its service shows it."),
        "FlowLine": record(LINE, about="A flow in a line."),
        "EchoedStep": one_of(steps, "A step as its send was answered."),
        "Why": record({"trackingId": TEXT, "status": ref("FlowStatus"), "why": listed(ref("Reason"))}),
        "Reason": record(
            {"at": INSTANT, "step": WHOLE, **RULE, "says": TEXT, "learnt": ref("Learnt")},
            ("at", "step", "says", *RULE),
            about="A change of a flow: what it was, its rule, where the rule comes from, and its name.",
        ),
        "Rules": record({"rules": listed(ref("Rule"))}),
        "Rule": record(
            {**RULE, "switch": maybe(ref("Switch")), "learnt": ref("Learnt")},
            (*RULE, "switch"),
            about="A rule that the mock follows, where it comes from, and the switch of a dialect that changes it.",
        ),
        "Switch": record(
            {"name": TEXT, "default": {}, "alternatives": listed(record({"value": {}, "rule": TEXT}))},
            about="A switch of a dialect, and what holds with its other values, or with some of them.",
        ),
        "Learnt": record(
            {"confirmed": WHOLE, "contradicted": WHOLE},
            about="How often a recording of a service agrees with a rule, and how often it differs. Only with --learnt,"
            " and where the recording has something about the rule.",
        ),
    }


def _journal() -> Json:
    made: Json = {}
    for kind, (fields, always) in ENTRIES.items():
        every = {"number": WHOLE, "at": INSTANT, "kind": exactly(kind)}
        made[f"{kind.capitalize()}Entry"] = record(every | fields, [*every, *always])
    kinds = {kind: f"{kind.capitalize()}Entry" for kind in NAMES}
    return {"Entry": by_kind("kind", kinds, "An entry of the journal.")} | made


def _store() -> Json:
    return {
        "Store": record(
            {
                "kind": words(("sqlite", "postgresql")),
                "place": TEXT,
                "sync": words(Sync),
                "trouble": TEXT_OR_NONE,
                "unkept": WHOLE,
                "commits": WHOLE,
                "lastCommit": INSTANT_OR_NONE,
                "sandboxes": listed(ref("KeptSandbox")),
            },
            about="How the store of a server stands. trouble: why nothing can be kept at the moment. unkept: commands"
            " and events that are not kept yet. commits, lastCommit: of this server, in real time.",
        ),
        "KeptSandbox": record(
            {"id": TEXT, "owner": TEXT, "seq": WHOLE, "sealed": WHOLE},
            ("id", "owner"),
            about="A sandbox in the store. owner: the server that has it; of another server's, no more is known here."
            " seq: the number of its last batch that is kept. sealed: of the last one in its seal; 0 without a seal.",
        ),
    }


def _others() -> Json:
    return {
        "Euro": {"description": "An amount in euro.", "anyOf": [NUMBER, exactly("unlimited")]},
        "Account": record({"balance": ref("Euro")}, about="The balance of the account."),
        "TokensGone": one_of(("Revoked", "Expired"), "How many tokens are invalid now."),
        "Revoked": record({"revoked": WHOLE}),
        "Expired": record({"expired": WHOLE}),
        "PlayedScenario": record(
            {
                "name": TEXT,
                "why": TEXT,
                "when": TEXT_OR_NONE,
                "priority": {"type": "integer"},
                "uses": WHOLE_OR_NONE,
                "used": WHOLE,
                "says": ref("Scenario"),
            },
            about="A scenario, and how often it has decided.",
        ),
        "Scenarios": record({"scenarios": listed(ref("PlayedScenario")), "problems": listed(TEXT)}),
        "Verdict": record(
            {"ok": YES_OR_NO, "expectations": listed(ref("Checked")), "clock": ref("Clock")},
            about="Whether everything that is expected has happened.",
        ),
        "Checked": record(
            {
                "ok": YES_OR_NO,
                "says": TEXT,
                "found": WHOLE,
                "matched": listed(ANY_OBJECT) | {"description": "The latest that match, if too many do."},
                "nearest": listed(ref("NearMiss")) | {"description": "Those that come nearest, if too few match."},
                "refused": listed(ref("RequestEntry")) | {"description": "The sends that were refused, newest first."},
            },
            ["ok", "says", "found"],
            "One expectation, checked.",
        ),
        "NearMiss": record(
            {"differs": TEXTS, "step": WHOLE},
            ["differs"],
            "What comes near: what it is, and how each field differs that is not as expected.",
        )
        | {"additionalProperties": True},
    }
