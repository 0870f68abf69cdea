"""What all lines have in common: they name their part, and reach into an engine."""

from collections import deque
from collections.abc import Iterator, Mapping
from functools import cache
from operator import attrgetter
from typing import Any, ClassVar, Self

from msgspec import Struct

from mockserver.core.engine import Engine


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
    return sorted(thing) if isinstance(thing, set) else list(thing) if isinstance(thing, deque) else thing


def found(engine: Engine, place: str) -> Any:
    """What stands at a place in an engine, such as `clock.now`."""
    return _at(place)(engine)


_at = cache(attrgetter)


def put(engine: Engine, place: str, thing: Any) -> None:
    """Put something at a place in an engine: a collection becomes one of the kind that stands there."""
    owner, _, name = place.rpartition(".")
    old = found(engine, place)
    setattr(found(engine, owner), name, type(old)(thing) if hasattr(old, "__len__") else thing)
