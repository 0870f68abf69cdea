"""Every rule that a step can break: those of its channel, and those between channels."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from mockserver.core.channels import Channel
from mockserver.core.step import FlowKind
from mockserver.strategies import values
from mockserver.strategies.channels import DRAWN
from mockserver.strategies.invalid_values import BLANK
from mockserver.strategies.rule import Drawn, Rule
from mockserver.wire.routee.channels import FORMS, OWNERS, foreign
from mockserver.wire.routee.channels.viber import TEMPLATE_FIELDS

_EVERY = tuple({drawn.name: drawn for forms in DRAWN.values() for drawn in forms.values()}.values())

_ELSEWHERE: Mapping[str, SearchStrategy[Any]] = {
    name: held for drawn in _EVERY for name, held in drawn.elsewhere.items()
}


def rules() -> Iterator[Rule]:
    """All rules."""
    for drawn in _EVERY:
        yield from drawn.rules()
    yield from _foreign()
    yield from _no_steps()


def _foreign() -> Iterator[Rule]:
    """Fields of another channel, or of the other endpoint."""
    usual = DRAWN[FlowKind.FAILOVER]
    for channel, drawn in usual.items():
        yield from _holding(drawn.name, drawn, _foreign_to(FlowKind.FAILOVER, channel))
    for channel, drawn in DRAWN[FlowKind.TRANSACTIONAL].items():
        if drawn is usual[channel]:
            yield from _holding(f"{drawn.name} beside templates", drawn, TEMPLATE_FIELDS, FlowKind.TRANSACTIONAL)
        else:
            yield from _holding(drawn.name, drawn, _foreign_to(FlowKind.TRANSACTIONAL, channel), FlowKind.TRANSACTIONAL)


def _foreign_to(kind: FlowKind, channel: Channel) -> Iterator[str]:
    """The fields that do not belong in a step; fields of a message only if the step has a message."""
    others = (*OWNERS, *TEMPLATE_FIELDS, *(f"message.{name}" for name in TEMPLATE_FIELDS))
    looked_at = others if "message" in FORMS[kind][channel].owns else [path for path in others if "." not in path]
    return (path for path in looked_at if foreign(kind, channel, path))


def _holding(prefix: str, drawn: Drawn, paths: Iterable[str], kind: FlowKind = FlowKind.FAILOVER) -> Iterator[Rule]:
    steps = drawn.steps(None)
    for path in paths:
        value = _ELSEWHERE.get(path.removeprefix("message."), values.texts(10))
        yield Rule(f"{prefix} holds {path}", steps, path, value, path, "belongs to ", kind)


def _no_steps() -> Iterator[Rule]:
    """Values that are not a step, and steps without a known type."""
    usual, names = DRAWN[FlowKind.FAILOVER], ", ".join(Channel)
    odd: SearchStrategy[Any] = st.sampled_from(["Sms", 5, True, None]) | st.builds(list)
    yield Rule("step is no object", usual[Channel.SMS].steps(None), "", odd, "", "must be an object: a step")
    steps = st.one_of([drawn.steps(None) for drawn in usual.values()])
    yield Rule("step type is missing", steps, "type", BLANK, "type", f"is required: one of {names}")
    words = st.sampled_from(["Vibr", "Email", "Whatsapp", "Sms, Viber", 5, True])
    yield Rule("step type is unknown", steps, "type", words, "type", f"must be one of {names}")
