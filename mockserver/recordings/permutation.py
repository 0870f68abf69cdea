"""A text as another one of the same shape: a digit is a digit again, a letter a letter, all else stays.

It is one-to-one: two texts never become the same one, save for letters of alphabets that are not told apart here. So
nothing has to be remembered, however much is masked. Who does not have the key cannot go back.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from hashlib import shake_256

DIGITS, LOWER, UPPER = "0123456789", "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

ALPHABETS = (
    DIGITS,
    LOWER,
    UPPER,
    "αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ",
    "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧΆΈΉΊΌΎΏ",
    "ΓΔΘΛΞΠΣΦΨΩ",
    "èéùìòäöñüàÇØøÅåÆæßÉÄÖÑÜ",
    "áâãçêëíîïóôõúûýÿ",
    "абвгдежзийклмнопрстуфхцчшщъыьэюя",
    "АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ",
)
"""Letters that become each other. An Sms with those of one of them needs as many parts as with any others of it."""

HEX, HEX_UPPER = "0123456789abcdef", "0123456789ABCDEF"

HEXADECIMAL = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?=[0-9]*[a-f])[0-9a-f]{12,}", re.IGNORECASE)

ANY_LETTER = "\u0436"
"""What stands for a letter of another alphabet."""

PIECE = 64
"""Characters that are permuted together."""

ROUNDS = 4

_OF = {letter: alphabet for alphabet in reversed(ALPHABETS) for letter in alphabet}


def permuted(value: int, size: int, key: bytes) -> int:
    """A number from 0 to size - 1 as another: a Feistel network, walked until it leads there again."""
    half = max(1, -(-(size - 1).bit_length() // 2))
    low, length = (1 << half) - 1, half // 8 + 1
    while True:
        left, right = value >> half, value & low
        for turn in range(ROUNDS):
            mixed = shake_256(b"%b%d:%d:%d" % (key, size, turn, right)).digest(length)
            left, right = right, left ^ (int.from_bytes(mixed) & low)
        value = left << half | right
        if value < size:
            return value


def reshaped(text: str, key: bytes, good: Callable[[str], bool] | None = None) -> str:
    """Another text of the same shape. good: which are wanted; the text itself must be one of them."""
    return _known(text, key) if len(text) <= PIECE and good is None else _reshaped(text, key, good)


def _reshaped(text: str, key: bytes, good: Callable[[str], bool] | None = None) -> str:
    alphabets = {} if HEXADECIMAL.fullmatch(text) is None else _hexadecimal(text)
    while True:
        text = "".join(_piece(text[at : at + PIECE], alphabets, key) for at in range(0, len(text), PIECE))
        if good is None or good(text):
            return text


def _hexadecimal(text: str) -> dict[str, str]:
    """The letters that each of a hexadecimal text can become. In one of both cases, each stays what it is."""
    rows = (HEX, HEX_UPPER, DIGITS, HEX[10:], HEX_UPPER[10:])
    signs = {letter for letter in text if letter.isalnum()}
    whole = next((row for row in rows[:2] if signs <= {*row}), None)
    return {letter: whole or next(row for row in rows[2:] if letter in row) for letter in signs}


_known = lru_cache(maxsize=16_384)(_reshaped)
"""The same for short texts, most of which come again and again."""


def _piece(text: str, alphabets: dict[str, str], key: bytes) -> str:
    rows = [_alphabet(letter, alphabets) for letter in text]
    value, size = 0, 1
    for letter, row in zip(text, rows, strict=True):
        if len(row) > 1:
            value, size = value * len(row) + row.index(letter), size * len(row)
    if size == 1:
        return "".join(row or letter for letter, row in zip(text, rows, strict=True))
    value = permuted(value, size, key)
    written: list[str] = []
    for letter, row in zip(reversed(text), reversed(rows), strict=True):
        if len(row) > 1:
            value, place = divmod(value, len(row))
            written.append(row[place])
        else:
            written.append(row or letter)
    return "".join(reversed(written))


def _alphabet(letter: str, alphabets: dict[str, str]) -> str:
    """The letters that one can become; nothing for a sign that stays."""
    if alphabets and letter.isalnum():
        return alphabets[letter]
    return _OF.get(letter) or (ANY_LETTER if letter.isalnum() or (letter > "\x7f" and letter.isalpha()) else "")
