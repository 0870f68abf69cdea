"""Faults of every endpoint: what a scenario makes go wrong, over a real socket."""

import time
from typing import Any

import httpx2
import pytest

from tests.http.mocks import Mock, mocking, sms
from tests.http.test_scenarios import put

NOBODY = "+15555550100"
PLACES = ("send", "token", "tracking", "search", "balance")


def ask(mock: Mock, place: str, flow: str) -> httpx2.Response:
    """A good request to an endpoint."""
    match place:
        case "send":
            return mock.client.post("/failover", json={"flow": [sms(NOBODY)]})
        case "token":
            return mock.login()
        case "tracking":
            return mock.client.get(f"/failover/tracking/{flow}")
        case "search":
            return mock.client.post("/failover/tracking")
        case _:
            return mock.client.get("/accounts/me/balance")


@pytest.fixture
def flow(mock: Mock) -> str:
    """A flow to ask for; and a token that is good for everything."""
    token = mock.login(scope="failover account").json()["access_token"]
    mock.client.headers["authorization"] = f"Bearer {token}"
    return mock.send(sms(NOBODY))


@pytest.mark.parametrize("place", PLACES)
def test_any_error_with_a_body_and_retry_after_at_any_endpoint(mock: Mock, flow: str, place: str) -> None:
    put(mock, name="down", uses=1, api={"answer": 418, "endpoint": place, "body": {"tea": "pot"}, "retryAfter": "2m"})
    for other in PLACES:
        if other != place:
            assert ask(mock, other, flow).status_code == 200
    failed = ask(mock, place, flow)
    assert (failed.status_code, failed.json(), failed.headers["retry-after"]) == (418, {"tea": "pot"}, "120")
    assert ask(mock, place, flow).status_code == 200
    assert [each["status"] for each in mock.client.get("/_mock/requests").json()["requests"]].count(418) == 1
    [fault] = mock.client.get("/_mock/journal", params={"kind": "fault"}).json()["entries"]
    assert (fault["fault"], fault["why"]) == ("418, a body of its own, Retry-After 120", "scenario 'down'")
    assert fault.get("endpoint", "send") == place
    report = mock.client.get(failed.headers["mock-report"]).json()["entries"]
    assert report[0]["error"] == "I'm a Teapot"


# rule scenarios.api-faults
@pytest.mark.parametrize("place", PLACES)
def test_a_connection_breaks_before_or_after_it_is_done(mock: Mock, flow: str, place: str) -> None:
    for answer in ("reset", "lost"):
        put(mock, name=answer, api={"answer": answer, "endpoint": [place]}, uses=1)
        with pytest.raises(httpx2.TransportError):
            ask(mock, place, flow)
    assert len(mock.client.get("/_mock/flows").json()["flows"]) == 1 + (place == "send")
    issued = mock.client.get("/_mock/journal", params={"kind": "token"}).json()["entries"]
    assert len(issued) == 2 + (place == "token")
    assert ask(mock, place, flow).status_code == 200


# rule scenarios.api-faults
@pytest.mark.parametrize("place", PLACES)
def test_an_answer_is_late_in_real_time(mock: Mock, flow: str, place: str) -> None:
    put(mock, name="slow", api={"delay": "200ms", "endpoint": list(PLACES)})
    began = time.monotonic()
    assert ask(mock, place, flow).status_code == 200
    assert time.monotonic() - began >= 0.2


# rule scenarios.api-faults
def test_a_body_is_a_text_or_json_or_that_of_routee(mock: Mock) -> None:
    for body, kind, text in (
        ("<h1>Bad Gateway</h1>", "text/plain; charset=utf-8", "<h1>Bad Gateway</h1>"),
        (["a", 1], "application/json", '["a",1]'),
        (None, "application/json", '{"code":"502000000","developerMessage":"Bad Gateway"}'),
    ):
        put(mock, name="down", api={"answer": "502", "endpoint": "token"} | ({"body": body} if body else {}))
        answer = mock.login()
        assert (answer.status_code, answer.headers["content-type"], answer.text) == (502, kind, text)
    put(mock, name="down", api={"answer": 499})
    assert ask(mock, "send", "").json() == {"code": "499000000", "developerMessage": "Error"}


def test_tracking_fails_for_the_flows_that_are_selected(mock: Mock) -> None:
    one, other = mock.send(sms(NOBODY)), mock.send(sms("+15555550101"))
    put(mock, when={"to": NOBODY}, api={"answer": 503, "endpoint": "tracking"})
    assert [ask(mock, "tracking", flow).status_code for flow in (one, other, "nobody")] == [503, 200, 404]
    [entry] = mock.client.get("/_mock/journal", params={"kind": "fault", "flow": one}).json()["entries"]
    assert entry["trackingId"] == one
    text = mock.client.get("/_mock/journal", params={"format": "text", "kind": "fault"}).text
    assert f"{one[:8]} tracking: 503 (scenario 'scenario-1')" in text


# rule scenarios.api-faults
def test_a_request_that_is_refused_anyway_meets_no_fault(mock: Mock) -> None:
    put(mock, name="down", api={"answer": 503, "endpoint": list(PLACES)})
    assert mock.client.post("/oauth/token").status_code == 401
    assert mock.client.get("/failover/tracking/x", headers={"authorization": "Bearer none"}).status_code == 401
    assert mock.client.get("/_mock/scenarios/down").json()["used"] == 0


def test_the_same_happens_when_the_log_is_replayed() -> None:
    from mockserver.wire.control.replay import replay

    with mocking() as mock:
        put(mock, name="down", api={"answer": 503, "endpoint": ["token", "tracking"]}, uses=2)
        flow = mock.send(sms(NOBODY))
        assert [ask(mock, place, flow).status_code for place in ("tracking", "token", "token")] == [503, 503, 200]
        log = mock.client.get("/_mock/log").content
        kept = mock.client.get("/_mock/journal").json()["entries"]
    engine = replay(log.splitlines())
    assert len(engine.journal) == len(kept)
    assert engine.scenarios.uses("down") == 2


@pytest.mark.parametrize(
    ("api", "words"),
    [
        (200, "must be a status from 400 to 599, or one of reset, lost, insufficient balance"),
        ("losst", "did you mean lost?"),
        (True, "must be a status from 400 to 599"),
        ({"answer": 503, "endpoint": "tokens"}, "did you mean token?"),
        ({"answer": 503, "endpoint": []}, "must name at least one endpoint"),
        ({"answer": 503, "retryAfter": 0.5}, "is whole seconds"),
        ({"answer": 503, "retryAfter": "1s to 2s"}, "is whole seconds"),
        ({"answer": 503, "body": "x" * 16_385}, "must have at most 16384 characters"),
        ({"answer": "lost", "body": "x"}, "only with an answer from 400 to 599"),
        ({"delay": 1, "retryAfter": 1}, "only with an answer from 400 to 599"),
        ({"answer": 503, "endpoit": "token"}, "did you mean endpoint?"),
    ],
)
def test_a_fault_that_cannot_be_played_says_why(mock: Mock, api: Any, words: str) -> None:
    refused = mock.client.post("/_mock/scenarios", json={"api": api})
    assert (refused.status_code, words in refused.text) == (400, True), refused.text


def test_a_matcher_of_messages_does_not_go_with_requests_that_have_none(mock: Mock) -> None:
    api = {"answer": 503, "endpoint": ["tracking", "token", "search"]}
    refused = mock.client.post("/_mock/scenarios", json={"when": {"to": NOBODY}, "api": api})
    words = "selects messages, and a request for search or token has none: leave it out, and use endpoint"
    assert (refused.status_code, refused.json()["properties"]) == (400, {"when": words})
