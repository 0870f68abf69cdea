"""Whether a value is as expected, and in words how it differs: pure functions of the two."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from mockserver.core.matcher import is_like

LONGEST = 60
"""The most characters of a text that a sentence quotes."""

COMPARED = 1_000
"""The most characters of a text that are compared to find where it differs, and how much."""


class Heard(NamedTuple):
    """The statuses that a flow got, each as "Viber QUEUED", in the order of the journal; and whether it has ended."""

    statuses: tuple[str, ...]
    ended: bool


def fits(pattern: str, text: str) -> bool:
    """Whether a text fits; one that is not given fits an empty pattern only."""
    return is_like(pattern, text) if text else not pattern


def fits_in_any_case(pattern: str, text: str) -> bool:
    """Whether a name fits, upper or lower case."""
    return fits(_folded(pattern), text.casefold())


# One pattern is held against many texts, and may be long.
@lru_cache(maxsize=256)
def _folded(pattern: str) -> str:
    return pattern.casefold()


def fits_number(pattern: str, number: str) -> bool:
    """Whether a telephone number matches, with or without its plus."""
    return fits(pattern.removeprefix("+"), number.removeprefix("+"))


def is_not(wanted: str, said: str) -> str:
    """How a text differs; for a long text, the place where it does."""
    at = _alike(wanted, said)
    return f"is {_around(said, at)!r}, not {_around(wanted, at)!r}" if said else f"is none, not {_around(wanted, at)!r}"


def is_not_value(wanted: object, said: object) -> str:
    """How a number, or something like it, differs."""
    return f"is {said}, not {wanted}"


def are_not(wanted: Sequence[str], said: Sequence[str]) -> str:
    """How a list differs."""
    return f"are {', '.join(said)}; not {', '.join(wanted)}"


def holds_not(wanted: str, said: str) -> str:
    """How a text lacks the piece that is expected in it."""
    return (
        f"is {_around(said, 0)!r}, without {_around(wanted, 0)!r}" if said else f"is none, not {_around(wanted, 0)!r}"
    )


def in_order(wanted: Sequence[str], heard: Heard) -> bool:
    """Whether the flow got these statuses in this order, whatever came between them."""
    return len(_found(wanted, heard)) == len(wanted)


def breaks_off(wanted: Sequence[str], heard: Heard) -> str:
    """Where the order broke: which statuses came since, and which did not come."""
    found, statuses = _found(wanted, heard), heard.statuses
    missing, at = wanted[len(found)], found[-1] + 1 if found else 0
    since = ", ".join(statuses[at:])
    if at:
        where = f"after {statuses[at - 1]} came {since or 'nothing'}"
    else:
        where = f"{since} came" if since else "nothing was heard"
    earlier = any(fits_in_any_case(missing, each) for each in statuses[:at])
    return f"breaks off: {where}; {missing} {'came before that' if earlier else _lacking(heard)}"


def exactly(wanted: Sequence[str], heard: Heard) -> bool:
    """Whether the flow got exactly these statuses, and no others."""
    return len(wanted) == len(heard.statuses) == _together(wanted, heard)


def strays(wanted: Sequence[str], heard: Heard) -> str:
    """The first place where the statuses differ from the expected ones."""
    at, statuses = _together(wanted, heard), heard.statuses
    where = f"after {statuses[at - 1]} came" if at else "first came"
    if at == len(statuses):
        so_far = f"{where} nothing" if at else "nothing was heard"
        return f"differs: {so_far}; {wanted[at]} {_lacking(heard)}"
    if at == len(wanted):
        return f"differs: {where} {', '.join(statuses[at:])}, and nothing was expected"
    return f"differs: {where} {statuses[at]}, not {wanted[at]}"


def distance(wanted: object, said: object) -> float:
    """How far a value is from the expected one, from 0 to 1: the less they begin and end alike, the farther."""
    one, other = str(wanted)[:COMPARED].casefold(), str(said)[:COMPARED].casefold()
    head = _alike(one, other)
    tail = _alike(one[head:][::-1], other[head:][::-1])
    return 1 - (head + tail) / max(len(one), len(other)) if one != other else 0


def _alike(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    least, most = 0, min(len(one), len(other), COMPARED)
    while least < most:  # by halves: a few pieces are compared sooner than every character
        middle = (least + most + 1) // 2
        if one.startswith(other[:middle]):
            least = middle
        else:
            most = middle - 1
    return least


def _found(wanted: Sequence[str], heard: Heard) -> list[int]:
    """For each expected status, the place where it came after the one before it; up to the first that did not come."""
    found: list[int] = []
    for each in wanted:
        start = found[-1] + 1 if found else 0
        places = range(start, len(heard.statuses))
        place = next((at for at in places if fits_in_any_case(each, heard.statuses[at])), None)
        if place is None:
            break
        found.append(place)
    return found


def _together(wanted: Sequence[str], heard: Heard) -> int:
    """How many statuses came as expected, counted from the beginning."""
    pairs = enumerate(zip(wanted, heard.statuses, strict=False))
    parted = (at for at, (each, status) in pairs if not fits_in_any_case(each, status))
    return next(parted, min(len(wanted), len(heard.statuses)))


def _lacking(heard: Heard) -> str:
    return "never came" if heard.ended else "has not come yet"


def _around(text: str, at: int) -> str:
    """A text for a sentence to quote: cut short, around the place in question."""
    start = 0 if len(text) <= LONGEST else max(0, min(at - LONGEST // 3, len(text) - LONGEST))
    piece = text[start : start + LONGEST]
    return f"{'...' if start else ''}{piece}{'...' if start + LONGEST < len(text) else ''}"
