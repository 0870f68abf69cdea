"""The fields of a step over Voice."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from mockserver.core.channels import RULES, Channel
from mockserver.wire.routee.channels.voice import LANGUAGES, SIP, sip_address
from mockserver.wire.routee.limits import MOST_REPEATS, MOST_VERBS
from mockserver.wire.routee.models.types import Order, Phone, Sender, statuses
from mockserver.wire.types import WHOLE, Filled, Model, Text, Url, Webhook

Repeat = Annotated[int, Field(ge=-1, le=MOST_REPEATS, description="-1 is for ever."), WHOLE]


_SIP: Any = {"pattern": f"^(?:{SIP.pattern})$"}


class VoiceTo(Model):
    """Where to call; at least one of them."""

    phone: Phone | None = None
    viber: Phone | None = None
    sip: Annotated[Text, AfterValidator(sip_address), Field(max_length=255, json_schema_extra=_SIP)] | None = None


def by_phone(to: Any) -> Any:
    """Where to call, as an object. A number without quotes is put in it too, so that the error can ask for quotes."""
    return {"phone": to} if isinstance(to, str | int | float) else to


class SayMessage(Model):
    """What is read out."""

    text: Filled
    language: LANGUAGES | None = None
    gender: Literal["male", "female"] | None = None


class Say(Model):
    """Read a text out."""

    type: Literal["SAY"]
    message: SayMessage
    repeat: Repeat | None = None
    barge_in: bool = False


class Play(Model):
    """Play a recording."""

    type: Literal["PLAY"]
    file_url: Annotated[Url, Field(alias="fileURL")]  # beside it, an old pydantic drops a check
    repeat: Repeat | None = None
    barge_in: bool = False


class DialPlan(Model):
    """What happens in the call, verb by verb."""

    verbs: Annotated[
        list[Annotated[Say | Play, Field(discriminator="type")]], Field(min_length=1, max_length=MOST_VERBS)
    ]


class MachineDetection(Model):
    """What to do when a machine answers."""

    strategy: Literal["Hangup", "Continue"]
    event_url: Webhook | None = None


class VoiceStep(Model):
    """A step over Voice."""

    type: Literal["Voice"]
    to: Annotated[VoiceTo, BeforeValidator(by_phone)]
    from_: Sender = Field(alias="from")
    order: Order | None = None
    failover_on_statuses: statuses(Channel.VOICE) = Field(list(RULES[Channel.VOICE].default_triggers))  # type: ignore[valid-type]
    ttl: Any = Field(None, exclude=True, description="Means nothing on a call, and is ignored.")
    dial_plan: DialPlan = Field(description="Required; it can also be called dialplan or dialPlans.")
    machine_detection: MachineDetection | None = None
