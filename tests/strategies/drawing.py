"""Drawing until something has been drawn: how many examples that takes is left to chance, and whether it comes is not."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from hypothesis import HealthCheck, Phase, find, settings
from hypothesis.strategies import SearchStrategy

Example = TypeVar("Example")

UNTIL_IT_COMES = settings(
    max_examples=100_000, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)


def drawn(strategy: SearchStrategy[Example], wanted: Callable[[Example], bool]) -> Example:
    """The first example that is wanted. Raises NoSuchExample if hardly any can be."""
    return find(strategy, wanted, settings=UNTIL_IT_COMES)


def all_drawn(
    strategy: SearchStrategy[Example], shows: Callable[[Example], set[str]], wanted: Iterable[str]
) -> set[str]:
    """What the examples show, drawn until they have shown all that is wanted."""
    shown, missing = set[str](), set(wanted)

    def nothing_is_missing(example: Example) -> bool:
        shown.update(shows(example))
        return missing <= shown

    drawn(strategy, nothing_is_missing)
    return shown
