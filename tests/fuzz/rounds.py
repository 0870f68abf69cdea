"""Many cases against one server, and what was found: the attack itself."""

import asyncio
import json
import socket
import struct
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from mockserver.http.endpoints import SANDBOX, SERVER
from tests.fuzz.answers import Answer, Broken, faults, read_answer
from tests.fuzz.cases import ROUND, Case, case
from tests.fuzz.hook import hook
from tests.fuzz.shapes import Script, Then
from tests.fuzz.target import GRACE, SECRET, Target, running

LANES = 6
"""Connections that are attacked at the same time."""

PATIENCE = 60.0
"""Real seconds that a connection may take; as long again, if the machine is busy and others are not answered either."""

BUSY = 5.0
"""Seconds of CPU that the server may use while a connection lasts, and those beside it."""

RENEWED = 100
"""Cases after which there is a new token, for they are revoked again and again."""

TICK, STALLED = 0.2, 2.0
"""Real seconds between two looks at the clock, and how many mean that the machine stood still: then nobody is to blame
for an answer that is late, or for a connection that was closed because the client seemed idle."""

QUIET = 0.3
"""Real seconds after which a connection over TLS has been answered, where nobody can tell whether it is."""

UNKNOWN = 4
"""Of so many cases, one does not know the control token."""

LONGEST = 64 * 2**20
"""Bytes that a reader takes in one go."""

OPTIONS: Sequence[tuple[str, ...]] = (
    ("--clock", "manual"),
    ("--clock", "instant", "--strict-fields"),
    ("--clock", "realtime", "--rate", "1000", "--log", "json"),
    ("--sandboxes", "auto", "--max-body", "20000"),
    ("--control-token", SECRET),
    ("--tls", "--tls-port", "0"),
)
"""How the servers of the rounds are started, in turn."""


@dataclass(slots=True)
class Report:
    """What was done, and what was found. slow: the cases in which the server used the most seconds of CPU."""

    seed: int
    cases: int = 0
    requests: int = 0
    answers: Counter[int] = field(default_factory=Counter)
    found: dict[str, list[str]] = field(default_factory=dict)
    slow: list[tuple[float, str]] = field(default_factory=list)
    memory: int = 0

    def add(self, what: str, where: str) -> None:
        """A fault; those that read alike are kept together."""
        self.found.setdefault(what, []).append(where)


async def attack(report: Report, numbers: range, until: float) -> None:
    """Send the cases, a round at a time, until this instant of time.monotonic."""
    async with hook(report.seed) as port:
        while numbers and time.monotonic() < until:
            number = numbers.start // ROUND
            size = min(len(numbers), ROUND - numbers.start % ROUND)
            async with running(port, OPTIONS[number % len(OPTIONS)]) as target:
                await _Round(report, target, until).play(numbers[:size])
            numbers = numbers[size:]


class _Round:
    def __init__(self, report: Report, target: Target, until: float) -> None:
        self._report, self._target, self._until = report, target, until
        self._over = False
        self._now: set[int] = set()
        self._stood_still = 0.0

    async def play(self, numbers: range) -> None:
        """Send these cases, then look whether the server is as it was."""
        ticking = asyncio.create_task(self._tick())
        try:
            await self._play(numbers)
        finally:
            ticking.cancel()

    async def _tick(self) -> None:
        """Note when the machine stood still."""
        while True:
            began = time.monotonic()
            await asyncio.sleep(TICK)
            if time.monotonic() - began > STALLED:
                self._stood_still = time.monotonic()

    async def _play(self, numbers: range) -> None:
        for start in range(0, len(numbers), RENEWED):
            if not self._over and time.monotonic() < self._until:
                await self._send(iter(numbers[start : start + RENEWED]))
        report, target = self._report, self._target
        if not self._over:
            await self._look_around(numbers)
            report.memory = max(report.memory, target.memory())
            if wrong := await target.stop():
                report.add(wrong, f"after case {numbers[-1]}")
        self._read_log(f"by case {numbers[-1]}")

    async def _send(self, numbers: Iterator[int]) -> None:
        try:
            await self._target.renew()
        except (OSError, Broken, TimeoutError, asyncio.IncompleteReadError) as error:
            self._end(
                f"the server does not answer a good request: {type(error).__name__} {error}", "before the next cases"
            )
            return
        await asyncio.gather(*(self._lane(numbers) for _ in range(LANES)))

    async def _lane(self, numbers: Iterator[int]) -> None:
        for number in numbers:
            if self._over:
                return
            whole = case(self._report.seed, number)
            self._now.add(number)
            began = self._target.worked()
            await self._try(whole)
            if not self._over:
                self._weigh(whole, self._target.worked() - began)
            self._report.cases += 1
            self._report.requests += whole.requests
            self._read_log(f"near cases {sorted(self._now)}")
            self._now.discard(number)

    def _weigh(self, whole: Case, cpu: float) -> None:
        report = self._report
        report.slow = sorted([*report.slow, (cpu, str(whole))], reverse=True)[:3]
        if cpu > BUSY:
            report.add(f"the server used more than {BUSY:g} s of CPU", f"{cpu:.1f} s in {whole}")

    async def _try(self, whole: Case) -> None:
        report, target, began = self._report, self._target, time.monotonic()
        conversing = asyncio.create_task(self._converse(whole))
        await asyncio.wait([conversing], timeout=PATIENCE)
        if not conversing.done():
            if not await target.lives():
                self._end(f"the server does not answer at all any more, or within {GRACE:g} s", str(whole))
            await asyncio.wait([conversing], timeout=PATIENCE)
        if not conversing.done():
            conversing.cancel()
            await asyncio.wait([conversing])
            if not whole.wild and self._stood_still < began:
                report.add(f"a connection is not answered within {PATIENCE:g} s, though others are", str(whole))
            return
        try:
            conversing.result()
        except Broken as error:
            report.add(str(error), str(whole))
        except (OSError, asyncio.IncompleteReadError) as error:
            if target.process.returncode is not None or not await target.lives():
                self._end(f"the server is gone: {type(error).__name__}", str(whole))
            elif whole.script.methods and not whole.wild and self._stood_still < began:
                report.add(f"the connection broke off: {type(error).__name__}", str(whole))

    async def _converse(self, whole: Case) -> None:
        reader, writer = await self._target.connect(LONGEST)
        heard: list[Answer] = []
        began = time.monotonic()
        try:
            listening = asyncio.create_task(self._listen(whole, reader, heard))
            try:
                with suppress(OSError):  # it has closed already, and what it answered is read all the same
                    await self._say(whole, writer, heard, listening)
                await asyncio.wait([listening])
            finally:
                listening.cancel()
                await asyncio.wait([listening])
            if not listening.cancelled():
                listening.result()
        finally:
            writer.close()
        self._judge(whole, heard, complete=self._stood_still < began)

    async def _say(
        self, whole: Case, writer: asyncio.StreamWriter, heard: list[Answer], listening: "asyncio.Task[None]"
    ) -> None:
        asked = 0
        for piece in whole.script.pieces:
            match piece:
                case bytes() if not writer.transport.is_closing():
                    writer.write(self._target.filled(piece, known=whole.number % UNKNOWN > 0))
                case float():
                    await asyncio.sleep(piece)
                case Then.ASK_NEXT:
                    asked += 1
                    while len(heard) < asked and not listening.done():
                        await asyncio.wait([listening], timeout=0.001)
                case Then.HALF_CLOSE if writer.can_write_eof():
                    writer.write_eof()
                case Then.HALF_CLOSE:  # over TLS both directions end at once
                    await self._hear_out(whole.script, heard, listening)
                    writer.close()
                case Then.RESET:
                    connection = writer.get_extra_info("socket")
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    writer.transport.abort()
                    listening.cancel()

    async def _hear_out(self, script: Script, heard: list[Answer], listening: "asyncio.Task[None]") -> None:
        """Wait for the answers that are due; for a while, where nobody can tell how many are."""
        if script.methods is None:
            await asyncio.wait([listening], timeout=QUIET)
        while len(heard) < script.due and not listening.done():
            await asyncio.wait([listening], timeout=0.001)

    async def _listen(self, whole: Case, reader: asyncio.StreamReader, heard: list[Answer]) -> None:
        """Read every answer. Where nobody can tell what they answer, what comes after the first may be anything."""
        methods = whole.script.methods
        last = len(methods) if methods and Then.ASK_NEXT in whole.script.pieces else None
        unknown = "HEAD" if whole.says(b"HEAD") else "GET"
        while len(heard) != last:
            method = methods[len(heard)] if methods and len(heard) < len(methods) else unknown
            try:
                answer = await read_answer(reader, method)
            except (Broken, ValueError, OSError, asyncio.IncompleteReadError):
                if methods is None or (heard and heard[-1].closes):
                    return
                raise
            if answer is None:
                return
            heard.append(answer)
            if answer.endless:
                return

    def _judge(self, whole: Case, heard: list[Answer], *, complete: bool) -> None:
        """complete: every answer that is due can be expected."""
        report, script = self._report, whole.script
        for answer in heard:
            report.answers[answer.status] += 1
            for fault in faults(answer, wild=whole.wild):
                report.add(fault, str(whole))
            self._remember(answer)
        over = heard and (heard[-1].closes or heard[-1].endless)
        if complete and len(heard) < script.due and not over and not whole.wild:
            report.add(f"fewer answers than are due: {len(heard)} of {script.due}", str(whole))
        if script.methods is not None and len(heard) > len(script.methods):
            report.add("more answers than requests", str(whole))

    def _remember(self, answer: Answer) -> None:
        if answer.status == 200 and answer.body.startswith(b'{"trackingId":"'):
            self._target.flow = answer.body[15:51].decode(errors="replace")

    async def _look_around(self, numbers: range) -> None:
        """Everything that can be read is read: nothing that was sent may spoil it."""
        try:
            known = json.loads((await self._target.ask("GET", "/_mock/sandboxes")).body)["sandboxes"]
            paths = [f"/_mock{_path(place)}" for place in SERVER if _plain(place)]
            paths += [
                f"/_mock/sandboxes/{each['id']}{_path(place)}" for each in known for place in SANDBOX if _plain(place)
            ]
            for path in paths:
                answer = await self._target.ask("GET", path)
                for fault in faults(answer, wild=False):
                    self._report.add(fault, f"GET {path} after case {numbers[-1]}")
        except (OSError, Broken, KeyError, ValueError, TimeoutError, asyncio.IncompleteReadError) as error:
            self._report.add(
                f"what it holds cannot be read: {type(error).__name__} {error}", f"after case {numbers[-1]}"
            )

    def _read_log(self, where: str) -> None:
        for line in self._target.logged:
            self._report.add(f"the log says: {line}", where)
        self._target.logged.clear()

    def _end(self, what: str, where: str) -> None:
        self._report.add(what, where)
        self._over = True


def _plain(place: str) -> bool:
    return place.startswith("GET ") and "{" not in place


def _path(place: str) -> str:
    return place.split()[1]
