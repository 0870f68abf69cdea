"""Seals while a server runs, and when it stops: nothing that can be asked for changes."""

import asyncio
import os
import re
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from mockserver.cli import main
from mockserver.core.commands import Mode, SetBalance
from mockserver.keeping import sealing
from mockserver.keeping.keeper import Keeper
from mockserver.keeping.sealing import Sealer, seal, seal_short
from mockserver.keeping.sqlite import FILE, SqliteStore
from mockserver.keeping.values import Batch, Snapshot, Tail
from mockserver.server import running
from mockserver.settings import Settings
from mockserver.testing.receiver import Receiver
from tests.cli.test_data import change
from tests.http.mocks import Mock, mocking, sms, unverified
from tests.http.test_log import busy_day
from tests.keeping.stores import FaultyStore
from tests.keeping.test_keeper import kept_engine
from tests.keeping.test_restart import crashed, journal, state


def first(data: Path) -> Snapshot | Batch:
    store = SqliteStore(data)
    try:
        return next(iter(store.read(1)))
    finally:
        store.close()


def metrics(mock: Mock) -> str:
    return mock.client.get("/_mock/metrics").text


def test_what_cannot_be_written_as_a_state_is_told(tmp_path: Path) -> None:
    with mocking(data=tmp_path / "data") as mock:
        mock.send(sms())
        data = crashed(tmp_path / "data")
    with closing(sqlite3.connect(data / FILE)) as file, file:
        for seq, packed in file.execute("select seq, packed from log").fetchall():
            damaged = packed.replace(b'{"type"', b'{"\xff\xff\xff\xff"')  # what was asked is kept as it came
            file.execute("update log set packed = ? where seq = ?", (damaged, seq))
    sealed = CliRunner().invoke(main, ["data", "seal", "--data", str(data)])
    assert sealed.exit_code == 1
    assert sealed.stderr.startswith("Error: the state of the sandbox default cannot be written: ")


def test_a_long_log_is_sealed_while_the_server_runs(
    receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "LONG", Tail(20, 2**26))
    monkeypatch.setattr(sealing, "LOOK", 0.05)
    data = tmp_path / "data"
    with mocking(data=data) as mock:
        busy_day(mock, receiver)
        until = time.monotonic() + 60
        while not re.search(r"^routee_mock_store_seals_total [1-9]", metrics(mock), re.MULTILINE):
            assert time.monotonic() < until
            time.sleep(0.05)
        token = f"Bearer {mock.login().json()['access_token']}"
        mock.client.headers["authorization"] = token
        mock.send(sms())
        before, told = journal(mock), state(mock)
        left = crashed(data)
        told_of = metrics(mock)
    assert isinstance(first(left), Snapshot)
    assert re.search(r'^routee_mock_store_tail_entries{sandbox="default"} \d', told_of, re.MULTILINE)
    assert "routee_mock_store_restoring 0.0" in told_of
    with running(Settings(port=0, data=left)) as server, unverified(server.url) as client:
        again = Mock(client)
        client.headers["authorization"] = token
        assert b"".join(journal(again).splitlines(keepends=True)[:-1]) == before
        assert state(again) == told
        assert again.send(sms())


def test_a_callback_under_way_is_still_under_way_after_a_seal(receiver: Receiver, tmp_path: Path) -> None:
    receiver.always("hang")
    data = tmp_path / "data"
    with mocking(data=data, clock=Mode.REALTIME, rate=1_000) as mock:
        mock.send(sms(), url=receiver.url)
        body = receiver.wait(1, timeout=60)[0].body
        assert CliRunner().invoke(main, ["data", "seal", "--data", str(data)]).exit_code == 0
        left = crashed(data)
        receiver.always(200)
    assert isinstance(first(left), Snapshot)
    with mocking(data=left) as mock:
        assert [each.body for each in receiver.wait(2, timeout=60)][:2] == [body] * 2
        [restart] = mock.client.get("/_mock/journal?kind=restart").json()["entries"]
        assert 1 in restart["again"]


def told(amounts: int) -> tuple[FaultyStore, Keeper]:
    """A store with one world, which was told several balances."""
    store = FaultyStore()
    keeper = Keeper(store)
    engine = kept_engine(keeper)

    async def tell() -> None:
        for amount in range(amounts):
            engine.submit(SetBalance(amount))
            await keeper.kept()

    asyncio.run(tell())
    return store, keeper


def test_what_was_sealed_is_not_sealed_again() -> None:
    store, _ = told(5)
    [world] = store.worlds()
    done = seal(store, world)
    assert done is not None
    assert (done.seq, done.tail.entries) == (5, 5)
    assert seal(store, world) is None
    assert store.revived().purse.balance == 4


@pytest.mark.parametrize(("short", "sealed"), [(20_000, True), (9, False)])
def test_a_server_that_stops_seals_what_is_short(short: int, sealed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "SHORT", short)
    store, keeper = told(5)
    seal_short(store, keeper)
    assert bool(store.snapshots) is sealed


def test_what_another_process_has_sealed_shortens_the_tail() -> None:
    _, keeper = told(5)
    [tap] = keeper.taps.values()
    assert tap.world is not None
    lines = '{"key": 1, "id": "default", "seq": 3, "tail": {"entries": 3, "bytes": 10}, "bytes": 9}'
    sealer = Sealer(keeper, [sys.executable, "-c", f"print('{lines}')"])
    length = tap.tail.bytes
    [done] = asyncio.run(sealer.seal([tap.world]))
    assert (done["seq"], tap.tail, sealer.seals) == (3, Tail(2, length - 10), 1)


def test_a_process_that_fails_is_told_and_started_again_later(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "LONG", Tail(1, 2**26))
    monkeypatch.setattr(sealing, "LOOK", 0.01)
    _, keeper = told(5)
    sealer = Sealer(keeper, [sys.executable, "-c", "raise SystemExit('no room')"])

    async def for_a_while() -> None:
        running = asyncio.create_task(sealer.run())
        async with asyncio.timeout(60):
            while not caplog.records:  # noqa: ASYNC110 -- a process is waited for, with no event to tell
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.2)  # it looks twenty times more
        running.cancel()

    asyncio.run(for_a_while())
    assert [each.message for each in caplog.records] == ["the sandbox default could not be sealed: no room"]


def test_a_server_is_asked_to_seal_and_says_what_it_has_sealed(receiver: Receiver, tmp_path: Path) -> None:
    with mocking(data=tmp_path) as mock:
        mock.client.post("/_mock/sandboxes", json={"id": "mine"})
        busy_day(mock, receiver)
        [sealed] = mock.client.post("/_mock/store/seal").json()["sealed"]
        assert sealed["id"] == "default"
        assert min(sealed["entries"], sealed["bytes"]) > 30
        assert mock.client.post("/_mock/store/seal").json() == {"sealed": []}
        change(tmp_path, "update snapshot set packed = x'ffff'")
        refused = mock.client.post("/_mock/store/seal")
        assert (refused.status_code, "its state cannot be unpacked" in refused.json()["developerMessage"]) == (
            503,
            True,
        )


def test_a_server_says_how_its_store_stands(receiver: Receiver, tmp_path: Path) -> None:
    with mocking(data=tmp_path) as mock:
        mock.client.post("/_mock/sandboxes", json={"id": "mine"})
        busy_day(mock, receiver)
        before = mock.client.get("/_mock/store").json()
        mock.client.post("/_mock/store/seal")
        after = mock.client.get("/_mock/store").json()
    assert (before["kind"], before["place"], before["sync"]) == ("sqlite", str(tmp_path), "process")
    assert (before["trouble"], before["unkept"]) == (None, 0)
    assert before["commits"] > 2
    assert before["lastCommit"].endswith("Z")
    stand = {each["id"]: each for each in before["sandboxes"]}
    assert stand.keys() == {"default", "mine"}
    assert stand["default"]["seq"] > 2
    assert stand["default"]["sealed"] == 0
    assert f"process {os.getpid()} on " in stand["mine"]["owner"]
    sealed = {each["id"]: each["sealed"] for each in after["sandboxes"]}
    assert sealed["default"] >= stand["default"]["seq"]


def test_a_server_without_a_store_says_so() -> None:
    with mocking() as mock:
        refused = mock.client.get("/_mock/store")
    assert (refused.status_code, "has no store" in refused.json()["developerMessage"]) == (404, True)


def test_a_server_without_a_disk_seals_nothing() -> None:
    with mocking() as mock:
        refused = mock.client.post("/_mock/store/seal")
    assert (refused.status_code, "keeps nothing on disk" in refused.json()["developerMessage"]) == (409, True)
