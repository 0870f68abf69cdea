"""The soak of a kept mock: it is killed again and again, and whatever it has answered must still be so.

`make soak KILLS=50` runs it. It kills the mock at random instants: while it starts, while it brings sandboxes back, while
it serves, and while another process seals; that process is killed with it.
"""

import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

from mockserver.testing.receiver import Receiver, receiving
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

FLOW = [{"type": "Sms", "to": "+306900000000", "from": "Shop", "message": {"body": "hello"}}]

Say = Callable[[str], None]


@dataclass
class Account:
    """What the kills came to. sent: what was answered 200. unanswered: sends that were cut off."""

    kills: Counter[str] = field(default_factory=Counter)
    sent: list[str] = field(default_factory=list)
    unanswered: int = 0
    refused: Counter[int] = field(default_factory=Counter)
    lost: int = 0
    missing: int = 0
    repeated: int = 0
    reworded: int = 0
    seals: int = 0

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
                f"webhooks      {told}; {self.repeated:,} came again, {self.reworded} of them in other words",
                "passed" if self.passed else "FAILED",
            )
        )


@contextmanager
def _serving(data: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """A mock in a group of processes of its own, which is killed whole."""
    command = [sys.executable, "-P", "-m", "mockserver", "serve", "--port", str(port), "--data", str(data), *OPTIONS]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True) as process:
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


class Run:
    """One run. data: where the mock keeps what it is told."""

    def __init__(self, data: Path, receiver: Receiver, seed: int) -> None:
        self.account = Account()
        self._data = data
        self._receiver = receiver
        self._random = random.Random(seed)
        self._port = free_port()
        self._url = f"http://127.0.0.1:{self._port}"
        self._headers: dict[str, str] = {}

    def kill(self, longest: float = LONGEST) -> None:
        """Start the mock, let everybody send, and kill it at some instant."""
        what, seals, after = self._random.choice(WAITS), self._random.random() < 0.6, self._random.uniform(0, longest)
        with _serving(self._data, self._port) as process:
            stop = threading.Event()
            senders = [threading.Thread(target=self._send, args=(stop,)) for _ in range(CLIENTS)]
            senders += [threading.Thread(target=self._seal, args=(stop,)) for _ in range(seals)]
            for sender in senders:
                sender.start()
            try:
                if not self._headers:
                    self._login()
                if what is not None:
                    _until_answered(lambda: self._ask(what))
                time.sleep(after)
                state = self._state(process)
            finally:
                os.killpg(process.pid, signal.SIGKILL)
                stop.set()
                for sender in senders:
                    sender.join()
        self.account.kills[state] += 1

    def _state(self, process: subprocess.Popen[bytes]) -> str:
        """What the mock is doing, as far as one can tell from outside."""
        try:
            sealing = any(b"seal" in Path(f"/proc/{each}/cmdline").read_bytes() for each in _children(process.pid))
            ready = httpx2.get(f"{self._url}/_mock/ready", timeout=1)
        except (httpx2.TransportError, OSError):
            return "while it started"
        if sealing:
            return "while it was sealed"
        return "while it served" if ready.status_code == 200 else "while it was restored"

    def _ask(self, what: str) -> httpx2.Response:
        if what != "store/seal":
            return httpx2.get(f"{self._url}/_mock/{what}", timeout=1)
        answer = httpx2.post(f"{self._url}/_mock/{what}", timeout=PATIENCE)
        self.account.seals += len(answer.json().get("sealed", ()))
        return answer

    def _login(self) -> None:
        with httpx2.Client(base_url=self._url, auth=("app", "secret")) as client:
            answer = _until_answered(lambda: client.post("/oauth/token", data={"grant_type": "client_credentials"}))
        self._headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}

    def _send(self, stop: threading.Event) -> None:
        body = {"flow": FLOW, "callback": {"strategy": "OnCompletion", "url": self._receiver.url}}
        with httpx2.Client(base_url=self._url) as client:
            while not stop.is_set():
                if not self._headers:
                    time.sleep(0.05)
                    continue
                try:
                    answer = client.post("/failover", json=body, headers=self._headers)
                except httpx2.ConnectError:
                    time.sleep(0.05)
                except httpx2.TransportError:
                    self.account.unanswered += 1
                else:
                    if answer.status_code == 200:
                        self.account.sent.append(answer.json()["trackingId"])
                    else:
                        self.account.refused[answer.status_code] += 1
                        time.sleep(0.05)

    def _seal(self, stop: threading.Event) -> None:
        while not stop.wait(0.1):
            with suppress(httpx2.TransportError):
                self._ask("store/seal")

    def settle(self) -> None:
        """Start the mock a last time, ask for everything, and wait for every webhook."""
        account, until = self.account, time.monotonic() + PATIENCE
        with _serving(self._data, self._port), httpx2.Client(base_url=self._url, headers=self._headers) as client:
            _until_answered(lambda: client.get("/_mock/ready"))
            account.lost = sum(not _found(client, flow) for flow in account.sent)
            while (missing := set(account.sent) - set(self._told())) and time.monotonic() < until:
                time.sleep(0.2)
        told = self._told()
        account.missing = len(missing)
        account.repeated = sum(len(bodies) - 1 for bodies in told.values())
        account.reworded = sum(len(set(bodies)) - 1 for bodies in told.values())

    def _told(self) -> dict[str, list[bytes]]:
        told: dict[str, list[bytes]] = {}
        for request in self._receiver.requests:
            told.setdefault(request.json["trackingId"], []).append(request.body)
        return told


def _children(pid: int) -> list[str]:
    """The processes that a process has started, on any of its threads."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [child for task in tasks for child in task.read_text().split()]


def _found(client: httpx2.Client, flow: str) -> bool:
    """Whether the mock has a flow. A connection that it has closed meanwhile is no answer."""
    for _ in range(5):
        with suppress(httpx2.TransportError):
            return client.get(f"/failover/tracking/{flow}").status_code == 200
        time.sleep(0.1)
    return False


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


def kill_again_and_again(kills: int, seed: int, say: Say = print, longest: float = LONGEST) -> Account:
    """Do it. say: takes lines of progress. longest: real seconds from a start, or its first answer, to a kill."""
    with tempfile.TemporaryDirectory() as folder, receiving() as receiver:
        run = Run(Path(folder), receiver, seed)
        for number in range(1, kills + 1):
            run.kill(longest)
            if number % 10 == 0:
                say(f"{number} of {kills} kills, {len(run.account.sent):,} flows acknowledged")
        run.settle()
        return run.account
