"""The fields of a step over Viber, a message or a template."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from mockserver.core.channels import RULES, Channel
from mockserver.wire.routee.channels.viber import FILE_TYPES, MOST_VIDEO, bare, one_decimal
from mockserver.wire.routee.fields import echoable
from mockserver.wire.routee.limits import (
    MOST_CALLBACK_URL,
    MOST_CAPTION,
    MOST_LABEL,
    MOST_SENDER_ID,
    MOST_TEXT,
    MOST_TTL,
    MOST_URL,
)
from mockserver.wire.routee.models.types import Https, Order, Phone, statuses
from mockserver.wire.types import WHOLE, Filled, Model, Text, Url, Webhook

SENDER_ID = "The unique id of the sender. It names the sender of a Viber message, which has no `from`."


class Action(Model):
    """A button."""

    caption: Annotated[Filled, Field(max_length=MOST_CAPTION)]
    target_url: Annotated[Url, Field(max_length=MOST_URL)]


class ViberFile(Model):
    """A file to send."""

    file_name: Annotated[Filled, Field(max_length=25)]
    file_type: Annotated[FILE_TYPES, BeforeValidator(bare)]
    file_url: Https


class ViberVideo(Model):
    """A video to send. fileSize in bytes, 200 MB at the most (the unit is a choice); duration in seconds."""

    video_url: Https
    video_thumbnail: Https
    file_size: Annotated[float, Field(gt=0, le=MOST_VIDEO)]
    duration: Annotated[float, Field(gt=0, le=600)]


class ViberMessage(Model):
    """The content of a Viber message: text, image and button, or a file, or a video."""

    text: Annotated[Text, Field(max_length=MOST_TEXT)] | None = None
    image_url: Https | None = None
    action: Action | None = None
    viber_file: ViberFile | None = None
    viber_video: ViberVideo | None = None


class ViberTerms(Model):
    """The fields of every step over Viber, whatever it carries."""

    type: Literal["Viber"]
    to: Phone
    order: Order | None = None
    failover_on_statuses: statuses(Channel.VIBER) = Field(list(RULES[Channel.VIBER].default_triggers))  # type: ignore[valid-type]
    ttl: Annotated[
        float, Field(ge=0.5, le=MOST_TTL, description="Minutes, one decimal place."), AfterValidator(one_decimal)
    ] = 10.0
    expire_on_delivery: bool = Field(False, description="Delivered is not enough: it must be seen within the ttl.")
    sender_info_tracking_id: Annotated[Filled, Field(max_length=MOST_SENDER_ID, description=SENDER_ID)]
    inbound_url: Annotated[Webhook, Field(max_length=MOST_CALLBACK_URL)] | None = Field(
        None, description="Where inbound messages are posted to."
    )


class ViberStep(ViberTerms):
    """A step over Viber."""

    label: Annotated[Text, Field(max_length=MOST_LABEL)] | None = None
    message: ViberMessage


class TemplateStep(ViberTerms):
    """A step over Viber on POST /failover/transactional: a template that was agreed on, and what to fill it with."""

    template_id: Annotated[Filled, Field(max_length=255)]
    template_lang: Annotated[Filled, Field(max_length=35)]
    template_params: Annotated[dict[str, Any], AfterValidator(echoable)] = Field({})
    delivery_scope: Literal["PRIMARY_DEVICE", "ALL_DEVICES"] = "PRIMARY_DEVICE"
    seq: Annotated[int, Field(ge=-(2**63), le=2**63 - 1), WHOLE] | None = None
