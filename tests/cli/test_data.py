"""`routee-mock data`: what is kept, listed, exported, checked and dropped."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mockserver.cli import main
from mockserver.keeping.sqlite import FILE
from mockserver.testing.receiver import Receiver
from tests.http.mocks import mocking
from tests.http.test_log import both, busy_day


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["data", *words])


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A directory where a little is kept."""
    with mocking(data=tmp_path) as mock:
        mock.client.post("/_mock/sandboxes", json={"id": "mine"})
    return tmp_path


def change(data: Path, statement: str) -> None:
    with closing(sqlite3.connect(data / FILE)) as connection, connection:
        connection.execute(statement)


def test_an_export_is_the_log_while_the_server_runs(receiver: Receiver, tmp_path: Path) -> None:
    with mocking(data=tmp_path) as mock:
        busy_day(mock, receiver)
        log, journal = both(mock)
        exported = run("export", "default", "--data", str(tmp_path)).stdout_bytes
    file = tmp_path / "run.log"
    file.write_bytes(exported)
    assert exported.splitlines()[0] == log.splitlines()[0]
    replayed = CliRunner().invoke(main, ["replay", str(file)])
    assert (replayed.exit_code, replayed.stdout_bytes) == (0, journal)


def test_each_sandbox_is_listed_checked_and_dropped(data: Path) -> None:
    listed = run("list", "--data", str(data))
    assert [line.split()[0] for line in listed.output.splitlines()] == ["default", "mine"]
    checked = run("check", "--data", str(data))
    assert checked.exit_code == 0
    assert checked.output.splitlines()[1] == "mine: 0 journal entries, as they were kept"
    assert run("drop", "mine", "--data", str(data)).output == "mine is forgotten\n"
    assert len(run("list", "--data", str(data)).output.splitlines()) == 1
    unknown = run("export", "mine", "--data", str(data))
    assert (unknown.exit_code, unknown.output) == (1, "Error: there is no sandbox mine; there are default\n")


def test_nothing_is_dropped_while_a_server_uses_it(data: Path) -> None:
    with mocking(data=data):
        refused = run("drop", "mine", "--data", str(data))
        assert run("list", "--data", str(data)).exit_code == 0
    assert refused.exit_code == 1
    assert "is kept by another mock" in refused.output


def test_a_directory_with_nothing_in_it_is_told_and_left_alone(tmp_path: Path) -> None:
    result = run("list", "--data", str(tmp_path))
    assert (result.exit_code, result.output) == (1, f"Error: nothing is kept in {tmp_path}: it has no {FILE}\n")
    assert list(tmp_path.iterdir()) == []


SPOILT = {
    "update log set engine = 99": "(format 1, engine 99)",
    "update log set entries = 99": "the journal had 99 entries after it, and here has 4",
    "update log set packed = x'c1'": "it cannot be read",
    "delete from log where seq = 1": "batch 1 is missing",
}


@pytest.mark.parametrize("statement", SPOILT)
def test_a_server_does_not_start_on_what_it_cannot_bring_back_and_says_where(statement: str, data: Path) -> None:
    with mocking(data=data) as mock:
        mock.login()
    change(data, f"{statement}{' and' if 'where' in statement else ' where'} key = 1")
    served = CliRunner().invoke(main, ["serve", "--port", "0", "--data", str(data)])
    checked = run("check", "--data", str(data))
    assert (served.exit_code, checked.exit_code) == (1, 1)
    for said in (served.output, checked.output):
        assert "the sandbox default cannot be brought back, at batch " in said
        assert SPOILT[statement].split(" and here")[0].partition("99")[0] in said
        assert "`routee-mock data drop default` forgets it" in said
    assert run("drop", "default", "--data", str(data)).exit_code == 0
    with mocking(data=data):
        pass


def test_a_file_that_is_no_database_or_is_of_a_later_version_is_told(data: Path) -> None:
    change(data, "pragma user_version = 99")
    later = run("check", "--data", str(data))
    assert later.output == f"Error: {data / FILE} was written by a later version of the mock: use that one\n"
    (data / FILE).write_bytes(b"no database" * 1_000)
    for command in (["data", "check"], ["serve", "--port", "0"]):
        result = CliRunner().invoke(main, [*command, "--data", str(data)])
        assert result.exit_code == 1
        assert "cannot be opened: file is not a database" in result.output


def test_a_damaged_file_is_found(data: Path) -> None:
    with mocking(data=data) as mock:
        for _ in range(50):
            mock.send({"type": "Sms", "to": "+306900000000", "from": "S", "message": {"body": "hello" * 20}})
    content = bytearray((data / FILE).read_bytes())
    for place in range(4_096 * 3, len(content) - 4_096, 4_096):
        content[place : place + 8] = b"\xff" * 8
    (data / FILE).write_bytes(content)
    assert run("check", "--data", str(data)).exit_code == 1
