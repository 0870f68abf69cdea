"""Sending a flow over the control API, and asking what would become of one."""

from typing import Any

import pytest

from mockserver.testing.receiver import Receiver
from tests.http.mocks import Mock, mocking, sms, viber


def send(mock: Mock, *steps: dict[str, Any], path: str = "/_mock/flows", **more: Any) -> Any:
    return mock.client.post(path, json={"flow": list(steps), **more}, headers={"authorization": ""})


def test_a_flow_is_sent_without_a_token_when_all_have_run_out(mock: Mock, receiver: Receiver) -> None:
    mock.advance(by="2d")
    answer = send(mock, sms(), callback={"url": receiver.url, "strategy": "OnCompletion"})
    assert answer.status_code == 200
    mock.advance(until="idle")
    assert [body["trackingId"] for body in receiver.payloads] == [answer.json()["trackingId"]]
    [line] = mock.client.get("/_mock/flows").json()["flows"]
    assert (line["status"], line["applicationId"]) == ("Succeeded", "control")
    [made] = mock.client.get("/_mock/requests", params={"flow": line["trackingId"]}).json()["requests"]
    assert (made["path"], made["status"]) == ("/_mock/flows", 200)


def test_it_answers_as_post_failover_does(mock: Mock) -> None:
    body: dict[str, Any] = {"flow": [sms(), viber()], "callback": {"url": "http://127.0.0.1/x"}}
    told, asked = (mock.client.post(path, json=body).json() for path in ("/_mock/flows", "/failover"))
    assert {**told, "trackingId": ""} == {**asked, "trackingId": ""}
    wrong = {"flow": [sms("12"), {"type": "Fax"}]}
    told, asked = (mock.client.post(path, json=wrong) for path in ("/_mock/flows", "/failover"))
    assert (told.status_code, told.json()) == (asked.status_code, asked.json())
    report = mock.client.get(told.headers["mock-report"]).json()["entries"][0]
    assert (report["path"], report["wrong"]) == ("/_mock/flows", asked.json()["properties"])


def test_a_sandbox_of_its_own_is_sent_to_as_its_application(mock: Mock) -> None:
    made = mock.client.post("/_mock/sandboxes", json={"id": "mine"}).json()
    path = "/_mock/sandboxes/mine/flows"
    assert send(mock, sms(), path=path).status_code == 200
    assert send(mock, sms(), path=f"{path}?applicationId=shop").status_code == 200
    lines = mock.client.get(path).json()["flows"]
    assert [line["applicationId"] for line in lines] == [made["applicationId"], "shop"]
    assert mock.client.get("/_mock/flows").json()["total"] == 0


def test_a_transactional_flow_is_sent_by_its_kind(mock: Mock) -> None:
    step = {"type": "Viber", "to": "+306900000000", "senderInfoTrackingId": "s", "templateId": "x"}
    told, asked = (
        mock.client.post(path, json={"flow": [step]})
        for path in ("/_mock/flows?kind=transactional", "/failover/transactional")
    )
    assert told.status_code == asked.status_code
    assert {**told.json(), "trackingId": ""} == {**asked.json(), "trackingId": ""}
    wrong = send(mock, sms(), path="/_mock/flows?kind=transactoinal&knid=x").json()["properties"]
    assert "did you mean transactional?" in wrong["kind"]
    assert "did you mean kind?" in wrong["knid"]
    assert send(mock, sms(), path=f"/_mock/flows?applicationId={'x' * 201}").status_code == 400


@pytest.mark.parametrize(
    ("fault", "status", "flows"),
    [("503", 503, 0), ("429", 429, 0), ("insufficient balance", 400, 0), ("reset", 502, 0), ("lost", 200, 1)],
)
def test_what_a_scenario_makes_go_wrong_is_answered(mock: Mock, fault: str, status: int, flows: int) -> None:
    mock.client.post("/_mock/scenarios", json={"api": fault})
    assert send(mock, sms()).status_code == status
    assert mock.client.get("/_mock/flows").json()["total"] == flows


def test_a_send_that_cannot_be_paid_or_kept_is_refused() -> None:
    with mocking() as mock:
        mock.client.post("/_mock/sandboxes", json={"id": "poor", "balance": 0, "balanceMode": "at-once"})
        answer = send(mock, sms(), path="/_mock/sandboxes/poor/flows")
        assert (answer.status_code, answer.json()["developerMessage"]) == (400, "Insufficient Balance")
        text = mock.client.post("/_mock/flows", content=b"x")
        assert (text.status_code, "not JSON" in text.text) == (400, True)


# What would become of it


def check(mock: Mock, send: Any, **more: Any) -> dict[str, Any]:
    answer = mock.client.post("/_mock/check", json={"send": send, **more})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_every_wrong_field_is_told_and_nothing_happens(mock: Mock) -> None:
    body = {"flow": [viber("12", ttl=-1), {"type": "Fax"}], "callback": {"url": "x"}}
    before = mock.client.get("/_mock/journal").json()
    told = check(mock, body)
    refused = mock.client.post("/failover", json=body).json()
    assert (told["ok"], told["error"], told["wrong"]) == (False, "Validation Error!", refused["properties"])
    assert {each["field"]: each["pointer"] for each in told["places"]}["callback.url"] == "/callback/url"
    nonsense: Any
    for nonsense in (None, [], "x", {"flow": []}):
        assert check(mock, nonsense)["ok"] is False
    entries = mock.client.get("/_mock/journal").json()["entries"]
    assert len(entries) == len(before["entries"]) + 1


def test_what_each_step_would_hear_and_why(mock: Mock) -> None:
    mock.client.post("/_mock/scenarios", json={"name": "mine", "when": {"to": "+30690*"}, "sms": "failed"})
    told = check(mock, {"flow": [viber("+306900000300"), sms("+306900000300", message={"body": "x" * 200})]})
    first, second = told["steps"]
    assert told["ok"]
    assert (first["outcome"], first["scenario"], first["size"]) == ("expired", None, None)
    assert first["why"].endswith("the nearest was 'mine': it says nothing of Viber as step 1")
    assert (second["outcome"], second["scenario"], second["price"]) == ("failed", "mine", 0.09)
    assert second["size"] == {"parts": 2, "characters": 200, "encoding": "GSM 03.38"}
    assert [each["status"] for each in second["hears"]] == ["Queued", "Sent", "Failed"]
    assert second["hears"][1]["after"] == [0.8, 1.6]
    assert (told["api"], told["callbacks"]) == (None, None)
    sent = mock.send(viber("+306900000300"))
    [begun] = mock.client.get("/_mock/journal", params={"kind": "step", "flow": sent}).json()["entries"]
    assert begun["why"] == first["why"]


def test_what_a_scenario_would_do_to_a_send(mock: Mock) -> None:
    scenario: dict[str, Any] = {"sms": {"sequence": ["busy line", "failed"]}}
    body = {"flow": [sms()], "callback": {"url": "http://127.0.0.1/x"}}
    refused = mock.client.post("/_mock/check", json={"send": body, "scenario": scenario})
    assert (refused.status_code, "no outcome of Sms" in refused.text) == (400, True)
    faults: dict[str, Any] = {"api": "503", "callbacks": {"drop": True}}
    scenario = {"name": "tried", "when": {"to": "*"}, "sms": "by hand", **faults}
    told = check(mock, body, scenario=scenario)
    assert (told["steps"][0]["scenario"], told["steps"][0]["outcome"]) == ("tried", "by hand")
    assert told["api"] == {"scenario": "tried", "says": "503"}
    assert told["callbacks"] == {"scenario": "tried"}
    assert check(mock, {"flow": [sms()]}, scenario=scenario)["callbacks"] is None
    assert check(mock, {"flow": [sms("+306900000020")]}, scenario={"use": "carrier-filtering"})["ok"]
    assert mock.client.get("/_mock/scenarios").json()["scenarios"] == []
    assert check(mock, body)["steps"][0]["outcome"] == "delivered"


@pytest.mark.parametrize(
    "body", [{}, {"sned": {}}, {"send": {}, "kind": "fax"}, {"send": {}, "scenario": "x"}, {"send": {}, "x": 1}, []]
)
def test_what_is_no_question_is_refused_in_words(mock: Mock, body: Any) -> None:
    assert mock.client.post("/_mock/check", json=body).status_code == 400


def test_what_is_nested_too_deep_is_refused(mock: Mock) -> None:
    deep = b'{"send": ' + b"[" * 600 + b"]" * 600 + b"}"
    assert mock.client.post("/_mock/check", content=deep).json()["properties"] == {"send": "is nested too deep"}


def test_a_scenario_is_read_and_not_put_when_it_is_only_tried(mock: Mock) -> None:
    tried = mock.client.post("/_mock/scenarios", params={"dry": "true", "name": "x"}, content="sms: failed")
    assert (tried.status_code, tried.json()["says"]) == (200, {"name": "x", "sms": "failed", "when": {"to": "*"}})
    assert mock.client.post("/_mock/scenarios", params={"dry": "true"}, content="sms: nonsense").status_code == 400
    assert mock.client.post("/_mock/scenarios", params={"dry": "maybe"}, content="sms: failed").status_code == 400
    assert mock.client.get("/_mock/scenarios").json()["scenarios"] == []
