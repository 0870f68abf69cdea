"""The parts of a step: numbers that belong to nobody, senders, texts, URLs that lead nowhere."""

from math import prod
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from mockserver.core import catalogue
from mockserver.core.channels import RULES, Channel
from mockserver.numbering.examples import example_numbers
from mockserver.wire import Json

ALPHABET = st.characters(codec="utf-8", exclude_characters="\0")
"""The characters of a text: all except NUL, and surrogates, which JSON cannot hold."""

WORDS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_SIGNS = " ._&-"


def numbers() -> SearchStrategy[str]:
    """Recipients in E.164 with a plus; none of them belongs to anybody.

    Magic recipients, whose last digits choose the outcomes of their messages; numbers kept for film and fiction; and
    the example number that `phonenumbers` has for each country.
    """
    return magic_numbers() | st.deferred(lambda: st.sampled_from(example_numbers()))


def magic_numbers(*, viber: str | None = None, sms: str | None = None, voice: str | None = None) -> SearchStrategy[str]:
    """Magic recipients with these outcomes, by name ("expired"); where none is named, with any.

    Raises ValueError for an outcome that no digit stands for.
    """
    named = {Channel.VIBER: viber, Channel.SMS: sms, Channel.VOICE: voice}
    outcomes = {
        channel: [each.name for each in catalogue.MAGIC[channel]] if name is None else [name]
        for channel, name in named.items()
    }
    catalogue.recipient(**{channel.lower(): names[0] for channel, names in outcomes.items()})  # type: ignore[arg-type]
    # One choice instead of one for each digit: Hypothesis thinks that fewer choices are simpler.
    names = list(outcomes.values())
    return st.integers(0, 100 * prod(map(len, names)) - 1).map(lambda number: _recipient(number, names))


def _recipient(number: int, outcomes: list[list[str]]) -> str:
    """One magic recipient, by its number, of all that have one of these outcomes for each channel."""
    chosen = []
    for names in outcomes[::-1]:
        number, place = divmod(number, len(names))
        chosen.append(names[place])
    voice, sms, viber = chosen
    return catalogue.recipient(number, viber=viber, sms=sms, voice=voice)


def spelled(numbers: SearchStrategy[str]) -> SearchStrategy[str]:
    """Numbers with or without their plus."""
    return st.builds(lambda number, plus: number if plus else number[1:], numbers, st.sampled_from([True, False]))


def texts(max_size: int = 300) -> SearchStrategy[str]:
    """Texts of messages and labels: at most `max_size` characters, and never blank."""
    return st.text(ALPHABET, min_size=1, max_size=max_size).filter(str.strip)


def passages() -> SearchStrategy[str]:
    """Texts that can need several parts of an Sms; at most 800 characters."""
    return texts() | st.builds(lambda text, times: text * times, texts(20), st.integers(8, 40))


def senders() -> SearchStrategy[str]:
    """Senders of messages: a name of at most 11 letters and digits, or a number."""
    names = st.text(WORDS + _SIGNS, min_size=1, max_size=11).filter(lambda name: any(map(str.isalpha, name)))
    return st.just("Sender") | names | st.text("0123456789", min_size=1, max_size=5) | spelled(numbers())


def urls(host: str = "webhook.invalid") -> SearchStrategy[str]:
    """URLs of a host that does not exist, so nobody is called."""
    paths = st.text(WORDS + "-_/?=&", max_size=20)
    return st.builds(lambda scheme, path: f"{scheme}://{host}/{path}", st.sampled_from(["http", "https"]), paths)


def media(*endings: str) -> SearchStrategy[str]:
    """Https URLs of files whose names have one of these endings."""
    names = st.text(WORDS, min_size=1, max_size=20)
    return st.builds(lambda name, ending: f"https://media.invalid/{name}.{ending}", names, st.sampled_from(endings))


def in_any_case(*words: str) -> SearchStrategy[str]:
    """These words, in any case."""
    plain = map(str, words)  # plain texts, because YAML does not take members of an enumeration
    return st.sampled_from([each for word in plain for each in dict.fromkeys((word, word.lower(), word.upper()))])


def triggers(channel: Channel) -> SearchStrategy[Any]:
    """`failoverOnStatuses`: an array, or one text with commas; in upper or lower case."""
    some = st.lists(in_any_case(*RULES[channel].triggers), max_size=4)
    return some | some.map(", ".join)


def tenths(low: int, high: int) -> SearchStrategy[int | float]:
    """Numbers with one decimal place, or whole. low, high: the bounds, in tenths."""
    return st.integers(low, high).map(lambda tenth: tenth // 10 if tenth % 10 == 0 else tenth / 10)


def objects() -> SearchStrategy[Json]:
    """Small objects of the caller's own."""
    scalars = st.none() | st.booleans() | st.integers(-(10**9), 10**9) | texts(20)
    return st.dictionaries(texts(20), scalars | st.lists(scalars, max_size=3), min_size=1, max_size=3)
