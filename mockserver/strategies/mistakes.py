"""Strategies for requests that are nearly right: each has one mistake, and says which error to expect."""

import json
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from mockserver.core.step import FlowKind, Strategy
from mockserver.strategies import invalid_values
from mockserver.strategies.flows import flows, transactional_flows
from mockserver.strategies.invalid_values import MISSING
from mockserver.strategies.rule import Rule
from mockserver.strategies.rules import rules
from mockserver.strategies.sms import sms_steps
from mockserver.wire.problems import nearest
from mockserver.wire.routee.blanks import blank
from mockserver.wire.routee.channels import FORMS
from mockserver.wire.routee.limits import MOST_STEPS

PATHS = {FlowKind.FAILOVER: "/failover", FlowKind.TRANSACTIONAL: "/failover/transactional"}

LARGEST = 1_048_576
"""The most bytes of a body, by default."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """A request with one mistake, and the error it gets.

    name: in words, what is wrong. path: where to POST it. content: the bytes to post. body: the JSON in them; None if
    they are not JSON. headers: to send in addition to the bearer token. status: of the answer. code: in the answer.
    fields: exactly the paths in its `properties`. says: a part of the text there, or of `developerMessage` if there are
    no fields. strict: only a mock with `--strict-fields` refuses it.
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

    names: the mistakes to make, from MISTAKES and STRICT_MISTAKES; by default any of MISTAKES. strict: also those in
    STRICT_MISTAKES. The expected error is that of a mock with default settings, or for STRICT_MISTAKES with
    `--strict-fields`. Raises ValueError for an unknown name.
    """
    for name in names:
        if name not in _ALL:
            raise ValueError(f"there is no mistake {name!r}{nearest(name, _ALL)}")
    chosen = names or (MISTAKES + STRICT_MISTAKES if strict else MISTAKES)
    return st.sampled_from(chosen).flatmap(_ALL.__getitem__)


# Mistakes in a step

_SPELLINGS = {form.spellings[0]: form.spellings for form in FORMS[FlowKind.FAILOVER].values() if form.spellings}

_RIGHT = {FlowKind.FAILOVER: flows(max_steps=2), FlowKind.TRANSACTIONAL: transactional_flows(max_steps=2)}


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
    """A copy of a JSON value with another value at a place, or with none there (MISSING). Adds objects on the way."""
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
    """A place, where a field with several spellings has the spelling that this step uses."""
    head, dot, rest = place.partition(".")
    if head not in _SPELLINGS or not isinstance(step, dict):
        return place
    there = (name for name in _SPELLINGS[head] if isinstance(step.get(name), dict) or not blank(step.get(name)))
    return next(there, head) + dot + rest


# Mistakes around the steps


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
        lambda body, value: _mistake(name, put(body, place, value), (place,), says), flows(strategy="OnStep"), values
    )


# Mistakes in the whole body


def _no_requests() -> Iterator[tuple[str, SearchStrategy[Mistake]]]:
    """What can be wrong before the fields of a body are read."""
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
    return name, contents.map(lambda content: Mistake(name, PATHS[FlowKind.FAILOVER], content, None, (), says, **more))


def _mistake(
    name: str, body: Any, fields: tuple[str, ...], says: str, kind: FlowKind = FlowKind.FAILOVER, **more: Any
) -> Mistake:
    return Mistake(name, PATHS[kind], _bytes(body), body, fields, says, **more)


def _bytes(body: Any) -> bytes:
    return json.dumps(body).encode()


_RULES = tuple(rules())

MISTAKES = (*(rule.name for rule in _RULES if not rule.strict), *dict(_around()), *dict(_no_requests()))
"""The names of the mistakes that every mock refuses."""

STRICT_MISTAKES = tuple(rule.name for rule in _RULES if rule.strict)
"""The names of the mistakes that only a mock with `--strict-fields` refuses."""

_ALL = {rule.name: _in_a_step(rule) for rule in _RULES} | dict(_around()) | dict(_no_requests())
