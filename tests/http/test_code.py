"""A flow as code: the test that is written passes under pytest, and fails under another plan; so do the scripts."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic.alias_generators import to_camel

from mockserver.core.behaviour import Behaviour, Limits
from mockserver.core.commands import Mode
from mockserver.core.dialect import DEFAULT
from mockserver.core.values import replace
from mockserver.wire.code import FORMATS
from tests.http.mocks import Mock, mocking, sms, viber, voice

BY_HAND = {"viber": "by hand", "sms": "by hand", "voice": "by hand", "when": {"to": "*"}}


def events(mock: Mock, flow: str, *statuses: str, **more: Any) -> None:
    for status in statuses:
        told = {"trackingId": flow, "status": status} | more
        assert mock.client.post("/_mock/events", json=told).is_success, status


def played(mock: Mock, **scenario: Any) -> None:
    assert mock.client.post("/_mock/scenarios", json={"when": {"to": "*"}} | scenario).status_code == 201


def to_the_end(mock: Mock) -> str:
    flow = mock.send(
        viber("+306900000310"), sms("+306900000310"), voice("+306900000310"), url=f"{mock.url}/_mock/sink/x"
    )
    mock.advance(until={"final": flow})
    return flow


def late_reports(mock: Mock) -> str:
    flow = mock.send(viber("+306900000600"), sms("+306900000600"))
    mock.advance(until="idle")
    return flow


def by_hand(mock: Mock) -> str:
    played(mock, **BY_HAND)
    flow = mock.send(viber(), sms(), voice(), url=f"{mock.url}/_mock/sink/x", strategy="OnCompletion")
    mock.advance(until={"ttl": flow, "edge": "before"})
    mock.advance(by="2ms")
    events(mock, flow, "Undelivered", reason="Unknown Number")
    mock.client.post(
        "/_mock/events", json={"trackingId": flow, "events": [{"status": "Ringing"}, {"status": "InProgress"}]}
    )
    mock.advance(by="61.5s")
    events(mock, flow, "Completed")
    return flow


def taken_over(mock: Mock) -> str:
    flow = mock.send(viber("+306900000500", inboundUrl=f"{mock.url}/_mock/sink/in"), sms("+15555550100"))
    mock.advance(by="1s")
    assert mock.client.post("/_mock/hold", json={"trackingId": flow}).is_success
    mock.advance(by="3h")
    return flow


def answered(mock: Mock) -> str:
    flow = mock.send(viber(inboundUrl=f"{mock.url}/_mock/sink/in", message={"text": 'It\'s "here" \u202e\U0001f600'}))
    mock.advance(by="3s")
    said = {"trackingId": flow, "message": "Thank 'you'\n$HOME", "media": "http://127.0.0.1/x.png", "filename": "x.png"}
    assert mock.client.post("/_mock/inbound", json=said).is_success
    return flow


def under_way(mock: Mock) -> str:
    flow = mock.send(sms())
    mock.advance(by="1.5s")
    return flow


def between_two_events(mock: Mock) -> str:
    flow = mock.send(viber("+306900000300"), sms("+306900000300"))
    mock.advance(by="1m")
    mock.advance(until={"ttl": flow, "edge": "before"})
    mock.advance(until="next")
    return flow


def just_sent(mock: Mock) -> str:
    return mock.send(sms())


def two_of_a_kind(mock: Mock) -> str:
    flow = mock.send(sms("+306900000010"), sms("+306900000000"))
    mock.advance(until="idle")
    return flow


def in_detail(mock: Mock) -> str:
    played(mock, sms={"outcome": "delivered", "after": "5h"}, viber="failed")
    flow = mock.send(viber(), sms(ttl=1))
    mock.advance(until="idle")
    return flow


def a_server_error(mock: Mock) -> str:
    played(mock, sms="server error")
    flow = mock.send(sms())
    mock.advance(until="idle")
    return flow


def overtaken(mock: Mock) -> str:
    """A status is pushed, and what was planned comes late, or not at all."""
    flow = mock.send(viber("+306900000000"), voice("+306900000000"))
    mock.advance(by="1s")
    events(mock, flow, "UNDELIVERED")
    mock.advance(by="1s")
    events(mock, flow, "Failed")
    mock.advance(until="idle")
    return flow


STORIES = (
    *(to_the_end, late_reports, by_hand, taken_over, answered, under_way, between_two_events, just_sent),
    *(two_of_a_kind, in_detail, a_server_error, overtaken),
)


def written(mock: Mock, flow: str, wanted: str = "pytest") -> str:
    answer = mock.client.get(f"/_mock/flows/{flow}/as", params={"format": wanted})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/plain")
    return answer.text


@pytest.fixture(scope="module")
def teller() -> Iterator[Mock]:
    with mocking() as mock:
        yield mock


@pytest.fixture(scope="module")
def told(teller: Mock) -> Mapping[str, str]:
    """The test of every story, by its name. Each story has another flow before it, and one beside it."""
    tests: dict[str, str] = {}
    for story in STORIES:
        teller.client.post("/_mock/reset")
        teller.client.headers["authorization"] = f"Bearer {teller.login().json()['access_token']}"
        teller.send(sms("+306900000020"))
        tests[story.__name__] = written(teller, story(teller))
    return tests


def run(folder: Path, *tests: str) -> "subprocess.CompletedProcess[str]":
    for number, text in enumerate(tests):
        (folder / f"test_{number}.py").write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--rootdir={folder}", str(folder)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_the_test_of_every_story_passes(told: Mapping[str, str], tmp_path: Path) -> None:
    assert not [name for name, text in told.items() if "does not lead to the same" in text]
    result = run(tmp_path, *told.values())
    assert result.returncode == 0, result.stdout


def test_it_fails_under_another_plan(told: Mapping[str, str], tmp_path: Path) -> None:
    lines = told["to_the_end"].splitlines(keepends=True)
    other = "".join([lines[0], '    routee.when(priority=9).viber("delivered")\n', *lines[1:]])
    result = run(tmp_path, other)
    assert result.returncode == 1
    assert "differs: after Viber QUEUED came Viber DELIVERED, not Viber EXPIRED" in result.stdout


def test_a_test_reads_as_if_somebody_had_written_it(told: Mapping[str, str]) -> None:
    text = told["by_hand"]
    assert 'routee.when(to="+306900000000").viber("by hand").sms("by hand").voice("by hand")' in text
    assert "    routee.clock.just_after_ttl(flow)\n" in text
    assert '    routee.push("Undelivered", flow, step=2, reason="Unknown Number")\n' in text
    assert '    routee.clock.advance("1m1.5s")\n' in text
    assert 'callback=routee.receiver.url,\n        strategy="OnCompletion",' in text
    assert "failoverOnStatuses" not in text
    assert text.startswith("def test_voice_reaches_the_recipient(routee):")
    assert "routee.clock.until_final(flow)" in told["to_the_end"]
    assert '"+306900000020"' not in "".join(told.values()), "other flows of the sandbox are no part of it"
    assert "routee.hold(flow, step=1)" in told["taken_over"]
    assert all(line.isprintable() for line in told["answered"].splitlines())


def test_a_program_for_python_runs(teller: Mock, tmp_path: Path) -> None:
    file = tmp_path / "story.py"
    file.write_text(written(teller, by_hand(teller), "python"), encoding="utf-8")
    result = subprocess.run([sys.executable, file], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert "is Succeeded over Voice" in result.stdout


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl here")
@pytest.mark.parametrize("story", [by_hand, answered], ids=["by hand", "answered"])
def test_a_script_for_a_shell_runs(teller: Mock, tmp_path: Path, story: Any) -> None:
    teller.client.headers["authorization"] = f"Bearer {teller.login().json()['access_token']}"
    file = tmp_path / "story.sh"
    file.write_text(written(teller, story(teller), "curl"), encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if name != "ROUTEE_MOCK_URL"}
    result = subprocess.run(["sh", file], capture_output=True, text=True, check=False, env=environment)
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[-1].startswith('{"ok":true'), result.stdout


def test_a_scenario_can_be_played(mock: Mock) -> None:
    flow = to_the_end(mock)
    text = written(mock, flow, "scenario")
    assert mock.client.post("/_mock/scenarios", content=text).status_code == 201
    again = mock.send(viber("+306900000310"), sms("+306900000310"), voice("+306900000310"))
    mock.advance(until={"final": again})
    lines = {line["trackingId"]: line["heard"] for line in mock.client.get("/_mock/flows").json()["flows"]}
    assert lines[again] == lines[flow]


def test_what_ran_in_real_time_is_told_for_a_clock_that_stands() -> None:
    with mocking(clock=Mode.REALTIME, rate=10_000) as mock:
        flow = mock.send(sms("+306900000010"))
        mock.client.post(
            "/_mock/verify", json={"expect": {"flow": {"trackingId": flow}, "status": "Failed"}, "within": "9s"}
        )
        text = written(mock, flow)
    assert 'routee.when(to="+306900000010").sms("undelivered")' in text
    assert "routee.clock.until_final(flow)" in text


def test_what_the_journal_has_forgotten_is_not_told_and_it_says_so() -> None:
    with mocking(behaviour=Behaviour(limits=Limits(entries=3))) as mock:
        flow = to_the_end(mock)
        for wanted in FORMATS:
            assert written(mock, flow, wanted)
        for _ in range(5):
            mock.client.get("/nowhere")
        assert "does not lead to the same" in written(mock, flow)


TIE = {"viber": [{"at": 0, "status": "QUEUED"}, {"at": "20m", "status": "DELIVERED"}], "sms": "delivered"}

UNDER: Mapping[str, tuple[Mapping[str, Any], list[Any]]] = {
    "type_echo": ({"type_echo": "as-sent"}, [viber(type="viber"), sms(type="SMS")]),
    "viber_ttl_echo": ({"viber_ttl_echo": "decimal"}, [viber(ttl=10), sms()]),
    "dial_plan_echo": ({"dial_plan_echo": "as-sent"}, [voice()]),
    "empty_triggers": ({"empty_triggers": "none"}, [viber(ttl=20, failoverOnStatuses=[]), sms()]),
    "blank_fields": ({"blank_fields": "as-sent"}, [viber(label="")]),
    "foreign_fields": ({"foreign_fields": "ignored"}, [sms(senderInfoTrackingId="x")]),
    "ttl_tie": ({"ttl_tie": "ttl", "unknown_flow_code": "404001001"}, [viber(ttl=20), sms()]),
    "retry_plan": ({"retry_plan": (60, 120), "taken_answers": "200"}, [sms()]),
}
"""What is sent under a dialect, by the switch that changes what is read of it, or what becomes of it."""


def under(switch: str) -> dict[str, str]:
    """What is written of a flow under a dialect, by format."""
    turned, steps = UNDER[switch]
    with mocking(behaviour=Behaviour(dialect=replace(DEFAULT, **turned))) as mock:
        played(mock, **TIE)
        flow = mock.send(*steps, url=f"{mock.url}/_mock/sink/x")
        mock.advance(until="idle")
        return {wanted: written(mock, flow, wanted) for wanted in FORMATS}


@pytest.fixture(scope="module")
def otherwise() -> Mapping[str, Mapping[str, str]]:
    return {switch: under(switch) for switch in UNDER}


def test_the_test_of_a_flow_under_any_dialect_passes_under_the_default(
    otherwise: Mapping[str, Mapping[str, str]], tmp_path: Path
) -> None:
    assert not [name for name, texts in otherwise.items() if "does not lead to the same" in texts["pytest"]]
    result = run(tmp_path, *(texts["pytest"] for texts in otherwise.values()))
    assert result.returncode == 0, result.stdout
    without = {name: re.sub(r"@pytest.*\n", "", otherwise[name]["pytest"]) for name in ("ttl_tie", "empty_triggers")}
    assert run(tmp_path, *without.values()).returncode == 1, "what a dialect changes is in the test"


def test_every_format_says_under_which_dialect_it_was(otherwise: Mapping[str, Mapping[str, str]]) -> None:
    said = otherwise["ttl_tie"]
    assert said["pytest"].startswith("import pytest\n\n\n@pytest.mark.routee(dialect={")
    assert '"ttl_tie": "ttl"' in said["pytest"]
    assert 'token_life="unlimited", dialect={"ttl_tie": "ttl", "unknown_flow_code": "404001001"})' in said["python"]
    assert '"dialect": {"ttlTie": "ttl", "unknownFlowCode": "404001001"}}' in said["curl"]
    assert said["scenario"].startswith(
        '# It was so under this dialect: ttlTie "ttl", unknownFlowCode "404001001".\nname: '
    )


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl here")
def test_the_scripts_of_a_flow_under_a_dialect_run_on_a_mock_of_the_default(tmp_path: Path) -> None:
    """Each sandbox that a script makes has the dialect."""
    turned, steps = UNDER["ttl_tie"]
    wanted = {to_camel(name): value for name, value in turned.items()}
    with mocking() as mock:
        mock.client.post("/_mock/sandboxes", json={"id": "ours", "dialect": wanted})
        mock.client.post("/_mock/sandboxes/ours/scenarios", json={"when": {"to": "*"}} | TIE)
        sent = mock.client.post("/_mock/sandboxes/ours/flows", json={"flow": steps}).json()
        mock.client.post("/_mock/sandboxes/ours/clock/advance", json={"until": "idle"})
        for name, command in (("python", sys.executable), ("curl", "sh")):
            file = tmp_path / name
            answer = mock.client.get(f"/_mock/sandboxes/ours/flows/{sent['trackingId']}/as?format={name}")
            file.write_text(answer.text, encoding="utf-8")
            environment = {key: value for key, value in os.environ.items() if key != "ROUTEE_MOCK_URL"}
            result = subprocess.run([command, file], capture_output=True, text=True, check=False, env=environment)
            assert result.returncode == 0, result.stderr
            assert "Viber EXPIRED" in answer.text


def test_a_bad_question_is_refused_in_words(mock: Mock) -> None:
    flow = mock.send(sms())
    wrong = mock.client.get(f"/_mock/flows/{flow}/as", params={"format": "pytset", "fromat": "x"}).json()["properties"]
    assert "did you mean pytest?" in wrong["format"]
    assert "did you mean format?" in wrong["fromat"]
    assert mock.client.get("/_mock/flows/nobody/as").status_code == 404
