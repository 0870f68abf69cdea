"""How many parts an Sms takes: GSM 03.38 and UCS-2, and what transcoding makes of a text."""

import unicodedata
from dataclasses import dataclass

_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = "\f^{}\\[~]|€"
_SEPTETS = dict.fromkeys(_BASIC, 1) | dict.fromkeys(_EXTENSION, 2)
_NARROW = frozenset(_BASIC)

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
    """How one encoding counts: units a single Sms holds, and units each part of a longer one holds."""

    name: str
    single: int
    part: int


GSM = Sizing("GSM 03.38", 160, 153)
UCS2 = Sizing("UCS-2", 70, 67)


@dataclass(frozen=True, slots=True)
class Parts:
    """A text as it is sent: what transcoding made of it, how it is encoded, and in how many parts."""

    text: str
    encoding: str
    count: int


def split(text: str, *, transcode: bool) -> Parts:
    """The parts a text takes.

    With `transcode`, look-alikes become GSM characters, unless the text as it is fits one part (doc), or would take
    more parts for it, as a row of "…" does (choice).
    """
    plain = _count(text)
    if not transcode or plain.count == 1:
        return plain
    mapped = _count("".join(_look_alike(character) for character in text))
    return mapped if mapped.encoding == GSM.name and mapped.count <= plain.count else plain


def _count(text: str) -> Parts:
    if _NARROW.issuperset(text):  # most texts: each character is one septet wide, and none can be cut in two
        return Parts(text, GSM.name, 1 if len(text) <= GSM.single else -(-len(text) // GSM.part))
    if all(character in _SEPTETS for character in text):
        return Parts(text, GSM.name, _pack([_SEPTETS[character] for character in text], GSM))
    return Parts(text, UCS2.name, _pack([2 if ord(character) > 0xFFFF else 1 for character in text], UCS2))


def _pack(widths: list[int], sizing: Sizing) -> int:
    """How many parts characters of these widths take; a wide one is never cut in two."""
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
