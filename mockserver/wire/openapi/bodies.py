"""The schemas of what the control API takes: scenarios, expectations, sandboxes, moves of the clock."""

from collections.abc import Iterator, Mapping
from itertools import chain

from pydantic import BaseModel

from mockserver.core.channels import RULES, Channel
from mockserver.core.clock import RATES
from mockserver.core.commands import Mode
from mockserver.core.faults import ApiAnswer, Endpoint
from mockserver.wire import Json
from mockserver.wire.control.events import PUSHED, Inbound, Target
from mockserver.wire.control.sandboxes import SandboxModel
from mockserver.wire.control.views import EDGES, MOST_EURO
from mockserver.wire.instants import DURATION_EXAMPLES
from mockserver.wire.openapi.schemas import INSTANT, NOTHING, TEXT, exactly, maybe, one_of, record, ref, words
from mockserver.wire.openapi.shapes import hoisted, renamed, shapes
from mockserver.wire.scenario import language
from mockserver.wire.scenario.faults import STATUSES
from mockserver.wire.verify.request import LONGEST, MODELS, MOST

NAMES: Mapping[str, str] = {
    "SandboxModel": "NewSandbox",
    "DialectModel": "Dialect",
    "Sends": "SendMatch",
    "Target": "HeldMessage",
    "Which": "FlowMatch",
    "Callback": "CallbackMatch",
    "Request": "RequestMatch",
    "CallbacksModel": "CallbackFaults",
    "WhenModel": "When",
    "StepWording": "StepOutcomes",
}
"""What models are called here, where their own name says too little outside their file."""

PARTS: Mapping[str, str] = {
    "CallbackFaults.drop": "WhichCallbacks",
    "CallbackFaults.duplicate": "WhichCallbacks",
    "CallbackFaults.reorder": "WhichCallbacks",
    "CallbackFaults.delay": "Span",
    "CallbackMatch.attempts": "Count",
    **{f"{whole.__name__}.count": "Count" for whole, _ in MODELS.values() if "count" in whole.model_fields},
    "NewSandbox.clock": "ClockMode",
    "NewSandbox.tokenLife": "TokenLife",
    "NewSandbox.balance": "StartBalance",
    "When.channel": "Channel",
}
"""Parts of schemas that have a name of their own, apart from those of each channel."""

LIMIT: Json = {"type": "integer", "minimum": 1, "maximum": 1_000_000, "description": "At most this many events."}


def schemas() -> Json:
    """Every schema of a body, by its name."""
    models: tuple[type[BaseModel], ...] = (SandboxModel, *PUSHED, Target, Inbound, *chain(*MODELS.values()))
    made = shapes(models, NAMES) | _scenario()
    for place, name in chain(PARTS.items(), *map(_parts_of, Channel)):
        _name(made, place, name)
    for channel in Channel:
        made = hoisted(made, _inner(made, channel))
    return made | _requests()


def _scenario() -> Json:
    """The schemas of a scenario and its parts."""
    schema = language.schema()
    parts: Json = schema.pop("$defs")
    made = renamed(parts | {"Scenario": schema}, NAMES)
    del made["Scenario"]["$schema"]
    fault = next(each for each in made["Scenario"]["properties"]["api"]["anyOf"] if "properties" in each)
    asked = fault["properties"]
    asked["answer"] = maybe(ref("ApiAnswer")) | {"description": asked["answer"]["description"]}
    asked["endpoint"] = ref("Endpoints")
    made["Scenario"]["properties"]["api"] = maybe(ref("Api"))
    return made | {
        "ApiFault": fault,
        "ApiAnswer": {
            "description": "A status, or a word.",
            "anyOf": [
                {"type": "integer", "minimum": STATUSES[0], "maximum": STATUSES[1]},
                {"type": "string", "pattern": f"^([45][0-9]{{2}}|{'|'.join(ApiAnswer)})$"},
            ],
        },
        "Api": {
            "description": "The answer to requests, or what is wrong with them.",
            "anyOf": [ref("ApiAnswer"), ref("ApiFault")],
        },
        "Endpoints": {
            "description": "Which requests: one or several; by default, sends.",
            "anyOf": [ref("EndpointName"), {"type": "array", "minItems": 1, "items": ref("EndpointName")}],
        },
        "EndpointName": words(Endpoint),
    }


def _parts_of(channel: Channel) -> Iterator[tuple[str, str]]:
    """The named parts of what a scenario says of a channel."""
    yield f"Scenario.{channel.lower()}", f"{channel}Outcomes"
    yield f"StepOutcomes.{channel.lower()}", f"{channel}Outcomes"
    yield f"{channel}Outcome.outcome", f"{channel}OutcomeName"
    yield f"{channel}Outcome.after", "Span"
    yield f"{channel}Moment.at", "Delay"
    yield f"{channel}Moment.status", f"{channel}StatusName"
    if RULES[channel].reasons:
        yield f"{channel}Outcome.reason", f"{channel}ReasonName"
        yield f"{channel}Moment.reason", f"{channel}ReasonName"


def _name(schemas: Json, place: str, name: str) -> None:
    """Give a property's schema a name, and refer to it by that. place: of the property; null stays an option there."""
    owner, _, field = place.partition(".")
    fields = schemas[owner]["properties"]
    part = dict(fields[field])
    about = {key: part.pop(key) for key in ("description", "default") if key in part}
    kind, options = part.get("type"), part.get("anyOf", [])
    if isinstance(kind, list) and "null" in kind:
        part["type"] = [each for each in kind if each != "null"]
    others = [each for each in options if each != NOTHING]
    if options:
        part = others[0] if len(others) == 1 else {"anyOf": others}
    fields[field] = (maybe(ref(name)) if NOTHING in options or "null" in (kind or ()) else ref(name)) | about
    schemas.setdefault(name, part)


def _inner(schemas: Json, channel: Channel) -> Json:
    """Parts of what a scenario says of a channel that stand in several places."""
    turn = schemas[f"{channel}Sequence"]["properties"]["sequence"]["items"]
    weights = next(each for each in turn["oneOf"] if "propertyNames" in each)
    return {
        f"{channel}Turn": turn,
        f"{channel}Weights": weights,
        f"{channel}OutcomeName": schemas[f"{channel}OutcomeName"],
    }


def _requests() -> Json:
    return {
        "Duration": {"description": f"Such as {DURATION_EXAMPLES}.", "anyOf": [{"type": "number"}, TEXT]},
        "MoveBy": record({"by": ref("Duration"), "limit": LIMIT}, ["by"], "Time moves on by this much."),
        "MoveTo": record({"to": INSTANT, "limit": LIMIT}, ["to"], "Time moves on to this instant."),
        "MoveUntil": record(
            {"until": ref("Until"), "limit": LIMIT},
            ["until"],
            "Time moves on until the next event, until nothing is due, or until a flow is final.",
        ),
        "Until": {"anyOf": [words(["next", "idle"]), ref("UntilFinal"), ref("UntilTtl")]},
        "UntilTtl": record(
            {"ttl": TEXT | {"description": "The trackingId of a flow."}, "edge": words(EDGES)},
            about="A millisecond before the ttl of the running step ends, or after it.",
        ),
        "Push": one_of(
            [each.__name__ for each in PUSHED], "The status that a message gets now, or several in one instant."
        ),
        "UntilFinal": record({"final": TEXT | {"description": "The trackingId of a flow."}}),
        "Move": one_of(("MoveBy", "MoveTo", "MoveUntil"), "How far time moves."),
        "ClockMode": words(Mode, "How a clock moves: with real time, on request, or at once."),
        "ClockSetting": record(
            {"mode": ref("ClockMode"), "rate": {"type": "number", "minimum": RATES[0], "maximum": RATES[1]}},
            [],
            "How the clock moves from now on. rate: virtual seconds in a real one.",
        )
        | {"minProperties": 1},
        "NewBalance": record({"balance": ref("Amount")}, about="The new balance of the account."),
        "Amount": {
            "description": "An amount in euro.",
            "anyOf": [{"type": "number", "minimum": 0, "maximum": MOST_EURO}, exactly("unlimited")],
        },
        "Expectation": one_of([whole.__name__ for whole, _ in MODELS.values()], "Something that is expected."),
        "Verification": record(
            {
                "expect": {"type": "array", "items": ref("Expectation"), "minItems": 1, "maxItems": MOST},
                "within": ref("Duration") | {"description": f"Real time to wait for it, {LONGEST // 1_000} s at most."},
            },
            ["expect"],
            "What is expected.",
        ),
    }
