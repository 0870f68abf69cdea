"""`routee-mock data`: what is kept, listed, exported, checked and dropped."""

import json
import re
import shlex
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mockserver.cli import main
from mockserver.keeping.sqlite import FILE, TABLES, SqliteStore
from mockserver.testing.receiver import Receiver
from mockserver.wire.control.journal import entry_json, line
from mockserver.wire.control.replay import replay
from tests.http.mocks import mocking
from tests.http.test_log import both, busy_day
from tests.keeping.test_restart import crashed


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["data", *words])


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A directory where a little is kept, whose server was killed: nothing is sealed."""
    with mocking(data=tmp_path / "data") as mock:
        mock.client.post("/_mock/sandboxes", json={"id": "mine"})
        return crashed(tmp_path / "data")


def change(data: Path, statement: str) -> None:
    with closing(sqlite3.connect(data / FILE)) as connection, connection:
        connection.execute(statement)


def advised(said: Result) -> list[list[str]]:
    """The `data` commands that a message names, as a shell reads them."""
    return [shlex.split(words) for words in re.findall(r"`routee-mock data ([^`]+)`", said.output)]


def test_what_is_advised_can_be_pasted_wherever_the_data_is(data: Path) -> None:
    with mocking(data=data) as mock:
        mock.login()
        data = crashed(data).rename(data.with_name("it's kept here"))
    change(data, "update log set engine = 99 where key = 1")
    seal, export, drop = advised(run("check", "--data", str(data)))
    assert (seal[0], export[0], drop[0]) == ("seal", "export", "drop")
    assert "cannot be brought back" in run(*seal).output  # by this release, as the message says
    assert run(*export).output.startswith('{"')
    assert run(*drop).output == "default#1 is forgotten\n"
    assert run("check", "--data", str(data)).exit_code == 0


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
    assert (unknown.exit_code, unknown.output) == (1, "Error: there is no sandbox mine; there is only default\n")


def test_that_there_is_no_sandbox_is_said(data: Path) -> None:
    for each in ("default", "mine"):
        assert run("drop", each, "--data", str(data)).exit_code == 0
    for command in ("list", "check", "seal"):
        result = run(command, "--data", str(data))
        assert (result.exit_code, result.output) == (0, f"no sandbox is kept in {data}\n")
    none = run("export", "mine", "--data", str(data))
    assert (none.exit_code, none.output) == (1, "Error: there is no sandbox mine; there is none at all\n")


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
    "update world set head = x'7b22'": "how it began cannot be read: JSONDecodeError",
    "update world set head = '{\"format\": 1}'": "how it began cannot be read: KeyError: 'seed'",
}


@pytest.mark.parametrize("statement", SPOILT)
def test_a_server_does_not_start_on_what_it_cannot_bring_back_and_says_where(statement: str, data: Path) -> None:
    with mocking(data=data) as mock:
        mock.login()
        data = crashed(data)
    change(data, f"{statement}{' and' if 'where' in statement else ' where'} key = 1")
    served = CliRunner().invoke(main, ["serve", "--port", "0", "--data", str(data)])
    checked = run("check", "--data", str(data))
    assert (served.exit_code, checked.exit_code) == (1, 1)
    for said in (served.output, checked.output):
        assert "the sandbox default cannot be brought back, at batch " in said
        assert SPOILT[statement].split(" and here")[0].partition("99")[0] in said
        assert f"`routee-mock data drop default#1 --data {data}` forgets it" in said
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
        assert result.output.startswith(f"Error: {data / FILE} cannot be opened: file is not a database; it must be")


@pytest.mark.parametrize("version", range(len(TABLES) + 1))
def test_the_database_of_another_program_is_left_alone(version: int, tmp_path: Path) -> None:
    change(tmp_path, "create table theirs (x)")
    change(tmp_path, f"pragma user_version = {version}")
    before = (tmp_path / FILE).read_bytes()
    for command in (["data", "list"], ["serve", "--port", "0"]):
        result = CliRunner().invoke(main, [*command, "--data", str(tmp_path)])
        assert result.output == f"Error: {tmp_path / FILE} is the database of another program: use another directory\n"
    assert (tmp_path / FILE).read_bytes() == before


def test_a_damaged_file_is_found(data: Path) -> None:
    with mocking(data=data) as mock:
        for _ in range(50):
            mock.send({"type": "Sms", "to": "+306900000000", "from": "S", "message": {"body": "hello" * 20}})
        data = crashed(data)
    SqliteStore(data).close()  # so that all of it is in the file
    content = bytearray((data / FILE).read_bytes())
    for place in range(4_096 * 3, len(content) - 4_096, 4_096):
        content[place : place + 8] = b"\xff" * 8
    (data / FILE).write_bytes(content)
    assert run("check", "--data", str(data)).exit_code == 1


def test_one_that_is_damaged_does_not_hide_the_others(tmp_path: Path) -> None:
    with mocking(data=tmp_path / "data") as mock:
        mock.client.put("/_mock/sandboxes/whole")
        mock.client.put("/_mock/sandboxes/whole/balance", json={"balance": 3})
        data = crashed(tmp_path / "data")
    change(data, "delete from log where key = 1 and seq = 1")
    listed = run("list", "--data", str(data))
    assert (listed.exit_code, [line.split("  ")[0] for line in listed.output.splitlines()]) == (1, ["default", "whole"])
    assert listed.output.startswith("default  damaged: batch 1 is missing\n")
    sealed = run("seal", "--data", str(data))
    assert (sealed.exit_code, sealed.stdout.partition(",")[0]) == (1, "whole is sealed")
    assert sealed.stderr.startswith(
        "Error: the sandbox default cannot be brought back, at batch 0: batch 1 is missing."
    )


def test_an_export_says_how_far_it_came(data: Path) -> None:
    with mocking(data=data) as mock:
        mock.login()
        data = crashed(data)
    change(data, "update log set packed = x'c1' where key = 1 and seq = 3")
    exported = run("export", "default", "--data", str(data))
    assert exported.exit_code == 1
    assert exported.stdout.count('"IssueToken"') == 1
    assert exported.stderr.startswith("Error: the log of default cannot be read, at batch 3: it cannot be read: Decode")


def test_a_file_whose_tables_cannot_be_read_is_told(data: Path) -> None:
    change(data, "drop table world")
    change(data, "create table world (x)")
    for command in (["data", "list"], ["serve", "--port", "0"]):
        result = CliRunner().invoke(main, [*command, "--data", str(data)])
        assert result.exit_code == 1
        assert f"{data / FILE} cannot be read: no such column: key" in result.output


def test_a_seal_takes_the_place_of_the_log_also_while_the_server_runs(receiver: Receiver, tmp_path: Path) -> None:
    with mocking(data=tmp_path) as mock:
        busy_day(mock, receiver)
        sealed = run("seal", "--data", str(tmp_path))
        assert sealed.exit_code == 0
        assert re.fullmatch(r"default is sealed, in [\d,]+ bytes; \d+ entries need no replay\n", sealed.output)
        assert run("seal", "default", "--data", str(tmp_path)).output == "default needs no seal\n"
        mock.login()
        listed = run("list", "--data", str(tmp_path)).output
        assert re.match(r"default  sealed at \S+ in [\d,]+ bytes, then 1 commit, \d+ bytes, the last at ", listed)
        log, journal = both(mock)
        exported = run("export", "default", "--data", str(tmp_path)).stdout_bytes
        left = crashed(tmp_path)
    head, *lines = map(json.loads, log.splitlines())
    assert head["sealed"]["entries"] < len(journal.splitlines())
    assert (lines[0]["of"], lines[-1]["do"]) == ("state", "NoteRequest")
    assert exported == log
    assert b"".join(map(line, map(entry_json, replay(log.splitlines()).journal.read(0)))) == journal
    assert run("check", "--data", str(left)).exit_code == 0
    change(left, "update snapshot set packed = x'ffff'")
    broken = run("check", "--data", str(left))
    assert (broken.exit_code, "its state cannot be unpacked" in broken.output) == (1, True)
    change(left, "update snapshot set format = 9")
    assert "its snapshot is of a release that writes state in format 9" in run("check", "--data", str(left)).output


def test_what_cannot_be_brought_back_is_set_aside_and_stays(data: Path) -> None:
    change(data, "update log set engine = 99 where key = 1")
    with mocking(data=data, data_quarantine=True) as mock:
        assert {each["id"] for each in mock.client.get("/_mock/sandboxes").json()["sandboxes"]} == {"default", "mine"}
        mock.login()
    names = [line.split()[0] for line in run("list", "--data", str(data)).output.splitlines()]
    assert names == ["default#1", "mine", "default#3"]
    refused = CliRunner().invoke(main, ["serve", "--port", "0", "--data", str(data)])
    assert (
        refused.exit_code,
        "the sandbox default#1 was set aside, and there is another default" in refused.output,
    ) == (1, True)
    with mocking(data=data, data_quarantine=True) as mock:
        assert len(mock.client.get("/_mock/journal").json()["entries"]) >= 2
    assert advised(refused) == [["drop", "default#1", "--data", str(data)]]
    assert run("drop", "default#1", "--data", str(data)).output == "default#1 is forgotten\n"
    with mocking(data=data):
        pass
