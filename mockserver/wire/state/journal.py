"""The journal: the entries that are kept, in order."""

from array import array
from collections.abc import Iterator, Mapping
from typing import Any, get_args

from msgspec import Raw, json

from mockserver.core.engine import Engine
from mockserver.core.facts import Fact, ScenariosChanged
from mockserver.core.journal import GONE
from mockserver.wire.state.line import Line, found

FACTS: Mapping[str, type[Fact]] = {kind.__name__: kind for kind in get_args(Fact)}
"""The kinds of facts, by their names in a state."""

DECODERS: Mapping[str, json.Decoder[Any]] = {name: json.Decoder(kind) for name, kind in FACTS.items()}


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
        empty = {"_facts": [GONE], "_begun": [None], "_instants": array("q", [0]), "_back": array("I", [0])}
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
        """Write it. That of a flow that was forgotten is in no index."""
        engine.journal.write(self.at, self.read())

    def read(self) -> Fact:
        """The fact."""
        if self.kind != ScenariosChanged.__name__:
            fact: Fact = DECODERS[self.kind].decode(self.fact)
            return fact
        fields = json.decode(self.fact)
        source = fields.get("source")
        return ScenariosChanged(fields["name"], None if source is None else source.encode())
