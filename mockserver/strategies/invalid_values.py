"""What can be wrong with one field, by its type: the ways to spoil it, each with the error it gets.

The values are never blank, because a blank field counts as absent; `required` is for that.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from mockserver.core.channels import RULES, Channel, canonical
from mockserver.wire.routee.limits import MOST_TRIGGERS


@dataclass(frozen=True, slots=True)
class Spoil:
    """A way to spoil a field.

    what: in words, what is wrong. values: to put in the field. says: a part of the error. at: the path inside the field
    that the error names.
    """

    what: str
    values: SearchStrategy[Any]
    says: str
    at: str = ""


Spoils = Iterator[Spoil]

MISSING = object()
"""A value that means: remove the field."""

_one_of = st.sampled_from

NOTHING = _one_of((MISSING, None, "", "  ", 0, False))
BLANK = NOTHING | st.builds(list)
"""Values that count as absent."""

_NUMBERS = st.integers(1, 10**12)
_ARRAYS = st.lists(st.text("abc", min_size=1, max_size=3), min_size=1, max_size=2)
_OBJECTS = st.builds(lambda text: {"colour": text}, _one_of(("red", "green")))
_NUL = _one_of(("\0", "a\0b", "\0\0 "))


def required(field: Spoils, blank: SearchStrategy[Any] = BLANK) -> Spoils:
    """A field that must be present. blank: values that count as absent."""
    yield Spoil("is missing", blank, "is required")
    yield from field


def text(most: int | None = None) -> Spoils:
    """A text of at most `most` characters."""
    yield Spoil("is no text", _NUMBERS | _ARRAYS | _OBJECTS | st.just(True), "must be a text")
    yield Spoil("holds NUL", _NUL, "must not hold a NUL character")
    if most is not None:
        yield _too_long(st.text("abcé", min_size=most + 1, max_size=most + 20), most)


def url(most: int | None = None) -> Spoils:
    """An http or https URL."""
    yield from text()
    strange = ("example", "example.com/path", "ftp://example.com/", "http://", "https:// /", "http://[::1", "http:/a")
    yield Spoil("is no URL", _one_of(strange), "must be an http or https URL")
    if most is not None:
        yield _too_long(_long_url("http", most), most)


def long_text(most: int) -> Spoils:
    """A text, at most so many characters long, and these are too many to draw them one by one."""
    yield from text()
    yield _too_long(st.builds(lambda letter, more: letter * (most + more), _one_of("abé"), st.integers(1, 20)), most)


def https() -> Spoils:
    """An https URL of at most 1000 characters."""
    yield from text()
    strange = ("http://media.invalid/b.jpg", "b.jpg", "ftp://media.invalid/", "https:/media.invalid/")
    yield Spoil("is no https URL", _one_of(strange), "must be an https URL")
    yield Spoil(
        "is no URL", _one_of(("https://", "https:///a", "https://a b/", "https://[")), "must be an http or https"
    )
    yield _too_long(_long_url("https", 1_000), 1_000)


def number() -> Spoils:
    """A telephone number."""
    yield Spoil("is no text", st.just(306900000000) | _ARRAYS | _OBJECTS, "must be a text")
    yield from wrong_number()


def wrong_number() -> Spoils:
    """A text that should be a telephone number."""
    words = ("nobody", "+30 690 000 0000", "+30-6900000000", "++306900000000", "\u0663\u0660\u0666\u0669" * 3)
    yield Spoil("holds more than digits", _one_of(words), "nothing but digits after its plus")
    yield Spoil("begins with 0", _one_of(("00306900000000", "06900000000", "+0306900000")), "never with 0")
    short, long = st.text("123456789", min_size=1, max_size=6), st.text("123456789", min_size=16, max_size=20)
    yield Spoil("is too short", short, "it has 7 to 15 digits, and this one has ")
    yield Spoil("is too long", long, "it has 7 to 15 digits, and this one has ")
    yield Spoil("has no calling code", _one_of(("+9995550100", "2105550100")), "must begin with the calling code")


def way_to_call() -> Spoils:
    """Where to call: a number or an object."""
    yield Spoil("is no text", _NUMBERS, "must be a text; put it in quotes: ")
    yield from wrong_number()
    yield Spoil("is no object", _ARRAYS, "must be an object")


def sender() -> Spoils:
    """The sender of a message."""
    yield from text()
    names, digits = st.text("abc", min_size=12, max_size=20), st.text("123", min_size=17, max_size=20)
    yield Spoil("is too long", names | digits, "must be a number of at most 16 digits, or a name of at most 11")
    yield Spoil("holds strange signs", _one_of(("Café", "a@b", "---", "my/shop", "+")), "or a name of at most 11")


def sip() -> Spoils:
    """A SIP address."""
    yield from text()
    yield _too_long(st.text("abc", min_size=240, max_size=260).map(lambda user: f"sip:{user}@sip.invalid"), 255)
    yield Spoil("is no SIP address", _one_of(("somebody", "a@", "@b", "a b@c", "a@b@c")), "must be a SIP address")


def whole(low: int, high: int, near: int = 1) -> Spoils:
    """A whole number from `low` to `high`. near: wrong numbers are at least this far outside."""
    fractions = st.integers(max(low, 0), min(high, 10**6)).map(lambda value: value + 0.5)
    others = fractions | _one_of(("10", True, "many")) | _ARRAYS | _OBJECTS
    yield Spoil("is no whole number", others, "must be a whole number")
    small = st.integers(low - 1_000 * near, low - near).filter(bool)
    yield Spoil("is too small", small, f"must be at least {low}")
    yield Spoil("is too large", st.integers(high + near, high + 1_000 * near), f"must be at most {high}")


def amount(most: int) -> Spoils:
    """A number above 0 and up to `most`."""
    yield Spoil("is no number", _one_of(("10", True)) | _ARRAYS | _OBJECTS, "must be a number")
    yield Spoil("is not above 0", st.integers(-1_000, -1), "must be more than 0")
    yield Spoil("is too large", st.integers(most + 1, 2 * most), f"must be at most {most}")


def minutes() -> Spoils:
    """The ttl of a Viber step: 0.5 to 1440, with one decimal place."""
    yield Spoil("is no number", _one_of(("10", True)) | _ARRAYS | _OBJECTS, "must be a number")
    yield Spoil("is too small", _one_of((0.1, 0.4, 0.49, -1, -10.5)), "must be at least 0.5")
    yield Spoil("is too large", _one_of((1_440.1, 1_441, 10**6)), "must be at most 1440")
    fine = st.integers(51, 143_999).filter(lambda value: value % 10 != 0).map(lambda value: value / 100)
    yield Spoil("has two decimal places", fine, "must have at most one decimal place")


def boolean() -> Spoils:
    """True or false."""
    yield Spoil("is no boolean", _one_of(("yes", "true", "false", 1)) | _ARRAYS | _OBJECTS, "must be true or false")


def choice(*words: str, any_case: bool = False) -> Spoils:
    """One of these words, in this spelling. any_case: in upper or lower case too."""
    others = {f"{word}s" for word in words} | {"other"} | (set() if any_case else {word.swapcase() for word in words})
    strange = st.sampled_from(sorted(others - set(words)))
    yield Spoil("is unknown", strange | _NUMBERS, f"must be one of {', '.join(words)}")


def statuses(channel: Channel) -> Spoils:
    """`failoverOnStatuses`."""
    triggers = RULES[channel].triggers
    every = {status for rules in RULES.values() for status in rules.statuses}
    others = sorted(
        each for each in every if canonical(channel, each) is None or each.casefold() not in _folded(triggers)
    )
    said = f"must be one of {', '.join(triggers)}"
    yield Spoil("is no array", _NUMBERS | _OBJECTS | st.just(True), "must be an array of statuses")
    strange = st.sampled_from(("nonsense", *others))
    yield Spoil("holds a status that is none of its own", strange | strange.map(lambda each: [each]), said, "[0]")
    blank = st.sampled_from(triggers).map(lambda each: [each, ""])
    yield Spoil("holds a blank", blank, said, "[1]")
    yield Spoil("holds what is no text", (_NUMBERS | _ARRAYS).map(lambda each: [each]), "must be a text", "[0]")
    yield _too_many(st.sampled_from(triggers), MOST_TRIGGERS)


def thing() -> Spoils:
    """An object."""
    yield Spoil("is no object", _one_of(("hello", 5, True)) | _ARRAYS, "must be an object")


def array(most: int | None = None) -> Spoils:
    """An array, at most so many entries long."""
    yield Spoil("is no array", _one_of(("hello", 5, True)) | _OBJECTS, "must be an array")
    if most is not None:
        yield _too_many(st.just({"type": "SAY"}), most)


def _too_many(entry: SearchStrategy[Any], most: int) -> Spoil:
    values = st.builds(lambda each, number: [each] * number, entry, st.integers(most + 1, most + 20))
    return Spoil("has too many entries", values, f"must have at most {most} entries; it has ")


def own() -> Spoils:
    """An object of the caller's own."""
    yield from thing()
    yield Spoil("holds NUL", st.builds(lambda text: {"a": [text]}, _NUL), "must not hold a NUL character")
    yield Spoil("nests too deep", st.integers(300, 400).map(_nested), "nests too deeply")


def _nested(depth: int) -> Any:
    thing: Any = 1
    for _ in range(depth):
        thing = {"a": thing}
    return thing


def _folded(words: tuple[str, ...]) -> set[str]:
    return {word.casefold() for word in words}


def _long_url(scheme: str, most: int) -> SearchStrategy[str]:
    head = f"{scheme}://media.invalid/"
    size = most - len(head)
    return st.text("abc", min_size=size + 1, max_size=size + 20).map(lambda path: head + path)


def _too_long(values: SearchStrategy[str], most: int) -> Spoil:
    return Spoil("is too long", values, f"must have at most {most} characters; it has ")
