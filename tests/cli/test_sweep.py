"""The sweep: every path of a flow, and no path twice."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from mockserver.cli import main
from mockserver.cli.paths import SweepError, sweep, sweep_application
from mockserver.core.catalogue import ENDS, OUTCOMES
from mockserver.core.channels import Channel
from mockserver.testing.receiver import Receiver
from tests.http.mocks import sms, viber, voice

FLOW: dict[str, Any] = {"flow": [viber(), sms(failoverOnStatuses="Failed")]}


def run(tmp_path: Path, flow: Any, *options: str) -> tuple[int, str]:
    file = tmp_path / "flow.json"
    file.write_text(flow if isinstance(flow, str) else json.dumps(flow))
    result = CliRunner().invoke(main, ["sweep", str(file), *options])
    return result.exit_code, result.output


def test_every_path_is_taken_once_and_steps_that_are_not_reached_are_not_varied(receiver: Receiver) -> None:
    paths = list(sweep(FLOW, receiver.url))
    outcomes = [path.outcomes for path in paths]
    assert len(set(outcomes)) == len(outcomes)
    over = {"delivered", "seen", "unsent"}
    on = [name for name in ENDS[Channel.VIBER] if name not in over]
    assert {*outcomes} == {*((name,) for name in over), *((one, two) for one in on for two in ENDS[Channel.SMS])}
    ends = {path.outcomes: (path.status, path.code, path.termination) for path in paths}
    assert ends["seen",] == ("Succeeded", None, "Viber")
    assert ends["unsent",] == ("Failed", "1", "Viber")
    assert ends["expired", "failed"] == ("Failed", "2", "Sms")
    assert ends["expired", "undelivered"] == ("Failed", "3", "Sms")
    assert sum(path.callbacks for path in paths) == len(receiver.requests)
    assert not any(path.lost for path in paths)
    assert {path.answers[0][0] for path in paths} == {"200"}


def test_the_strategy_of_the_flow_is_kept_and_its_url_is_not(receiver: Receiver) -> None:
    body = FLOW | {"callback": {"strategy": "OnCompletion", "url": "http://elsewhere.example/"}}
    paths = list(sweep(body, receiver.url, most=5))
    assert [path.callbacks for path in paths] == [1] * 5


def test_every_named_outcome_is_tried_when_asked_for(receiver: Receiver) -> None:
    paths = list(sweep({"flow": [voice()]}, receiver.url, every=True))
    assert [path.outcomes for path in paths] == [(name,) for name in OUTCOMES[Channel.VOICE]]


def test_the_table_and_the_lines_of_json(tmp_path: Path, receiver: Receiver) -> None:
    code, output = run(tmp_path, FLOW, "--url", receiver.url)
    lines = output.splitlines()
    assert (code, lines[-1]) == (0, "27 paths, 0 callbacks lost")
    assert lines[0].split() == ["1", "delivered", "Succeeded", "over", "Viber", "2", "callbacks:", "2", "x", "200"]
    code, output = run(tmp_path, FLOW, "--url", receiver.url, "--json", "--most", "2")
    assert [json.loads(line)["outcomes"] for line in output.splitlines()] == [["delivered"], ["seen"]]
    assert run(tmp_path, FLOW, "--url", receiver.url, "--most", "2")[1].endswith("(stopped at --most 2)\n")


def test_a_webhook_that_fails_is_shown_and_sets_the_exit_code(tmp_path: Path, receiver: Receiver) -> None:
    receiver.always(500)
    code, output = run(tmp_path, {"flow": [sms()]}, "--url", receiver.url, "--most", "1")
    assert code == 1
    assert "3 callbacks: 39 x 500  3 lost: answered 500 Internal Server Error, not 200" in output


@pytest.mark.parametrize(
    ("flow", "words"),
    [
        ({"flow": []}, "flow: must hold at least one step"),
        ({"flow": [sms("12")]}, "flow[0].to: "),
        ("nonsense", "is not JSON"),
        ([], "must hold an object such as"),
    ],
)
def test_an_impossible_sweep_says_why(tmp_path: Path, receiver: Receiver, flow: Any, words: str) -> None:
    code, output = run(tmp_path, flow, "--url", receiver.url)
    assert (code, words in output) == (1, True)


def test_a_url_without_a_server_ends_it_at_once() -> None:
    with pytest.raises(SweepError, match="nothing listens there"):
        list(sweep(FLOW, "http://127.0.0.1:1/"))


def test_a_webhook_that_does_not_know_the_flow_gets_a_hint(receiver: Receiver) -> None:
    receiver.always(404)
    with pytest.raises(SweepError, match="let it send the flow itself: --send"):
        list(sweep(FLOW, receiver.url))


# The application sends

SENDER = """
import os, sys, json
from urllib.request import Request, urlopen
from base64 import b64encode

pair = f"{os.environ['ROUTEE_APPLICATION_ID']}:{os.environ['ROUTEE_APPLICATION_SECRET']}".encode()
basic = {"Authorization": f"Basic {b64encode(pair).decode()}"}
asked = Request(os.environ["ROUTEE_AUTH_URL"] + "/oauth/token", b"grant_type=client_credentials", basic)
headers = {"Content-Type": "application/json", "Authorization": "Bearer " + json.load(urlopen(asked))["access_token"]}
for _ in range(int(sys.argv[1])):
    with urlopen(Request(os.environ["ROUTEE_API_URL"] + "/failover", sys.stdin.buffer.read(), headers)) as reply:
        json.load(reply)
"""


@pytest.fixture
def command(tmp_path: Path, receiver: Receiver) -> str:
    """A command that sends a flow of its own; formatted with how often."""
    (tmp_path / "send.py").write_text(SENDER)
    flow = FLOW | {"callback": {"strategy": "OnStep", "url": receiver.url}}
    (tmp_path / "flow.json").write_text(json.dumps(flow))
    return f"{sys.executable} {tmp_path}/send.py {{}} < {tmp_path}/flow.json"


def test_an_application_that_sends_takes_the_same_paths(command: str, receiver: Receiver) -> None:
    paths = list(sweep_application(command.format(1), most=4))
    assert paths == list(sweep(FLOW, receiver.url, most=4))
    ids = [body["trackingId"] for body in receiver.payloads[: sum(path.callbacks for path in paths)]]
    assert len(set(ids)) == 4


def test_its_command_is_given_in_place_of_a_file(command: str) -> None:
    done = CliRunner().invoke(main, ["sweep", "--send", command.format(1), "--most", "1"])
    assert (done.exit_code, done.output.splitlines()[-1]) == (0, "1 path, 0 callbacks lost (stopped at --most 1)")
    for wrong in (
        [],
        ["--send", "x", "--url", "http://x/"],
        ["--url", "http://x/"],
        ["-", "--url", "http://x/", "--port", "5"],
    ):
        refused = CliRunner().invoke(main, ["sweep", *wrong])
        assert (refused.exit_code, "Give --send COMMAND" in refused.output) == (2, True)


POST = "import os, urllib.request as u; u.urlopen(os.environ['ROUTEE_API_URL'] + '/failover', b'{}')"


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("echo dear me >&2; exit 3", "ended with 3:\ndear me"),
        ("exit 4", "ended with 4"),
        ("true", "sent no flows, not one; nothing reached the mock at http"),
        (f'{sys.executable} -c "{POST}" || true', "POST /failover answered 401: Full authentication"),
        ("sleep 30 & sleep 30", "did not end within 0.5 s"),
    ],
)
def test_a_command_that_sends_nothing_says_why(command: str, words: str) -> None:
    with pytest.raises(SweepError) as raised:
        list(sweep_application(command, patience=0.5 if command.startswith("sleep") else 60))
    assert words in str(raised.value)


def test_a_command_must_send_one_flow_that_asks_for_callbacks(command: str, tmp_path: Path) -> None:
    with pytest.raises(SweepError, match="sent no flows"):
        list(sweep_application(command.format(0)))
    (tmp_path / "flow.json").write_text(json.dumps(FLOW))
    with pytest.raises(SweepError, match="asks for no callback"):
        list(sweep_application(command.format(1)))


def test_the_table_is_written_as_a_page(tmp_path: Path, receiver: Receiver) -> None:
    file = tmp_path / "sweep.html"
    receiver.always(500)
    code, output = run(tmp_path, {"flow": [sms()]}, "--url", receiver.url, "--most", "1", "--html", str(file))
    page = file.read_text()
    assert (code, output.splitlines()[-1]) == (1, "1 path, 3 callbacks lost (stopped at --most 1)")
    assert "1 path, 3 callbacks lost" in page
    assert page.count("<tr>") == 2
    assert '<td class="lost">3: answered 500 Internal Server Error, not 200' in page
    assert "http" not in page


def test_ctrl_c_ends_it_with_a_code_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("mockserver.cli.paths.sweep_application", interrupted)
    assert CliRunner().invoke(main, ["sweep", "--send", "x"]).exit_code == 130
