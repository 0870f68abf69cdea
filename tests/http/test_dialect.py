"""A dialect over a real socket: what is answered otherwise, and where a dialect comes from."""

from pathlib import Path
from typing import Any

import pytest

from mockserver.core.behaviour import Behaviour
from mockserver.core.dialect import Dialect, differences
from mockserver.testing.receiver import receiving
from mockserver.wire.control import replay
from tests.dialects import altered
from tests.http.mocks import Json, Mock, mocking, sms, viber


def speaking(dialect: Dialect, **settings: Any) -> Any:
    return mocking(behaviour=Behaviour(dialect=dialect), **settings)


def made(mock: Mock, **dialect: Any) -> Json:
    """A new sandbox with its dialect, as the answer shows it."""
    answer = mock.client.post("/_mock/sandboxes", json={"dialect": dialect})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


# rule send.success-status
@pytest.mark.parametrize("path", ["/failover", "/failover/transactional"])
@pytest.mark.parametrize("more", [{}, {"unknown": 1}], ids=["plain", "careful"])
@pytest.mark.parametrize("headers", [{}, {"transfer-encoding": "chunked"}], ids=["at once", "usual way"])
def test_a_send_is_answered_201(path: str, more: Json, headers: dict[str, str]) -> None:
    with speaking(Dialect(success_status=201)) as mock:
        answer = mock.client.post(path, json={"flow": [sms(**more)]}, headers=headers)
        assert (answer.status_code, answer.reason_phrase) == (201, "Created")
        assert answer.json()["flow"][0]["type"] == "Sms"
        *_, noted = mock.client.get("/_mock/requests").json()["requests"]
        assert (noted["status"], noted["trackingId"]) == (201, answer.json()["trackingId"])
        assert f'path="{path}",status="201"' in mock.client.get("/_mock/metrics").text


def test_a_late_answer_is_a_201_too_and_other_answers_stay_as_they_are() -> None:
    with speaking(Dialect(success_status=201)) as mock:
        mock.client.post("/_mock/scenarios", json={"name": "slow", "when": {"to": "*"}, "api": {"delay": "10ms"}})
        assert mock.client.post("/failover", json={"flow": [sms()]}).status_code == 201
        assert mock.client.post("/failover", json={"flow": []}).status_code == 400
        assert mock.client.post("/failover/tracking", json=[]).status_code == 200
        assert mock.client.post("/_mock/flows", json={"flow": [sms()]}).status_code == 200


# rule tracking.unknown-code
def test_an_unknown_flow_has_its_own_code() -> None:
    with speaking(Dialect(unknown_flow_code="404001001")) as mock:
        answer = mock.client.get("/failover/tracking/nobody")
        assert (answer.status_code, answer.json()["code"]) == (404, "404001001")
        assert list(answer.json()) == ["code", "developerMessage", "entity", "property", "value"]


# rule tracking.order
@pytest.mark.parametrize("filters", [[], [{"fieldName": "type", "searchTerm": "Sms"}]])
def test_a_search_can_list_the_oldest_first(filters: list[Json]) -> None:
    orders: dict[str, list[int]] = {}
    for order in ("newest-first", "oldest-first"):
        with speaking(Dialect(search_order=order)) as mock:
            sent = [mock.send(sms()) for _ in range(5)]
            pages = [
                mock.client.post("/failover/tracking", json=filters, params={"page": page, "size": 2}).json()["content"]
                for page in range(3)
            ]
            orders[order] = [sent.index(each["trackingId"]) for page in pages for each in page]
    assert orders == {"newest-first": [4, 3, 2, 1, 0], "oldest-first": [0, 1, 2, 3, 4]}


# rule otp.no-bearer
@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/failover-otp/otp/failover"), ("POST", "/failover-otp/otp/send-failover")]
)
def test_a_one_time_password_without_a_bearer_can_be_a_401(method: str, path: str) -> None:
    for status in (403, 401):
        with speaking(Dialect(otp_no_bearer=status)) as mock:
            del mock.client.headers["authorization"]
            answer = mock.client.request(method, path, json={} if method == "POST" else None)
            assert (answer.status_code, answer.json()) == (status, {"detail": "Not authenticated"})


# rule callbacks.taken
def test_an_answer_that_is_not_taken_is_shown_so() -> None:
    with speaking(Dialect(taken_answers="200", retry_plan=())) as mock, receiving() as receiver:
        receiver.always(204)
        tracking_id = mock.send(sms(), url=receiver.url, strategy="OnCompletion")
        mock.advance(until="idle")
        [callback] = mock.callbacks(trackingId=tracking_id)
        [attempt] = callback["attempts"]
        assert (callback["state"], attempt["delivered"], attempt["error"]) == (
            "given up",
            False,
            "answered 204, not 200",
        )


# Where a dialect comes from


@pytest.mark.parametrize("dialect", altered())
def test_a_sandbox_shows_what_it_does_otherwise(dialect: Dialect) -> None:
    with mocking() as mock:
        sandbox = made(mock, **differences(dialect))
        assert sandbox["dialect"] == differences(dialect)
        assert mock.client.get(sandbox["controlUrl"]).json()["dialect"] == differences(dialect)
        assert mock.client.get("/_mock/sandboxes/default").json()["dialect"] == {}


def test_what_the_dialect_of_a_sandbox_leaves_out_is_as_the_server_has_it() -> None:
    with speaking(Dialect(success_status=201, taken_answers="200")) as mock:
        assert made(mock, searchOrder="oldest-first")["dialect"] == {
            "successStatus": 201,
            "takenAnswers": "200",
            "searchOrder": "oldest-first",
        }
        assert made(mock, successStatus=200)["dialect"] == {"takenAnswers": "200"}
        assert mock.client.post("/_mock/reset").json()["dialect"] == {"successStatus": 201, "takenAnswers": "200"}


def test_a_sandbox_with_another_dialect_was_made_otherwise() -> None:
    with speaking(Dialect(success_status=201)) as mock:
        place, asked = "/_mock/sandboxes/ours", {"dialect": {"searchOrder": "oldest-first"}}
        bodies: list[Json] = [asked, asked, {}, {"dialect": {}}]
        answers = [mock.client.put(place, json=body).status_code for body in bodies]
        assert answers == [201, 200, 200, 200]
        assert mock.client.put(place, json={"dialect": {"successStatus": 200}}).status_code == 409


def test_a_wrong_dialect_is_refused_and_every_place_is_named() -> None:
    with mocking() as mock:
        wrong = {"succesStatus": 201, "searchOrder": "oldest", "retryPlan": [0]}
        answer = mock.client.post("/_mock/sandboxes", json={"dialect": wrong})
        assert answer.status_code == 400
        assert answer.json()["properties"] == {
            "dialect.searchOrder": "must be one of newest-first, oldest-first; did you mean oldest-first?",
            "dialect.retryPlan[0]": "must be at least 1",
            "dialect.succesStatus": "is not known here; did you mean successStatus?",
        }


@pytest.mark.parametrize("dialect", altered())
def test_the_log_has_the_dialect_and_replays_with_it(dialect: Dialect) -> None:
    with speaking(dialect) as mock, receiving() as receiver:
        receiver.always(204)
        mock.send(viber("+306900000300"), sms(), url=receiver.url) if dialect.success_status == 200 else None
        mock.advance(until="idle")
        lines = mock.client.get("/_mock/log").content.splitlines()
        journal = mock.client.get("/_mock/journal").json()
    engine = replay.replay(lines)
    assert engine.behaviour.dialect == dialect
    assert len(engine.journal) == len(journal["entries"])


def test_a_restart_keeps_the_dialect_of_every_sandbox(tmp_path: Path) -> None:
    with speaking(Dialect(success_status=201), data=tmp_path) as mock:
        made(mock, searchOrder="oldest-first")
    with speaking(Dialect(unknown_flow_code="404000001"), data=tmp_path) as mock:
        shown = [mock.client.get(f"/_mock/sandboxes/{each}").json()["dialect"] for each in ("default", "sandbox-1")]
        assert shown == [{"successStatus": 201}, {"successStatus": 201, "searchOrder": "oldest-first"}]
        assert mock.client.post("/failover", json={"flow": [sms()]}).status_code == 201


def test_sends_that_are_only_looked_at_follow_the_dialect() -> None:
    body = {"flow": [sms(order=1), sms(order=1)]}
    for dialect, ok in ((Dialect(success_status=201), True), (Dialect(duplicate_orders="refused"), False)):
        with speaking(dialect) as mock:
            assert mock.client.post("/_mock/check", json={"send": body}).json()["ok"] is ok
            assert mock.client.post("/_mock/flows", json=body).status_code == (200 if ok else 400)
