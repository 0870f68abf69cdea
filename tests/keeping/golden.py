"""Writes a golden store: what this release keeps of a busy day, and the journals and tokens it must always lead to.

`python -m tests.keeping.golden` writes the one of this FORMAT and ENGINE, and the one of this FORMAT of states, where
there is none. Each is written once, and those of earlier releases stay as they are.
"""

import json
import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from mockserver.core.behaviour import Behaviour
from mockserver.keeping.sealing import seal
from mockserver.keeping.sqlite import FILE, SqliteStore
from mockserver.testing.receiver import receiving
from mockserver.wire.control.replay import ENGINE, FORMAT
from mockserver.wire.state import lines
from tests.http.mocks import Mock, mocking, sms, viber, voice
from tests.http.test_log import busy_day
from tests.keeping.test_restart import crashed

STORES = Path(__file__).parents[1] / "stores"


def every_magic_number(mock: Mock, url: str) -> None:
    """A flow for each digit of each channel, played to its end."""
    for digit in range(10):
        mock.send(viber(f"+30690000000{digit}"), sms(f"+3069000000{digit}0"), url=url, strategy="OnCompletion")
        mock.send(sms(f"+3069000000{digit}0"), voice(f"+306900000{digit}00"), url=url, strategy="OnCompletion")
    mock.advance(until="idle")


def journals(mock: Mock) -> bytes:
    """The journals of all sandboxes, one after the other."""
    ids = [each["id"] for each in mock.client.get("/_mock/sandboxes").json()["sandboxes"]]
    query: dict[str, str | int] = {"format": "jsonl", "limit": 100_000}
    return b"".join(mock.client.get(f"/_mock/sandboxes/{id_}/journal", params=query).content for id_ in sorted(ids))


def tokens(*values: str) -> bytes:
    """The tokens that can be used, after the journals."""
    return b"".join(json.dumps({"token": value}).encode() + b"\n" for value in values)


def seal_all(directory: Path) -> None:
    """Seal every world of a store."""
    store = SqliteStore(directory)
    for world in store.worlds():
        seal(store, world)
    store.close()


def main() -> None:
    """Write what there is none of."""
    name, state = f"format-{FORMAT}-engine-{ENGINE}", f"state-{lines.FORMAT}"
    if not (STORES / f"{name}.sqlite").exists():
        live(name)
    if not (STORES / f"{state}.sqlite").exists():
        with tempfile.TemporaryDirectory() as directory:
            shutil.copy(STORES / f"{name}.sqlite", Path(directory) / FILE)
            seal_all(Path(directory))
            with closing(sqlite3.connect(Path(directory) / FILE)) as connection:
                connection.execute("vacuum")
            shutil.copy(Path(directory) / FILE, STORES / f"{state}.sqlite")
        shutil.copy(STORES / f"{name}.jsonl", STORES / f"{state}.jsonl")


def live(name: str) -> None:
    """Write the store and the journals of a server that was killed: it has the whole logs."""
    with tempfile.TemporaryDirectory() as directory, receiving() as receiver:
        with mocking(data=Path(directory), behaviour=Behaviour(token_life=None)) as mock:
            made = mock.client.post("/_mock/sandboxes", json={"id": "mine", "seed": 7, "balance": 0.2}).json()
            mine = mock.login(made["applicationId"], made["applicationSecret"]).json()["access_token"]
            busy_day(mock, receiver)
            token = mock.login().json()["access_token"]
            mock.client.headers["authorization"] = f"Bearer {token}"
            mock.client.put("/_mock/balance", json={"balance": 1_000})
            receiver.always(500)
            mock.send(sms(), url=receiver.url, strategy="OnCompletion")
            mock.advance(until="idle")
            receiver.always(200)
            every_magic_number(mock, receiver.url)
            told = journals(mock) + tokens(token, mine)
            left = crashed(Path(directory))
        SqliteStore(left).close()  # so that all of it is in the file
        shutil.copy(left / FILE, STORES / f"{name}.sqlite")
        shutil.rmtree(left)
        (STORES / f"{name}.jsonl").write_bytes(told)


if __name__ == "__main__":
    main()
