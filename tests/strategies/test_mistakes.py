"""Mistakes: each gets exactly the error it promises, and there is one for every rule a body can break."""

import json
import re
from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import annotated_types as at
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from mockserver.core.step import FlowKind
from mockserver.strategies import MISTAKES, STRICT_MISTAKES, Mistake, mistakes
from mockserver.wire.errors import Refusal
from mockserver.wire.routee.models.send import CallbackModel
from mockserver.wire.routee.models.sms import SmsStep
from mockserver.wire.routee.models.viber import TemplateStep, ViberStep
from mockserver.wire.routee.models.voice import VoiceStep
from mockserver.wire.routee.requests import read_send
from tests.http.mocks import Mock, mocking
from tests.strategies.drawing import all_drawn

QUICK = settings(max_examples=4, deadline=None, database=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def mocks() -> Iterator[dict[bool, Mock]]:
    """A mock as it is started by default, and a strict one."""
    with mocking() as usual, mocking(strict_fields=True) as strict:
        yield {False: usual, True: strict}


def answered(mock: Mock, mistake: Mistake) -> tuple[int, Any]:
    answer = mock.client.post(mistake.path, content=mistake.content, headers=dict(mistake.headers))
    return answer.status_code, answer.json()


@pytest.mark.parametrize("name", [*MISTAKES, *STRICT_MISTAKES])
@given(data=st.data())
@QUICK
def test_a_mistake_gets_the_error_it_promises_and_no_other(
    name: str, mocks: dict[bool, Mock], data: st.DataObject
) -> None:
    mistake = data.draw(mistakes(name))
    assert (mistake.name, mistake.strict) == (name, name in STRICT_MISTAKES)
    assert mistake.body is None or json.loads(mistake.content) == mistake.body
    status, said = answered(mocks[mistake.strict], mistake)
    assert (status, said["code"]) == (mistake.status, mistake.code)
    assert tuple(said.get("properties", {})) == mistake.fields
    assert mistake.says in (said["properties"][mistake.fields[0]] if mistake.fields else said["developerMessage"])
    if mistake.strict:
        assert answered(mocks[False], mistake)[0] == 200


def some(strategy: st.SearchStrategy[Mistake], count: int = 1) -> list[Mistake]:
    """So many examples, drawn as a test would be given them."""
    examples: list[Mistake] = []

    @settings(QUICK, max_examples=count, derandomize=True, phases=[Phase.generate])
    @given(strategy)
    def draw(mistake: Mistake) -> None:
        examples.append(mistake)

    draw()
    return examples


def test_every_mistake_has_a_name_of_its_own() -> None:
    assert len(set(MISTAKES + STRICT_MISTAKES)) == len(MISTAKES) + len(STRICT_MISTAKES)


def test_those_a_strict_mock_alone_refuses_are_drawn_when_they_are_asked_for() -> None:
    usual, two = some(mistakes(), 50), ("body is empty", "flow is empty")
    assert len({mistake.name for mistake in usual}) > 5
    assert {mistake.strict for mistake in usual} == {False}
    either = {str(False), str(True)}
    assert all_drawn(mistakes(strict=True), lambda mistake: {str(mistake.strict)}, either) == either
    assert all_drawn(mistakes(*two), lambda mistake: {mistake.name}, two) == set(two)


def test_a_mistake_there_is_not_is_refused_with_the_nearest() -> None:
    with pytest.raises(ValueError, match=r"no mistake 'Sms ttl is to large'; did you mean Sms ttl is too large\?"):
        mistakes("Sms ttl is to large")


# There is a mistake for every rule


KINDS: dict[Any, str] = {str: "must be a text", bool: "must be true or false", int: "must be a whole number",
                         float: "must be a number", dict: "must be an object", list: "must be an array"}  # fmt: skip


def rules(model: type[BaseModel], head: str = "") -> Iterator[tuple[str, str]]:
    """Every (path, part of what is said) that a model can complain of, read from the model itself."""
    for name, field in model.model_fields.items():
        path = f"{head}{field.alias or name}"
        if field.is_required():
            yield path, "is required"
        for mark in field.metadata:
            yield from bounds(path, mark, "entries" if get_origin(field.annotation) is list else "characters")
        yield from of_type(path, field.annotation)


def bounds(path: str, mark: Any, things: str = "characters") -> Iterator[tuple[str, str]]:
    if isinstance(mark, at.MaxLen):
        yield path, f"must have at most {mark.max_length} {things}"
    if isinstance(mark, at.Ge):
        yield path, f"must be at least {mark.ge}"
    if isinstance(mark, at.Gt):
        yield path, f"must be more than {mark.gt}"
    if isinstance(mark, at.Le):
        yield path, f"must be at most {mark.le}"
    for part in getattr(mark, "metadata", ()):
        yield from bounds(path, part, things)


def of_type(path: str, kind: Any) -> Iterator[tuple[str, str]]:
    origin, parts = get_origin(kind), get_args(kind)
    if origin is Annotated:
        for mark in parts[1:]:
            yield from bounds(path, mark)
        yield from of_type(path, parts[0])
    elif origin in (Union, UnionType):
        for part in parts:
            yield from of_type(path, part)
    elif origin is Literal:
        if path.rpartition(".")[2] != "type":
            yield path, f"must be one of {', '.join(parts)}"
    elif origin is list:
        yield path, KINDS[list]
        yield from of_type(f"{path}[0]", parts[0])
    elif isinstance(kind, type) and issubclass(kind, BaseModel):
        yield path, "must be an object"
        yield from rules(kind, f"{path}.")
    elif origin is dict or kind in KINDS:
        yield path, KINDS[origin or kind]


def test_the_models_are_read_whole() -> None:
    told = set(rules(SmsStep))
    assert ("ttl", "must be at most 1440") in told
    assert ("message.label", "must have at most 350 characters") in told
    assert ("message.urlShortener.urlValidity", "must be at least 3600") in told
    assert ("failoverOnStatuses[0]", "must be a text") in told
    assert ("dialPlan.verbs[0].message.gender", "must be one of male, female") in set(rules(VoiceStep))


@pytest.mark.parametrize(
    ("model", "prefix"),
    [
        (SmsStep, "Sms "),
        (ViberStep, "Viber "),
        (VoiceStep, "Voice "),
        (TemplateStep, "Viber template "),
        (CallbackModel, "callback"),
    ],
)
def test_there_is_a_mistake_for_every_rule_of_the_models(model: type[BaseModel], prefix: str) -> None:
    mistaken = [each for name in MISTAKES if name.startswith((prefix, "step type")) for each in some(mistakes(name))]
    said = {problem for mistake in mistaken for problem in refused(mistake)}
    for place, words in rules(model):
        assert any(place == there and words in text for there, text in said), (place, words)


def refused(mistake: Mistake) -> Iterator[tuple[str, str]]:
    """What is said of each field, by its path in the step or the callback, the dial plan under its first name."""
    with pytest.raises(Refusal) as caught:
        read_send(mistake.content, "app", kind=FlowKind(mistake.path.split("/")[-1]))
    for place, text in caught.value.body["properties"].items():
        inside = place.partition("].")[2] if place.startswith("flow[") else place.removeprefix("callback.")
        yield re.sub("^dial[pP]lans?", "dialPlan", inside), text
