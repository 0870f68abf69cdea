"""The form of a step: everything about a channel on the wire, as a row of the table of channels."""

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
"""One thing that is wrong in a step: the path inside the step, and a sentence."""


@dataclass(frozen=True, slots=True)
class Words:
    """What the matcher of a scenario can look at in a step: its sender, its label and its text."""

    sender: str
    label: str = ""
    text: str = ""


def by_number(echo: Json) -> tuple[str, Number | None]:
    """The recipient of a step that goes to a telephone number."""
    return echo["to"], read_number(echo["to"])


def one_part(_echo: Json, _transcode: bool) -> int:
    """The number of parts of a message that is never split: one."""
    return 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How a step of a channel is written, and what is read from it. Viber has two forms, each other channel has one.

    The rules read the caller's own fields, without blanks. All else reads the echo: the step as a reply repeats it.

    model: returns the pydantic model of the fields, which is imported on the first call.
    owns: the fields of this form that not every channel has.
    elsewhere: for a field that belongs elsewhere, the error, if it should say more than which channel has the field.
    spellings: the names of the one field that can be written in several ways; the model's own name is first.
    rules: find errors that involve several fields; the second argument is as for `parts`. They also run when a single
    field is wrong, so that one error names everything. They are silent about a wrong type: the model reports it.
    echo: makes the echo from the model as JSON and the caller's own fields.
    recipient: the address, and the number if it is one.
    words: what the matcher of a scenario can look at.
    parts: how many parts the message has; the second argument says whether to transcode where the step does not say.
    prices: of one part or one minute, by country.
    entries: the entries in the flow document, from a step, its message and its cost so far.
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
    entries: Callable[[Step, Message, int], list[Json]]
