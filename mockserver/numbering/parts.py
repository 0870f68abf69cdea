"""How many parts an Sms has: GSM 03.38 and UCS-2, and how transcoding changes a text."""

import unicodedata
from collections.abc import Container, Sequence
from dataclasses import dataclass

from msgspec import Struct

_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = "\f^{}\\[~]|€"
_GSM = frozenset(_BASIC + _EXTENSION)
_NARROW = "".join(filter(str.isascii, _BASIC)).encode()
"""The ASCII that GSM 03.38 has too; most texts have nothing else. Each of these is one septet wide."""

_ESCAPE = "\x1b"
_ESCAPED = str.maketrans({character: _ESCAPE + character for character in _EXTENSION})
"""A character of the extension is two septets on the air: an escape, and what it makes of the septet after it."""

_HIGH_SURROGATES = range(0xD800, 0xDC00)

_GREEK = "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧάέήίόύώϊϋΐΰαβγδεζηθικλμνξοπρσςτυφχψω"
_AS_GSM = "ABEZHIKMNOPTYXAEHIOYΩIYIYABΓΔEZHΘIKΛMNΞOΠPΣΣTYΦXΨΩ"
_UNSEEN = (
    *"\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u3164\ufeff\uffa0",
    *map(chr, (*range(0x180B, 0x1810), *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070))),
    *map(chr, (*range(0xFE00, 0xFE10), *range(0x1BCA0, 0x1BCA4), *range(0x1D173, 0x1D17B), *range(0xE0000, 0xE01F0))),
)
"""Characters that nobody sees (Unicode calls them default ignorable): joiners and breaks of no width, hyphens that may
be, marks of direction, fillers, variants, tags."""

_BY_CATEGORY = {"Pd": "-", "Zs": " "}
"""What every dash and every space is like that has no row of its own."""

_LOOK_ALIKES = dict.fromkeys(_UNSEEN, "") | dict(zip(_GREEK, _AS_GSM, strict=True)) | {
    "Ά": "A", "Έ": "E", "Ή": "H", "Ί": "I", "Ό": "O", "Ύ": "Y", "Ώ": "Ω",
    "‘": "'", "’": "'", "‚": ",", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "´": "'", "`": "'",
    "−": "-", "…": "...", "•": "*", "·": ".",
    "‹": "<", "›": ">", "′": "'", "″": '"', "⁄": "/",
    "\t": " ", "ç": "Ç", "™": "TM", "©": "(c)", "®": "(r)",
    "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "ħ": "h", "Ħ": "H", "ŧ": "t", "Ŧ": "T",
    "ı": "i", "ŋ": "n", "Ŋ": "N", "œ": "oe", "Œ": "OE", "þ": "th", "Þ": "Th", "ẞ": "ß",
    "\u2043": "-",
    "\u201b": "'", "\u02b9": "'", "\u02bb": "'", "\u02bc": "'", "\u02bd": "'", "\u02c8": "'", "\u2035": "'",
    "\u201f": '"', "\u02ba": '"', "\u02ee": '"', "\u2036": '"',
    **dict.fromkeys("\u301d\u301e\u301f\u2e42\u275d\u275e\u2760\U0001f676\U0001f677\U0001f678", '"'),
    **dict.fromkeys("\u275b\u275c\u275f", "'"), "\u276e": "<", "\u276f": ">",
    **dict.fromkeys("\u02d7\u2796", "-"), **dict.fromkeys("\u2053\u301c\u3030", "~"),
    **dict.fromkeys("\u2e17\u2e40\u30a0", "="), "\u2027": ".", "\u2800": " ",
    "\u2028": "\n", "\u2029": "\n", "\x85": "\n",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sizing:
    """The room in one encoding, in its units: in a single Sms, and in each part of a longer one."""

    name: str
    single: int
    part: int


MOST = 255
"""Parts of one Sms at the most: the header of a part has one octet for how many there are (GSM 03.40, 9.2.3.24.1)."""

GSM = Sizing("GSM 03.38", 160, 153)
UCS2 = Sizing("UCS-2", 70, 67)


class Parts(Struct, frozen=True, gc=False):
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
    mapped = _mapped(text)
    if mapped is None:
        return plain
    transcoded = _count(mapped)
    return transcoded if transcoded.count <= plain.count else plain


def _count(text: str) -> Parts:
    if text.isascii() and not text.encode().translate(None, _NARROW):  # most texts: no character is cut in two
        return Parts(text, GSM.name, 1 if len(text) <= GSM.single else -(-len(text) // GSM.part))
    if _GSM.issuperset(text):
        return Parts(text, GSM.name, _pack(text.translate(_ESCAPED), _ESCAPE, GSM))
    units = memoryview(text.encode("utf-16-le", "surrogatepass")).cast("H")
    return Parts(text, UCS2.name, _pack(units, _HIGH_SURROGATES, UCS2))


def _pack(units: Sequence[object], heads: Container[object], sizing: Sizing) -> int:
    """How many parts these units take; a head and the unit after it are one character, which is never cut in two."""
    if len(units) <= sizing.single:
        return 1
    parts = at = 0
    while at < len(units):
        at += sizing.part
        if at < len(units) and units[at - 1] in heads:
            at -= 1
        parts += 1
    return parts


def _mapped(text: str) -> str | None:
    """The text with its look-alikes as GSM characters; None when it holds something that is like none of these."""
    table: dict[int, str] = {}
    for character in set(text) - _GSM:
        table[ord(character)] = like = _look_alike(character)
        if not _GSM.issuperset(like):
            return None
    return text.translate(table)


def _look_alike(character: str) -> str:
    if character in _LOOK_ALIKES:
        return _LOOK_ALIKES[character]
    if (like := _BY_CATEGORY.get(unicodedata.category(character))) is not None:
        return like
    bare = unicodedata.normalize("NFKD", character)
    bare = "".join(each for each in bare if not unicodedata.combining(each))
    return "".join(_LOOK_ALIKES.get(each, each) for each in bare)
