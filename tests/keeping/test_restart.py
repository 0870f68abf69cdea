"""A server with --data: what it has answered is still so after a restart, or after it was killed."""

import asyncio
import json
import re
import resource
import shutil
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import httpx2
import pytest
from click.testing import CliRunner

from mockserver.cli import main
from mockserver.core.clock import Mode
from mockserver.keeping.sqlite import FILE, SqliteStore
from mockserver.keeping.values import StoreError
from mockserver.server import running
from mockserver.settings import Downtime, Policy, Settings, Sync
from mockserver.testing.receiver import Receiver
from mockserver.wire.control.journal import entry_json, line
from mockserver.wire.control.replay import replay
from tests.http.mocks import START, Mock, entered, mocking, sms, unverified, viber
from tests.http.test_log import both, busy_day
from tests.test_life_cycle import serving, url_of

JSONL: dict[str, str | int] = {"format": "jsonl", "limit": 100_000}

LIVELY = ("--rate", "50")


def journal(mock: Mock) -> bytes:
    return mock.client.get("/_mock/journal", params=JSONL).content


def state(mock: Mock) -> dict[str, Any]:
    """What the control API shows of a sandbox, but for the bodies of requests and what is in sinks."""
    shown = ("clock", "due", "callbacks", "balance", "flows", "scenarios")
    return {name: mock.client.get(f"/_mock/{name}").json() for name in shown}


def crashed(data: Path) -> Path:
    """The directory as it would be found if the server had been killed now."""
    return Path(shutil.copytree(data, data.with_name(f"{data.name}-crashed")))


@pytest.mark.parametrize("sync", list(Sync))
def test_it_can_be_started_by_code_whose_own_loop_runs_and_stands_still_meanwhile(sync: Sync, tmp_path: Path) -> None:
    async def test() -> None:
        for amount in (1.0, 2.0):
            with running(Settings(port=0, data=tmp_path, sync=sync)) as server, unverified(server.url) as client:
                assert client.put("/_mock/balance", json={"balance": amount}).status_code == 200
                assert client.get("/_mock/balance").json()["balance"] == amount
                assert client.get("/_mock/log").status_code == 200

    asyncio.run(test())


@pytest.mark.parametrize("sync", list(Sync))
@pytest.mark.parametrize("how", ["stopped", "killed"])
def test_a_busy_day_is_as_it_was(how: str, sync: Sync, receiver: Receiver, tmp_path: Path) -> None:
    data = tmp_path / "data"
    with mocking(data=data, sync=sync) as mock:
        busy_day(mock, receiver)
        token = f"Bearer {mock.login().json()['access_token']}"
        mock.client.headers["authorization"] = token
        mock.client.post(
            "/failover", json={"flow": [sms(ttl=60)], "callback": {"strategy": "OnStep", "url": "http://x/"}}
        )
        before, told = journal(mock), state(mock)
        left = crashed(data) if how == "killed" else data
    received = len(receiver.requests)
    with running(Settings(port=0, data=left, sync=sync)) as server, unverified(server.url) as client:
        again = Mock(client)
        client.headers["authorization"] = token
        lines = journal(again).splitlines(keepends=True)
        assert b"".join(lines[:-1]) == before
        last = json.loads(lines[-1])
        assert (last["kind"], last["again"]) == ("restart", [])
        assert state(again) == told
        assert again.send(sms())
        log, lines_told = both(again)
    assert b'{"do":"NoteRestart","down":' in log
    assert b"".join(map(line, map(entry_json, replay(log.splitlines()).journal.read(0)))) == lines_told
    assert len(receiver.requests) == received


def test_every_sandbox_is_back_with_its_credentials_and_its_own_settings(tmp_path: Path) -> None:
    with mocking(data=tmp_path, sandboxes=Policy.AUTO) as mock:
        made = mock.client.post(
            "/_mock/sandboxes",
            json={"id": "mine", "seed": 7, "strictFields": True, "balanceMode": "at-once", "balance": 5},
        ).json()
        mock.client.post("/_mock/sandboxes", json={"id": "gone"})
        mock.client.delete("/_mock/sandboxes/gone")
        mock.client.post("/_mock/sandboxes", json={"id": "again"})
        mock.client.put("/_mock/sandboxes/again/balance", json={"balance": 3})
        mock.client.post("/_mock/sandboxes/again/reset")
        mock.login("auto")
        before = mock.client.get("/_mock/sandboxes").json()["sandboxes"]
    with running(Settings(port=0, data=tmp_path)) as server, entered(server.url) as mock:
        after = mock.client.get("/_mock/sandboxes").json()["sandboxes"]
        assert (
            [each["id"] for each in after]
            == [each["id"] for each in before]
            == ["default", "app", "mine", "again", "auto"]
        )
        for then, now in zip(before, after, strict=True):
            for name in ("applicationId", "applicationSecret", "seed", "flows"):
                assert then[name] == now[name]
        assert mock.client.get("/_mock/sandboxes/again/balance").json() == {"balance": "unlimited"}
        login = mock.login(made["applicationId"], made["applicationSecret"])
        headers = {"authorization": f"Bearer {login.json()['access_token']}"}
        refused = mock.client.post("/failover", json={"flow": [sms()], "strange": 1}, headers=headers)
        assert (refused.status_code, "strange" in refused.text) == (400, True)
        mock.client.post("/_mock/sandboxes/mine/reset")
        fresh = mock.client.get("/_mock/sandboxes/mine").json()
        assert (fresh["seed"], fresh["clock"]["mode"]) == (7, "realtime")  # the server's own clock, as it is now
        assert mock.client.get("/_mock/sandboxes/mine/balance").json() == {"balance": 5}


def test_a_token_revoked_before_still_belongs_to_its_sandbox(tmp_path: Path) -> None:
    with mocking(data=tmp_path) as mock:
        token = mock.client.headers["authorization"]
        mock.client.delete("/_mock/tokens")
    with running(Settings(port=0, data=tmp_path)) as server, unverified(server.url) as client:
        assert client.post("/failover", json={"flow": [sms()]}, headers={"authorization": token}).status_code == 401


def test_a_callback_under_way_is_posted_again_with_the_same_bytes(receiver: Receiver, tmp_path: Path) -> None:
    data = tmp_path / "data"
    receiver.always("hang")
    with mocking(data=data, clock=Mode.REALTIME, rate=1_000) as mock:
        mock.send(viber(), url=receiver.url)
        first = receiver.wait(1, timeout=60)[0]
        left = crashed(data)
        receiver.always(200)
    with running(Settings(port=0, data=left)) as server, entered(server.url) as mock:
        posted = [each.body for each in receiver.wait(2, timeout=60)]
        assert posted.count(first.body) >= 2
        [restart] = mock.client.get("/_mock/journal?kind=restart").json()["entries"]
        assert restart["again"][0] == 1
        text = mock.client.get("/_mock/journal?kind=restart&format=text").text
        assert "  restart   the server was down for " in text
        assert re.search(r" s; posted again: callbacks? 1(, \d+)*\n$", text)


@pytest.mark.parametrize("downtime", list(Downtime))
def test_time_passes_while_the_server_is_down_or_stands(downtime: Downtime, tmp_path: Path) -> None:
    with mocking(data=tmp_path, clock=Mode.REALTIME, rate=1_000) as mock:
        flow = mock.send(sms(ttl=60))
        token = mock.client.headers["authorization"]
    now = time.time()
    with mocking(data=tmp_path, clock=Mode.REALTIME) as mock:
        pass
    stopped = _last(tmp_path)
    time.sleep(1.5)
    with running(Settings(port=0, data=tmp_path, downtime=downtime)) as server, unverified(server.url) as client:
        moved = Mock(client).clock()["now"]
        passed = _instant(moved) - stopped
        down = client.get("/_mock/journal?kind=restart").json()["entries"][-1]["downMs"]
        assert 1_500 <= down <= 1_000 * (time.time() - now)
        alive = client.get(f"/failover/tracking/{flow}", headers={"authorization": token}).status_code
        if downtime is Downtime.PASSES:
            assert passed >= 1_400_000
        else:
            assert passed < down * 1_000
        assert alive == (401 if _instant(moved) >= START + 3_600_000 else 200)


def test_a_server_that_has_more_sandboxes_than_it_keeps_can_reset_each(tmp_path: Path) -> None:
    with mocking(data=tmp_path) as mock:
        for id_ in ("one", "two"):
            mock.client.put(f"/_mock/sandboxes/{id_}")
    with mocking(data=tmp_path, most_sandboxes=2) as mock:
        for id_ in ("default", "one", "two"):
            assert mock.client.post(f"/_mock/sandboxes/{id_}/reset").status_code == 200
        assert len(mock.client.get("/_mock/sandboxes").json()["sandboxes"]) == 3
        assert mock.client.put("/_mock/sandboxes/three").status_code == 400


def test_a_server_that_is_full_of_what_was_kept_has_its_default_too(tmp_path: Path) -> None:
    with mocking(data=tmp_path) as mock:
        mock.client.put("/_mock/sandboxes/one")
    assert CliRunner().invoke(main, ["data", "drop", "default", "--data", str(tmp_path)]).exit_code == 0
    with mocking(data=tmp_path, most_sandboxes=1) as mock:
        assert mock.client.get("/_mock/clock").status_code == 200


@pytest.mark.parametrize("reset", [False, True], ids=["never asked", "reset"])
@pytest.mark.parametrize("downtime", list(Downtime))
def test_a_clock_that_nobody_has_asked_goes_on_from_when_its_sandbox_was_made(
    downtime: Downtime, reset: bool, tmp_path: Path
) -> None:
    began, data = time.time(), tmp_path / "data"
    with running(Settings(port=0, data=data, start=START)) as server, unverified(server.url) as client:
        assert client.post("/_mock/reset" if reset else "/_mock/store/seal").status_code == 200
        left = crashed(data)
    with closing(SqliteStore(left)) as store:
        [world] = store.worlds()
        [made] = [part.at for part in store.read(world.key)]
    assert began * 1_000 - 1 <= made <= time.time() * 1_000
    assert 0 <= _moved(left, downtime) <= (time.time() - began) * 1_000 + 1


@pytest.mark.parametrize("downtime", list(Downtime))
def test_a_clock_whose_making_has_no_instant_goes_on_from_when_the_server_was_last_alive(
    downtime: Downtime, tmp_path: Path
) -> None:
    began = time.time()
    with running(Settings(port=0, data=tmp_path, start=START)):
        pass
    with closing(sqlite3.connect(tmp_path / FILE)) as file:  # as mocks have left it that wrote no empty batch
        file.execute("delete from log")
        file.commit()
    assert 0 <= _moved(tmp_path, downtime) <= (time.time() - began) * 1_000 + 1


def _moved(data: Path, downtime: Downtime) -> int:
    """Milliseconds by which the clock of `default` has moved when a server is back."""
    with running(Settings(port=0, data=data, downtime=downtime)) as server, unverified(server.url) as client:
        return _instant(Mock(client).clock()["now"]) - START


def _last(data: Path) -> int:
    """The instant of the last journal entry that is kept."""
    exported = CliRunner().invoke(main, ["data", "export", "default", "--data", str(data)])
    file = data / "exported"
    file.write_bytes(exported.stdout_bytes)
    return _instant(json.loads(CliRunner().invoke(main, ["replay", str(file)]).output.splitlines()[-1])["at"])


def _instant(text: str) -> int:
    from mockserver.wire.instants import read_instant

    return read_instant(text)


def test_nothing_acknowledged_is_lost_and_no_webhook_is_missing_however_often_it_is_killed(
    receiver: Receiver, tmp_path: Path
) -> None:
    sent: list[str] = []
    token = ""
    for seconds in (0.4, 0.2, 0.6):
        with serving("--data", str(tmp_path), *LIVELY) as process:
            url = url_of(process)
            with unverified(url) as client:
                mock = Mock(client)
                token = token or f"Bearer {mock.login().json()['access_token']}"
                client.headers["authorization"] = token
                lost = [flow for flow in sent if client.get(f"/failover/tracking/{flow}").status_code != 200]
                assert lost == []
                until = time.monotonic() + seconds
                while time.monotonic() < until:
                    sent.append(mock.send(sms(), url=receiver.url, strategy="OnCompletion"))
            process.send_signal(signal.SIGKILL)
            process.wait()
    with serving("--data", str(tmp_path), *LIVELY) as process, unverified(url_of(process)) as client:
        until = time.monotonic() + 60
        while time.monotonic() < until and not set(sent) <= {each["trackingId"] for each in receiver.payloads}:
            time.sleep(0.05)
        told: dict[str, set[bytes]] = {}
        for request in receiver.requests:
            told.setdefault(request.json["trackingId"], set()).add(request.body)
        assert set(sent) <= told.keys()
        assert {len(bodies) for bodies in told.values()} == {1}  # a callback posted twice says the same twice
        assert len(client.get("/_mock/journal?kind=restart").json()["entries"]) == 3


def test_a_directory_that_is_removed_under_a_server_is_written_anew_and_nothing_is_lost(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serving("--data", str(data), "--clock", "manual") as process, entered(url_of(process)) as mock:
        before = mock.send(sms())
        shutil.rmtree(data)
        while not (data / FILE).exists():  # also while nobody asks for anything
            time.sleep(0.05)
        shutil.rmtree(data)
        after = mock.send(sms())
        token = mock.client.headers["authorization"]
        process.kill()
        process.wait()
    with running(Settings(port=0, data=data)) as server, unverified(server.url) as client:
        client.headers["authorization"] = token
        assert [Mock(client).track(each)["status"] for each in (before, after)] == ["Queued", "Queued"]


def test_a_log_that_cannot_be_read_is_told_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: SqliteStore, __: int) -> Iterator[Any]:
        raise StoreError("it cannot be read: disk I/O error")
        yield

    with running(Settings(port=0, data=tmp_path)) as server, unverified(server.url) as client:
        monkeypatch.setattr(SqliteStore, "read", broken)
        told = client.get("/_mock/log")
        assert (told.status_code, "disk I/O error" in told.json()["developerMessage"]) == (503, True)


def test_a_full_disk_refuses_in_words_and_loses_nothing(tmp_path: Path) -> None:
    with serving("--data", str(tmp_path), "--clock", "manual") as process, entered(url_of(process)) as mock:
        sent = [mock.send(sms())]
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
        body = {"flow": [sms()]}
        unknown = mock.client.post("/failover", json=body)  # accepted, and then not kept in time
        assert unknown.status_code == 503
        refused = mock.client.post("/failover", json=body)
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
        assert "cannot keep anything at the moment" in refused.json()["developerMessage"]
        assert str(tmp_path) in refused.json()["developerMessage"]
        assert mock.client.post("/_mock/clock/advance", json={"by": 1}).status_code == 503
        assert mock.client.get("/_mock/ready").status_code == 503
        assert mock.track(sent[0])
        assert "routee_mock_store_failing 1.0" in mock.client.get("/_mock/metrics").text
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        until = time.monotonic() + 60
        while mock.client.get("/_mock/ready").status_code != 200:
            assert time.monotonic() < until
            time.sleep(0.05)
        sent.append(mock.send(sms()))
        flows = mock.client.get("/_mock/flows").json()["flows"]
        assert len(flows) == 3  # the one in between was accepted, and is kept now
        token = mock.client.headers["authorization"]
        process.kill()
        process.wait()
    with serving("--data", str(tmp_path)) as process, unverified(url_of(process)) as client:
        assert [each["trackingId"] for each in client.get("/_mock/flows").json()["flows"]] == [
            each["trackingId"] for each in flows
        ]
        for flow in sent:
            assert client.get(f"/failover/tracking/{flow}", headers={"authorization": token}).status_code == 200


def test_no_reply_and_no_callback_leaves_before_it_is_kept(receiver: Receiver, tmp_path: Path) -> None:
    with serving("--data", str(tmp_path), "--clock", "realtime", "--rate", "1000") as process:
        with entered(url_of(process)) as mock:
            flow = mock.send(sms(), url=receiver.url, strategy="OnCompletion")
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
            with suppress(httpx2.TimeoutException):  # it waits, or an event that could not be kept came first
                assert mock.client.post("/failover", json={"flow": [sms()]}, timeout=1).status_code == 503
            received = len(receiver.requests)
            time.sleep(1)
            assert len(receiver.requests) == received
            process.kill()
        process.wait()
    with serving("--data", str(tmp_path)) as process, unverified(url_of(process)) as client:
        assert [each["trackingId"] for each in client.get("/_mock/flows").json()["flows"]] == [flow]
        assert receiver.wait(1, timeout=60)


def test_a_second_server_says_who_has_the_directory(tmp_path: Path) -> None:
    with mocking(data=tmp_path):
        result = CliRunner().invoke(main, ["serve", "--port", "0", "--data", str(tmp_path)])
    assert result.exit_code == 1
    assert f"{tmp_path} is kept by another mock, process " in result.output


def test_scenario_files_that_changed_meanwhile_count_again(tmp_path: Path) -> None:
    files = tmp_path / "files"
    files.mkdir()
    (files / "a.yaml").write_text("sms: failed\n")
    (files / "b.yaml").write_text("sms: failed\nwhen: {to: '+1*'}\n")
    with mocking(data=tmp_path / "data", scenarios=files) as mock:
        mock.client.delete("/_mock/scenarios/b")
    time.sleep(0.01)
    (files / "a.yaml").write_text("sms: undelivered\n")
    with mocking(data=tmp_path / "data", scenarios=files) as mock:
        playing = mock.client.get("/_mock/scenarios").json()["scenarios"]
        assert [(each["name"], each["says"]["sms"]) for each in playing] == [("a", "undelivered")]
