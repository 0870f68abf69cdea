"""What a test expects of a sandbox, how many matches there are, and the nearest misses.

Each kind of expectation names the things it searches, and has a table of fields. A field has a way to read it from a
thing, a test whether it matches, and words for the difference. A thing without differences matches; those with the
fewest differences are the nearest misses. All of it is ours (choice).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from heapq import nsmallest
from typing import Any, NamedTuple

from mockserver.core.deliveries import Delivery, DeliveryState
from mockserver.core.facts import CallbackAttempted, RequestAnswered, StatusChanged
from mockserver.core.flow import Flow
from mockserver.core.journal import Entry
from mockserver.core.step import Step
from mockserver.wire import Json
from mockserver.wire.control import journal, views
from mockserver.wire.verify import matchers
from mockserver.wire.verify.matchers import Heard

NEAREST = 3
"""The most near misses in an answer; also the most things found beyond the expected number, and refused sends."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many matches are expected, from `least` to `most`; None means no bound."""

    least: int | None = 1
    most: int | None = None

    def __contains__(self, number: int) -> bool:
        return (self.least is None or number >= self.least) and (self.most is None or number <= self.most)

    def __str__(self) -> str:
        if self.least == self.most:
            return str(self.least)
        if self.least is None or self.most is None:
            return f"at most {self.most}" if self.least is None else f"at least {self.least}"
        return f"{self.least} to {self.most}"


@dataclass(frozen=True)
class Snapshot:
    """The contents of a sandbox at one moment, to be searched. forgotten: how many journal entries were forgotten."""

    flows: Sequence[Flow]
    deliveries: Sequence[Delivery]
    entries: Sequence[Entry]
    forgotten: int = 0

    @cached_property
    def requests(self) -> list[Entry]:
        """The requests to the mocked API."""
        return [entry for entry in self.entries if isinstance(entry.fact, RequestAnswered)]

    @cached_property
    def refused(self) -> list[Entry]:
        """The sends that were refused, newest first."""
        return [entry for entry in reversed(self.requests) if _is_refused_send(entry)]

    @cached_property
    def heard(self) -> Mapping[str, list[str]]:
        """The statuses that each flow got, in the order of the journal."""
        heard: dict[str, list[str]] = {}
        for entry in self.entries:
            if isinstance(entry.fact, StatusChanged):
                heard.setdefault(entry.fact.flow, []).append(f"{entry.fact.channel} {entry.fact.status}")
        return heard

    @cached_property
    def told(self) -> Mapping[int, str]:
        """For each callback, the change that it reports: what is new since the callback before it of the same flow."""
        told: dict[int, str] = {}
        before: dict[str, Flow] = {}
        for delivery in self.deliveries:
            flow = delivery.flow
            if delivery.copy_of is not None:
                told[delivery.number] = told.get(delivery.copy_of, "")
            elif delivery.tells_flow:
                known = dict(enumerate(before[flow.id].messages)) if flow.id in before else {}
                changed = [
                    f"{step.channel} {message.status}"
                    for index, (step, message) in enumerate(zip(flow.steps, flow.messages, strict=False))
                    if message.status is not None and message != known.get(index)
                ]
                told[delivery.number] = changed[-1] if changed else ""
                before[flow.id] = flow
        return told


def _is_refused_send(entry: Entry) -> bool:
    assert isinstance(entry.fact, RequestAnswered)  # noqa: S101 -- only called with requests
    request = entry.fact.request
    return request.method == "POST" and request.status >= 400 and request.path in SENDING


SENDING = frozenset({"/failover", "/failover/transactional", "/failover-otp/otp/send-failover"})

Reader = Callable[[Snapshot, Any], Any]


@dataclass(frozen=True, slots=True)
class Field:
    """How to read one field from a thing, how to tell whether it matches, and how to say that it does not."""

    read: Reader
    holds: Callable[[Any, Any], bool] = matchers.fits
    words: Callable[[Any, Any], str] = matchers.is_not


def _heard(record: Snapshot, flow: Flow) -> Heard:
    return Heard(tuple(record.heard.get(flow.id, ())), flow.final)


def _standing(_: Snapshot, delivery: Delivery) -> tuple[bool, str]:
    state = delivery.state
    last = delivery.attempts[-1].fact if delivery.attempts else None
    if not isinstance(last, CallbackAttempted) or last.taken:
        return state is DeliveryState.DELIVERED, f"is {state}"
    met = f"answered {last.answer.status}" if last.answer.status else f"not answered: {last.answer.error}"
    return False, f"is {state}: attempt {last.attempt} was {met}"


def _complaint(_: Snapshot, entry: Any) -> str:
    request = entry.fact.request
    return "; ".join([request.error or "", *(f"{path} {text}" for path, text in request.wrong)]).removeprefix("; ")


def _fits_told(pattern: str, told: str) -> bool:
    return matchers.fits_in_any_case(pattern, told if " " in pattern else told.rpartition(" ")[2])


STEP: Mapping[str, Field] = {
    "to": Field(lambda _, step: step.to, matchers.fits_number),
    "channel": Field(lambda _, step: str(step.channel), matchers.fits_in_any_case),
    "label": Field(lambda _, step: step.label),
    "text": Field(lambda _, step: step.text),
    "from": Field(lambda _, step: step.sender),
}
"""The fields of a step. One single step of a flow must match all of them that are expected."""

SENT: Mapping[str, Field] = {
    "trackingId": Field(lambda _, flow: flow.id),
    "applicationId": Field(lambda _, flow: flow.application),
    "kind": Field(lambda _, flow: flow.kind),
    "callbackUrl": Field(lambda _, flow: flow.callback.url if flow.callback else ""),
    "channels": Field(
        lambda _, flow: [str(step.channel) for step in flow.steps],
        lambda wanted, said: len(wanted) == len(said) and all(map(matchers.fits_in_any_case, wanted, said)),
        matchers.are_not,
    ),
    "status": Field(lambda _, flow: str(flow.status), matchers.fits_in_any_case),
    "statusCode": Field(lambda _, flow: flow.code or ""),
    "terminationChannel": Field(lambda _, flow: str(flow.termination or ""), matchers.fits_in_any_case),
    "heard": Field(_heard, matchers.in_order, matchers.breaks_off),
    "exactly": Field(_heard, matchers.exactly, matchers.strays),
}

POSTED: Mapping[str, Field] = {
    "trackingId": Field(lambda _, delivery: delivery.flow.id),
    "url": Field(lambda _, delivery: delivery.url),
    "status": Field(
        lambda _, delivery: str(delivery.flow.status) if delivery.tells_flow else "", matchers.fits_in_any_case
    ),
    "messageStatus": Field(lambda record, delivery: record.told.get(delivery.number, ""), _fits_told),
    "delivered": Field(_standing, lambda wanted, said: wanted is said[0], lambda _, said: said[1]),
    "attempts": Field(
        lambda _, delivery: len(delivery.attempts), lambda wanted, said: said in wanted, matchers.is_not_value
    ),
}

ASKED: Mapping[str, Field] = {
    "method": Field(lambda _, entry: entry.fact.request.method, matchers.fits_in_any_case),
    "path": Field(lambda _, entry: entry.fact.request.path),
    "status": Field(lambda _, entry: entry.fact.request.status, int.__eq__, matchers.is_not_value),
    "error": Field(_complaint, lambda wanted, said: wanted in said, matchers.holds_not),
}


@dataclass(frozen=True, slots=True)
class Subject:
    """A kind of thing that a test can expect.

    name: the fields that identify a near miss in an answer. told: the whole thing in an answer. identity: fields that
    identify the thing, and do not describe what it should be like.
    """

    noun: str
    things: Callable[[Snapshot], Sequence[Any]]
    fields: Mapping[str, Field]
    name: Callable[[Any], Json]
    told: Callable[[Any], Json]
    steps: Callable[[Any], Sequence[Step]] = lambda _: ()
    identity: frozenset[str] = frozenset()


WHICH = frozenset({"trackingId", "to", "label"})

SUBJECTS: Mapping[str, Subject] = {
    "sends": Subject(
        "send",
        lambda record: record.flows,
        SENT,
        lambda flow: {"trackingId": flow.id},
        views.flow_line,
        lambda flow: flow.steps,
    ),
    "flow": Subject(
        "flow",
        lambda record: record.flows,
        SENT,
        lambda flow: {"trackingId": flow.id},
        views.flow_line,
        lambda flow: flow.steps,
        WHICH,
    ),
    "callback": Subject(
        "callback",
        lambda record: record.deliveries,
        POSTED,
        lambda delivery: {"callback": delivery.number, "trackingId": delivery.flow.id},
        lambda delivery: {
            "callback": delivery.number,
            "trackingId": delivery.flow.id,
            "url": delivery.url,
            "state": str(delivery.state),
        },
        lambda delivery: delivery.flow.steps,
        WHICH | {"url", "status", "messageStatus"},
    ),
    "request": Subject(
        "request",
        lambda record: record.requests,
        ASKED,
        lambda entry: {"number": entry.number, "request": f"{entry.fact.request.method} {entry.fact.request.path}"},
        journal.entry_json,
        identity=frozenset({"method", "path"}),
    ),
}


class Mismatch(NamedTuple):
    """A field of a thing that does not match. distance: how far off it is, from 0 to 1."""

    name: str
    field: Field
    wanted: Any
    said: Any
    distance: float


class NearMiss(NamedTuple):
    """A thing that does not match. step: the index of its step that comes nearest, where that matters."""

    thing: Any
    lacks: Sequence[Mismatch]
    step: int | None
    rank: tuple[float, ...]

    @property
    def differs(self) -> Mapping[str, str]:
        """For each field that does not match, how it differs."""
        return {lack.name: lack.field.words(lack.wanted, lack.said) for lack in self.lacks}


@dataclass(frozen=True, slots=True)
class Expectation:
    """An expected number of things of one kind with these fields."""

    kind: Subject
    wanted: Mapping[str, Any]
    count: Count = Count()

    def things(self, record: Snapshot) -> Sequence[Any]:
        """All that can match, oldest first."""
        return self.kind.things(record)

    def wants_more(self, found: int) -> bool:
        """Whether so many matches are too few."""
        return self.count.least is not None and found < self.count.least

    def fits(self, record: Snapshot, thing: Any) -> bool:
        """Whether a thing matches."""
        whole = ((self.kind.fields[name], value) for name, value in self.wanted.items() if name in self.kind.fields)
        if not all(field.holds(value, field.read(record, thing)) for field, value in whole):
            return False
        single = [(STEP[name], value) for name, value in self.wanted.items() if name not in self.kind.fields]
        return not single or any(
            all(field.holds(value, field.read(record, step)) for field, value in single)
            for step in self.kind.steps(thing)
        )

    def miss(self, record: Snapshot, thing: Any, age: int) -> NearMiss:
        """How a thing does not match. age: how many newer ones there are."""
        steps = self.kind.steps(thing)
        by_step = [_compare(STEP, self.wanted, record, step) for step in steps]
        near = min(range(len(steps)), key=lambda index: _weight(by_step[index]), default=None)
        lacks = [*_compare(self.kind.fields, self.wanted, record, thing), *(by_step[near] if near is not None else ())]
        mistaken = sum(lack.name in self.kind.identity for lack in lacks)
        told = near if len(steps) > 1 and any(lack.name in STEP for lack in lacks) else None
        return NearMiss(thing, lacks, told, (mistaken, *_weight(lacks), age))


def _compare(fields: Mapping[str, Field], wanted: Mapping[str, Any], record: Snapshot, thing: Any) -> list[Mismatch]:
    return [
        Mismatch(name, field, value, said, matchers.distance(value, said))
        for name, value in wanted.items()
        if (field := fields.get(name)) and not field.holds(value, said := field.read(record, thing))
    ]


def _weight(lacks: Sequence[Mismatch]) -> tuple[int, float]:
    return len(lacks), sum(lack.distance for lack in lacks)


def nearest(misses: Iterable[NearMiss]) -> list[NearMiss]:
    """The nearest misses; of equally near ones, the newest first. If some have the identity, only those."""
    few = nsmallest(NEAREST, misses, key=lambda miss: miss.rank)
    return [miss for miss in few if miss.rank[0] == 0] or few


def tell(expectation: Expectation, record: Snapshot, found: Sequence[Any], misses: Sequence[NearMiss]) -> Json:
    """Whether an expectation holds, in words; if not, with the nearest misses, or with the latest of too many.

    found: what matches, oldest first. misses: the nearest; needed where too few match.
    """
    number, kind = len(found), expectation.kind
    if number in expectation.count:
        matching = f"{number or 'no'} {_noun(kind, number)} {'matches' if number < 2 else 'match'}"
        return {"ok": True, "says": f"{matching}, as expected", "found": number}
    document: Json = {"ok": False, "says": f"expected {_asked(expectation)}, found {number or 'none'}", "found": number}
    if expectation.count.most is not None and number > expectation.count.most:
        return document | {"matched": [kind.told(thing) for thing in found[: -NEAREST - 1 : -1]]}
    document["nearest"] = [_near(kind, miss) for miss in misses]
    refused = [] if kind.fields is not SENT or _is_there(kind, misses) else record.refused
    if refused:
        document["refused"] = [journal.entry_json(entry) for entry in refused[:NEAREST]]
    document["says"] = "; ".join([document["says"], *_hints(kind, record, misses, len(refused))])
    return document


def _is_there(kind: Subject, misses: Sequence[NearMiss]) -> bool:
    """Whether the thing that is meant exists, and only differs from what is expected."""
    return bool(kind.identity and misses) and misses[0].rank[0] == 0


def _near(kind: Subject, miss: NearMiss) -> Json:
    step = {} if miss.step is None else {"step": miss.step + 1}
    return kind.name(miss.thing) | step | {"differs": miss.differs}


def _hints(kind: Subject, record: Snapshot, misses: Sequence[NearMiss], refused: int) -> Iterator[str]:
    if misses:
        yield f"the nearest: {' and '.join(f'{name} {words}' for name, words in misses[0].differs.items())}"
    elif not kind.things(record):
        yield f"there is no {kind.noun} at all{_unasked(record) if kind.fields is POSTED else ''}"
    if refused:
        yield f"{refused} {'send was' if refused == 1 else 'sends were'} refused"
    if kind.fields in (SENT, ASKED) and record.forgotten:
        yield f"the oldest {record.forgotten} entries of the journal are forgotten"


def _unasked(record: Snapshot) -> str:
    """Why there is no callback, where the flows that were sent asked for none."""
    asked = any(flow.callback is not None for flow in record.flows)
    return ": no flow was sent with callback.url" if record.flows and not asked else ""


def _asked(expectation: Expectation) -> str:
    count, kind = expectation.count, expectation.kind
    fields = ", ".join(f"{name} {_quoted(value)}" for name, value in expectation.wanted.items())
    last = count.most if count.least is None or count.most is not None else count.least
    number = "no" if str(count) == "0" else str(count)
    return f"{number} {_noun(kind, last)}{' with ' if fields else ''}{fields}"


def _quoted(value: Any) -> str:
    if isinstance(value, str):
        return repr(value if len(value) <= matchers.LONGEST else f"{value[: matchers.LONGEST]}...")
    if isinstance(value, list):
        return f"[{', '.join(value)}]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _noun(kind: Subject, number: int | None) -> str:
    return kind.noun if number in (0, 1) else f"{kind.noun}s"
