"""What all lines have in common: they name their part, and reach into an engine."""

from array import array
from collections import deque
from collections.abc import Iterator, Mapping
from functools import cache, partial
from operator import attrgetter
from typing import Any, ClassVar, Self

from msgspec import Struct

from mockserver.core.engine import Engine
from mockserver.core.values import Value


class Line(Struct, frozen=True, gc=False, tag_field="of", omit_defaults=True):
    """One line of a state."""

    @classmethod
    def take(cls, engine: Engine) -> Iterator["Line"]:
        """The lines of this part, as they are in an engine."""
        raise NotImplementedError

    def put(self, engine: Engine) -> None:
        """Put this line into an engine."""
        raise NotImplementedError


class Fields(Line, frozen=True):
    """A part that is one line, whose fields stand in the engine as they are. PLACES: where each of them stands."""

    PLACES: ClassVar[Mapping[str, str]] = {}

    @classmethod
    def take(cls, engine: Engine) -> Iterator[Self]:
        """The one line."""
        yield cls(**{name: plain(found(engine, place)) for name, place in cls.PLACES.items()})

    def put(self, engine: Engine) -> None:
        """Put each field in its place."""
        for name, place in self.PLACES.items():
            put(engine, place, getattr(self, name))


def plain(thing: Any) -> Any:
    """A collection as JSON has it; anything else as it is."""
    if isinstance(thing, dict):
        return dict(thing)
    return sorted(thing) if isinstance(thing, set) else list(thing) if isinstance(thing, deque | array) else thing


def found(engine: Engine, place: str) -> Any:
    """What stands at a place in an engine, such as `clock.now`."""
    return _at(place)(engine)


def sparse(value: Value) -> dict[str, Any]:
    """The fields of a value that are not as they are by default: most are, and need neither room nor time."""
    usual = _usual(type(value))
    fields = ((name, getattr(value, name)) for name in value.__struct_fields__)
    return {name: field for name, field in fields if name not in usual or field != usual[name]}


@cache
def _usual(kind: type[Value]) -> Mapping[str, Any]:
    """The fields of a kind of value that have a default."""
    defaults = kind.__struct_defaults__
    return dict(zip(kind.__struct_fields__[-len(defaults) :], defaults, strict=True)) if defaults else {}


_at = cache(attrgetter)


def put(engine: Engine, place: str, thing: Any) -> None:
    """Put something at a place in an engine: a collection becomes one of the kind that stands there."""
    owner, _, name = place.rpartition(".")
    old = found(engine, place)
    kind: Any = partial(array, old.typecode) if isinstance(old, array) else type(old)
    setattr(found(engine, owner), name, kind(thing) if hasattr(old, "__len__") else thing)
