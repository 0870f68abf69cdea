"""The soak of a kept mock: it is killed again and again, and whatever it has answered must still be so.

`make soak KILLS=50` runs it. It kills the mock at random instants: while it starts, while it brings sandboxes back, while
it serves, and while another process seals; that process is killed with it. PLACE says where it keeps what it is told:
on a disk, in a PostgreSQL, or there as one of two replicas, of which the other goes on.
"""

import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any

import httpx2

from mockserver.testing.receiver import Receiver, receiving
from tests.keeping import postgres
from tools.ports import free_port

CLIENTS = 6
"""How many send at once."""

OPTIONS = ("--rate", "50", "--token-life", "unlimited", "--max-flows", "100000", "--log-level", "error")

LONGEST = 3.0
"""Real seconds from a start, or from what is waited for after it, to a kill, at the most."""

WAITS = (None, "health", "health", "ready", "ready", "store/seal")
"""What is waited for before a kill: nothing, that it listens, that all of it is back, or that it is sealed."""

PATIENCE = 120.0
"""Real seconds in which every webhook must have come in the end."""

LEASE = "2"
"""Real seconds after which a mock that is killed has nothing more of a database."""

FLOW = [{"type": "Sms", "to": "+306900000000", "from": "Shop", "message": {"body": "hello"}}]

Say = Callable[[str], None]


@dataclass
class Account:
    """What the kills came to. sent: what was answered 200. unanswered: sends that were cut off.

    closed: why questions in the end had to be asked again.
    """

    kills: Counter[str] = field(default_factory=Counter)
    sent: list[str] = field(default_factory=list)
    unanswered: int = 0
    refused: Counter[int] = field(default_factory=Counter)
    lost: int = 0
    missing: int = 0
    repeated: int = 0
    reworded: int = 0
    seals: int = 0
    closed: Counter[str] = field(default_factory=Counter)

    @property
    def passed(self) -> bool:
        """Whether everything is as it should be."""
        return not (self.lost or self.missing or self.reworded) and bool(self.sent)

    def __str__(self) -> str:
        """In lines."""
        when = ", ".join(f"{count} {name}" for name, count in sorted(self.kills.items()))
        told = f"{len(self.sent) - self.missing:,} of {len(self.sent):,}"
        return "\n".join(
            (
                f"kills         {self.kills.total()}: {when}; {self.seals} seals were kept in between",
                f"acknowledged  {len(self.sent):,}, lost {self.lost}",
                f"cut off       {self.unanswered:,}; refused while it was restored or stopped: {self.refused.total():,}",
                *(f"asked again   {count}: {why}" for why, count in self.closed.items()),
                f"webhooks      {told}; {self.repeated:,} came again, {self.reworded} of them in other words",
                "passed" if self.passed else "FAILED",
            )
        )


@contextmanager
def _disk() -> Iterator[tuple[str, ...]]:
    with tempfile.TemporaryDirectory() as folder:
        yield "--data", folder


@contextmanager
def _database() -> Iterator[tuple[str, ...]]:
    with postgres.started() as database:
        yield "--store", database.url, "--lease", LEASE


@dataclass(frozen=True, slots=True)
class Place:
    """Where mocks keep what they are told, as options of a server; and how many of them there are."""

    opened: Callable[[], AbstractContextManager[tuple[str, ...]]]
    servers: int = 1


PLACES: Mapping[str, Place] = {"disk": Place(_disk), "postgresql": Place(_database), "replicas": Place(_database, 2)}


class Server:
    """A mock on a port of its own, in a group of processes of its own, which is killed whole."""

    def __init__(self, options: Sequence[str]) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._command = [sys.executable, "-P", "-m", "mockserver", "serve", "--port", str(port), *options, *OPTIONS]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, unless it runs."""
        if self._process is None:
            self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, start_new_session=True)

    def kill(self) -> None:
        """Kill it, and whatever it has started."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def doing(self) -> str:
        """What it is doing, as far as one can tell from outside."""
        assert self._process is not None
        try:
            children = _children(self._process.pid)
            sealing = any(b"seal" in Path(f"/proc/{each}/cmdline").read_bytes() for each in children)
            ready = httpx2.get(f"{self.url}/_mock/ready", timeout=1)
        except (httpx2.TransportError, OSError):
            return "while it started"
        if sealing:
            return "while it was sealed"
        return "while it served" if ready.status_code == 200 else "while it was restored"


class Run:
    """One run. options: where the mocks keep what they are told. servers: how many there are."""

    def __init__(self, options: Sequence[str], servers: int, receiver: Receiver, seed: int) -> None:
        self.account = Account()
        self._servers = [Server(options) for _ in range(servers)]
        self._urls = [server.url for server in self._servers]
        self._receiver = receiver
        self._random = random.Random(seed)
        self._headers: dict[str, str] = {}

    def kill(self, longest: float = LONGEST) -> None:
        """Start what does not run, let everybody send, and kill one mock at some instant."""
        what, seals, after = self._random.choice(WAITS), self._random.random() < 0.6, self._random.uniform(0, longest)
        server, stop = self._random.choice(self._servers), threading.Event()
        senders = [threading.Thread(target=self._send, args=(stop, self._random.random())) for _ in range(CLIENTS)]
        senders += [threading.Thread(target=self._seal, args=(stop, server)) for _ in range(seals)]
        for each in self._servers:
            each.start()
        for sender in senders:
            sender.start()
        try:
            if not self._headers:
                self._headers = {"Authorization": f"Bearer {self._login()}"}
            if what is not None:
                _until_answered(lambda: self._ask(server, what))
            time.sleep(after)
            doing = server.doing()
        finally:
            server.kill()
            stop.set()
            for sender in senders:
                sender.join()
        self.account.kills[doing] += 1

    def _ask(self, server: Server, what: str) -> httpx2.Response:
        if what != "store/seal":
            return httpx2.get(f"{server.url}/_mock/{what}", timeout=1)
        answer = httpx2.post(f"{server.url}/_mock/{what}", timeout=PATIENCE)
        self.account.seals += len(answer.json().get("sealed", ()))
        return answer

    def _login(self) -> str:
        form = {"grant_type": "client_credentials"}
        answer = self._answered("POST", "/oauth/token", data=form, auth=("app", "secret"))
        return str(answer.json()["access_token"])

    def _answered(self, method: str, path: str, **more: Any) -> httpx2.Response:
        """The answer of a mock that has what is asked for, and is there."""
        urls = cycle(self._urls)
        return _until_answered(lambda: httpx2.request(method, next(urls) + path, timeout=PATIENCE, **more))

    def _send(self, stop: threading.Event, turn: float) -> None:
        """Send without a pause, to whoever takes it. turn: from 0 to 1, whom to ask first."""
        body = {"flow": FLOW, "callback": {"strategy": "OnCompletion", "url": self._receiver.url}}
        urls = deque(self._urls)
        urls.rotate(int(turn * len(urls)))
        with httpx2.Client() as client:
            while not stop.is_set():
                if self._headers and self._sent(client, f"{urls[0]}/failover", body):
                    continue
                urls.rotate()
                time.sleep(0.05)

    def _sent(self, client: httpx2.Client, url: str, body: Any) -> bool:
        """Whether a flow was accepted."""
        try:
            answer = client.post(url, json=body, headers=self._headers)
        except httpx2.TransportError as error:
            self.account.unanswered += not isinstance(error, httpx2.ConnectError)
            return False
        if answer.status_code != 200:
            self.account.refused[answer.status_code] += 1
            return False
        self.account.sent.append(answer.json()["trackingId"])
        return True

    def _seal(self, stop: threading.Event, server: Server) -> None:
        while not stop.wait(0.1):
            with suppress(httpx2.TransportError):
                self._ask(server, "store/seal")

    def settle(self) -> None:
        """Start every mock a last time, ask for everything, and wait for every webhook."""
        account, until = self.account, time.monotonic() + PATIENCE
        for server in self._servers:
            server.start()
        account.lost = self._lost()
        while (missing := set(account.sent) - set(self._told())) and time.monotonic() < until:
            time.sleep(0.2)
        told = self._told()
        account.missing = len(missing)
        account.repeated = sum(len(bodies) - 1 for bodies in told.values())
        account.reworded = sum(len(set(bodies)) - 1 for bodies in told.values())

    def _lost(self) -> int:
        """How many flows are not there that were acknowledged."""
        self._answered("GET", "/_mock/clock")
        urls, lost = deque(self._urls), 0
        with httpx2.Client(headers=self._headers) as client:
            for flow in self.account.sent:
                answer = self._tracked(client, urls, flow)
                lost += answer.status_code != 200 or answer.json()["trackingId"] != flow
        return lost

    def _tracked(self, client: httpx2.Client, urls: deque[str], flow: str) -> httpx2.Response:
        """What is said of a flow by the mock that has it. A connection that it has closed meanwhile is no answer."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                answer = client.get(f"{urls[0]}/failover/tracking/{flow}")
                if answer.status_code != 503:
                    return answer
            except httpx2.TransportError as error:
                self.account.closed[str(error)] += 1
            assert time.monotonic() < until, "the mock does not come back"
            urls.rotate()
            time.sleep(0.05)

    def end(self) -> None:
        """Kill whatever runs."""
        for server in self._servers:
            server.kill()

    def _told(self) -> dict[str, list[bytes]]:
        told: dict[str, list[bytes]] = {}
        for request in self._receiver.requests:
            told.setdefault(request.json["trackingId"], []).append(request.body)
        return told


def _children(pid: int) -> list[str]:
    """The processes that a process has started, on any of its threads."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [child for task in tasks for child in task.read_text().split()]


def _until_answered(ask: Callable[[], httpx2.Response]) -> httpx2.Response:
    until = time.monotonic() + PATIENCE
    while True:
        try:
            answer = ask()
            if answer.status_code == 200:
                return answer
        except httpx2.TransportError:
            pass
        assert time.monotonic() < until, "the mock does not come back"
        time.sleep(0.05)


def kill_again_and_again(
    kills: int, seed: int, say: Say = print, longest: float = LONGEST, place: str = "disk"
) -> Account:
    """Do it. say: takes lines of progress. longest: real seconds from a start, or its first answer, to a kill.

    place: one of PLACES. Raises FileNotFoundError without a PostgreSQL, where one is needed.
    """
    with ExitStack() as stack:
        receiver = stack.enter_context(receiving())
        run = Run(stack.enter_context(PLACES[place].opened()), PLACES[place].servers, receiver, seed)
        stack.callback(run.end)
        for number in range(1, kills + 1):
            run.kill(longest)
            if number % 10 == 0:
                say(f"{number} of {kills} kills, {len(run.account.sent):,} flows acknowledged")
        run.settle()
        return run.account
