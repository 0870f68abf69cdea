"""One rule, and where it comes from."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple


class Mark(StrEnum):
    """Where a rule comes from: Routee's documentation; what was seen of the live service; or a choice of ours."""

    DOC = "doc"
    SEEN = "seen"
    CHOICE = "choice"


Alternatives = Mapping[object, str]
"""For each other value of a switch, what holds with it, as a sentence."""

NONE: Alternatives = MappingProxyType({})


class Rule(NamedTuple):
    """A rule. id: its name. at: the module that enforces it, as a path below `mockserver`.

    switch: the field of `Dialect` that can have it otherwise. alternatives: of the switch; where it can be more than a
    few words, some examples.
    """

    id: str
    says: str
    mark: Mark
    at: str
    switch: str | None = None
    alternatives: Alternatives = NONE


class Chapter(NamedTuple):
    """The rules about one thing. note: what to know before reading them."""

    title: str
    rules: tuple[Rule, ...]
    note: str = ""


def doc(id_: str, says: str, at: str) -> Rule:
    """A rule that Routee documents."""
    return Rule(id_, says, Mark.DOC, at)


def seen(id_: str, says: str, at: str) -> Rule:
    """A rule that was seen in real replies, or in clients of the live service."""
    return Rule(id_, says, Mark.SEEN, at)


def choice(id_: str, says: str, at: str, switch: str | None = None, alternatives: Alternatives | None = None) -> Rule:
    """A rule that we chose, and the switch that can have it otherwise."""
    return Rule(id_, says, Mark.CHOICE, at, switch, alternatives or NONE)
