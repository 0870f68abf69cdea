"""Seals: what a sandbox's log has led to is kept, so that a restart need not replay it.

The log is replayed for it, as a restart would. That takes long, so another process does it, and takes no processor from
the server that another could use. It needs nothing of the server: the beginning of a log never changes.
"""

import asyncio
import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mockserver.keeping.keeper import Keeper
from mockserver.keeping.reviving import revive
from mockserver.keeping.values import CannotKeep, LogStore, Snapshot, StoreError, Tail, World
from mockserver.wire.control import replay
from mockserver.wire.state import lines

log = logging.getLogger("mockserver")

LONG = Tail(entries=50_000, bytes=64 * 1_048_576)
"""A tail that is sealed while the server runs: to replay it would take a second, or to read it."""

SHORT = 20_000
"""Entries of logs and journals, in all, that are sealed when the server stops: it takes half a second."""

LOOK = 2.0
"""Real seconds between two looks at the tails."""

PAUSE = 60.0
"""Real seconds before a world is tried again that could not be sealed."""

NICENESS = 15
"""Of the process that seals: it takes what the server leaves of the processors."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """What a seal has come to. tail: what need not be replayed any more. bytes: of the state."""

    world: World
    seq: int
    tail: Tail
    bytes: int

    def json(self) -> Mapping[str, Any]:
        """As one process tells another."""
        tail = {"entries": self.tail.entries, "bytes": self.tail.bytes}
        return {"key": self.world.key, "id": self.world.id, "seq": self.seq, "tail": tail, "bytes": self.bytes}


def seal(store: LogStore, world: World) -> Sealed | None:
    """Seal one world. Returns None where there is nothing to replay. Raises StoreError and CannotKeep."""
    revived = revive(store, world)
    if not revived.tail.entries:
        return None
    entries = len(revived.revival.engine.journal)
    try:
        state = revived.revival.state()
    except (TypeError, ValueError) as error:  # damage can look like a command with other values
        raise StoreError(f"the state of the sandbox {world.id} cannot be written: {error}") from None
    store.seal(Snapshot(world.key, revived.seq, revived.at, entries, (lines.FORMAT, replay.ENGINE), state))
    return Sealed(world, revived.seq, revived.tail, len(state))


def seal_short(store: LogStore, keeper: Keeper) -> None:
    """Seal the worlds that can be sealed in a moment, the shortest first: the server stops."""
    left = SHORT
    try:
        worlds = {world.key: world for world in store.worlds()}
    except StoreError as error:
        log.warning("nothing was sealed: %s", error)
        return
    for key, tap in sorted(keeper.taps.items(), key=lambda each: each[1].tail.entries):
        left -= tap.tail.entries + tap.journal
        if left < 0:
            return
        if key in worlds and tap.tail.entries:
            try:
                seal(store, worlds[key])
            except (StoreError, CannotKeep) as error:
                log.warning("%s was not sealed: %s", worlds[key].id, error)


class Sealer:
    """Seals long tails while a server runs.

    command: seals the worlds whose names are added to it. store: the URL that it finds in its environment, if any.
    """

    def __init__(self, keeper: Keeper, command: Sequence[str], store: str | None = None) -> None:
        self._keeper = keeper
        self._command = command
        self._environment = os.environ | ({} if store is None else {"ROUTEE_MOCK_STORE": store})
        self._lock = asyncio.Lock()
        self._later: dict[int, float] = {}
        self.seals = 0

    async def run(self) -> None:
        """Look at the tails, again and again."""
        while True:
            await asyncio.sleep(LOOK)
            for world in tuple(self._long()):
                try:
                    await self.seal([world])
                except StoreError as error:
                    log.warning("the sandbox %s could not be sealed: %s", world.id, error)
                    self._later[world.key] = asyncio.get_running_loop().time() + PAUSE

    def _long(self) -> Iterator[World]:
        now = asyncio.get_running_loop().time()
        for key, tap in self._keeper.taps.items():
            long = tap.tail.entries > LONG.entries or tap.tail.bytes > LONG.bytes
            if long and tap.world is not None and self._later.get(key, now) <= now:
                yield tap.world

    async def seal(self, worlds: Iterable[World]) -> Sequence[Mapping[str, Any]]:
        """Seal some worlds now, in another process. Returns what it told of each. Raises StoreError."""
        async with self._lock:
            words = [*self._command, *(world.name for world in worlds)]
            process = await asyncio.to_thread(_start, words, self._environment)
            try:
                told, why = await asyncio.to_thread(process.communicate)
            finally:
                if process.poll() is None:
                    process.kill()
        sealed = [json.loads(line) for line in told.splitlines()]
        for each in sealed:
            self._shorten(each["key"], Tail(**each["tail"]))
        if process.returncode:
            raise StoreError(why.decode(errors="replace").strip().removeprefix("Error: "))
        return sealed

    def _shorten(self, key: int, tail: Tail) -> None:
        self.seals += 1
        tap = self._keeper.taps.get(key)
        if tap is not None:
            tap.tail.entries -= tail.entries
            tap.tail.bytes -= tail.bytes


def _start(command: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(  # noqa: S603
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    )
    os.setpriority(os.PRIO_PROCESS, process.pid, NICENESS)
    return process


def command(directory: os.PathLike[str] | None) -> Sequence[str]:
    """The command that seals worlds in a directory; without one, in the database that its environment names."""
    place = () if directory is None else ("--data", os.fspath(directory))
    return [sys.executable, "-P", "-m", "mockserver", "data", "seal", *place, "--json"]
