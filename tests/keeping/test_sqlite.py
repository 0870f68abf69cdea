"""The SQLite file: whole commits, whatever becomes of its write-ahead log."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import orjson
import pytest

from mockserver.core.behaviour import Behaviour
from mockserver.core.commands import SetBalance
from mockserver.core.engine import Engine
from mockserver.keeping import sqlite as keeping
from mockserver.keeping.directory import Directory
from mockserver.keeping.reviving import revive
from mockserver.keeping.sqlite import FILE, TABLES, SqliteStore
from mockserver.keeping.values import Batch, CannotKeep, Changes, Snapshot, StoreError, World
from mockserver.wire.control import kept, replay

RELEASE = (replay.FORMAT, replay.ENGINE)
PAGE = 4_096


def world() -> World:
    head = replay.head(Engine(Behaviour(), 0).log.start, "1")
    return World(1, "default", None, None, orjson.dumps(head), b"{}")


def batch(number: int) -> Batch:
    return Batch(1, number, 0, number, RELEASE, kept.pack([SetBalance(number)]))


def filled(
    directory: Path, commits: int, *, power: bool = False, hold: Callable[[], None] = lambda: None
) -> SqliteStore:
    store = SqliteStore(directory, power=power, hold=hold)
    store.commit(Changes((world(),), (), ()))
    for number in range(1, commits + 1):
        store.commit(Changes((), (), (batch(number),)))
    return store


def test_a_write_ahead_log_cut_anywhere_opens_at_its_last_whole_commit(tmp_path: Path) -> None:
    store = filled(tmp_path, 20)
    wal = (tmp_path / f"{FILE}-wal").read_bytes()
    seen = set()
    for number, cut in enumerate(range(32, len(wal), PAGE // 2)):
        copy = tmp_path / f"cut-{number}"
        copy.mkdir()
        shutil.copy(tmp_path / FILE, copy / FILE)
        (copy / f"{FILE}-wal").write_bytes(wal[:cut])
        opened = SqliteStore(copy)
        assert opened.damage() == []
        for each in opened.worlds():
            seen.add(len(revive(opened, each).revival.engine.journal))
        opened.close()
    assert seen >= set(range(1, 20))
    store.close()


def test_a_flipped_byte_in_the_write_ahead_log_is_not_read(tmp_path: Path) -> None:
    store = filled(tmp_path, 5)
    wal = bytearray((tmp_path / f"{FILE}-wal").read_bytes())
    wal[-100] ^= 1
    copy = tmp_path / "flipped"
    copy.mkdir()
    shutil.copy(tmp_path / FILE, copy / FILE)
    (copy / f"{FILE}-wal").write_bytes(wal)
    opened = SqliteStore(copy)
    assert len(list(opened.read(1))) == 4
    opened.close()
    store.close()


@pytest.mark.parametrize("power", [False, True])
def test_the_same_changes_twice_are_kept_once(power: bool, tmp_path: Path) -> None:
    store = filled(tmp_path, 3, power=power)
    store.commit(Changes((world(),), (), (batch(3),)))
    assert [each.seq for each in store.read(1)] == [1, 2, 3]
    assert store.alone is power
    store.commit(Changes((), (1,), ()))
    assert (store.worlds(), list(store.read(1))) == ([], [])
    store.close()


def snapshot(seq: int) -> Snapshot:
    return Snapshot(1, seq, 0, seq, RELEASE, b"state %d" % seq)


def test_a_snapshot_takes_the_place_of_the_batches_up_to_it(tmp_path: Path) -> None:
    store = filled(tmp_path, 5)
    other = SqliteStore(tmp_path)  # as another process does it, while this one reads
    reading = store.read(1)
    assert next(reading) == batch(1)
    other.seal(snapshot(3))
    assert [each.seq for each in reading] == [2, 3, 4, 5]
    assert list(store.read(1)) == [snapshot(3), batch(4), batch(5)]
    other.seal(snapshot(2))
    other.seal(Snapshot(2, 1, 0, 1, RELEASE, b"of nobody"))
    assert list(store.read(1)) == [snapshot(3), batch(4), batch(5)]
    other.seal(snapshot(5))
    store.commit(Changes((), (), (batch(6),)))
    assert list(store.read(1)) == [snapshot(5), batch(6)]
    store.commit(Changes((), (1,), ()))
    assert (list(store.read(1)), list(store.read(2))) == ([], [])
    other.close()
    store.close()


def test_a_file_of_an_earlier_schema_gets_what_it_lacks(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / FILE)) as old:
        old.executescript(f"{TABLES[0]} pragma user_version = 1")
    for _ in range(2):
        store = filled(tmp_path, 1)
        store.seal(snapshot(1))
        assert list(store.read(1)) == [snapshot(1)]
        store.commit(Changes((), (1,), ()))
        store.close()


def test_the_write_ahead_log_is_moved_into_the_file_now_and_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "TIDY", 70_000)
    store = filled(tmp_path, 3)
    assert not store.untidy
    store.commit(Changes((), (), (Batch(1, 4, 0, 0, RELEASE, b"x" * 5_000),)))  # and whole pages
    before = (tmp_path / FILE).stat().st_size
    assert store.untidy
    store.tidy()
    assert not store.untidy
    assert (tmp_path / FILE).stat().st_size > before
    store.close()


def test_a_large_write_ahead_log_is_emptied_unless_somebody_reads_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "LARGE", 40_000)
    store, wal = filled(tmp_path, 3), tmp_path / f"{FILE}-wal"
    for batch in (Batch(1, number, 0, 0, RELEASE, b"x" * 20_000) for number in (4, 5, 6)):
        store.commit(Changes((), (), (batch,)))
    reading = store.read(1)
    next(reading)
    store.tidy()
    assert wal.stat().st_size > 40_000
    store.commit(Changes((), (), (Batch(1, 7, 0, 0, RELEASE, b""),)))
    assert [batch.seq for batch in reading] == [2, 3, 4, 5, 6]
    store.tidy()
    assert wal.stat().st_size == 0
    assert [batch.seq for batch in store.read(1)] == [1, 2, 3, 4, 5, 6, 7]
    store.close()


def all_of_it(directory: Path) -> None:
    shutil.rmtree(directory)


def only_the_file(directory: Path) -> None:
    (directory / FILE).unlink()


@pytest.mark.parametrize("remove", [all_of_it, only_the_file])
def test_a_file_that_is_removed_while_it_is_open_is_written_anew_by_the_next_commit(
    remove: Callable[[Path], None], tmp_path: Path
) -> None:
    directory = tmp_path / "data"
    held = Directory(directory)
    store = filled(directory, 3, hold=held.hold)
    assert not store.missing
    remove(directory)
    assert store.missing
    assert store.alone
    with pytest.raises(StoreError, match="cannot be read"):
        list(store.read(1))
    assert not (directory / FILE).exists()  # to read is not to make an empty one
    store.commit(Changes((), (), (batch(4),)))
    store.seal(snapshot(2))
    with pytest.raises(StoreError, match="kept by another mock"):
        Directory(directory)
    assert (store.missing, store.alone) == (False, False)
    store.close()
    held.close()
    again = SqliteStore(directory)
    assert list(again.read(1)) == [snapshot(2), batch(3), batch(4)]
    assert again.damage() == []
    again.close()


def test_a_directory_that_another_server_has_by_now_is_not_written_into(tmp_path: Path) -> None:
    directory = tmp_path / "data"
    first = Directory(directory)
    store = filled(directory, 3, hold=first.hold)
    shutil.rmtree(directory)
    second = Directory(directory)
    with pytest.raises(CannotKeep, match=r"another mock, process .+, has the directory by now"):
        store.commit(Changes((), (), (batch(4),)))
    other = filled(directory, 1)
    with pytest.raises(CannotKeep, match="is not the file that the mock has written"):
        store.commit(Changes((), (), (batch(4),)))
    assert list(other.read(1)) == [batch(1)]
    for each in (other, store, second, first):
        each.close()


def test_a_directory_that_was_moved_away_is_used_again_once_it_is_back(tmp_path: Path) -> None:
    directory, away = tmp_path / "data", tmp_path / "away"
    held = Directory(directory)
    store = filled(directory, 3, hold=held.hold)
    directory.rename(away)
    (tmp_path / "data").write_text("in the way")
    with pytest.raises(CannotKeep):
        store.commit(Changes((), (), (batch(4),)))
    directory.unlink()
    away.rename(directory)
    store.commit(Changes((), (), (batch(4),)))
    assert [each.seq for each in store.read(1)] == [1, 2, 3, 4]
    store.close()
    held.close()


def test_only_its_owner_can_read_it(tmp_path: Path) -> None:
    filled(tmp_path, 1).close()
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
