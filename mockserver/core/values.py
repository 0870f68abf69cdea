"""The values of the core: slotted dataclasses that nothing changes once they are made.

The type checker holds them to be frozen, and in the tests they are. Elsewhere nothing stops a change: a frozen one
takes three times as long to make, and a busy sandbox makes tens of thousands of them a second.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any, TypeVar, dataclass_transform

T = TypeVar("T")

FROZEN = False
"""Whether values refuse to be changed. The tests set it before the first of them is defined."""


_SHAPES: dict[type, tuple[Callable[[Any], tuple[Any, ...]], Mapping[str, int]]] = {}
"""Of each kind of value: what reads all its fields at once, and where each of them stands."""


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def value(kind: type[T]) -> type[T]:
    """Make a class one of values."""
    made = dataclass(slots=True, frozen=FROZEN, unsafe_hash=True)(kind)
    names = [each.name for each in fields(made)]  # type: ignore[arg-type]
    read = attrgetter(*names) if len(names) > 1 else lambda old: tuple(getattr(old, name) for name in names)
    _SHAPES[made] = (read, {name: place for place, name in enumerate(names)})
    return made


def replace(old: T, **changes: Any) -> T:
    """The same value with some of its fields changed."""
    kind: Any = type(old)
    read, places = _SHAPES[kind]
    row = [*read(old)]
    for name, new in changes.items():
        row[places[name]] = new
    changed: T = kind(*row)
    return changed
