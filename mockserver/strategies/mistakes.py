"""Strategies for requests that are nearly right: one thing is wrong with each, and it says which error to expect."""

import json
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from mockserver.core.step import Strategy
from mockserver.strategies import invalid_values
from mockserver.strategies.fields import Rule, field_rules
from mockserver.strategies.flows import flows, transactional_flows
from mockserver.strategies.invalid_values import MISSING
from mockserver.strategies.rules import clash_rules
from mockserver.strategies.steps import sms_steps
from mockserver.wire.problems import nearest
from mockserver.wire.routee.blanks import blank
from mockserver.wire.routee.requests import DIAL_PLANS, MOST_STEPS

PATHS = {"failover": "/failover", "transactional": "/failover/transactional"}

LARGEST = 1_048_576
"""Bytes of a body at the most, unless a mock is told otherwise."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """A request with one thing wrong, and the error it gets.

    name: what is wrong, in words. path: where to POST it. content: the bytes to post; body: the JSON in them, None when
    they are none. headers: to send beside the bearer token. status: of the answer, code: in it; fields: the paths that
    are named in its `properties`, with nothing else, and says: a part of what is said there (of `developerMessage`
    where no field is named). strict: it takes a mock with `--strict` to refuse it.
    """

    name: str
    path: str
    content: bytes = field(repr=False)
    body: Any
    fields: tuple[str, ...]
    says: str
    status: int = 400
    code: str = "400000000"
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    strict: bool = False


def mistakes(*names: str, strict: bool = False) -> SearchStrategy[Mistake]:
    """Requests to POST /failover and POST /failover/transactional that are nearly right.

    names: the mistakes to make, of MISTAKES and STRICT_MISTAKES; by default any of MISTAKES. strict: those of
    STRICT_MISTAKES too. The error to expect is that of a mock as it is started by default, or for STRICT_MISTAKES with
    `--strict`. Raises ValueError for a name there is not.
    """
    for name in names:
        if name not in _ALL:
            raise ValueError(f"there is no mistake {name!r}{nearest(name, _ALL)}")
    chosen = names or (MISTAKES + STRICT_MISTAKES if strict else MISTAKES)
    return st.sampled_from(chosen).flatmap(_ALL.__getitem__)


# A step that is wrong

_RIGHT = {"failover": flows(max_steps=2), "transactional": transactional_flows(max_steps=2)}
_CALLED_BACK = flows(strategy="OnStep")


@st.composite
def _in_a_step(draw: DrawFn, rule: Rule) -> Mistake:
    """A flow in which one step breaks a rule."""
    body = draw(_RIGHT[rule.kind])
    place = draw(st.integers(0, len(body["flow"])))
    step = put(draw(rule.steps), rule.place, draw(rule.values))
    body["flow"].insert(place, step)
    wrong = f"flow[{place}]" + (f".{_spelled(rule.field, step)}" if rule.field else "")
    return _mistake(rule.name, body, (wrong,), rule.says, rule.kind, strict=rule.strict)


def put(thing: Any, place: str, value: Any) -> Any:
    """A copy of a JSON value with another value at a place, or (MISSING) none; objects on the way are made."""
    if not place:
        return deepcopy(value)
    thing = deepcopy(thing)
    *way, last = [int(part) if part.isdigit() else part for part in re.findall(r"\w+", _spelled(place, thing))]
    inner = thing
    for part in way:
        inner = inner[part] if isinstance(part, int) else inner.setdefault(part, {})
    if value is MISSING:
        inner.pop(last, None)
    else:
        inner[last] = deepcopy(value)
    return thing


def _spelled(place: str, step: Any) -> str:
    """A place, with the dial plan by the name it has in this step."""
    head, dot, rest = place.partition(".")
    if head != DIAL_PLANS[0] or not isinstance(step, dict):
        return place
    there = (name for name in DIAL_PLANS if isinstance(step.get(name), dict) or not blank(step.get(name)))
    return next(there, head) + dot + rest


# What is around the steps


def _around() -> Iterator[tuple[str, SearchStrategy[Mistake]]]:
    """What can be wrong with a body outside of its steps."""
    tables: Mapping[str, invalid_values.Spoils] = {
        "callback": invalid_values.thing(),
        "callback.strategy": invalid_values.choice(*Strategy, any_case=True),
        "callback.url": invalid_values.required(invalid_values.url(2_000)),
        "restrictions": invalid_values.own(),
        "flow": invalid_values.required(invalid_values.array(), invalid_values.NOTHING),
    }
    for place, ways in tables.items():
        for each in ways:
            yield _in_a_body(f"{place} {each.what}", place, each.values, each.says)
    yield _in_a_body("flow is empty", "flow", st.builds(list), "must hold at least one step")
    many = st.builds(lambda step, more: [dict(step) for _ in range(MOST_STEPS + more)], sms_steps(), st.integers(1, 10))
    yield _in_a_body("flow has too many steps", "flow", many, f"must hold at most {MOST_STEPS} steps; it holds ")


def _in_a_body(name: str, place: str, values: SearchStrategy[Any], says: str) -> tuple[str, SearchStrategy[Mistake]]:
    return name, st.builds(
        lambda body, value: _mistake(name, put(body, place, value), (place,), says), _CALLED_BACK, values
    )


# What is no request


def _no_requests() -> Iterator[tuple[str, SearchStrategy[Mistake]]]:
    """What can be wrong before anything is looked at in a body."""
    right = flows().map(_bytes)
    empty, text = st.sampled_from([b"", b" ", b"\r\n"]), {"Content-Type": "text/plain"}
    broken = right.map(lambda content: content[:-1]) | st.sampled_from([b"{", b"flow=Sms", b'{"flow": NaN}', b"\xff"])
    others = st.sampled_from([b"[]", b'"flow"', b"5", b"null", b"true"])
    padded = right.map(lambda content: content + b" " * LARGEST)
    yield _raw("body is empty", empty, "The body is empty")
    yield _raw("body is no JSON", broken, "The body is not JSON")
    yield _raw("body is no object", others, "The body must be a JSON object")
    yield _raw("body is too large", padded, f"larger than {LARGEST} bytes", status=413, code="413000000")
    yield _raw("Content-Type is not JSON", right, "The Content-Type is text/plain", headers=text)


def _raw(name: str, contents: SearchStrategy[bytes], says: str, **more: Any) -> tuple[str, SearchStrategy[Mistake]]:
    return name, contents.map(lambda content: Mistake(name, PATHS["failover"], content, None, (), says, **more))


def _mistake(name: str, body: Any, fields: tuple[str, ...], says: str, kind: str = "failover", **more: Any) -> Mistake:
    return Mistake(name, PATHS[kind], _bytes(body), body, fields, says, **more)


def _bytes(body: Any) -> bytes:
    return json.dumps(body).encode()


_RULES = (*field_rules(), *clash_rules())
_OTHERS = dict([*_around(), *_no_requests()])

MISTAKES = (*(rule.name for rule in _RULES if not rule.strict), *_OTHERS)
"""The name of every mistake that any mock refuses."""

STRICT_MISTAKES = tuple(rule.name for rule in _RULES if rule.strict)
"""The name of every mistake that only a mock with `--strict` refuses."""

_ALL = {rule.name: _in_a_step(rule) for rule in _RULES} | _OTHERS
