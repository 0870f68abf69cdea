"""Stores that earlier releases have written: each is read to the journal it always led to, or refused in words."""

import shutil
from pathlib import Path

import pytest

from mockserver.keeping.reviving import revive
from mockserver.keeping.sqlite import FILE, SqliteStore
from mockserver.keeping.values import StoreError
from mockserver.wire.control import journal
from mockserver.wire.control.replay import ENGINE, FORMAT
from tests.keeping.golden import STORES, tokens

ADVICE = (
    "What a kept log leads to has changed, so a restart with this release would change what users were told. Raise"
    " ENGINE in mockserver/wire/control/replay.py (FORMAT, if it is how entries are written) and write a new golden"
    " store with `python -m tests.keeping.golden`; the old ones stay."
)


def test_there_is_one_of_this_release() -> None:
    assert (STORES / f"format-{FORMAT}-engine-{ENGINE}.sqlite").exists(), ADVICE


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
        assert told + usable == (STORES / f"{name}.jsonl").read_bytes(), ADVICE
    except StoreError as error:
        assert name != f"format-{FORMAT}-engine-{ENGINE}", f"{error}\n{ADVICE}"
        assert "use that version" in str(error)
    finally:
        store.close()
