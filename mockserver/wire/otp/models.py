"""The shape of a send of one-time passwords, field by field: for validation, and for OpenAPI."""

import re
from typing import Annotated, Any, Literal, get_args
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic.json_schema import WithJsonSchema

from mockserver.wire.routee.limits import MOST_BODY, MOST_CALLBACK_URL, MOST_LABEL, MOST_ORDER, MOST_SENDER_ID
from mockserver.wire.routee.models.types import Phone, Sender
from mockserver.wire.types import WHOLE, Filled, Model, Text, Webhook

MOST_TTL = 86_400
"""Seconds (choice)."""

MOST_FIELDS = 100
"""Fields of a step (choice): there are fewer than half as many, with the parameters of any template."""

MOST_PARAM = 50
"""Characters of a parameter of a template (doc, of a sibling service)."""

SHORTEST_PIN, LONGEST_PIN = 4, 10
"""Characters of a one-time password (doc)."""

LINK = re.compile(r"[a-z][a-z0-9+.-]*://|www\.", re.IGNORECASE)

TemplateType = Literal[
    "basic",
    "basic_5min",
    "with_business_name",
    "with_validity",
    "with_type",
    "with_action",
    "with_reason",
    "with_type_and_validity",
    "with_business_and_validity_hours",
]


def recipient(to: Any) -> Any:
    """The number in an array that holds one; anything else as it is."""
    if not isinstance(to, list):
        return to
    if len(to) != 1:
        raise ValueError(f"must hold exactly one number; it holds {len(to)}")
    return to[0]


def uuid(value: str) -> str:
    """A UUID in its usual form."""
    try:
        if str(UUID(value)) == value.lower():
            return value
    except ValueError:
        pass
    raise ValueError("must be a UUID, such as 0aac888f-2ee2-4112-9659-1755a951966a")


def pin(value: str) -> str:
    """A one-time password."""
    if not SHORTEST_PIN <= len(value) <= LONGEST_PIN:
        raise ValueError(f"must have {SHORTEST_PIN} to {LONGEST_PIN} characters; it has {len(value)}")
    return value


def param(value: str) -> str:
    """A text for a template: it has no link in it."""
    if LINK.search(value):
        raise ValueError("must not hold a link")
    return value


Recipient = Annotated[Phone, BeforeValidator(recipient)]
Uuid = Annotated[Text, AfterValidator(uuid), WithJsonSchema({"type": "string", "format": "uuid"})]
Pin = Annotated[
    Text, AfterValidator(pin), Field(json_schema_extra={"minLength": SHORTEST_PIN, "maxLength": LONGEST_PIN})
]
Param = Annotated[Filled, Field(max_length=MOST_PARAM), AfterValidator(param)]
"""The length comes first: to look for links takes a time that grows with its square."""


class Terms(Model):
    """The fields of every step."""

    to: Recipient
    order: Annotated[int, Field(ge=1, le=MOST_ORDER, description="Steps run by it; each has its own."), WHOLE]
    ttl: Annotated[int, Field(ge=0, le=MOST_TTL, description="Seconds; 0 runs out at once."), WHOLE]
    label: Annotated[Text, Field(max_length=MOST_LABEL)] | None = None


class ViberOtpStep(Terms):
    """A one-time password over Viber. Its other fields are parameters of the template."""

    type: Literal["ViberOtp"]
    sender_info_tracking_id: Annotated[Filled, Field(max_length=MOST_SENDER_ID)]
    template_id: Uuid
    template_type: TemplateType | None = None
    pin: Pin
    business_name: Param | None = None
    language: Param = "en"
    failover_after_delivered: bool = Field(
        False,
        description="Delivered is not enough: if it is not seen within the ttl from then on, the next step begins.",
    )


class OtpSmsMessage(Model):
    """The content of an Sms."""

    body: Annotated[Filled, Field(max_length=MOST_BODY)]


class OtpSmsStep(Terms):
    """A one-time password over Sms."""

    type: Literal["Sms"]
    from_: Sender = Field(alias="from")
    message: OtpSmsMessage


class OtpCallback(Model):
    """The webhook."""

    url: Annotated[Webhook, Field(max_length=MOST_CALLBACK_URL)]


TEMPLATE_TYPES: tuple[str, ...] = get_args(TemplateType)
