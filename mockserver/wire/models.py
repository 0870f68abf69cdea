"""The shapes of POST /failover, field by field, as pydantic models: the reference for validation and for OpenAPI.

What one field alone can get wrong is said here; what several fields get wrong together is said in `combinations`.
"""

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, HttpUrl, TypeAdapter
from pydantic.alias_generators import to_camel
from pydantic.json_schema import WithJsonSchema

from mockserver.core.channels import RULES, Channel, canonical
from mockserver.numbering.numbers import read_number

LANGUAGES = Literal[
    "en-US",
    "de-DE",
    "fr-FR",
    "it-IT",
    "pt-BR",
    "es-ES",
    "es-LA",
    "en-GB",
    "el-GR",
    "bg-BG",
    "pl-PL",
    "hu-HU",
    "sv-SE",
    "ru-RU",
]

FILE_TYPES = Literal[
    "doc",
    "docx",
    "rtf",
    "dot",
    "dotx",
    "odt",
    "odf",
    "fodt",
    "txt",
    "info",
    "pdf",
    "xps",
    "pdax",
    "eps",
    "xls",
    "xlsx",
    "ods",
    "fods",
    "csv",
    "xlsm",
    "xltx",
]

MOST_VIDEO = 200 * 1_048_576
_URL = TypeAdapter(HttpUrl)
_SENDER = re.compile(r"\+?[0-9]{1,16}|(?=.*[^\W\d_])[A-Za-z0-9 ._&-]{1,11}", re.ASCII)
_SIP = re.compile(r"(?:sips?:)?[^\s@]+@[^\s@]+")


def _text(value: str) -> str:
    if "\0" in value:
        raise ValueError("must not hold a NUL character")
    return value


def _whole(value: Any) -> Any:
    """A JSON number without a fraction is a whole number, however it is written."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _url(value: str) -> str:
    if not re.match(r"https?://[^\s/]", value):
        raise ValueError("must be an http or https URL, such as https://example.com/path")
    try:
        _URL.validate_python(value)
    except ValueError:
        raise ValueError("must be an http or https URL with a host, such as https://example.com/path") from None
    return value


def _https(value: str) -> str:
    if not value.startswith("https://"):
        raise ValueError("must be an https URL, such as https://example.com/picture.jpg")
    return _url(value)


def _sender(value: str) -> str:
    if not _SENDER.fullmatch(value):
        raise ValueError("must be a number of at most 16 digits, or a name of at most 11 letters and digits")
    return value


def _sip(value: str) -> str:
    if not _SIP.fullmatch(value):
        raise ValueError("must be a SIP address such as sip:user@example.com")
    return value


def _one_decimal(value: float) -> float:
    if abs(value * 10 - round(value * 10)) > 1e-6:
        raise ValueError("must have at most one decimal place, such as 0.5")
    return value


def _bare(value: Any) -> Any:
    return value.removeprefix(".").lower() if isinstance(value, str) else value


def _statuses(channel: Channel) -> Any:
    rules = RULES[channel]

    def known(value: str) -> str:
        if canonical_trigger(channel, value) is None:
            raise ValueError(f"must be one of {', '.join(rules.triggers)}")
        return value

    described = WithJsonSchema(
        {
            "description": f"{' | '.join(rules.triggers)}, in any case; an array, or one comma-separated text.",
            "default": list(rules.default_triggers),
            "anyOf": [
                {"type": "array", "items": {"type": "string", "enum": list(rules.triggers)}},
                {"type": "string"},
            ],
        }
    )
    entry = Annotated[str, AfterValidator(known)]
    return Annotated[list[entry], BeforeValidator(_split), described]


def _split(value: Any) -> Any:
    if isinstance(value, str):
        return [entry.strip() for entry in value.split(",") if entry.strip()]
    return [entry.strip() if isinstance(entry, str) else entry for entry in value] if isinstance(value, list) else value


def canonical_trigger(channel: Channel, status: str) -> str | None:
    """A status of `failoverOnStatuses` in the channel's own spelling; None for one it may not hold."""
    found = canonical(channel, status)
    triggers = {trigger.casefold() for trigger in RULES[channel].triggers}
    return found if found is not None and found.casefold() in triggers else None


Text = Annotated[str, AfterValidator(_text)]
Whole = Annotated[int, BeforeValidator(_whole)]
Phone = Annotated[
    str,
    AfterValidator(lambda value: read_number(value).e164),
    WithJsonSchema({"type": "string", "pattern": r"^\+?[1-9][0-9]{6,14}$", "examples": ["+306900000000"]}),
]
Url = Annotated[Text, AfterValidator(_url), WithJsonSchema({"type": "string", "format": "uri"})]
Https = Annotated[
    Text,
    AfterValidator(_https),
    Field(max_length=1000),
    WithJsonSchema({"type": "string", "format": "uri", "pattern": "^https://", "maxLength": 1000}),
]
Sender = Annotated[Text, AfterValidator(_sender), WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 17})]
Order = Annotated[Whole, Field(ge=1, le=1_000_000, description="Ascending; ties run by array position.")]


class Model(BaseModel):
    """Names on the wire are camelCase; nothing is converted from one type to another."""

    model_config = ConfigDict(alias_generator=to_camel, strict=True, extra="ignore", frozen=True)


class UrlShortener(Model):
    """How long a shortened link lives, in seconds."""

    url_validity: Annotated[Whole, Field(ge=3_600, le=2_592_000)]


class SmsMessage(Model):
    """The content of an Sms."""

    body: Annotated[Text, Field(min_length=1)]
    flash: bool = False
    label: Annotated[Text, Field(max_length=350)] | None = None
    transcode: bool | None = Field(None, description="Map look-alikes to GSM; absent: the application's setting.")
    url_shortener: UrlShortener | None = None


class Common(Model):
    """What a step can get wrong before its channel is known."""

    order: Order | None = None


class SmsStep(Model):
    """A step over Sms."""

    type: Literal["Sms"]
    to: Phone
    from_: Sender = Field(alias="from")
    order: Order | None = None
    failover_on_statuses: _statuses(Channel.SMS) = list(RULES[Channel.SMS].default_triggers)  # type: ignore[valid-type]
    ttl: Annotated[Whole, Field(ge=1, le=1_440, description="Minutes.")] = 1_200
    message: SmsMessage
    url_shortener: UrlShortener | None = None


class Action(Model):
    """A button."""

    caption: Annotated[Text, Field(min_length=1, max_length=30)]
    target_url: Annotated[Url, Field(max_length=1_000)]


class ViberFile(Model):
    """A file to send."""

    file_name: Annotated[Text, Field(max_length=25)]
    file_type: Annotated[FILE_TYPES, BeforeValidator(_bare)]
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
    failover_on_statuses: _statuses(Channel.VIBER) = list(RULES[Channel.VIBER].default_triggers)  # type: ignore[valid-type]
    ttl: Annotated[
        float, Field(ge=0.5, le=1_440, description="Minutes, one decimal place."), AfterValidator(_one_decimal)
    ] = 10.0
    expire_on_delivery: bool = False
    sender_info_tracking_id: Annotated[Text, Field(max_length=255)]
    inbound_url: Url | None = None


class ViberStep(ViberTerms):
    """A step over Viber."""

    label: Annotated[Text, Field(max_length=350)] | None = None
    message: ViberMessage


class TemplateStep(ViberTerms):
    """A step over Viber on POST /failover/transactional: a template that was agreed on, and what to fill it with."""

    template_id: Annotated[Text, Field(max_length=255)]
    template_lang: Annotated[Text, Field(max_length=35)]
    template_params: dict[str, Any] = {}
    delivery_scope: Literal["PRIMARY_DEVICE", "ALL_DEVICES"] = "PRIMARY_DEVICE"
    seq: Whole | None = None


class VoiceTo(Model):
    """Where to call; at least one of them."""

    phone: Phone | None = None
    viber: Phone | None = None
    sip: Annotated[Text, AfterValidator(_sip), Field(max_length=255)] | None = None


def _by_phone(to: Any) -> Any:
    return {"phone": to} if isinstance(to, str) else to


_PHONE = {"type": "string", "pattern": r"^\+?[1-9][0-9]{6,14}$"}
_VOICE_TO = {
    "description": "A number, or where to call by phone, Viber or SIP; at least one of them.",
    "anyOf": [
        _PHONE,
        {
            "type": "object",
            "minProperties": 1,
            "properties": {"phone": _PHONE, "viber": _PHONE, "sip": {"type": "string", "maxLength": 255}},
        },
    ],
}


class SayMessage(Model):
    """What is read out."""

    text: Annotated[Text, Field(min_length=1)]
    language: LANGUAGES | None = None
    gender: Literal["male", "female"] | None = None


class Say(Model):
    """Read a text out. repeat: -1 for ever."""

    type: Literal["SAY"]
    message: SayMessage
    repeat: Annotated[Whole, Field(ge=-1)] | None = None
    barge_in: bool = False


class Play(Model):
    """Play a recording. repeat: -1 for ever."""

    type: Literal["PLAY"]
    file_url: Url = Field(alias="fileURL")
    repeat: Annotated[Whole, Field(ge=-1)] | None = None
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
    failover_on_statuses: _statuses(Channel.VOICE) = list(RULES[Channel.VOICE].default_triggers)  # type: ignore[valid-type]
    dial_plan: DialPlan
    machine_detection: MachineDetection | None = None


class CallbackModel(Model):
    """The webhook: when it is called, and where."""

    strategy: Annotated[
        Literal["OnStep", "OnCompletion"],
        BeforeValidator(lambda text: _STRATEGIES.get(text.casefold(), text) if isinstance(text, str) else text),
    ] = "OnCompletion"
    url: Annotated[Url, Field(max_length=2_000)]


_STRATEGIES = {"onstep": "OnStep", "oncompletion": "OnCompletion"}

AnyStep = SmsStep | ViberStep | TemplateStep | VoiceStep

STEPS: dict[str, dict[Channel, type[AnyStep]]] = {
    "failover": {Channel.SMS: SmsStep, Channel.VIBER: ViberStep, Channel.VOICE: VoiceStep},
    "transactional": {Channel.SMS: SmsStep, Channel.VIBER: TemplateStep, Channel.VOICE: VoiceStep},
}
"""The model of a step, by the kind of its flow and its channel."""


def _family(model: type[Model]) -> Iterator[type[Model]]:
    for child in model.__subclasses__():
        yield child
        yield from _family(child)


NAMES = frozenset(field.alias or name for model in _family(Model) for name, field in model.model_fields.items())
"""Every field name of every model, as it stands on the wire."""
