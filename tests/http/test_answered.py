"""Who has answered a call: it is posted to the eventUrl of machineDetection, and stands in the journal."""

from typing import Any

import pytest

from tests.http.mocks import Json, Mock, mocking, voice

PLAN = {"dialPlan": {"verbs": [{"type": "SAY", "message": {"text": "Press one."}}]}}


def call(mock: Mock, strategy: str = "Continue", outcome: str = "machine", **more: Any) -> str:
    """Send a call that wants to be told who has answered it. Return its trackingId."""
    answer = mock.client.post("/_mock/scenarios", json={"name": "planned", "voice": outcome})
    assert answer.status_code == 201, answer.text
    detection = {"strategy": strategy, "eventUrl": f"{mock.url}/_mock/sink/events"}
    return mock.send(voice(machineDetection=detection, **more))


def events(mock: Mock) -> list[Json]:
    mock.advance(until="idle")
    return [dict(each["body"]) for each in mock.client.get("/_mock/sink/events").json()["requests"]]


# rules answered.machine, answered.person, answered.body, answered.by, statuses.machine
@pytest.mark.parametrize(("outcome", "by"), [("machine", "machine"), ("completed", "human"), ("hung up", "human")])
def test_it_is_posted_once_when_the_call_is_answered(mock: Mock, outcome: str, by: str) -> None:
    id_ = call(mock, outcome=outcome)
    [event] = events(mock)
    answered = mock.client.get("/_mock/journal", params={"kind": "answered"}).json()["entries"]
    [message] = mock.track(id_)["messages"]
    assert event == {
        "messageId": message["messageId"],
        "conversationTrackingId": id_,
        "from": "Sender",
        "to": "+306900000000",
        "direction": "Outbound",
        "status": {"name": "InProgress", "updatedDate": answered[0]["at"]},
        "answeredBy": by,
    }
    assert [(each["answeredBy"], each["step"]) for each in answered] == [(by, 1)]
    [callback] = mock.callbacks(trackingId=id_)
    assert callback["payload"] == event
    view = mock.client.get(f"/_mock/flows/{id_}", params={"with": "callbacks"}).json()
    assert view["callbacks"][0]["changes"] == [f"Voice answered by a {by}"]


@pytest.mark.parametrize("outcome", ["busy", "no answer", "unsent"])
def test_nothing_is_posted_of_a_call_that_nobody_answers(mock: Mock, outcome: str) -> None:
    call(mock, outcome=outcome)
    assert events(mock) == []


def test_a_person_answers_what_is_pushed(mock: Mock) -> None:
    id_ = call(mock)
    mock.client.post("/_mock/events", json={"trackingId": id_, "status": "InProgress"}).raise_for_status()
    assert [each["answeredBy"] for each in events(mock)] == ["human"]


# rule answered.once
def test_it_is_not_tried_again_and_the_dial_plan_in_the_answer_changes_nothing() -> None:
    with mocking(callback_deny=("127.0.0.1",), log_level="error") as mock:
        id_ = call(mock)
        mock.advance(until="idle")
        [callback] = mock.callbacks(trackingId=id_)
        assert (callback["state"], len(callback["attempts"]), callback["nextRetry"]) == ("given up", 1, None)
        assert mock.track(id_)["status"] == "Succeeded"


def test_a_scenario_that_spoils_callbacks_leaves_it_alone(mock: Mock) -> None:
    mock.client.post(
        "/_mock/scenarios", json={"name": "lost", "callbacks": {"drop": [1, 2, 3, 4, 5]}}
    ).raise_for_status()
    call(mock)
    assert len(events(mock)) == 1
