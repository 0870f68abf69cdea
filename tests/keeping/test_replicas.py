"""Several servers on one PostgreSQL: whatever becomes of the one that has a sandbox, another goes on to the byte."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest

from mockserver.testing.receiver import Receiver
from tests.http.mocks import Mock, entered, sms, unverified, viber
from tests.keeping.postgres import SECRET, Database, Relay, frozen
from tests.test_life_cycle import serving, url_of

LEASE = 4.0

FLOWS = 40

GENEROUS = 60

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
    """Send flows that fail over at an instant of their own. Return when all is over."""
    for number in range(FLOWS):
        to = f"+3069000{number:02}300"
        mock.send(viber(to=to, ttl=10 + number), sms(to=to), url=webhook)
    return "2030-01-01T12:30:00Z"


def moving(mock: Mock, to: str) -> Callable[[], httpx2.Response | None]:
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


def slowly(_: Any) -> int:
    time.sleep(0.01)
    return 200


def told(receiver: Receiver) -> Counter[bytes]:
    return Counter(request.body for request in receiver.requests)


@pytest.fixture(scope="module")
def webhook() -> Iterator[Receiver]:
    """One for all, so that callbacks have one URL in every run."""
    receiver = Receiver()
    receiver.always(slowly)
    yield receiver
    receiver.close()


@pytest.fixture(scope="module")
def undisturbed(webhook: Receiver) -> tuple[str, set[bytes]]:
    """What a run comes to that nothing disturbs, without a database: its journal, and the callbacks."""
    with serving("--clock", "manual", "--start", "2030-01-01T12:00:00Z") as process, entered(url_of(process)) as mock:
        mock.advance(to=begin(mock, webhook.url))
        assert set(told(webhook).values()) == {1}
        return journal(mock), set(told(webhook))


@contextmanager
def killed(server: Server, relay: Relay) -> Iterator[None]:
    process, _ = server
    process.kill()
    process.wait()
    yield


@contextmanager
def stopped(server: Server, relay: Relay) -> Iterator[None]:
    process, _ = server
    with frozen(process.pid):
        yield


@contextmanager
def cut_off(server: Server, relay: Relay) -> Iterator[None]:
    relay.cut()
    yield
    relay.mend()


@pytest.mark.parametrize("how", [killed, stopped, cut_off])
def test_whatever_becomes_of_the_owner_in_the_middle_of_a_move_another_goes_on_to_the_byte(
    how: Callable[[Server, Relay], Any],
    undisturbed: tuple[str, set[bytes]],
    webhook: Receiver,
    postgres: Database,
    database: str,
) -> None:
    webhook.clear()
    disturbed = threading.Event()

    def in_the_middle(_: Any) -> int:
        """Slower yet from the middle on: the move does not end before it is disturbed."""
        disturbed.wait(0.01 if len(webhook.requests) <= FLOWS else 0.5)
        return 200

    webhook.always(in_the_middle)
    relay = Relay(postgres.port)
    with ExitStack() as servers:
        one = servers.enter_context(replica(relay.leading(database)))
        owner = one[1]
        end = begin(owner, webhook.url)
        _, other = servers.enter_context(replica(database))  # now: while it starts, the machine is busy
        until(lambda: other.client.get("/_mock/clock").status_code == 503)
        answer = moving(owner, end)
        until(lambda: len(webhook.requests) > FLOWS)
        with how(one, relay):
            disturbed.set()
            until(lambda: has_it(other))
            assert len(told(webhook)) < len(undisturbed[1])  # it was in the middle
            other.advance(to=end)
            posted = told(webhook)
        assert (journal(other), set(posted)) == undisturbed
        [restart] = other.client.get("/_mock/journal?kind=restart").json()["entries"]
        again = {body for body, count in posted.items() if count > 1}
        assert len(again) <= len(restart["again"])
        if how is not killed:
            last = answer()
            assert last is not None
            assert (last.status_code, last.headers["retry-after"]) == (503, "1")
            until(lambda: owner.client.get("/_mock/clock").status_code == 503)
            until(lambda: owner.client.get("/_mock/ready").status_code == 200)
            until(lambda: " is kept by another mock, process " in owner.client.get("/_mock/clock").text)
            assert owner.client.post("/failover", json={"flow": [sms()]}).status_code == 503
            late = told(webhook) - posted  # the one that is fenced has posted nothing but what was under way
            assert (late.total() <= len(restart["again"]), set(late) <= again | set(posted)) == (True, True)
        other.client.headers["authorization"] = owner.client.headers["authorization"]
        assert other.send(sms())


def test_a_database_that_crashes_under_load_makes_503s_and_loses_nothing(
    postgres: Database, database: str, webhook: Receiver
) -> None:
    webhook.clear()
    webhook.always(200)
    accepted: list[str] = []
    statuses: Counter[int] = Counter()
    over = threading.Event()

    def load(mock: Mock) -> None:
        with unverified(mock.url, headers=mock.client.headers) as client:
            while not over.is_set():
                callback = {"strategy": "OnCompletion", "url": webhook.url}
                reply = client.post("/failover", json={"flow": [sms()], "callback": callback})
                statuses[reply.status_code] += 1
                if reply.status_code == 200:
                    accepted.append(reply.json()["trackingId"])

    with replica(database, "--clock", "realtime", "--rate", "50", "--lease", "3") as (process, mock):
        threads = [threading.Thread(target=load, args=(mock,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        until(lambda: len(accepted) > 50)
        postgres.stop()
        time.sleep(1)
        assert mock.client.get("/_mock/health").status_code == 200
        ready = mock.client.get("/_mock/ready")
        assert (ready.status_code, SECRET in ready.text, "cannot keep anything" in ready.text) == (503, False, True)
        before = len(accepted)
        postgres.start()
        until(lambda: len(accepted) > before + 50)
        over.set()
        for thread in threads:
            thread.join()
        assert statuses.keys() == {200, 503}
        process.kill()
        process.wait()
    with replica(database, "--rate", "50") as (_, again):
        until(lambda: has_it(again))
        flows = again.client.get("/_mock/flows", params={"limit": 10_000}).json()["flows"]
        assert set(accepted) <= {each["trackingId"] for each in flows}
        until(lambda: set(accepted) <= {each["trackingId"] for each in webhook.payloads})


def test_each_sandbox_has_one_owner_and_goes_where_there_is_room_when_its_server_stops(database: str) -> None:
    with ExitStack() as servers:
        one, two = (servers.enter_context(replica(database, "--sandboxes", "auto")) for _ in range(2))
        first = one[1].client.post("/_mock/sandboxes", json={"id": "mine"}).json()
        token = one[1].login(first["applicationId"], first["applicationSecret"]).json()["access_token"]
        bearer = {"authorization": f"Bearer {token}"}
        path = "/_mock/sandboxes/mine"
        until(lambda: two[1].client.get(path).status_code == 503)
        refused = two[1].client.post("/failover", json={"flow": [sms()]}, headers=bearer)
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
        assert "The sandbox mine is kept by another mock, process " in refused.json()["developerMessage"]
        for reply in (
            two[1].client.post("/_mock/sandboxes", json={"id": "mine"}),
            two[1].login(first["applicationId"], first["applicationSecret"]),
        ):
            assert reply.status_code == 503
        wrong = {"authorization": "Bearer 00000000-0000-4000-8000-000000000000"}
        assert two[1].client.post("/failover", json={"flow": [sms()]}, headers=wrong).status_code == 401
        assert two[1].client.post("/nowhere").status_code == 404
        one[0].send_signal(signal.SIGTERM)
        until(lambda: two[1].client.get(path).status_code == 200)
        assert two[1].client.post("/failover", json={"flow": [sms()]}, headers=bearer).status_code == 200
        assert two[1].login(first["applicationId"], "another").status_code == 401


def test_a_sandbox_goes_where_it_is_asked_for_if_it_is_asked_for_nowhere_else(database: str, webhook: Receiver) -> None:
    webhook.clear()
    with replica(database) as (_, one), replica(database) as (_, two):
        until(lambda: has_it(one))  # the other was asked for a token, perhaps long after this one
        one.send(sms(), url=webhook.url)
        asked = time.monotonic() + 1.5 * LEASE
        while time.monotonic() < asked:  # both are asked: it stays
            assert has_it(one)
            assert not has_it(two)
            time.sleep(0.1)
        until(lambda: has_it(two))
        refused = one.client.get("/_mock/clock")
        told = ("kept by another mock", "Another one, or this one, has it in a moment")  # as of its last look
        assert (refused.status_code, any(words in refused.text for words in told)) == (503, True), refused.text
        two.advance(by=60_000)
        assert len(webhook.wait(1, timeout=60)) == 1
        until(lambda: has_it(one))
        kinds = [each["again"] for each in one.client.get("/_mock/journal?kind=restart").json()["entries"]]
        assert kinds[-2:] == [[], []]


def test_what_others_have_is_listed_with_its_owner_and_does_not_move_by_that(database: str) -> None:
    long = ("--lease", str(5 * LEASE))
    with replica(database, *long) as (process, one), replica(database, *long) as (_, two):
        made = one.client.post("/_mock/sandboxes", json={"id": "mine"}).json()

        def others(mock: Mock) -> dict[str, dict[str, str | None]]:
            return {each["id"]: each for each in mock.client.get("/_mock/sandboxes").json()["elsewhere"]}

        until(lambda: "mine" in others(two))
        for _ in range(10):
            found = others(two)["mine"]
            time.sleep(0.4)
        assert found.keys() == {"id", "applicationId", "owner", "until"}
        assert found["applicationId"] == made["applicationId"]
        assert str(found["owner"]).startswith(f"process {process.pid} on ")
        assert "mine" not in others(one)
        with psycopg.connect(database) as connection:
            statement = "select wanted from routee_mock.lease join routee_mock.world using (key) where id = 'mine'"
            assert connection.execute(statement).fetchone() == (None,)


def test_two_that_make_the_same_sandbox_at_the_same_time_make_it_once(database: str) -> None:
    with replica(database) as (_, one), replica(database) as (_, two):
        for number in range(5):
            statuses: list[int] = []

            def make(mock: Mock, id_: str = f"s{number}", statuses: list[int] = statuses) -> None:
                with unverified(mock.url) as client:
                    statuses.append(client.post("/_mock/sandboxes", json={"id": id_}).status_code)

            threads = [threading.Thread(target=make, args=(mock,)) for mock in (one, two)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert sorted(statuses) == [201, 503]


# What is told when it cannot be used


def serve(*arguments: str, code: int = 1) -> str:
    """What a server says that does not start."""
    done = subprocess.run(
        [sys.executable, "-m", "mockserver", "serve", "--port", "0", *arguments],
        capture_output=True, text=True, check=False, timeout=GENEROUS,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (code, "")
    assert SECRET not in done.stderr
    assert "s3%3A" not in done.stderr
    return done.stderr


def test_a_database_that_cannot_be_used_is_told_in_one_line_without_its_password(postgres: Database) -> None:
    away = serve("--store", "postgresql://me:s3%3Acret%2F%25@127.0.0.1:1/mocks")
    assert away.startswith("Error: postgresql://me@127.0.0.1:1/mocks cannot be used: ")
    assert ("refused" in away, len(away.splitlines())) == (True, 1)
    assert 'database "nothing" does not exist' in serve("--store", f"{postgres.url.rpartition('/')[0]}/nothing")
    assert "password authentication failed" in serve("--store", postgres.url.replace("s3%3A", "another%3A"))
    for url in ("postgresql://me:s3%3Acret%ZZ@x/y", "postgresql://me:s3%3Acret@x/y?nope=1"):
        assert serve("--store", url).startswith("Error: --store ")
    wrong = serve("--store", "mysql://me:s3%3Acret@x/y", code=2)
    assert "--store: it must be a URL such as postgresql://user:password@host:5432/database" in wrong


def test_without_the_extra_it_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "psycopg.py").write_text("raise ImportError\n")
    done = subprocess.run(
        [sys.executable, "-m", "mockserver", "serve", "--port", "0", "--store", "postgresql://x/y"],
        capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == "Error: --store needs psycopg: pip install 'routee-failover-mock[postgres]'\n"


def test_all_is_kept_in_one_place(tmp_path: Path) -> None:
    said = serve("--store", "postgresql://x/y", "--data", str(tmp_path))
    assert said == "Error: --data and --store are two places, and all is kept in one: choose one of them\n"


def test_no_password_is_logged_or_shown(database: str) -> None:
    with replica(database, "--log-level", "debug") as (process, mock):
        shown = "".join(mock.client.get(f"/_mock/{each}").text for each in ("metrics", "version", "sandboxes", "ready"))
        process.send_signal(signal.SIGTERM)
        said = "".join(process.communicate(timeout=GENEROUS))
    assert all(secret not in shown + said for secret in (SECRET, "s3%3A"))
