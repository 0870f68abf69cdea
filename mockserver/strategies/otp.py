"""Strategies for one-time passwords: the bodies of POST /failover-otp/otp/send-failover."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from mockserver.strategies import values
from mockserver.strategies.flows import WEBHOOK
from mockserver.strategies.rule import To
from mockserver.wire import Json
from mockserver.wire.otp.models import MOST_PARAM, MOST_TTL
from mockserver.wire.otp.requests import ALSO_WAITS, MODELS, SMS, VIBER, WAITS
from mockserver.wire.otp.templates import BUSINESS, OF_A_BUSINESS, TEMPLATES, Template
from mockserver.wire.routee.limits import MOST_STEPS

WORDS = values.texts(MOST_PARAM).filter(lambda text: "://" not in text and "www." not in text.lower())
"""Parameters of templates."""


def otp_flows(
    *, min_steps: int = 1, max_steps: int = 2, to: To = None, callback: bool | None = None, url: str = WEBHOOK
) -> SearchStrategy[Json]:
    """Bodies of POST /failover-otp/otp/send-failover, all of them valid.

    to: the recipients, by default `numbers()`; all steps of a flow have the same one. callback: whether there is one,
    to `url`; by default either. Raises ValueError for numbers of steps that make no sense.
    """
    if not 1 <= min_steps <= max_steps <= MOST_STEPS:
        raise ValueError(f"a flow has 1 to {MOST_STEPS} steps, not {min_steps} to {max_steps}")
    recipients = values.spelled(values.numbers()) if to is None else to
    steps = st.lists(st.one_of(otp_steps(VIBER), otp_steps(SMS)), min_size=min_steps, max_size=max_steps)
    hook = {"callback": st.just({"url": url})}
    body = {"flow": st.builds(_sent_to, steps, recipients)}
    return st.fixed_dictionaries(body | (hook if callback else {}), optional=hook if callback is None else {})


def otp_steps(kind: str) -> SearchStrategy[Json]:
    """Steps of one type, "ViberOtp" or "Sms", without a recipient and an order. Raises ValueError for another type."""
    if kind not in MODELS:
        raise ValueError(f"kind must be one of {', '.join(MODELS)}, not {kind!r}")
    terms = {"type": values.in_any_case(kind), "ttl": st.integers(0, MOST_TTL)}
    label = {"label": values.texts(350)}
    if kind == SMS:
        return st.fixed_dictionaries(
            {**terms, "from": values.senders(), "message": st.fixed_dictionaries({"body": values.passages()})},
            optional=label,
        )
    return st.sampled_from(TEMPLATES).flatmap(lambda template: _of(template, terms, label))


def _of(template: Template, terms: dict[str, Any], label: dict[str, Any]) -> SearchStrategy[Json]:
    """A step with this template."""
    own = {
        "senderInfoTrackingId": values.texts(40),
        "templateId": st.just(template.id),
        "pin": st.from_regex(r"[0-9]{4,10}", fullmatch=True),
    }
    business = {BUSINESS: WORDS} if template.type in OF_A_BUSINESS else {}
    others = {name: WORDS for name in template.params if name not in ("pin", BUSINESS)}
    waits = st.booleans()
    optional = {**label, "templateType": st.just(template.type), "language": st.sampled_from(["en", "el"])}
    return st.fixed_dictionaries(
        {**terms, **own, **business}, optional={**optional, **others, WAITS: waits, ALSO_WAITS: st.just(True)}
    )


def _sent_to(steps: list[Json], recipient: str) -> list[Json]:
    """The steps, all to one recipient, in order."""
    return [step | {"to": recipient, "order": order} for order, step in enumerate(steps, start=1)]
