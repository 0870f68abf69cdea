"""`routee-mock probe` meets the mock, and nothing else: what it asks, and what is learnt from the answers."""

import json
from pathlib import Path
from typing import Any

import httpcore2  # noqa: F401 -- the client imports it late, and pytester forgets what an inner run has imported
import pytest
from click.testing import CliRunner, Result

from mockserver.cli import main
from mockserver.core.behaviour import Behaviour
from mockserver.core.clock import Mode
from mockserver.core.dialect import DEFAULT, Dialect
from mockserver.fidelity.table import SWITCHES
from mockserver.learning.questions import NOBODY, QUESTIONS, REFUSED
from mockserver.testing.receiver import Receiver
from tests.dialects import altered
from tests.http.mocks import Mock, mocking, sms

CREDENTIALS = {"ROUTEE_APPLICATION_ID": "app", "ROUTEE_APPLICATION_SECRET": "secret"}


def probe(mock: Mock, out: Path, *options: str, said: str = "y\n") -> Result:
    where = ["--api", mock.url, "--auth", mock.url, "--out", str(out)]
    return CliRunner().invoke(main, ["probe", *where, *options], input=said, env=CREDENTIALS)


def learnt(out: Path, *options: str) -> dict[str, Any]:
    result = CliRunner().invoke(main, ["learn", str(out), "--json", *options])
    assert result.exit_code in (0, 1), result.output
    return dict(json.loads(result.stdout))


def test_the_mock_is_as_it_says(tmp_path: Path) -> None:
    with mocking(applications={"app": "secret"}) as mock:
        mock.send(sms())
        mock.advance(by=1)
        mock.send(sms())
        result = probe(mock, tmp_path / "probe.jsonl")
        assert result.exit_code == 0, result.output
        assert len(mock.client.post("/failover/tracking").json()["content"]) == 2, "nothing was sent"
    found = learnt(tmp_path / "probe.jsonl")
    assert {rule: told for rule, told in found["rules"].items() if told["contradicted"]} == {}
    assert (found["drift"], found["unnamed"], found["dialect"]) == (False, [], {})
    assert sum(told["seen"] == "confirmed" for told in found["rules"].values()) > 30


def test_a_masked_probe_says_the_same(tmp_path: Path) -> None:
    out, masked = tmp_path / "probe.jsonl", tmp_path / "masked.jsonl"
    with mocking() as mock:
        mock.send(sms())
        assert probe(mock, out, "--yes").exit_code == 0
    plain, hidden = learnt(out, "--masked", str(masked)), learnt(masked)
    assert (plain["drift"], hidden["drift"]) == (False, False)
    counts = [
        {rule: (told["confirmed"], told["contradicted"]) for rule, told in each["rules"].items()}
        for each in (plain, hidden)
    ]
    assert counts[0] == counts[1]


def test_every_send_of_it_is_refused() -> None:
    with mocking() as mock:
        for each in REFUSED:
            answer = mock.client.post(each.path, content=each.content, headers={"content-type": str(each.kind)})
            assert answer.status_code == 400, each.what
            steps = json.loads(each.content)["flow"] if each.content != b"{" else []
            assert all(step["to"] == NOBODY for step in steps)


def test_it_asks_first_and_only_with_credentials(tmp_path: Path) -> None:
    with mocking() as mock:
        before = len(mock.client.get("/_mock/journal").json()["entries"])
        declined = probe(mock, tmp_path / "probe.jsonl", said="n\n")
        assert declined.exit_code == 1
        assert all(each.what[:40] in declined.output for each in QUESTIONS)
        without = CliRunner().invoke(
            main, ["probe", "--api", mock.url, "--auth", mock.url], env=dict.fromkeys(CREDENTIALS)
        )
        assert "Set ROUTEE_APPLICATION_ID and ROUTEE_APPLICATION_SECRET" in without.output
        assert len(mock.client.get("/_mock/journal").json()["entries"]) == before
    assert not (tmp_path / "probe.jsonl").exists()


def test_it_stops_when_a_send_is_accepted_that_must_be_refused(tmp_path: Path, receiver: Receiver) -> None:
    receiver.always(lambda _: {"access_token": "x"})
    service = receiver.url.removesuffix("/webhook")
    options = ["--api", service, "--auth", service, "--out", str(tmp_path / "x"), "--yes"]
    result = CliRunner().invoke(main, ["probe", *options], env=CREDENTIALS)
    assert result.exit_code == 1
    assert "a send that must be refused was accepted" in result.output
    assert sum(each.path == "/failover" for each in receiver.requests) == 1


def test_real_flows_are_sent_only_when_each_is_confirmed(tmp_path: Path, receiver: Receiver) -> None:
    options = (
        "--send-to",
        "+306900000000",
        "--viber-sender",
        "a5f1c0de-0000-4000-8000-000000000001",
        "--callback",
        receiver.url,
    )
    with mocking(clock=Mode.INSTANT) as mock:
        result = probe(mock, tmp_path / "probe.jsonl", "--yes", "--watch", "5", *options, said="n\ny\n")
        assert result.exit_code == 0, result.output
        content = mock.client.post("/failover/tracking").json()["content"]
    assert [[each["type"] for each in flow["messages"]] for flow in content] == [["Viber"]]
    assert "Succeeded" in result.output
    assert learnt(tmp_path / "probe.jsonl")["drift"] is False


def test_a_recording_has_no_secrets(tmp_path: Path) -> None:
    with mocking() as mock:
        probe(mock, tmp_path / "probe.jsonl", "--yes")
        token = mock.login().json()["access_token"]
    written = (tmp_path / "probe.jsonl").read_text()
    assert token not in written
    assert "app:secret" not in written
    assert "YXBwOnNlY3JldA" not in written


@pytest.mark.parametrize("name", ["--api", "--auth"])
def test_what_is_no_base_url(name: str, tmp_path: Path) -> None:
    urls = {"--api": "http://127.0.0.1:1", "--auth": "http://127.0.0.1:1"} | {name: "nonsense"}
    options = [word for pair in urls.items() for word in pair]
    result = CliRunner().invoke(main, ["probe", *options, "--out", str(tmp_path / "x")], env=CREDENTIALS)
    assert result.exit_code == 2
    assert f"{name} 'nonsense' is not a base URL" in result.output


def test_nobody_answers(tmp_path: Path) -> None:
    options = ["--api", "http://127.0.0.1:1", "--auth", "http://127.0.0.1:1", "--yes", "--out", str(tmp_path / "x")]
    result = CliRunner().invoke(main, ["probe", *options], env=CREDENTIALS)
    assert result.exit_code == 1
    assert "Error: POST http://127.0.0.1:1/oauth/token" in result.output


SEEN = ("foreign_fields", "strategy_without_url", "unknown_flow_code", "search_order", "otp_no_bearer", "blank_fields")
"""The switches whose alternatives show without a send."""


@pytest.mark.parametrize("dialect", altered(SEEN))
def test_an_altered_dialect_is_found_and_nothing_else(dialect: Dialect, tmp_path: Path) -> None:
    with mocking(behaviour=Behaviour(dialect=dialect)) as mock:
        mock.send(sms())
        mock.advance(by=1)
        mock.send(sms())
        assert probe(mock, tmp_path / "probe.jsonl").exit_code == 0
    found = learnt(tmp_path / "probe.jsonl")
    [switch] = [name for name in SWITCHES if getattr(dialect, name) != getattr(DEFAULT, name)]
    assert [rule for rule, told in found["rules"].items() if told["contradicted"]] == [SWITCHES[switch].id]
    assert found["dialect"] == {switch: getattr(dialect, switch)}


@pytest.mark.parametrize("dialect", altered(set(SWITCHES) - set(SEEN)))
def test_nothing_is_made_up_where_a_dialect_does_not_show(dialect: Dialect, tmp_path: Path) -> None:
    with mocking(behaviour=Behaviour(dialect=dialect)) as mock:
        assert probe(mock, tmp_path / "probe.jsonl").exit_code == 0
    assert learnt(tmp_path / "probe.jsonl")["drift"] is False


REAL = ("success_status", "type_echo")
"""The switches that show when real flows are sent."""


@pytest.mark.parametrize("dialect", altered(REAL))
def test_a_real_send_shows_more(dialect: Dialect, tmp_path: Path) -> None:
    with mocking(clock=Mode.INSTANT, behaviour=Behaviour(dialect=dialect)) as mock:
        options = ("--yes", "--send-to", "+306900000000", "--watch", "5")
        assert probe(mock, tmp_path / "probe.jsonl", *options).exit_code == 0
    [switch] = learnt(tmp_path / "probe.jsonl")["dialect"]
    assert getattr(dialect, switch) != getattr(DEFAULT, switch)
