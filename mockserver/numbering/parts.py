"""How many parts an Sms has: GSM 03.38 and UCS-2, and how transcoding changes a text."""

import re
import unicodedata
from dataclasses import dataclass

_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = "\f^{}\\[~]|€"
_SEPTETS = dict.fromkeys(_BASIC, 1) | dict.fromkeys(_EXTENSION, 2)
_NARROW = re.compile(f"[{re.escape(''.join(filter(str.isascii, _BASIC)))}]*").fullmatch
"""Plain ASCII that GSM 03.38 has too, as most texts are: every character is one septet wide."""

_GREEK = "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧάέήίόύώϊϋΐΰαβγδεζηθικλμνξοπρσςτυφχψω"
_AS_GSM = "ABEZHIKMNOPTYXAEHIOYΩIYIYABΓΔEZHΘIKΛMNΞOΠPΣΣTYΦXΨΩ"
_LOOK_ALIKES = dict(zip(_GREEK, _AS_GSM, strict=True)) | {
    "Ά": "A", "Έ": "E", "Ή": "H", "Ί": "I", "Ό": "O", "Ύ": "Y", "Ώ": "Ω",
    "‘": "'", "’": "'", "‚": ",", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "´": "'", "`": "'",
    "–": "-", "—": "-", "‐": "-", "‑": "-", "−": "-", "…": "...", "•": "*", "·": ".",
    "‹": "<", "›": ">", "′": "'", "″": '"', "⁄": "/",
    "\u00a0": " ", "\u2009": " ", "\u202f": " ", "\t": " ", "ç": "Ç", "™": "TM", "©": "(c)", "®": "(r)",
    "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "ħ": "h", "Ħ": "H", "ŧ": "t", "Ŧ": "T",
    "ı": "i", "ŋ": "n", "Ŋ": "N", "œ": "oe", "Œ": "OE", "þ": "th", "Þ": "Th", "ẞ": "ß",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sizing:
    """The room in one encoding, in its units: in a single Sms, and in each part of a longer one."""

    name: str
    single: int
    part: int


GSM = Sizing("GSM 03.38", 160, 153)
UCS2 = Sizing("UCS-2", 70, 67)


@dataclass(frozen=True, slots=True)
class Parts:
    """A text as it is sent: after transcoding, with its encoding and the number of its parts."""

    text: str
    encoding: str
    count: int


def split(text: str, *, transcode: bool) -> Parts:
    """How a text is sent, and in how many parts.

    With `transcode`, characters are replaced by GSM characters that look alike; but not if the text already fits in one
    part (doc), or if it would then need more parts, as a row of "…" does (choice).
    """
    plain = _count(text)
    if not transcode or plain.count == 1:
        return plain
    mapped = _count("".join(_look_alike(character) for character in text))
    return mapped if mapped.encoding == GSM.name and mapped.count <= plain.count else plain


def _count(text: str) -> Parts:
    if _NARROW(text):  # most texts: each character is one septet, so no part is cut short
        return Parts(text, GSM.name, 1 if len(text) <= GSM.single else -(-len(text) // GSM.part))
    if all(character in _SEPTETS for character in text):
        return Parts(text, GSM.name, _pack([_SEPTETS[character] for character in text], GSM))
    return Parts(text, UCS2.name, _pack([2 if ord(character) > 0xFFFF else 1 for character in text], UCS2))


def _pack(widths: list[int], sizing: Sizing) -> int:
    """How many parts characters of these widths need; a wide character is never cut in two."""
    if sum(widths) <= sizing.single:
        return 1
    parts, room = 1, sizing.part
    for width in widths:
        if width > room:
            parts, room = parts + 1, sizing.part
        room -= width
    return parts


def _look_alike(character: str) -> str:
    if character in _SEPTETS:
        return character
    if character in _LOOK_ALIKES:
        return _LOOK_ALIKES[character]
    bare = unicodedata.normalize("NFKD", character)
    bare = "".join(each for each in bare if not unicodedata.combining(each))
    return "".join(_LOOK_ALIKES.get(each, each) for each in bare)
