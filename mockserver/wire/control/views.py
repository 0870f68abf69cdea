"""Requests to the control API and its answers: the clock and its moves, callbacks and their attempts, the balance.

All of it is ours (choice). Errors have Routee's shape.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

from mockserver.core.chance import flow_id
from mockserver.core.channels import Channel
from mockserver.core.clock import LAST, RATES, Until
from mockserver.core.commands import Mode, RevokeTokens, SetBalance, SetClock
from mockserver.core.cost import MONEY
from mockserver.core.deliveries import Delivery
from mockserver.core.facts import CallbackAttempted, FlowMoved, StatusChanged
from mockserver.core.flow import Flow, ttl_ends
from mockserver.core.values import replace
from mockserver.wire import Json, errors
from mockserver.wire.errors import Refusal
from mockserver.wire.instants import read_duration, read_instant, stamp
from mockserver.wire.problems import Wrong, clip, read_object

T = TypeVar("T")

ADVANCE = """send exactly one of {"by": 600 | "10m" | "PT10M"}, {"to": "2030-01-01T12:00:00Z"} \
or {"until": "next" | "idle" | {"final": "<trackingId>"} | {"ttl": "<trackingId>", "edge": "before" | "after"}}"""

EDGES: Mapping[Any, int] = {"before": -1, "after": 1}
"""The edges of a ttl, in milliseconds from the instant it ends."""

MOST_EURO = 10**9
"""The largest balance that can be set, in euro."""

LATEST = 3
"""The most flows that are named when another was asked for."""


def read_advance(body: bytes) -> Until:
    """The move in a POST /_mock/clock/advance. Raises Refusal, which names every wrong field."""
    data = read_object(body, ADVANCE)
    kinds = [key for key in ("by", "to", "until") if key in data]
    unknown = data.keys() - MOVES.keys()
    if len(kinds) != 1 or unknown:
        wrong = Wrong()
        wrong.unknown(sorted(unknown))
        wrong.note({} if unknown else dict.fromkeys(kinds, "only one of these"))
        raise errors.malformed(f"How far shall the clock move? Please {ADVANCE}.", wrong)
    until, wrong = Until(), Wrong()
    for key, value in data.items():
        try:
            until = MOVES[key](until, value)
        except ValueError as error:
            wrong[key] = str(error)
    if wrong:
        raise errors.malformed(f"The clock cannot move like that: {'; '.join(wrong.values())}.", wrong)
    return until


def aim(until: Until) -> str:
    """The field of a POST /_mock/clock/advance that a move was read from."""
    return "by" if until.by is not None else "to" if until.to is not None else "until"


def _read_until(until: Until, value: Any) -> Until:
    if value == "next":
        return replace(until, events=1)
    if value == "idle":
        return until
    if isinstance(value, dict) and value.keys() == {"final"} and isinstance(value["final"], str):
        return replace(until, flow=flow_id(value["final"]))
    if isinstance(value, dict) and value.keys() == {"ttl", "edge"} and value["edge"] in [*EDGES]:
        if not isinstance(value["ttl"], str):
            raise ValueError("ttl is the trackingId of a flow")
        return replace(until, ttl=flow_id(value["ttl"]), edge=EDGES[value["edge"]])
    raise ValueError(
        'until is "next", "idle", {"final": "<trackingId>"} or {"ttl": "<trackingId>", "edge": "before" | "after"}'
    )


def _read_limit(until: Until, value: Any) -> Until:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 1_000_000:
        raise ValueError("limit is a number of events, 1 to 1000000")
    return replace(until, limit=value)


MOVES: Mapping[str, Callable[[Until, Any], Until]] = {
    "by": lambda until, value: replace(until, by=read_duration(value)),
    "to": lambda until, value: replace(until, to=read_instant(value)),
    "until": _read_until,
    "limit": _read_limit,
}
"""For each field of a move, the function that adds it to the move. Raises ValueError, in words, for a wrong value."""


def read_clock(body: bytes) -> SetClock:
    """The mode and rate in a PUT /_mock/clock. Raises Refusal, which names every wrong field."""
    example = 'send {"mode": "realtime" | "manual" | "instant"}, {"rate": 60}, or both'
    data = read_object(body, example)
    wrong = Wrong()
    wrong.unknown(sorted(data.keys() - {"mode", "rate"}))
    mode, rate = data.get("mode"), data.get("rate")
    if "mode" in data and mode not in list(Mode):
        wrong["mode"] = "is one of realtime, manual, instant"
    if "rate" in data and not _is_rate(rate):
        wrong["rate"] = f"is how many virtual seconds pass in a real one: a number from {RATES[0]} to {RATES[1]}"
    if wrong or not data:
        raise errors.malformed(f"The clock cannot be set like that; {example}.", wrong)
    return SetClock(None if mode is None else Mode(mode), None if rate is None else float(rate))


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list a request asks for.

    flow: only what belongs to this flow, or to all (None). after, before: numbers that the list goes by, both left out.
    newest: whether the newest come first.
    """

    flow: str | None = None
    after: int = 0
    limit: int = 1_000
    before: int | None = None
    newest: bool = False


PAGING = "after and before (numbers in the list), order (asc or desc) and limit"
"""The parameters that every list takes, in words."""

ORDERS = ("asc", "desc")


def paging(query: Mapping[str, str], own: Sequence[str]) -> tuple[Page, Wrong]:
    """The part of a list that is asked for, and what is wrong with the parameters. own: the list's own parameters."""
    wrong, known = Wrong(), ("after", "before", "limit", "order")
    wrong.unknown(sorted(query.keys() - {*known, *own}), (*known, *own))
    numbers = {name: query[name] for name in known[:3] if name in query}
    for name, text in numbers.items():
        if not is_whole(text):
            wrong[name] = "must be a whole number of at most nine digits"
    if query.get("order", "asc") not in ORDERS:
        wrong["order"] = "is asc (oldest first) or desc (newest first)"
    whole = {name: int(text) for name, text in numbers.items() if is_whole(text)}
    flow = next((flow_id(query[name]) for name in ("trackingId", "flow") if name in own and name in query), None)
    return Page(flow, newest=query.get("order") == "desc", **whole), wrong


def read_page(query: Mapping[str, str], own: Sequence[str] = ()) -> Page:
    """The part of a list that is asked for. own: its other parameters. Raises Refusal naming every wrong parameter."""
    page, wrong = paging(query, ("trackingId", *own))
    if wrong:
        raise errors.malformed(f"Ask by trackingId, {PAGING}.", wrong)
    return page


def read_callbacks(query: Mapping[str, str]) -> tuple[Page, bool]:
    """The part of the callbacks that is asked for, and whether with their payloads. Raises Refusal."""
    page, wrong = paging(query, ("trackingId", "payload"))
    if query.get("payload", "true") not in ("true", "false"):
        wrong["payload"] = "is true or false"
    if wrong:
        raise errors.malformed(f"Ask by trackingId, {PAGING}, and with payload=false for less.", wrong)
    return page, query.get("payload", "true") == "true"


def chosen(items: Iterable[T], asked: Callable[[T], bool], limit: int) -> Iterator[T | None]:
    """The items that are asked for, so many at the most; None for each that is passed over."""
    for item in items:
        if limit <= 0:
            return
        found = asked(item)
        limit -= found
        yield item if found else None


def is_whole(text: str) -> bool:
    """Whether a parameter is a whole number: one to nine plain digits."""
    return text.isascii() and text.isdecimal() and len(text) <= 9


def _is_rate(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and RATES[0] <= value <= RATES[1]


def clock_document(now: int, mode: Mode, rate: float, pending: int, due: int | None) -> Json:
    """The clock as JSON: its instant, its mode and rate, how much is due, and the instant of the first thing due."""
    return {
        "now": stamp(now),
        "mode": str(mode),
        "rate": int(rate) if rate == int(rate) else rate,
        "pending": pending,
        "next": None if due is None or due > LAST else stamp(due),
    }


def transition(at: int, fact: StatusChanged | FlowMoved) -> Json:
    """One change of status, of a message or of its flow."""
    if isinstance(fact, StatusChanged):
        return {
            "at": stamp(at),
            "trackingId": fact.flow,
            "step": fact.step + 1,
            "channel": str(fact.channel),
            "messageId": fact.message,
            "status": fact.status,
            "reason": fact.reason,
            "cause": str(fact.cause),
            "late": fact.late,
        }
    return {
        "at": stamp(at),
        "trackingId": fact.flow,
        "flowStatus": str(fact.status),
        "statusCode": fact.code,
        "terminationChannel": _name(fact.termination),
    }


def attempt(at: int, fact: CallbackAttempted) -> Json:
    """The result of one attempt to post a callback. `tookMs` is real time, the instants are virtual.

    `url` is the one the caller gave. `postedTo` is there only if the callback went elsewhere (`--callback-rewrite`).
    """
    elsewhere = {} if fact.answer.posted_to is None else {"postedTo": fact.answer.posted_to}
    return {
        "callback": fact.callback,
        "trackingId": fact.flow,
        "url": fact.url,
        **elsewhere,
        "attempt": fact.attempt,
        "at": stamp(at),
        "delivered": fact.taken,
        "status": fact.answer.status,
        "error": fact.answer.error,
        "answer": fact.answer.body,
        "tookMs": fact.answer.took,
        "nextRetry": None if fact.retry is None else stamp(fact.retry),
    }


def callback_document(delivery: Delivery, payload: Mapping[str, Any] | None) -> Json:
    """One callback: what it carries (None to leave it out), every attempt made so far, and where it stands."""
    tried = [attempt(e.at, e.fact) for e in delivery.attempts if isinstance(e.fact, CallbackAttempted)]
    return {
        "callback": delivery.number,
        "trackingId": delivery.flow.id,
        "url": delivery.url,
        "state": str(delivery.state),
        "nextRetry": None if delivery.next is None else stamp(delivery.next),
        "faults": sorted(map(str, delivery.faults)),
        "copyOf": delivery.copy_of,
        "attempts": tried,
    } | ({} if payload is None else {"payload": payload})


def read_balance(body: bytes) -> SetBalance:
    """The balance in a PUT /_mock/balance. Raises Refusal."""
    example = 'send {"balance": 12.5} in euro, or {"balance": "unlimited"}'
    data = read_object(body, example)
    value = data.get("balance")
    if data.keys() == {"balance"} and value == "unlimited":
        return SetBalance(None)
    amount = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else -1.0
    if data.keys() != {"balance"} or not 0 <= amount <= MOST_EURO:
        wrong = {"balance": f'must be 0 to {MOST_EURO:,} euro, or "unlimited"'}
        raise errors.malformed(f"The balance cannot be set like that; {example}.", wrong)
    return SetBalance(round(amount * MONEY))


def read_switches(query: Mapping[str, str], names: Sequence[str], others: Sequence[str] = ()) -> Mapping[str, bool]:
    """Parameters that are true or false; false if not given. others: those that may stand beside them.

    Raises Refusal for another value, and for a parameter that is none of these: `?fial=true` must not pass for `false`.
    """
    wrong, known = Wrong(), (*names, *others)
    wrong.unknown(sorted(query.keys() - set(known)), known)
    for name in names:
        if query.get(name, "false") not in ("true", "false"):
            wrong[name] = "is true or false"
    if wrong:
        raise errors.malformed(f"The query takes {', '.join(known)}; {' and '.join(names)}: true or false.", wrong)
    return {name: query.get(name) == "true" for name in names}


def read_revocation(query: Mapping[str, str]) -> RevokeTokens:
    """Whose tokens a DELETE /_mock/tokens is about, and how they go. Raises Refusal naming every wrong parameter."""
    wrong = Wrong()
    wrong.unknown(sorted(query.keys() - {"applicationId", "expire"}))
    if query.get("expire", "false") not in ("true", "false"):
        wrong["expire"] = "is true or false"
    if wrong:
        raise errors.malformed("Tokens are revoked by applicationId, and with expire=true made to run out.", wrong)
    return RevokeTokens(query.get("applicationId"), query.get("expire") == "true")


def euro(balance: int | None) -> float | str:
    """A balance in euro, from ten-thousandths of it; the word unlimited for None."""
    return "unlimited" if balance is None else balance / MONEY


def unknown_flow(value: str, flows: Mapping[str, Flow], forgotten: int = 0, *, by: str = "trackingId") -> Refusal:
    """404 for a flow that the sandbox does not have. It says what was asked for, by `by`, and which flows there are."""
    latest = (flows[id_] for id_ in islice(reversed(flows.keys()), LATEST))  # type: ignore[call-overload]
    lines = [f"{flow.id} to {', '.join(dict.fromkeys(step.to for step in flow.steps))}" for flow in latest]
    number = "is one" if len(flows) == 1 else f"are {len(flows):,}, the latest of them"
    there = f"There {number}: {'; '.join(lines)}." if lines else "There is none at all: nothing was accepted here."
    return errors.unknown_flow(value, forgotten, f"There is no such flow: {by} {clip(value, 100)!r}. {there}")


def flow_line(flow: Flow) -> Json:
    """A flow in a list: its application, its recipients, and its status."""
    return {
        "flow": flow.number,
        "trackingId": flow.id,
        "applicationId": flow.application,
        "createdAt": stamp(flow.created),
        "to": list(dict.fromkeys(step.to for step in flow.steps)),
        "channels": [str(step.channel) for step in flow.steps],
        "heard": [message.status for message in flow.messages if message.status is not None],
        "status": str(flow.status),
        "statusCode": flow.code,
        "terminationChannel": _name(flow.termination),
        "ttlEnds": None if (ends := ttl_ends(flow)) is None else stamp(ends),
    }


def _name(channel: Channel | None) -> str | None:
    return None if channel is None else str(channel)
