"""The shapes of POST /failover, field by field, as pydantic models: the reference for validation and for OpenAPI.

What one field alone can get wrong is said here; what several fields get wrong together is said in `combinations`.
"""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic.json_schema import WithJsonSchema

from mockserver.core.channels import RULES, Channel
from mockserver.core.step import FlowKind
from mockserver.numbering.numbers import read_number
from mockserver.wire.routee import fields
from mockserver.wire.types import WHOLE, Filled, Model, Text, Url

MOST_VIDEO = 200 * 1_048_576
"""Bytes of a video at the most (doc; the unit is a choice)."""

MOST_REPEATS = 2_147_483_647
"""What a verb's `repeat` may be at the most: what fits 32 bits (choice)."""

Phone = Annotated[
    str,
    AfterValidator(lambda value: read_number(value).e164),
    WithJsonSchema({"type": "string", "pattern": r"^\+?[1-9][0-9]{6,14}$", "examples": ["+306900000000"]}),
]
Https = Annotated[
    Text,
    AfterValidator(fields.https),
    Field(max_length=1000),
    WithJsonSchema({"type": "string", "format": "uri", "pattern": "^https://", "maxLength": 1000}),
]
Sender = Annotated[
    Text,
    AfterValidator(fields.sender),
    WithJsonSchema(
        {
            "type": "string",
            "description": "A number of at most 16 digits, or a name of at most 11 letters and digits.",
            "pattern": rf"^({fields.SENDER.pattern})$",
        }
    ),
]
Order = Annotated[int, Field(ge=1, le=1_000_000, description="Ascending; ties run by array position."), WHOLE]
Repeat = Annotated[int, Field(ge=-1, le=MOST_REPEATS, description="-1 is for ever."), WHOLE]


class UrlShortener(Model):
    """How long a shortened link lives, in seconds."""

    url_validity: Annotated[int, Field(ge=3_600, le=2_592_000, description="Seconds."), WHOLE]


class SmsMessage(Model):
    """The content of an Sms."""

    body: Filled
    flash: bool = False
    label: Annotated[Text, Field(max_length=350)] | None = None
    transcode: bool | None = Field(None, description="Map look-alikes to GSM; absent: the application's setting.")
    url_shortener: UrlShortener | None = None


class SmsStep(Model):
    """A step over Sms."""

    type: Literal["Sms"]
    to: Phone
    from_: Sender = Field(alias="from")
    order: Order | None = None
    failover_on_statuses: fields.statuses(Channel.SMS) = Field(list(RULES[Channel.SMS].default_triggers))  # type: ignore[valid-type]
    ttl: Annotated[int, Field(ge=1, le=1_440, description="Minutes."), WHOLE] = 1_200
    message: SmsMessage
    url_shortener: UrlShortener | None = None


class Action(Model):
    """A button."""

    caption: Annotated[Filled, Field(max_length=30)]
    target_url: Annotated[Url, Field(max_length=1_000)]


class ViberFile(Model):
    """A file to send."""

    file_name: Annotated[Filled, Field(max_length=25)]
    file_type: Annotated[fields.FILE_TYPES, BeforeValidator(fields.bare)]
    file_url: Https


class ViberVideo(Model):
    """A video to send. fileSize in bytes, 200 MB at the most (the unit is a choice); duration in seconds."""

    video_url: Https
    video_thumbnail: Https
    file_size: Annotated[float, Field(gt=0, le=MOST_VIDEO)]
    duration: Annotated[float, Field(gt=0, le=600)]


class ViberMessage(Model):
    """The content of a Viber message: text, image and button, or a file, or a video."""

    text: Annotated[Text, Field(max_length=1_000)] | None = None
    image_url: Https | None = None
    action: Action | None = None
    viber_file: ViberFile | None = None
    viber_video: ViberVideo | None = None


class ViberTerms(Model):
    """What every step over Viber has, whatever it carries."""

    type: Literal["Viber"]
    to: Phone
    order: Order | None = None
    failover_on_statuses: fields.statuses(Channel.VIBER) = Field(list(RULES[Channel.VIBER].default_triggers))  # type: ignore[valid-type]
    ttl: Annotated[
        float, Field(ge=0.5, le=1_440, description="Minutes, one decimal place."), AfterValidator(fields.one_decimal)
    ] = 10.0
    expire_on_delivery: bool = Field(False, description="Delivered is not enough: it must be seen within the ttl.")
    sender_info_tracking_id: Annotated[Filled, Field(max_length=255, description="The unique sender id.")]
    inbound_url: Url | None = Field(None, description="Where inbound messages are posted to.")


class ViberStep(ViberTerms):
    """A step over Viber."""

    label: Annotated[Text, Field(max_length=350)] | None = None
    message: ViberMessage


class TemplateStep(ViberTerms):
    """A step over Viber on POST /failover/transactional: a template that was agreed on, and what to fill it with."""

    template_id: Annotated[Filled, Field(max_length=255)]
    template_lang: Annotated[Filled, Field(max_length=35)]
    template_params: Annotated[dict[str, Any], AfterValidator(fields.echoable)] = Field({})
    delivery_scope: Literal["PRIMARY_DEVICE", "ALL_DEVICES"] = "PRIMARY_DEVICE"
    seq: Annotated[int, Field(ge=-(2**63), le=2**63 - 1), WHOLE] | None = None


class VoiceTo(Model):
    """Where to call; at least one of them."""

    phone: Phone | None = None
    viber: Phone | None = None
    sip: Annotated[Text, AfterValidator(fields.sip), Field(max_length=255)] | None = None


def _by_phone(to: Any) -> Any:
    # A number that lacks its quotes is told so.
    return {"phone": to} if isinstance(to, str | int | float) else to


_PHONE = {"type": "string", "pattern": r"^\+?[1-9][0-9]{6,14}$"}
_SIP_ADDRESS = {"type": "string", "maxLength": 255, "pattern": rf"^{fields.SIP.pattern}$"}
_VOICE_TO = {
    "description": "A number, or where to call by phone, Viber or SIP; at least one of them.",
    "anyOf": [
        _PHONE,
        {
            "type": "object",
            "minProperties": 1,
            "properties": {"phone": _PHONE, "viber": _PHONE, "sip": _SIP_ADDRESS},
        },
    ],
}


class SayMessage(Model):
    """What is read out."""

    text: Filled
    language: fields.LANGUAGES | None = None
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
    file_url: Url = Field(alias="fileURL")
    repeat: Repeat | None = None
    barge_in: bool = False


class DialPlan(Model):
    """What happens in the call, verb by verb."""

    verbs: Annotated[list[Annotated[Say | Play, Field(discriminator="type")]], Field(min_length=1)]


class MachineDetection(Model):
    """What to do when a machine answers."""

    strategy: Literal["Hangup", "Continue"]
    event_url: Url | None = None


class VoiceStep(Model):
    """A step over Voice."""

    type: Literal["Voice"]
    to: Annotated[VoiceTo, BeforeValidator(_by_phone), WithJsonSchema(_VOICE_TO)]
    from_: Sender = Field(alias="from")
    order: Order | None = None
    failover_on_statuses: fields.statuses(Channel.VOICE) = Field(list(RULES[Channel.VOICE].default_triggers))  # type: ignore[valid-type]
    ttl: Any = Field(None, exclude=True, description="Means nothing on a call, and is ignored.")
    dial_plan: DialPlan = Field(description="Taken as dialplan and dialPlans too.")
    machine_detection: MachineDetection | None = None


class Common(Model):
    """What a step can get wrong whose channel is not known."""

    to: Annotated[VoiceTo, BeforeValidator(_by_phone)]
    order: Order | None = None
    failover_on_statuses: Annotated[list[Text], BeforeValidator(fields.entries)] = Field([])


class CallbackModel(Model):
    """The webhook: when it is called, and where."""

    strategy: Annotated[
        Literal["OnStep", "OnCompletion"],
        BeforeValidator(lambda text: _STRATEGIES.get(text.casefold(), text) if isinstance(text, str) else text),
    ] = "OnCompletion"
    url: Annotated[Url, Field(max_length=2_000)]


_STRATEGIES = {"onstep": "OnStep", "oncompletion": "OnCompletion"}

AnyStep = SmsStep | ViberStep | TemplateStep | VoiceStep

STEPS: dict[FlowKind, dict[Channel, type[AnyStep]]] = {
    FlowKind.FAILOVER: {Channel.SMS: SmsStep, Channel.VIBER: ViberStep, Channel.VOICE: VoiceStep},
    FlowKind.TRANSACTIONAL: {Channel.SMS: SmsStep, Channel.VIBER: TemplateStep, Channel.VOICE: VoiceStep},
}
"""The model of a step, by the kind of its flow and its channel."""


MODELS = (
    UrlShortener,
    SmsMessage,
    SmsStep,
    Action,
    ViberFile,
    ViberVideo,
    ViberMessage,
    ViberStep,
    TemplateStep,
    VoiceTo,
    SayMessage,
    Say,
    Play,
    DialPlan,
    MachineDetection,
    VoiceStep,
    CallbackModel,
)

NAMES = frozenset[str]().union(*(model.names() for model in MODELS))
"""Every field name of a send, as it stands on the wire."""
