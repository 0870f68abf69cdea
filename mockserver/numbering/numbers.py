"""Telephone numbers: E.164, and the country and operator a number belongs to."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

# Its import takes time, so the first number that is read does it, not the start of the server.
if TYPE_CHECKING:
    import phonenumbers

_E164 = re.compile(r"\+?([1-9][0-9]{6,14})")

EXAMPLE = "+306900000000"


class NotANumber(ValueError):
    """A text that is not an E.164 number. The error says why, and shows one that is."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number: `e164` has its plus, `country` is ISO 3166-1 alpha-2, `operator` is a name; None where not known."""

    e164: str
    country: str | None
    operator: str | None


@lru_cache(maxsize=65_536)
def read_number(text: str) -> Number:
    """Read an E.164 number; its plus is optional (seen). Raises NotANumber.

    It must have seven to fifteen digits and a calling code that exists. It need not belong to anybody, so tests can use
    made-up numbers (choice).
    """
    import phonenumbers

    found = _E164.fullmatch(text)
    if found is None:
        raise NotANumber(f"must be a number in E.164 form such as {EXAMPLE}; {_why(text)}")
    try:
        parsed = phonenumbers.parse(f"+{found[1]}")
    except phonenumbers.NumberParseException:
        raise NotANumber(f"must begin with the calling code of a country, as {EXAMPLE} does") from None
    return Number(f"+{found[1]}", _country(parsed), _operator(parsed))


def _why(text: str) -> str:
    digits = text.removeprefix("+")
    if not (digits.isascii() and digits.isdigit()):
        return "it may hold nothing but digits after its plus"
    if digits.startswith("0"):
        return "it begins with the calling code of a country, and never with 0"
    return f"it has 7 to 15 digits, and this one has {len(digits)}"


def _country(number: "phonenumbers.PhoneNumber") -> str | None:
    import phonenumbers

    # A number outside its country's plan still belongs to the country of its calling code.
    region = phonenumbers.region_code_for_number(number)
    region = region or phonenumbers.region_code_for_country_code(number.country_code or 0)
    return region if region and len(region) == 2 and region.isalpha() and region != "ZZ" else None


def _operator(number: "phonenumbers.PhoneNumber") -> str | None:
    from phonenumbers import carrier

    return carrier.name_for_number(number, "en") or None
