"""The values of the core: slotted dataclasses that never change once they are made.

The type checker treats them as frozen, and in the tests they are. Elsewhere nothing stops a change: a frozen dataclass
takes three times as long to make, and a busy sandbox makes tens of thousands of values a second.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any, TypeVar, dataclass_transform

T = TypeVar("T")

FROZEN = False
"""Whether values refuse to be changed. The tests set it before the first value class is defined."""


_SHAPES: dict[type, tuple[Callable[[Any], tuple[Any, ...]], Mapping[str, int]]] = {}
"""For each class of values: a function that reads all fields at once, and the position of each field."""


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def value(kind: type[T]) -> type[T]:
    """Turn a class into a class of values."""
    made = dataclass(slots=True, frozen=FROZEN, unsafe_hash=True)(kind)
    names = [each.name for each in fields(made)]  # type: ignore[arg-type]
    read = attrgetter(*names) if len(names) > 1 else lambda old: tuple(getattr(old, name) for name in names)
    _SHAPES[made] = (read, {name: place for place, name in enumerate(names)})
    return made


def replace(old: T, **changes: Any) -> T:
    """A copy of a value with some fields changed."""
    kind: Any = type(old)
    read, places = _SHAPES[kind]
    row = [*read(old)]
    for name, new in changes.items():
        row[places[name]] = new
    changed: T = kind(*row)
    return changed
