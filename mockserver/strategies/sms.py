"""Steps over Sms, and every way they can be wrong. The simplest one has no optional fields."""

from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from mockserver.core.channels import Channel
from mockserver.strategies import invalid_values, values
from mockserver.strategies.invalid_values import Spoils, required
from mockserver.strategies.rule import (
    Drawn,
    Rule,
    To,
    blank,
    common_fields,
    common_spoils,
    having,
    recipients,
    spoilt,
    unknown,
)
from mockserver.wire import Json
from mockserver.wire.routee.limits import MOST_BODY


def sms_steps(to: To = None) -> SearchStrategy[Json]:
    """Steps over Sms. to: their recipients, by default `numbers()`."""
    message = st.fixed_dictionaries(
        {"body": values.passages()},
        optional={
            "flash": st.booleans(),
            "label": values.texts(350),
            "transcode": st.booleans(),
            "urlShortener": _shorteners(),
        },
    )
    return st.fixed_dictionaries(
        {"type": values.in_any_case("Sms"), "to": recipients(to), "from": values.senders(), "message": message},
        optional=common_fields(Channel.SMS) | {"ttl": st.integers(1, 1_440), "urlShortener": _shorteners()},
    )


def _shorteners() -> SearchStrategy[Json]:
    return st.fixed_dictionaries({"urlValidity": st.integers(3_600, 2_592_000)})


def _spoils() -> dict[str, Spoils]:
    return {
        "to": required(invalid_values.number()),
        "from": required(invalid_values.sender()),
        **common_spoils(Channel.SMS),
        "ttl": invalid_values.whole(1, 1_440),
        "message": required(invalid_values.thing()),
        "message.body": required(invalid_values.long_text(MOST_BODY)),
        "message.flash": invalid_values.boolean(),
        "message.label": invalid_values.text(350),
        "message.transcode": invalid_values.boolean(),
        **_shortened("message.urlShortener"),
        **_shortened("urlShortener"),
    }


def _shortened(path: str) -> dict[str, Spoils]:
    return {path: invalid_values.thing(), f"{path}.urlValidity": invalid_values.whole(3_600, 2_592_000)}


def _rules() -> Iterator[Rule]:
    yield from spoilt("Sms", sms_steps(), _spoils())
    odd = st.builds(lambda seconds: {"validity": seconds}, st.integers(3_600, 7_200))
    for place in ("urlShortener", "message.urlShortener"):
        field = f"{place}.urlValidity"
        yield Rule(f"Sms {field} is missing", sms_steps(), place, odd, field, "is required")
    yield from unknown("Sms", sms_steps(), "", "message.")
    yield from unknown("Sms", having("urlShortener", _shorteners(), sms_steps()), "urlShortener.")
    yield from blank("Sms", sms_steps(), ("label", "message.text"))


_ELSEWHERE: dict[str, SearchStrategy[Any]] = {
    "message": values.texts(50).map(lambda text: {"body": text, "text": text}),
    "urlShortener": _shorteners(),
    "flash": st.just(True),
    "transcode": st.just(True),
}

SMS = Drawn("Sms", sms_steps, _rules, _ELSEWHERE)
