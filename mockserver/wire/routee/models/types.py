"""The types that the fields of several channels share."""

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic.json_schema import WithJsonSchema

from mockserver.core.channels import RULES, Channel, canonical_trigger
from mockserver.numbering.numbers import read_number
from mockserver.wire.routee import fields
from mockserver.wire.routee.limits import E164, MOST_ORDER, MOST_URL, SENDER
from mockserver.wire.types import REST, WHOLE, Text, any_case

Phone = Annotated[
    str,
    AfterValidator(lambda value: read_number(value).e164),
    WithJsonSchema({"type": "string", "pattern": rf"^{E164}$", "examples": ["+306900000000"]}),
]
Https = Annotated[
    Text,
    AfterValidator(fields.https),
    Field(max_length=MOST_URL, json_schema_extra={"pattern": f"^{any_case('https')}{REST}"}),
]
Sender = Annotated[
    Text,
    AfterValidator(fields.sender),
    WithJsonSchema(
        {
            "type": "string",
            "description": "A number of at most 16 digits, or a name of at most 11 letters and digits.",
            "pattern": rf"^({SENDER.pattern})$",
        }
    ),
]
Order = Annotated[int, Field(ge=1, le=MOST_ORDER, description="Ascending; ties run by array position."), WHOLE]


def statuses(channel: Channel) -> Any:
    """The type of `failoverOnStatuses` on a channel; its entries keep the caller's own spelling."""
    rules = RULES[channel]

    def known(value: str) -> str:
        if canonical_trigger(channel, value) is None:
            raise ValueError(f"must be one of {', '.join(rules.triggers)}")
        return value

    entry = Annotated[str, AfterValidator(known)]
    split = BeforeValidator(lambda value: fields.entries(value) or list(rules.default_triggers))
    return Annotated[list[entry], split]
