"""The load: connections that send again as soon as they are answered. It must cost less than the server."""

import asyncio
import gc
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from typing import cast

import uvloop

from benchmarks.cores import LOAD, pinned
from benchmarks.messages import Unexpected, body, end, status
from benchmarks.server import Cpu, Server

CONNECTIONS = 32

WARM = 0.25
"""Real seconds of load before it counts."""

SECONDS = 0.8
"""Real seconds of load that count."""

CLOSES, LONGEST_HEAD = b"onnection: close\r\n", 400
"""The header of a server that closes each connection."""

PATIENCE, LONGEST = 20.0, 600.0
"""Real seconds that a load may last: one by time, and one by number of requests."""


@dataclass(frozen=True, slots=True)
class Run:
    """The result of a load.

    latencies: nanoseconds. seconds: real ones. cpu: of the server. pause: the most CPU that the server used between two
    answers, in nanoseconds; 0 when asked for a time. busy: the share of the seconds that the load itself was at work.
    """

    latencies: Sequence[int]
    seconds: float
    cpu: Cpu
    pause: int
    busy: float

    @property
    def rate(self) -> float:
        """Requests a second."""
        return len(self.latencies) / self.seconds

    @property
    def cost(self) -> float:
        """Microseconds of the server's CPU for a request."""
        return self.cpu.used / len(self.latencies) / 1e3

    def percentile(self, share: float) -> float:
        """The milliseconds within which this share of the requests is answered."""
        return sorted(self.latencies)[int(share * (len(self.latencies) - 1))] / 1e6


class Tally:
    """What the connections of a load share: what to ask, and how long it took.

    clock: of the server's CPU, where pauses are looked for; it is not free.
    """

    def __init__(self, requests: Iterator[bytes], expected: int, clock: Callable[[], int] | None) -> None:
        self.requests = requests
        self.expected = expected
        self.clock = clock
        self.stopping = False
        self.wrong: bytes | None = None
        self.begin()

    def begin(self) -> None:
        """Begin to count."""
        self.latencies: list[int] = []
        self.pause, self._last = 0, self.clock() if self.clock else 0

    def took(self, begun: int, now: int) -> None:
        """Count a request that began then and is answered now."""
        self.latencies.append(now - begun)
        if self.clock:
            spent = self.clock()
            self.pause = max(self.pause, spent - self._last)
            self._last = spent

    def next(self) -> bytes | None:
        """The next request; None when there is no more."""
        return None if self.stopping else next(self.requests, None)


class Connection(asyncio.Protocol):
    """One client: a request, its answer, the next request. finished: nothing is asked of it any more, or can be."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._answer = b""
        self._begun = 0
        self.finished = asyncio.Event()
        self.lost = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        self.transport = cast("asyncio.WriteTransport", transport)  # uvloop's says so of itself only by its methods
        self._ask(time.perf_counter_ns())

    def data_received(self, data: bytes) -> None:
        """Take an answer, or a part of one, and send the next request."""
        answer = self._answer + data if self._answer else data
        if len(answer) < end(answer):
            self._answer = answer
            return
        self._answer = b""
        tally, now = self._tally, time.perf_counter_ns()
        tally.took(self._begun, now)
        if status(answer) != tally.expected:
            tally.wrong, tally.stopping = answer, True
        if CLOSES in answer[:LONGEST_HEAD]:
            self.connection_lost(None)
        else:
            self._ask(now)

    def connection_lost(self, error: Exception | None) -> None:
        """Make room for another connection: some servers close each."""
        self.lost = True
        self.finished.set()

    def _ask(self, now: int) -> None:
        request = self._tally.next()
        if request is None:
            self.finished.set()
        else:
            self._begun = now
            self.transport.write(request)


def run(
    server: Server,
    requests: Sequence[bytes],
    expected: int = 200,
    times: int | None = None,
    connections: int = CONNECTIONS,
) -> Run:
    """Ask for SECONDS after a warm-up; or so many times, all of which count.

    Raises Unexpected for an answer with another status, or for none at all, TimeoutError for one that is late.
    """
    rotation, clock = islice(cycle(requests), times), None if times is None else server.spent
    gc.collect()
    gc.disable()
    try:
        with pinned(LOAD), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(_run(server, Tally(rotation, expected, clock), connections, timed=times is None))
    finally:
        gc.enable()


async def _run(server: Server, tally: Tally, connections: int, *, timed: bool) -> Run:
    patience = PATIENCE if timed else LONGEST
    asking = asyncio.gather(*(_keep_asking(server.port, tally, patience) for _ in range(connections)))
    await asyncio.sleep(WARM if timed else 0)
    cpu, own, began = server.cpu(), time.thread_time(), time.perf_counter()
    tally.begin()
    await (asyncio.sleep(SECONDS) if timed else asking)
    took, used, busy = time.perf_counter() - began, server.cpu().since(cpu), time.thread_time() - own
    latencies, pause, tally.stopping = tuple(tally.latencies), tally.pause, True
    await asking
    if tally.wrong is not None:
        body(tally.wrong, tally.expected)
    if not latencies:
        raise Unexpected("nothing was answered in time")
    return Run(latencies, took, used, pause, busy / took)


async def _keep_asking(port: int, tally: Tally, patience: float) -> None:
    """Open one connection after the other until all is sent. Most servers need only one."""
    loop, lost = asyncio.get_running_loop(), True
    async with asyncio.timeout(patience):
        while lost and not tally.stopping:
            transport, connection = await loop.create_connection(lambda: Connection(tally), "127.0.0.1", port)
            await connection.finished.wait()
            lost = connection.lost
            transport.close()
