"""What single fields may hold: plain functions that answer with the value, or raise ValueError saying what is wrong."""

import re
from typing import Annotated, Any, Literal

import orjson
from pydantic import AfterValidator, BeforeValidator
from pydantic.json_schema import WithJsonSchema

from mockserver.core.channels import RULES, Channel, canonical
from mockserver.wire.types import url

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

SENDER = re.compile(r"\+?[0-9]{1,16}|(?=.*[A-Za-z])[A-Za-z0-9 ._&-]{1,11}")
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
SIP = re.compile(r"(?:sips?:)?[^\s@]+@[^\s@]+")


def https(value: str) -> str:
    """An https URL."""
    if value[:8].lower() != "https://":
        raise ValueError("must be an https URL, such as https://example.com/picture.jpg")
    return url(value)


def echoable(value: dict[str, Any]) -> dict[str, Any]:
    """An object of the caller's own, which a reply echoes as it is."""
    try:
        echo = orjson.dumps(value)
    except TypeError:
        raise ValueError("nests too deeply to be echoed") from None
    if _NUL.search(echo):
        raise ValueError("must not hold a NUL character")
    return value


def sender(value: str) -> str:
    """Who a message is from: a number of at most 16 digits, or a name of at most 11 letters and digits (doc)."""
    if not SENDER.fullmatch(value):
        raise ValueError("must be a number of at most 16 digits, or a name of at most 11 letters and digits")
    return value


def sip(value: str) -> str:
    """A SIP address, `user@host` with or without its scheme (choice)."""
    if not SIP.fullmatch(value):
        raise ValueError("must be a SIP address such as sip:user@example.com")
    return value


def one_decimal(value: float) -> float:
    """A number with at most one decimal place (doc)."""
    if abs(value * 10 - round(value * 10)) > 1e-6:
        raise ValueError("must have at most one decimal place, such as 0.5")
    return value


def bare(value: Any) -> Any:
    """A file type without its leading dot (doc), in lower case."""
    return value.removeprefix(".").lower() if isinstance(value, str) else value


def statuses(channel: Channel) -> Any:
    """The type of `failoverOnStatuses` on a channel: each entry in the caller's own spelling."""
    rules = RULES[channel]

    def known(value: str) -> str:
        if canonical_trigger(channel, value) is None:
            raise ValueError(f"must be one of {', '.join(rules.triggers)}")
        return value

    words = "|".join(rules.triggers)
    described = WithJsonSchema(
        {
            "description": f"{' | '.join(rules.triggers)}, in any case; an array, or one comma-separated text.",
            "default": list(rules.default_triggers),
            "anyOf": [
                {"type": "array", "items": {"type": "string", "enum": list(rules.triggers)}},
                {"type": "string", "pattern": f"^ *({words})( *, *({words}))* *$"},
            ],
        }
    )
    entry = Annotated[str, AfterValidator(known)]
    split = BeforeValidator(lambda value: entries(value) or list(rules.default_triggers))
    return Annotated[list[entry], split, described]


def entries(value: Any) -> list[Any]:
    """`failoverOnStatuses` as a list, from an array or from one text with commas between (doc)."""
    if isinstance(value, str):
        return [entry.strip() for entry in value.split(",") if entry.strip()]
    if not isinstance(value, list):
        raise ValueError('must be an array of statuses such as ["Failed"], or one text of them with commas between')
    return [entry.strip() if isinstance(entry, str) else entry for entry in value]


def canonical_trigger(channel: Channel, status: str) -> str | None:
    """A status of `failoverOnStatuses` in the channel's own spelling; None for one it may not hold."""
    found = canonical(channel, status)
    triggers = {trigger.casefold() for trigger in RULES[channel].triggers}
    return found if found is not None and found.casefold() in triggers else None
