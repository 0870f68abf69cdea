"""What is kept of a sandbox: the entries of its log, packed, and the engine that they lead to again.

An entry is a command with the name of its kind, or a number of events. Packed is MessagePack: a command is written and
read several times as fast as in the log that people read, which `lines` makes of it. A scenario is kept as its author
wrote it: what it was read into may have another form in another release.

A state is kept as its lines, compressed.
"""

import zlib
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from msgspec import Raw
from msgspec.msgpack import Decoder, Encoder

from mockserver.core.commands import Command, IssueToken, PutScenario, RecordAnswer
from mockserver.core.deliveries import Delivery
from mockserver.core.tokens import MOST, Token
from mockserver.wire import Json
from mockserver.wire.control import replay
from mockserver.wire.control.replay import KINDS, BadLog
from mockserver.wire.scenario.language import Written, nothing, read_scenario
from mockserver.wire.state import lines
from mockserver.wire.state.lines import BadState, Beginning

LEVEL = 1
"""Of compression: a higher one takes several times as long, and saves a quarter."""

PIECE = 262_144
"""Bytes of a state that are unpacked in one go."""

ENCODER = Encoder()
ENTRIES = Decoder(list[int | tuple[str, Raw]])
SCENARIO = Decoder(tuple[str, bytes])
NAMES = {kind: name for name, kind in KINDS.items() if kind is not PutScenario}
DECODERS: dict[str, Decoder[Any]] = {name: Decoder(kind) for kind, name in NAMES.items()}


def pack(entries: Iterable[Command | int]) -> bytes:
    """Entries of a log, packed."""
    return ENCODER.encode([(NAMES[kind], each) if (kind := type(each)) in NAMES else _other(each) for each in entries])


def unpack(packed: bytes) -> Iterator[Command | int]:
    """The entries that were packed. Raises BadLog."""
    try:
        for entry in ENTRIES.decode(packed):
            yield entry if isinstance(entry, int) else _command(*entry)
    except (msgspec.DecodeError, KeyError, ValueError) as error:
        raise BadLog(f"it cannot be read: {type(error).__name__}: {error}") from None


def _other(entry: Any) -> Any:
    if type(entry) is PutScenario:
        return "PutScenario", (entry.scenario.name, entry.scenario.source)
    return entry


def _command(kind: str, fields: Raw) -> Command:
    if kind != "PutScenario":
        command: Command = DECODERS[kind].decode(fields)
        return command
    name, source = SCENARIO.decode(fields)
    return PutScenario(read_scenario(Written(name, msgspec.json.decode(source)), nothing))


def pack_state(written: Iterable[bytes]) -> bytes:
    """The lines of a state, packed."""
    packing = zlib.compressobj(LEVEL)
    return b"".join([*map(packing.compress, written), packing.flush()])


def unpack_state(packed: bytes) -> Iterator[bytes]:
    """The lines that were packed, in pieces of some whole lines. Raises BadLog."""
    unpacking, rest = zlib.decompressobj(), b""
    try:
        while packed and not unpacking.eof:
            whole, end, rest = (rest + unpacking.decompress(packed, PIECE)).rpartition(b"\n")
            packed = unpacking.unconsumed_tail
            yield whole + end
    except zlib.error as error:
        raise BadLog(f"its state cannot be unpacked: {error}") from None


class Revival:
    """A sandbox that is brought back: from a state, if there is one, and then fed with what was kept since, in order.

    engine: as the entries so far have made it. tokens: every token it issued, also those revoked since. unanswered: the
    callbacks that were posted and have no answer, oldest first, by their numbers. done: how many commands it was fed
    with, and events.
    """

    def __init__(self, head: Json) -> None:
        self.engine = replay.begin(head)
        self.tokens: dict[str, Token] = {}
        self.unanswered: dict[int, Delivery] = {}
        self.done = 0

    def restore(self, packed: bytes, entries: int) -> None:
        """Begin with a state. entries: how long the journal must be in it. Raises BadLog."""
        try:
            beginning = lines.read(unpack_state(packed), self.engine)
            self.unanswered = {number: self.engine.deliveries[number] for number in beginning.under_way}
        except (BadState, KeyError) as error:
            raise BadLog(str(error)) from None
        self.tokens = {token.value: token for token in beginning.tokens}
        self._check(entries)

    def state(self) -> bytes:
        """Its state, packed."""
        tokens = tuple(self.tokens.values())[-MOST:]
        under_way = tuple(delivery.number for delivery in self.again)
        return pack_state(lines.write(self.engine, Beginning(lines.FORMAT, tokens, under_way)))

    def feed(self, packed: bytes, entries: int) -> None:
        """Do what some entries say. entries: how long the journal must be after it. Raises BadLog."""
        try:
            for entry in unpack(packed):
                if isinstance(entry, int):
                    self.done += entry
                    for _ in range(entry):
                        for delivery in replay.happen(self.engine).deliveries:
                            self.unanswered[delivery.number] = delivery
                else:
                    self.done += 1
                    self._do(entry)
        except BadLog:
            raise
        except Exception as error:  # entries that another release has kept can make the engine raise anything
            raise BadLog(f"it cannot be done here: {type(error).__name__}: {error}") from None
        self._check(entries)

    def _check(self, entries: int) -> None:
        if len(self.engine.journal) != entries:
            raise BadLog(f"the journal had {entries} entries after it, and here has {len(self.engine.journal)}")

    def _do(self, command: Command) -> None:
        effect = self.engine.submit(command)
        if isinstance(command, RecordAnswer):
            self.unanswered.pop(command.callback, None)
        elif isinstance(command, IssueToken) and effect.token is not None:
            self.tokens[effect.token.value] = effect.token

    @property
    def again(self) -> tuple[Delivery, ...]:
        """The callbacks to post again: those without an answer, of flows that are still there."""
        return tuple(each for each in self.unanswered.values() if self.engine.deliveries.get(each.number) is not None)
