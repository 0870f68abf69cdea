"""Answers to Viber messages, pushed by hand and posted to the step's inboundUrl."""

from typing import Any

import httpx2
import pytest

from mockserver.core.behaviour import Behaviour, Limits
from mockserver.testing.receiver import Receiver
from tests.http.mocks import Mock, mocking, sms, viber


def push(mock: Mock, **answer: Any) -> httpx2.Response:
    return mock.client.post("/_mock/inbound", json=answer)


# rules inbound.body, inbound.by-hand
def test_an_answer_is_posted_to_the_inbound_url(mock: Mock, receiver: Receiver) -> None:
    flow = mock.send(viber(inboundUrl=receiver.url, label="order 7"))
    done = push(mock, trackingId=flow, message="Thank you", media="https://example.com/a.png", filename="a.png")
    assert done.status_code == 200
    assert [each["delivered"] for each in done.json()["callbacks"]] == [True]
    message = mock.track(flow)["messages"][0]
    assert receiver.payloads == [
        {
            "from": "+306900000000",
            "to": message["from"],
            "message": "Thank you",
            "sentDate": "2030-01-01T12:00:00Z",
            "referenceTrackingId": message["trackingId"],
            "direction": "Inbound",
            "media": "https://example.com/a.png",
            "filename": "a.png",
            "label": "order 7",
        }
    ]
    [callback] = mock.callbacks()
    assert (callback["state"], callback["payload"]) == ("delivered", receiver.payloads[0])
    [entry] = mock.client.get("/_mock/journal", params={"kind": "inbound"}).json()["entries"]
    assert (entry["messageId"], entry["message"], entry["callback"]) == (message["trackingId"], "Thank you", 1)


# rule inbound.taken
def test_an_answer_that_is_not_delivered_is_retried(mock: Mock, receiver: Receiver) -> None:
    receiver.answers(500)
    mock.send(sms(), viber(inboundUrl=receiver.url))
    mock.send(viber("+306900000000", inboundUrl=receiver.url))
    assert push(mock, to="306900000000", message="Yes").status_code == 200
    mock.advance(by="30s")
    assert [body["message"] for body in receiver.payloads] == ["Yes", "Yes"]


def test_answers_are_refused_where_there_is_no_room(receiver: Receiver) -> None:
    with mocking(behaviour=Behaviour(limits=Limits(payload=6_000))) as mock:
        flow = mock.send(viber(inboundUrl=receiver.url))
        statuses = [push(mock, trackingId=flow, message="m" * 2_000) for _ in range(4)]
        assert [each.status_code for each in statuses] == [200, 200, 503, 503]
        assert "which --max-payload bounds" in statuses[-1].json()["developerMessage"]
        assert len(receiver.payloads) == 2


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"message": "x"}, "Which flow?"),
        ({"to": "+306900000000"}, "This cannot be pushed"),
        ({"to": "+306900000000", "message": "x", "status": "SEEN"}, "This cannot be pushed"),
        ({"to": "+306900000000", "message": "x", "media": "file"}, "This cannot be pushed"),
        ({"to": "+306900000000", "message": "x", "step": 2}, "no step fits, and only a message over Viber is answered"),
        ({"to": "+306900000000", "message": "x"}, "Step 1 has no inboundUrl"),
        ({"to": "+3069", "message": "x"}, "There is no such flow"),
    ],
)
def test_an_impossible_answer_is_refused_in_words(mock: Mock, answer: Any, words: str) -> None:
    mock.send(viber(), sms())
    response = push(mock, **answer)
    assert response.status_code in (400, 404)
    assert words in response.json()["developerMessage"]
