"""The fields of a step over Sms."""

from typing import Annotated, Literal

from pydantic import Field

from mockserver.core.channels import RULES, Channel
from mockserver.wire.routee.limits import MOST_BODY, MOST_LABEL, MOST_TTL
from mockserver.wire.routee.models.types import Order, Phone, Sender, statuses
from mockserver.wire.types import WHOLE, Filled, Model, Text


class UrlShortener(Model):
    """How long a shortened link lives, in seconds."""

    url_validity: Annotated[int, Field(ge=3_600, le=2_592_000, description="Seconds."), WHOLE]


class SmsMessage(Model):
    """The content of an Sms."""

    body: Annotated[Filled, Field(max_length=MOST_BODY)]
    flash: bool = False
    label: Annotated[Text, Field(max_length=MOST_LABEL)] | None = None
    transcode: bool | None = Field(None, description="Map look-alikes to GSM; absent: the application's setting.")
    url_shortener: UrlShortener | None = None


class SmsStep(Model):
    """A step over Sms."""

    type: Literal["Sms"]
    to: Phone
    from_: Sender = Field(alias="from")
    order: Order | None = None
    failover_on_statuses: statuses(Channel.SMS) = Field(list(RULES[Channel.SMS].default_triggers))  # type: ignore[valid-type]
    ttl: Annotated[int, Field(ge=1, le=MOST_TTL, description="Minutes."), WHOLE] = 1_200
    message: SmsMessage
    url_shortener: UrlShortener | None = None
