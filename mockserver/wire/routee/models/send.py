"""The fields around the steps of a send, and of a step whose channel is not known."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from mockserver.wire.routee import fields
from mockserver.wire.routee.channels import FORMS
from mockserver.wire.routee.limits import MOST_CALLBACK_URL
from mockserver.wire.routee.models.types import Order
from mockserver.wire.routee.models.voice import VoiceTo, by_phone
from mockserver.wire.types import Model, Text, Webhook

_STRATEGIES = {"onstep": "OnStep", "oncompletion": "OnCompletion"}


class CallbackModel(Model):
    """The webhook: when it is called, and where."""

    strategy: Annotated[
        Literal["OnStep", "OnCompletion"],
        BeforeValidator(lambda text: _STRATEGIES.get(text.casefold(), text) if isinstance(text, str) else text),
    ] = "OnCompletion"
    url: Annotated[Webhook, Field(max_length=MOST_CALLBACK_URL)]


class Common(Model):
    """The fields to check in a step whose channel is not known."""

    to: Annotated[VoiceTo, BeforeValidator(by_phone)]
    order: Order | None = None
    failover_on_statuses: Annotated[list[Text], BeforeValidator(fields.entries)] = Field([])


NAMES = CallbackModel.names().union(*(form.model().all_names() for forms in FORMS.values() for form in forms.values()))
"""Every field name of a send, on the wire."""
