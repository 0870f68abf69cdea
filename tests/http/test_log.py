"""The log over a real socket: a replay leads to the same journal, byte for byte."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner

from mockserver.cli import main
from mockserver.core.behaviour import Behaviour, Limits
from mockserver.core.commands import Mode
from mockserver.testing.receiver import Receiver
from mockserver.wire.control.replay import KINDS, BadLog, replay
from tests.http.mocks import Mock, mocking, sms, viber, voice


def busy_day(mock: Mock, receiver: Receiver) -> None:
    """Every kind of command there is, and some of each."""
    receiver.answers(500, 200)
    mock.client.post(
        "/_mock/scenarios", content="name: u\nwhy: ü\nvoice: {sequence: [busy, completed]}\ncallbacks: {duplicate: 50%}"
    )
    mock.client.post("/_mock/scenarios", json={"use": "carrier-filtering", "when": {"to": "+1*"}, "uses": 1})
    flow = mock.send(viber("+306900000300"), sms("+306900000310"), voice("+15555550100"), url=receiver.url)
    mock.client.post("/failover", json={"flow": [sms("+15555550100")], "restrictions": {"a": [1, "é"]}})
    mock.client.post("/failover", json={"flow": [sms("12")]})
    mock.client.post("/_mock/hold", json={"trackingId": flow, "step": 3})
    mock.advance(by="90s")
    mock.client.post("/_mock/events", json={"trackingId": flow, "status": "DELIVERED"})
    held = mock.send(voice())
    mock.client.post("/_mock/events", json={"trackingId": held, "events": [{"status": "Ringing"}, {"status": "Busy"}]})
    mock.send(viber(inboundUrl=receiver.url))
    mock.client.post("/_mock/inbound", json={"to": "306900000000", "message": "Yes"})
    down = {"name": "down", "uses": 2, "api": {"answer": 503, "endpoint": ["token", "tracking"], "retryAfter": 5}}
    mock.client.post("/_mock/scenarios", json=down)
    mock.client.get(f"/failover/tracking/{flow}")
    mock.login()
    mock.client.put("/_mock/balance", json={"balance": 5})
    mock.client.put("/_mock/clock", json={"mode": "instant", "rate": 5})
    mock.client.put("/_mock/clock", json={"mode": "manual"})
    mock.client.delete("/_mock/scenarios/u")
    mock.advance(until="idle")
    mock.client.delete("/_mock/tokens")
    mock.login()


def both(mock: Mock) -> tuple[bytes, bytes]:
    """The log, and the journal it must lead to."""
    log = mock.client.get("/_mock/log")
    assert log.headers["content-type"] == "application/x-ndjson"
    return log.content, mock.client.get("/_mock/journal", params={"format": "jsonl", "limit": 100_000}).content


def test_a_busy_day_is_replayed_byte_for_byte(mock: Mock, receiver: Receiver, tmp_path: Path) -> None:
    busy_day(mock, receiver)
    log, journal = both(mock)
    done = {orjson.loads(line).get("do") for line in log.splitlines()[1:]} - {None}
    assert done == KINDS.keys() - {"NoteRestart"}  # which tests/keeping/test_restart.py replays
    file = tmp_path / "run.log"
    file.write_bytes(log)
    result = CliRunner().invoke(main, ["replay", str(file)])
    assert (result.exit_code, result.stdout_bytes) == (0, journal)


@pytest.mark.parametrize("clock", [Mode.REALTIME, Mode.INSTANT])
def test_what_happened_by_itself_is_replayed_too(clock: Mode, receiver: Receiver) -> None:
    with mocking(clock=clock, rate=1_000.0, behaviour=Behaviour(seed=9, balance=1_000, token_life=None)) as mock:
        for _ in range(3):
            mock.send(viber("+306900000300"), sms("+15555550100"), url=receiver.url, strategy="OnCompletion")
        receiver.wait(3, timeout=60)
        mock.client.put("/_mock/clock", json={"mode": "manual"})
        mock.advance(until="idle")
        log, journal = both(mock)
    assert b"".join(replayed(log)) == journal


def replayed(log: bytes) -> list[bytes]:
    from mockserver.wire.control.journal import entry_json, line

    return [line(entry_json(entry)) for entry in replay(log.splitlines()).journal.after(0)]


def test_a_log_that_was_given_up_says_so() -> None:
    with mocking(behaviour=Behaviour(limits=Limits(flows=1))) as mock:
        for _ in range(2):
            mock.send(sms())
            mock.advance(until="idle")
        response = mock.client.get("/_mock/log")
        assert (response.status_code, "is not kept any more" in response.text) == (409, True)
        mock.client.post("/_mock/reset")
        assert mock.client.get("/_mock/log").status_code == 200


HEAD: dict[str, Any] = orjson.loads(
    b'{"format":1,"version":"0","start":0,"mode":"manual","rate":1.0,"seed":0,"tokenLife":null,"balance":null,'
    b'"refuseAtOnce":false,"limits":{"flows":1,"entries":100,"payload":100}}'
)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([], "it is empty"),
        ([b"x"], "line 1: it is not JSON"),
        ([b"[]"], "line 1: it is no JSON object"),
        ([b"{}"], "line 1: it is no log of format 1"),
        ([orjson.dumps(HEAD | {"seed": "x"})], "line 1: "),
        ([orjson.dumps(HEAD | {"mode": "fast"})], "line 1: it cannot be done here"),
        ([orjson.dumps(HEAD), b'{"do":"Dance"}'], "line 2: do must be one of IssueToken, "),
        ([orjson.dumps(HEAD), b'{"do":["x"]}'], "line 2: it cannot be done here"),
        ([orjson.dumps(HEAD), b'{"events":1}'], "line 2: it counts more events than are due"),
        (
            [orjson.dumps(HEAD), b'{"do":"MoveClock","to":"x"}'],
            "line 2: Expected `int`, got `str` - at `$.to`",
        ),
        ([orjson.dumps(HEAD), b'{"do":"MoveClock","to":-1}'], "line 2: it cannot be done here: ClockError"),
        ([orjson.dumps(HEAD), b'{"do":"SendFlow","application":"a","steps":[]}'], "line 2: it cannot be done here"),
        (
            [orjson.dumps(HEAD), b'{"do":"PutScenario","name":"x","scenario":{"sms":"nothing"}}'],
            "line 2: sms: 'nothing' is no outcome",
        ),
    ],
)
def test_what_cannot_be_replayed_says_where_and_why(lines: list[bytes], words: str) -> None:
    with pytest.raises(BadLog) as caught:
        replay(lines)
    assert words in str(caught.value)


def test_a_bad_file_is_an_error_in_a_line(tmp_path: Path) -> None:
    file = tmp_path / "run.log"
    file.write_bytes(b"nonsense")
    result = CliRunner().invoke(main, ["replay", str(file)])
    assert result.exit_code == 1
    assert result.output.startswith(f"Error: {file} cannot be replayed: line 1: it is not JSON")
