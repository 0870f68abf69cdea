"""`routee-mock data --store`: what servers keep in a database."""

from click.testing import CliRunner, Result

from mockserver.cli import main
from tests.http.mocks import mocking, sms
from tests.keeping.postgres import SECRET


def run(*words: str) -> Result:
    result = CliRunner().invoke(main, ["data", *words])
    assert SECRET not in result.output
    return result


def test_what_is_kept_is_listed_exported_checked_and_dropped(database: str) -> None:
    store = ("--store", database)
    nothing = run("list", *store)
    assert (nothing.exit_code, "nothing is kept in postgresql://" in nothing.output) == (1, True)
    with mocking(store=database) as mock:
        mock.send(sms())
        mock.client.post("/_mock/sandboxes", json={"id": "mine"})
        lines = run("list", *store).output.splitlines()
        assert [line.split()[0] for line in lines] == ["default", "mine"]
        assert all("; process " in line and line.endswith(" has it") for line in lines)
        refused = run("drop", "mine", *store)
        assert (refused.exit_code, "a server has it" in refused.output) == (1, True)
        log = mock.client.get("/_mock/log").content
        assert run("export", "default", *store).stdout_bytes.splitlines()[:-1] == log.splitlines()[:-1]
    assert "mine: 0 journal entries, as they were kept" in run("check", *store).output
    assert run("drop", "mine", *store).output == "mine is forgotten\n"
    assert len(run("list", *store).output.splitlines()) == 1


def test_what_is_sealed_is_brought_back_by_another_server(database: str) -> None:
    with mocking(store=database) as mock:
        flow = mock.send(sms())
        sealed = mock.client.post("/_mock/store/seal").json()["sealed"]
        assert [each["id"] for each in sealed] == ["default"]
        assert "sealed at" in run("list", "--store", database).output
        mock.advance(until="idle")
        before, token = mock.client.get("/_mock/journal?format=jsonl").text, mock.client.headers["authorization"]
    assert "needs no seal" in run("seal", "--store", database).output  # it was sealed when the server stopped
    with mocking(store=database) as mock:
        mock.client.headers["authorization"] = token
        assert mock.track(flow)["status"] == "Succeeded"
        assert mock.client.get("/_mock/journal?format=jsonl").text.startswith(before)


def test_the_place_is_said_once() -> None:
    for words in ([], ["--data", "x", "--store", "postgresql://x/y"]):
        result = run("list", *words)
        assert (result.exit_code, "with --data or with --store" in result.output) == (2, True)
        assert ("not with both" in result.output) is bool(words)
