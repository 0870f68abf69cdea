"""The senders: one for each sandbox, each with a clock of another mode. A lane sends a batch, and has time pass for it."""

import asyncio
import json
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from random import Random
from typing import Any

from mockserver.core.flow import FlowStatus
from tests.fuzz.answers import read_answer
from tests.soak.kinds import Kind
from tests.soak.mischief import ATTEMPTS

BATCH = 50
"""Sends that go out on a connection without waiting for their replies."""

LEAD = 200
"""Flows that a lane may be ahead of the slowest, so that no clock is kept waiting by the traffic of the others."""

PATIENCE = 600.0
"""Real seconds in which a sandbox must come to rest when everything is sent."""

STILL = 1.0
"""Real seconds without anything due after which nothing will be: much longer than the receiver takes to answer."""


@dataclass(frozen=True, slots=True)
class Lane:
    """A sandbox, and its clock. most: attempts of a callback that may fail; where time is real, not all 13 can."""

    name: str
    clock: Mapping[str, Any]
    most: int = ATTEMPTS


LANES: Sequence[Lane] = (
    Lane("manual", {"clock": "manual"}),
    Lane("instant", {"clock": "instant"}),
    Lane("fast", {"clock": "realtime", "rate": 100_000}, most=6),
    Lane("faster", {"clock": "realtime", "rate": 1_000_000}),
)


FINAL = (FlowStatus.SUCCEEDED, FlowStatus.FAILED)


class Refused(RuntimeError):
    """The mock answered otherwise than it should."""


@dataclass(slots=True)
class Client:
    """A client of the mock. Each call has a connection of its own: the mock closes one that is idle for long."""

    port: int
    authorization: str = ""

    async def ask(self, method: str, path: str, *bodies: Any, wanted: int = 200) -> list[Any]:
        """A request for each body, all at once, and their answers. Raises Refused for another status."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=2**26)
        for body in bodies:
            writer.write(self._request(method, path, body))
        answers = []
        for _ in bodies:
            answer = await read_answer(reader, method)
            if answer is None or answer.status != wanted:
                raise Refused(f"{method} {path}: {answer and (answer.status, answer.body[:300])}")
            answers.append(json.loads(answer.body))
        writer.close()
        return answers

    def _request(self, method: str, path: str, body: Any) -> bytes:
        data = b"" if body is None else body.encode() if isinstance(body, str) else json.dumps(body).encode()
        kind = "application/x-www-form-urlencoded" if isinstance(body, str) else "application/json"
        head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\nContent-Length: {len(data)}\r\n"
        known = f"Authorization: {self.authorization}\r\n" if self.authorization else ""
        return f"{head}{known}\r\n".encode() + data


class Convoy:
    """Keeps the lanes together: none sends more while it is ahead of the slowest. sent: how many flows, by lane."""

    def __init__(self, lanes: Sequence[Lane]) -> None:
        self.sent = dict.fromkeys((lane.name for lane in lanes), 0)
        self._arrived: set[str] = set()
        self._moved = asyncio.Condition()

    async def count(self, lane: str, sent: int) -> None:
        """A lane has sent so many more; returns when it may send again."""
        async with self._moved:
            self.sent[lane] += sent
            self._moved.notify_all()
            await self._moved.wait_for(lambda: self.sent[lane] - self._least() <= LEAD)

    def _least(self) -> int:
        return min(sent for lane, sent in self.sent.items() if lane not in self._arrived)

    async def leave(self, lane: str) -> None:
        """A lane has sent all."""
        async with self._moved:
            self._arrived.add(lane)
            self._moved.notify_all()


@dataclass(slots=True)
class Sender:
    """Sends the flows of one lane. numbers: of its flows. convoy: of all lanes.

    ahead: things that may be due in the sandbox before it is sent more, for a real clock needs its time.
    """

    lane: Lane
    kinds: Sequence[Kind]
    numbers: Iterator[int]
    hook: int
    seed: int
    ahead: int
    convoy: Convoy
    client: Client = field(init=False)

    async def run(self, port: int) -> None:
        """Send until there are no more numbers, then wait until nothing is due any more."""
        self.client = Client(port)
        await self._log_in()
        while bodies := [self._body(number) for number in islice(self.numbers, BATCH)]:
            await self.client.ask("POST", "/failover", *bodies)
            await self._let_pass(self.ahead)
            await self.convoy.count(self.lane.name, len(bodies))
        await self.convoy.leave(self.lane.name)
        async with asyncio.timeout(PATIENCE):
            await self._come_to_rest()
        await self._check_all_final()

    async def _log_in(self) -> None:
        wanted = {"id": self.lane.name, "seed": self.seed, "tokenLife": "unlimited", **self.lane.clock}
        made = (await self.client.ask("POST", "/_mock/sandboxes", wanted, wanted=201))[0]
        credentials = f"{made['applicationId']}:{made['applicationSecret']}".encode()
        self.client.authorization = f"Basic {b64encode(credentials).decode()}"
        token = (await self.client.ask("POST", "/oauth/token", "grant_type=client_credentials"))[0]["access_token"]
        self.client.authorization = f"Bearer {token}"

    def _body(self, number: int) -> Any:
        kind = Random(f"{self.seed}/{number}").randrange(len(self.kinds))
        return self.kinds[kind].body(f"http://127.0.0.1:{self.hook}/{number}/{kind}/{self.lane.most}")

    async def _come_to_rest(self) -> None:
        """Wait until nothing is due any more. A callback under way is not due, and may be due again when it fails."""
        await self._let_pass(1)
        still = time.monotonic()
        while time.monotonic() - still < STILL:
            await asyncio.sleep(0.05)
            if (await self._clock("GET"))["pending"]:
                await self._let_pass(1)
                still = time.monotonic()

    async def _let_pass(self, most: int) -> None:
        """Have time pass until less than so much is due."""
        if self.lane.clock["clock"] == "manual":
            while (await self._clock("POST", "/advance", {"until": "idle"}))["stopped"] != "idle":
                pass
        while (await self._clock("GET"))["pending"] >= most:  # noqa: ASYNC110 -- it is another process
            await asyncio.sleep(0.02)

    async def _clock(self, method: str, path: str = "", body: Any = None) -> Any:
        return (await self.client.ask(method, f"/_mock/sandboxes/{self.lane.name}/clock{path}", body))[0]

    async def _check_all_final(self) -> None:
        listed = (await self.client.ask("GET", f"/_mock/sandboxes/{self.lane.name}/flows?limit=10000000", None))[0]
        going = [each["trackingId"] for each in listed["flows"] if each["status"] not in FINAL]
        if going:
            raise Refused(f"{len(going)} flows of {self.lane.name} are not final, such as {going[0]}")
