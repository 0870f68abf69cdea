"""The journal: the entries that are kept, in order."""

from array import array
from collections.abc import Callable, Iterator, Mapping
from typing import Any, get_args

from msgspec import Raw, json

from mockserver.core.engine import Engine
from mockserver.core.facts import Fact, ScenariosChanged
from mockserver.core.journal import GONE
from mockserver.wire.state.line import Line, found


def _scenarios_changed(fact: Raw) -> Fact:
    """The one kind of fact that has JSON in it: a state has that as text."""
    fields = json.decode(fact, type=dict[str, str | None])
    name, source = fields["name"], fields["source"]
    return ScenariosChanged(name, None if source is None else source.encode())


READERS: Mapping[str, Callable[[Raw], Fact]] = {
    **{kind.__name__: json.Decoder(kind).decode for kind in get_args(Fact)},
    ScenariosChanged.__name__: _scenarios_changed,
}
"""What reads each kind of fact, by its name in a state."""


class Written(Line, frozen=True, tag="journal"):
    """How many entries were forgotten. overweight: some because of their texts."""

    forgotten: int
    overweight: bool

    @classmethod
    def take(cls, engine: Engine) -> Iterator[Line]:
        """The one line."""
        yield cls(engine.journal.forgotten, engine.journal.overweight)

    def put(self, engine: Engine) -> None:
        """Begin the journal after those that were forgotten, with nothing in their places."""
        places = min(self.forgotten, found(engine, "journal._most"))
        none = array("I", [0])
        empty = {"_facts": [GONE], "_change": none, "_instants": array("q", [0]), "_back": none}
        for name, one in empty.items():
            setattr(engine.journal, name, one * places)
        engine.journal.written = engine.journal.forgotten = self.forgotten
        engine.journal.overweight = self.overweight


class Entry(Line, frozen=True, tag="entry"):
    """An entry: its instant, the kind of its fact, and the fact. Its number follows from its place."""

    at: int
    kind: str
    fact: Raw

    @classmethod
    def take(cls, engine: Engine) -> Iterator[Line]:
        """A line for each that is kept."""
        for entry in engine.journal.read(0):
            fact: Any = entry.fact
            yield cls(entry.at, type(fact).__name__, fact)

    def put(self, engine: Engine) -> None:
        """Write it."""
        engine.journal.write(self.at, READERS[self.kind](self.fact))
