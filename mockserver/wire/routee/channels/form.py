"""The form of a step: all that is to be known of a channel on the wire, as a row of the table of channels."""

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
    """How a step over a channel is written, and what is made of it. Viber has two forms, the other channels one each.

    A rule reads the caller's own fields, blanks taken out. The rest reads the echo: the step as a reply repeats it.

    model: the pydantic model of the fields, imported when it is first asked for.
    owns: the fields that this form has and not every channel has.
    elsewhere: what is said of a field that belongs elsewhere, where that is more than whose it is.
    spellings: the names of the one field that may be written in several ways, the model's own first.
    rules: what several fields get wrong together; the second argument is as for `parts`. They run whether or not
    single fields are right, so that everything wrong is named at once; where a type is
    wrong they keep quiet, for that has been said already.
    echo: of the model as JSON, and of the caller's own fields.
    recipient: the address, and the number if it is one.
    words: what a scenario may look for.
    parts: how many the message takes; the second argument is whether to transcode where the step does not say.
    prices: of one part or one minute, by country.
    entries: the message in the flow document, of a step, its message, its echo and what it has cost so far.
    """

    model: Callable[[], "type[Model]"]
    owns: tuple[str, ...]
    elsewhere: Mapping[str, str]
    spellings: tuple[str, ...] = ()
    rules: tuple[Callable[[Json, bool], Iterator[Problem]], ...] = ()
    echo: Callable[[Json, Json], Json]
    recipient: Callable[[Json], tuple[str, Number | None]] = by_number
    words: Callable[[Json], Words]
    parts: Callable[[Json, bool], int] = one_part
    prices: Callable[[Json], Mapping[str, int]]
    entries: Callable[[Step, Message, Json, int], list[Json]]
