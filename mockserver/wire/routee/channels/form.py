"""The form of a step: all that is to be known of a channel on the wire, as one row of the table of channels."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mockserver.core.flow import Message
from mockserver.core.step import Step
from mockserver.numbering.numbers import Number, read_number
from mockserver.wire import Json

if TYPE_CHECKING:
    from mockserver.wire.types import Model

Problem = tuple[str, str]
"""What is wrong in a step: its path in there, and a sentence."""


@dataclass(frozen=True, slots=True)
class Words:
    """What a scenario may look for in a step: who sends it, under what label, and what it says."""

    sender: str
    label: str = ""
    text: str = ""


def by_number(echo: Json) -> tuple[str, Number | None]:
    """The recipient of a step that goes to a telephone number."""
    return echo["to"], read_number(echo["to"])


def one_part(_echo: Json, _transcode: bool) -> int:
    """The parts of what is never divided."""
    return 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How the steps over a channel are written, and what is made of them. Viber has two forms, the others one.

    To read a step:
    model: the pydantic model of its fields, imported when it is first asked for.
    owns: the fields that it has and not every channel.
    elsewhere: what is said of a field that belongs elsewhere, if that is more than where.
    spellings: of the field that may be written in several ways, the model's own first.
    rules: what several fields get wrong together. They read the caller's fields, blanks taken out, and run whether or
    not single fields are right, so that everything wrong is named at once; where a type is wrong they keep quiet, for
    that has been said already.
    echo: the step as the reply echoes it, of the model as JSON and of what the caller wrote.

    Of the step as it is echoed:
    recipient: the address, and the number if it is one. words: what scenarios look for. parts: how many there are;
    transcode is what a step that is silent on it follows. prices: its prices by country.

    Of the step that was sent, as the core and as the reply have it:
    entries: what stands of its message in the flow document, in one entry or one for each part. price: of them all.
    """

    model: Callable[[], "type[Model]"]
    owns: tuple[str, ...]
    elsewhere: Mapping[str, str]
    spellings: tuple[str, ...] = ()
    rules: tuple[Callable[[Json], Iterator[Problem]], ...] = ()
    echo: Callable[[Json, Json], Json]
    recipient: Callable[[Json], tuple[str, Number | None]] = by_number
    words: Callable[[Json], Words]
    parts: Callable[[Json, bool], int] = one_part
    prices: Callable[[Json], Mapping[str, int]]
    entries: Callable[[Step, Message, Json, int], list[Json]]
