"""What would become of a send: what is wrong with it, or what its steps would hear. All of it is ours (choice)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from mockserver.core.channels import RULES
from mockserver.core.commands import SendFlow
from mockserver.core.cost import MONEY
from mockserver.core.engine import Engine
from mockserver.core.faults import Endpoint
from mockserver.core.outcome import Moment
from mockserver.core.scenario import Scenario
from mockserver.core.selection import Selection
from mockserver.core.step import FlowKind, Step
from mockserver.wire import Json, errors
from mockserver.wire.control.listing import places
from mockserver.wire.control.progress import sized
from mockserver.wire.errors import Refusal
from mockserver.wire.problems import Wrong, nearest, read_object

EXAMPLE = 'send {"send": the body of POST /failover}, and if need be "scenario": one to play too, "kind": "failover"'

FIELDS = ("send", "scenario", "kind")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be foreseen. send: the body of a send, as JSON. scenario: one that would be played too, as JSON."""

    send: bytes
    scenario: bytes | None
    kind: FlowKind


def read_asked(body: bytes) -> Asked:
    """What a POST /_mock/check asks. Raises Refusal, which names every wrong field."""
    data, wrong = read_object(body, EXAMPLE), Wrong()
    wrong.unknown(sorted(data.keys() - set(FIELDS)), FIELDS)
    kind = data.get("kind") or FlowKind.FAILOVER
    if "send" not in data:
        wrong["send"] = "is required: the body of POST /failover"
    if kind not in list(FlowKind):
        wrong["kind"] = f"must be one of {', '.join(FlowKind)}{nearest(kind, FlowKind)}"
    if data.get("scenario") is not None and not isinstance(data["scenario"], dict):
        wrong["scenario"] = "must be an object: {sms: failed}, say"
    written = {name: _written(data[name], name, wrong) for name in ("send", "scenario") if data.get(name) is not None}
    if wrong:
        raise errors.malformed(f"There is nothing to check; {EXAMPLE}.", wrong)
    return Asked(written.get("send", b"null"), written.get("scenario"), FlowKind(kind))


def _written(data: Any, name: str, wrong: Wrong) -> bytes:
    try:
        return orjson.dumps(data)
    except TypeError:
        wrong[name] = "is nested too deep"
        return b""


def refused(refusal: Refusal) -> Json:
    """The answer for a send that would be refused: why, and every wrong field with its place."""
    error, wrong = refusal.explain()
    return {"ok": False, "error": error, "wrong": dict(wrong), "places": places(wrong), "steps": [], **NO_FAULTS}


NO_FAULTS: Json = {"api": None, "callbacks": None}


def foreseen(engine: Engine, command: SendFlow, scenario: Scenario | None, *, transcode: bool) -> Json:
    """The answer for a valid send: what each step would hear if it began now, and why."""
    chosen = engine.selection if scenario is None else engine.selection.joined_by(scenario)
    number = engine.store.accepted + 1
    steps = [_step(chosen, step, index, number, transcode) for index, step in enumerate(command.steps)]
    return {"ok": True, "error": None, "wrong": {}, "places": [], "steps": steps, **_faults(chosen, command, number)}


def _faults(chosen: Selection, command: SendFlow, number: int) -> Json:
    """The scenarios that make something go wrong with the answer, and with the callbacks."""
    troubled = chosen.trouble(Endpoint.SEND, command.steps, number)
    spoiled = chosen.scenarios.disturbing(command.steps, number, lambda each: each.callbacks)
    return {
        "api": None if troubled is None else {"scenario": troubled.name, "says": str(troubled.api)},
        "callbacks": None if spoiled is None or command.callback is None else {"scenario": spoiled.name},
    }


def _step(chosen: Selection, step: Step, index: int, number: int, transcode: bool) -> Json:
    choice = chosen.outcome(step, index, number)
    return {
        "step": index + 1,
        "channel": str(step.channel),
        "to": step.to,
        "size": sized(step, transcode=transcode) if RULES[step.channel].in_parts else None,
        "price": step.price * step.parts / MONEY,
        "outcome": choice.outcome.name,
        "why": choice.why,
        "scenario": choice.scenario,
        "hears": list(_moments(choice.outcome.moments)),
    }


def _moments(moments: tuple[Moment, ...]) -> Iterator[Json]:
    """Each status, its reason, and the seconds after the status before it, or after the ttl if it is late."""
    for each in moments:
        seconds = [each.low / 1_000, each.high / 1_000]
        yield {"status": each.status, "reason": each.reason, "after": seconds, "late": each.late}
