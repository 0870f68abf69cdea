"""The story of a flow: what was planned for it, what was sent, what was done since, and what it heard.

It is read from the entries of the journal about the flow, and from what is still due for it. So it is the same whoever
did something: the page, a test, or curl. A story can be told in several ways (`tellings`): some are easy to read, and
true only for some flows; the last one gives every instant. Ours (choice).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson

from mockserver.core.channels import Channel
from mockserver.core.dialect import DEFAULT, Dialect
from mockserver.core.engine import Engine
from mockserver.core.facts import InboundReceived, ReportIgnored, StatusChanged, StepBegun, StepHeld
from mockserver.core.flow import Flow
from mockserver.core.journal import Entry
from mockserver.core.outcome import Cause
from mockserver.core.step import FlowKind
from mockserver.wire import Json

# What can be done


@dataclass(frozen=True, slots=True)
class Advance:
    """Time moves by so many milliseconds."""

    by: int


@dataclass(frozen=True, slots=True)
class ToTtl:
    """Time moves to a millisecond before the ttl of the running step ends, or after it."""

    edge: str


@dataclass(frozen=True, slots=True)
class Next:
    """Time moves to the next event."""


@dataclass(frozen=True, slots=True)
class UntilFinal:
    """Time moves until the flow has ended."""


@dataclass(frozen=True, slots=True)
class UntilIdle:
    """Time moves until nothing is due."""


@dataclass(frozen=True, slots=True)
class Push:
    """A status is pushed. step: from 1."""

    status: str
    step: int
    reason: str | None


@dataclass(frozen=True, slots=True)
class Hold:
    """A step, from 1, is taken over by hand."""

    step: int


@dataclass(frozen=True, slots=True)
class Reply:
    """The recipient of a step, from 1, answers it."""

    message: str
    step: int
    media: str | None
    filename: str | None


Deed = Advance | ToTtl | Next | UntilFinal | UntilIdle | Push | Hold | Reply

Plan = tuple[tuple[Channel, Any], ...]
"""For each step that began, in order: its channel, and what was planned, in the words of scenarios."""


@dataclass(frozen=True, slots=True)
class Story:
    """What happened to a flow.

    body: the fields of the send besides its callback. strategy: of its callback; None without one. to: the recipient of
    all its steps; None if they differ. heard: the statuses, in order, such as "Viber EXPIRED". dialect: under which it
    was. exact: whether it was tried, and leads to the same.
    """

    kind: FlowKind
    body: Json
    strategy: str | None
    to: str | None
    plan: Plan
    deeds: tuple[Deed, ...]
    heard: tuple[str, ...]
    status: str
    termination: Channel | None
    dialect: Dialect = DEFAULT
    exact: bool = True


def tellings(engine: Engine, flow: Flow, entries: Sequence[Entry], now: int) -> Iterator[Story]:
    """The ways to tell the story of a flow, the plainest first; the last one gives every instant. now: the instant."""
    named, timed = _named(entries), _timed(engine, flow, entries)
    done, last = _done(engine, flow, entries)
    story = Story(
        kind=flow.kind,
        body=_body(flow),
        strategy=None if flow.callback is None else str(flow.callback.strategy),
        to=flow.steps[0].to if len({step.to for step in flow.steps}) == 1 else None,
        plan=named,
        deeds=done,
        heard=tuple(f"{each.channel} {each.status}" for _, each in _changes(entries)),
        status=str(flow.status),
        termination=flow.termination,
        dialect=engine.behaviour.dialect,
    )
    ends: list[tuple[Deed, ...]] = [(), (UntilFinal(),), (UntilIdle(),), *_ends(flow, entries, last, now)]
    for plan in (named, timed):
        for end in ends:
            yield replace(story, plan=plan, deeds=(*done, *end))


def _body(flow: Flow) -> Json:
    steps: list[Json] = [orjson.loads(step.asked) for step in flow.steps]
    return {"flow": steps} | ({} if flow.restrictions is None else {"restrictions": orjson.loads(flow.restrictions)})


def _changes(entries: Sequence[Entry]) -> list[tuple[int, StatusChanged]]:
    return [(entry.at, entry.fact) for entry in entries if isinstance(entry.fact, StatusChanged)]


# What was planned


def _begun(entries: Sequence[Entry]) -> list[tuple[int, StepBegun]]:
    return [(entry.at, entry.fact) for entry in entries if isinstance(entry.fact, StepBegun)]


def _named(entries: Sequence[Entry]) -> Plan:
    """The outcomes by their names."""
    return tuple((fact.channel, fact.outcome) for _, fact in _begun(entries))


def _timed(engine: Engine, flow: Flow, entries: Sequence[Entry]) -> Plan:
    """The outcomes as timelines: what the messages heard by their own timelines, or could not hear, or will hear."""
    return tuple(
        (fact.channel, _timeline(engine, flow, entries, at, fact) or fact.outcome) for at, fact in _begun(entries)
    )


def _timeline(engine: Engine, flow: Flow, entries: Sequence[Entry], begun: int, step: StepBegun) -> list[Json]:
    said: list[tuple[int, str, str | None]] = [
        (at, each.status, each.reason)
        for at, each in _changes(entries)
        if each.step == step.step and each.cause is Cause.REPORT
    ]
    said += [
        (entry.at, entry.fact.status, None)
        for entry in entries
        if isinstance(entry.fact, ReportIgnored) and entry.fact.step == step.step
    ]
    said += [(at, due.status, due.reason) for at, due in engine.planned(flow.id) if due.step == step.step]
    return [
        {"at": spelled(at - begun), "status": status} | ({} if reason is None else {"reason": reason})
        for at, status, reason in sorted(said, key=lambda each: each[0])
    ]


# What was done


def _done(engine: Engine, flow: Flow, entries: Sequence[Entry]) -> tuple[tuple[Deed, ...], int]:
    """Everything done to the messages of a flow, with the moves of the clock before it; and the instant of the last."""
    deeds: list[Deed] = []
    now = flow.created
    for entry in entries:
        deed = _deed(engine, entry)
        if deed is not None:
            deeds += [*_moves(flow, now, entry.at), deed]
            now = entry.at
    return tuple(deeds), now


def _deed(engine: Engine, entry: Entry) -> Deed | None:
    fact = entry.fact
    if isinstance(fact, StatusChanged) and fact.cause is Cause.PUSHED:
        return Push(fact.status, fact.step + 1, fact.reason)
    if isinstance(fact, StepHeld):
        return Hold(fact.step + 1)
    if isinstance(fact, InboundReceived):
        delivery = engine.deliveries.get(fact.callback)
        said = None if delivery is None or delivery.inbound is None else delivery.inbound[0]
        media, filename = (None, None) if said is None else (said.media, said.filename)
        return Reply(fact.text, fact.step + 1, media, filename)
    return None


def _moves(flow: Flow, since: int, to: int) -> tuple[Deed, ...]:
    """The move from one instant to another: to the edge of a ttl if that is where it leads, otherwise by its length."""
    if to == since:
        return ()
    for step, message in zip(flow.steps, flow.messages, strict=False):
        ends = None if step.ttl is None else message.created + step.ttl
        if ends is not None and message.created <= since and to in (ends - 1, ends + 1):
            return (ToTtl("before" if to < ends else "after"),)
    return (Advance(to - since),)


def _ends(flow: Flow, entries: Sequence[Entry], last: int, now: int) -> Iterator[tuple[Deed, ...]]:
    """The moves at the end: to where the flow heard its last status or to now, at once or event by event."""
    end = max([last, *(entry.at for entry in entries)]) if flow.final else now
    yield _moves(flow, last, end) or (Advance(0),)
    again = [at for at, _ in _changes(entries) if at == end and at >= last]
    before = _moves(flow, last, end - 1) if end > last else ()
    yield (*before, *(Next() for _ in again))


def spelled(milliseconds: int) -> str:
    """A duration as people write it: 10m, 1h30m, 1.5s, 250ms."""
    if 0 < milliseconds < 1_000:
        return f"{milliseconds}ms"
    minutes, rest = divmod(milliseconds, 60_000)
    parts = ((minutes // 1_440, "d"), (minutes // 60 % 24, "h"), (minutes % 60, "m"))
    whole = "".join(f"{number}{unit}" for number, unit in parts if number)
    seconds = f"{rest // 1_000}.{rest % 1_000:03}".rstrip("0").rstrip(".")
    return f"{whole}{seconds}s" if rest or not whole else whole
