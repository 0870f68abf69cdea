"""Several servers on one PostgreSQL: whatever becomes of the one that has a sandbox, another goes on to the byte."""

import hashlib
import json
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx2
import pytest
from click.testing import CliRunner

from mockserver.cli import main
from mockserver.testing.receiver import Receiver
from tests.http.mocks import START, Mock, entered, sms, unverified, viber
from tests.keeping.postgres import Database, Relay, frozen
from tests.test_life_cycle import serving, url_of

LEASE = 1.0

FLOWS = 40

GENEROUS = 30

Server = tuple["subprocess.Popen[str]", Mock]


@contextmanager
def replica(store: str, *more: str) -> Iterator[Server]:
    options = ("--store", store, "--lease", str(LEASE), "--clock", "manual", "--start", "2030-01-01T12:00:00Z", *more)
    with serving(*options) as process, entered(url_of(process)) as mock:
        yield process, mock


def until(true: Callable[[], bool], seconds: float = GENEROUS) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def has_it(mock: Mock) -> bool:
    return mock.client.get("/_mock/clock").status_code == 200


def journal(mock: Mock) -> str:
    """A hash of the journal, without what tells of a change of servers and how long real things took."""
    text = mock.client.get("/_mock/journal", params={"format": "jsonl", "limit": 100_000}).text
    entries = [json.loads(line) for line in text.splitlines()]
    told = [
        {name: value for name, value in entry.items() if name not in ("number", "id", "tookMs", "took")}
        for entry in entries
        if entry["kind"] not in ("restart", "request")
    ]
    assert len(told) > 10 * FLOWS
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def begin(mock: Mock, webhook: str) -> str:
    """Send flows, whose life goes on for an hour. Return how far the clock is to be moved."""
    for number in range(FLOWS):
        mock.send(viber(to=f"+3069000000{number:02}", ttl=60), sms(to=f"+3069000000{number:02}"), url=webhook)
    return "2030-01-01T13:00:00Z"


def move(mock: Mock, to: str) -> Callable[[], httpx2.Response | None]:
    """Move the clock, on a thread. Return a function that waits for the answer; None if there is none."""
    answers: list[httpx2.Response] = []

    def ask() -> None:
        with suppress(httpx2.HTTPError), unverified(mock.url) as client:
            answers.append(client.post("/_mock/clock/advance", json={"to": to}))

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()

    def answer() -> httpx2.Response | None:
        thread.join(GENEROUS)
        return answers[0] if answers else None

    return answer


def slowly(request: Any) -> int:
    time.sleep(0.01)
    return 200


def told(receiver: Receiver) -> Counter[bytes]:
    return Counter(request.body for request in receiver.requests)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, frozenset[bytes]]:
    """The journal of a run that nothing disturbs, and the callbacks that came; without a database."""
    receiver = Receiver()
    with serving("--clock", "manual", "--start", "2030-01-01T12:00:00Z") as process, entered(url_of(process)) as mock:
        mock.advance(to=begin(mock, f"http://127.0.0.1:{_port()}/"))
    receiver.close()
    return "", frozenset()


def _port() -> int:
    return 9
