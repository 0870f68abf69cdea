"""A valid step, as the core has it. It is made from the echo, and keeps the echo for the reply."""

import orjson

from mockserver.core.channels import Channel, canonical_trigger
from mockserver.core.step import Step
from mockserver.numbering.prices import price
from mockserver.wire import Json
from mockserver.wire.routee.channels.form import Form

_MINUTE = 60_000


def build(channel: Channel, form: Form, echo: Json, shown: Json, *, transcode: bool) -> Step:
    """The step as the core has it.

    echo: the step as the reply repeats it by default; shown: as it does. transcode: for an Sms that does not say.
    """
    to, number = form.recipient(echo)
    words = form.words(echo)
    country = number.country if number else None
    triggers = (canonical_trigger(channel, status) for status in shown["failoverOnStatuses"])
    return Step(
        channel=channel,
        to=to,
        triggers=frozenset(status for status in triggers if status is not None),
        ttl=round(echo["ttl"] * _MINUTE) if "ttl" in echo else None,
        expire_on_delivery=echo.get("expireOnDelivery", False),
        parts=form.parts(echo, transcode),
        price=price(form.prices(echo), country),
        country=country,
        operator=number.operator if number else None,
        asked=orjson.dumps(shown),
        sender=words.sender,
        label=words.label,
        text=words.text,
        event_url=(echo.get("machineDetection") or {}).get("eventUrl") or "",
    )
