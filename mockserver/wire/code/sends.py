"""A send as its author could have written it: without the fields that say what goes without saying."""

from collections.abc import Iterator
from typing import Any

import orjson

from mockserver.core.commands import SendFlow
from mockserver.core.dialect import DEFAULT, Dialect
from mockserver.core.step import FlowKind
from mockserver.core.values import replace
from mockserver.wire import Json
from mockserver.wire.errors import Refusal
from mockserver.wire.services import read_send

MOST = 400
"""Fields of a send that are tried to be left out; one with more stays as it is."""

Place = tuple[str | int, ...]


def plain(body: Json, kind: FlowKind, dialect: Dialect = DEFAULT) -> Json:
    """The same send without the fields that can be left out: a dialect reads it as the same with and without them.

    Of a one-time password none can: what is not required is not filled in.
    """
    if kind is FlowKind.OTP:
        return body
    steps: list[Json] = body["flow"]
    if sum(1 for _ in _places(steps)) > MOST:
        return body
    if [step.get("order") for step in steps] == [*range(1, len(steps) + 1)]:
        steps = [_without(step, ("order",)) for step in steps]
    return body | {"flow": [_plain(step, kind, dialect) for step in steps]}


def _plain(step: Json, kind: FlowKind, dialect: Dialect) -> Json:
    wanted = _read(step, kind, dialect)
    for place in reversed([*_places(step)]):
        shorter = _without(step, place)
        if wanted is not None and _read(shorter, kind, dialect) == wanted:
            step = shorter
    return step


def _read(step: Json, kind: FlowKind, dialect: Dialect) -> Any:
    """What is read of a step, to be compared: its echo is the same in another order."""
    try:
        sent: SendFlow = read_send(orjson.dumps({"flow": [step]}), "test", kind=kind, dialect=dialect)
    except Refusal:
        return None
    return replace(sent, steps=tuple((replace(step, asked=b""), str(_sorted(step.asked))) for step in sent.steps))


def _sorted(asked: bytes) -> bytes:
    return orjson.dumps(orjson.loads(asked), option=orjson.OPT_SORT_KEYS)


def _places(data: Any, place: Place = ()) -> Iterator[Place]:
    """The places of the fields of objects, the outer before the inner."""
    items: Any = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for name, value in items:
        if isinstance(data, dict):
            yield (*place, name)
        yield from _places(value, (*place, name))


def _without(data: Any, place: Place) -> Any:
    """A copy without the field at a place; the same if it is not there any more."""
    name, *inner = place
    if isinstance(data, list):
        return [_without(each, tuple(inner)) if at == name else each for at, each in enumerate(data)]
    if not isinstance(data, dict) or name not in data:
        return data
    if not inner:
        return {key: value for key, value in data.items() if key != name}
    return data | {name: _without(data[name], tuple(inner))}
