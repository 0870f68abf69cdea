"""Stores that earlier releases have written: each is read to the journal it always led to, or refused in words."""

import shutil
from pathlib import Path

import pytest

from mockserver.keeping.reviving import revive
from mockserver.keeping.sealing import seal
from mockserver.keeping.sqlite import FILE, SqliteStore
from mockserver.keeping.values import StoreError
from mockserver.wire.control import journal
from mockserver.wire.control.kept import unpack_state
from mockserver.wire.control.replay import ENGINE, FORMAT
from mockserver.wire.state import lines
from tests.keeping.golden import STORES, tokens

ADVICE = (
    "What a kept log leads to has changed, so a restart with this release would change what users were told. Raise"
    " ENGINE in mockserver/wire/control/replay.py (FORMAT, if it is how entries are written) and write a new golden"
    " store with `python -m tests.keeping.golden`; the old ones stay."
)


OF_STATE = (
    "States that an earlier release has written are read to something else, or not at all. Write a reader for them; or"
    " raise FORMAT in mockserver/wire/state/lines.py and write a new golden store with `python -m tests.keeping.golden`;"
    " the old ones stay."
)


def test_there_is_one_of_this_release() -> None:
    assert (STORES / f"format-{FORMAT}-engine-{ENGINE}.sqlite").exists(), ADVICE
    assert (STORES / f"state-{lines.FORMAT}.sqlite").exists(), OF_STATE


def test_a_state_of_this_release_is_written_as_it_was(tmp_path: Path) -> None:
    shutil.copy(STORES / f"state-{lines.FORMAT}.sqlite", tmp_path / FILE)
    store = SqliteStore(tmp_path)
    for world in store.worlds():
        for snapshot in store.read(world.key):
            again = b"".join(unpack_state(revive(store, world).revival.state()))
            assert again == b"".join(unpack_state(snapshot.packed)), OF_STATE
    store.close()


def test_another_release_does_not_guess_what_a_log_leads_to_but_reads_a_state(tmp_path: Path) -> None:
    later = (FORMAT, ENGINE + 1)
    shutil.copy(STORES / f"format-{FORMAT}-engine-{ENGINE}.sqlite", tmp_path / FILE)
    store = SqliteStore(tmp_path)
    world = next(each for each in store.worlds() if each.id == "default")
    with pytest.raises(StoreError, match=r"use that version, or let its `routee-mock data seal [^`]+` write the state"):
        revive(store, world, later)
    whole = len(revive(store, world).revival.engine.journal)
    seal(store, world)
    assert len(revive(store, world, later).revival.engine.journal) == whole
    store.close()


@pytest.mark.parametrize("name", sorted(file.stem for file in STORES.glob("*.sqlite")))
def test_a_store_of_any_release_leads_to_what_it_led_to_or_is_refused(name: str, tmp_path: Path) -> None:
    shutil.copy(STORES / f"{name}.sqlite", tmp_path / FILE)
    store = SqliteStore(tmp_path)
    try:
        told, usable = b"", b""
        for world in sorted(store.worlds(), key=lambda each: each.id):
            revival = revive(store, world).revival
            told += b"".join(map(journal.line, map(journal.entry_json, revival.engine.journal.read(0))))
            usable += tokens(*filter(revival.engine.tokens.find, revival.tokens))
        assert told + usable == (STORES / f"{name}.jsonl").read_bytes(), f"{ADVICE}\n{OF_STATE}"
    except StoreError as error:
        assert name not in (f"format-{FORMAT}-engine-{ENGINE}", f"state-{lines.FORMAT}"), f"{error}\n{ADVICE}"
        assert "use that version" in str(error)
    finally:
        store.close()
