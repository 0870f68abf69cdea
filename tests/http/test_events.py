"""Events pushed by hand: any legal status for any message, now."""

from typing import Any

import httpx2
import pytest

from mockserver.core.commands import Mode
from mockserver.testing.receiver import Receiver
from tests.http.mocks import Mock, mocking, sms, viber, voice


def push(mock: Mock, **event: Any) -> httpx2.Response:
    return mock.client.post("/_mock/events", json=event)


def heard(mock: Mock, flow: str) -> list[str]:
    return [message["status"]["name"] for message in mock.track(flow)["messages"]]


# rule scenarios.push
def test_a_test_pushes_one_event_after_another(mock: Mock, receiver: Receiver) -> None:
    flow = mock.send(viber(), sms(), url=receiver.url)
    first = push(mock, trackingId=flow, status="undelivered", reason="Not Viber User").json()
    assert [change["status"] for change in first["transitions"] if "status" in change] == [
        "QUEUED",
        "UNDELIVERED",
        "Queued",
    ]
    assert [change["cause"] for change in first["transitions"] if "status" in change] == ["report", "pushed", "report"]
    assert push(mock, trackingId=flow, status="Delivered").status_code == 200
    document = mock.track(flow)
    assert (document["status"], document["terminationChannel"]) == ("Succeeded", "Sms")
    assert document["messages"][0]["status"]["reason"]["detailedStatus"] == "Not Viber User"
    assert [body["messages"][-1]["status"]["name"] for body in receiver.payloads] == [
        *("QUEUED", "UNDELIVERED", "Queued", "Delivered")
    ]
    assert mock.clock()["now"] == "2030-01-01T12:00:00Z"
    assert push(mock, trackingId=flow, step=1, status="SEEN").status_code == 200
    assert heard(mock, flow) == ["SEEN", "Delivered"]
    assert mock.track(flow)["status"] == "Succeeded"


def test_the_flow_is_named_by_its_recipient_or_its_label(mock: Mock) -> None:
    mock.send(sms("+15555550100"))
    newest = mock.send(sms("+15555550100"))
    labelled = mock.send(viber(label="order 7"), sms(message={"body": "x", "label": "order 8"}))
    assert push(mock, to="15555550100", status="Failed").status_code == 200
    assert heard(mock, newest) == ["Failed"]
    assert push(mock, label="order 7", status="Failed").status_code == 200
    assert push(mock, label="order 8", status="Failed").status_code == 200
    assert heard(mock, labelled) == ["FAILED", "Failed"]


def test_the_message_is_named_by_step_or_channel(mock: Mock) -> None:
    flow = mock.send(viber("+306900000100"), voice())
    mock.advance(by=2.5)
    assert push(mock, trackingId=flow, channel="viber", status="DELIVERED").status_code == 200
    assert push(mock, trackingId=flow, channel="Voice", status="Busy").status_code == 200
    assert heard(mock, flow) == ["DELIVERED", "Busy"]


# rule statuses.refused-push
@pytest.mark.parametrize(
    ("event", "words"),
    [
        ({"status": "Sent"}, "Which flow?"),
        ({"trackingId": "x", "to": "y", "status": "Sent"}, "Which flow?"),
        ({"trackingId": "nonsense", "status": "Sent"}, "no such flow"),
        ({"label": "nonsense", "status": "Sent"}, "no such flow"),
        ({"to": "+306900000000"}, "This cannot be pushed"),
        ({"to": "+306900000000", "status": "Sent", "stpe": 1}, "This cannot be pushed"),
        ({"to": "+306900000000", "status": "Sent", "step": 3}, "no step fits. The flow has the steps 1 Viber, 2 Sms"),
        ({"to": "+306900000000", "status": "Sent", "step": 2}, "that step has not begun"),
        ({"to": "+306900000000", "status": "Queued"}, "is QUEUED and can become DELIVERED, SEEN, UNDELIVERED"),
        ({"to": "+306900000000", "status": "Terminated"}, "can become DELIVERED"),
        ({"to": "+306900000000", "status": "DELIVERD"}, "not DELIVERD; did you mean DELIVERED?"),
        ({"to": "+306900000000", "status": "Failed", "reason": "Roaming"}, "must be one of Delivered, Not Viber User"),
        ({"to": "+306900000000", "status": "Failed", "reason": "opted out"}, "did you mean Opted Out?"),
        ([], "not a JSON object"),
    ],
)
def test_what_cannot_happen_is_refused_with_what_can(mock: Mock, event: Any, words: str) -> None:
    flow = mock.send(viber(), sms())
    mock.advance(by=0)
    response = mock.client.post("/_mock/events", json=event)
    assert response.status_code in (400, 404)
    assert words in response.json()["developerMessage"]
    assert heard(mock, flow) == ["QUEUED"]


def test_a_message_that_has_ended_gets_no_more_statuses(mock: Mock) -> None:
    flow = mock.send(sms())
    push(mock, trackingId=flow, status="Delivered")
    assert "can become nothing any more" in push(mock, trackingId=flow, status="Failed").json()["developerMessage"]


# rule statuses.kept-delivery
def test_a_delivery_that_ended_its_flow_is_not_taken_back(mock: Mock) -> None:
    flow = mock.send(viber("+306900000000"), sms())
    push(mock, trackingId=flow, status="DELIVERED")
    assert mock.track(flow)["status"] == "Succeeded"
    said = push(mock, trackingId=flow, status="EXPIRED").json()["developerMessage"]
    assert "the Viber message is DELIVERED and can become SEEN, not EXPIRED" in said
    assert heard(mock, flow) == ["DELIVERED"]
    assert push(mock, trackingId=flow, status="SEEN").status_code == 200


def test_events_work_in_every_mode(receiver: Receiver) -> None:
    with mocking(clock=Mode.REALTIME) as mock:
        flow = mock.send(sms(), url=receiver.url, strategy="OnCompletion")
        assert push(mock, trackingId=flow, status="Failed").status_code == 200
        assert heard(mock, flow) == ["Failed"]
        assert len(receiver.requests) == 1


def test_why_says_that_it_was_pushed(mock: Mock) -> None:
    flow = mock.send(sms())
    push(mock, trackingId=flow, status="Failed")
    told = [reason["says"] for reason in mock.client.get(f"/_mock/flows/{flow}/why").json()["why"]]
    assert "Failed was pushed by hand." in told


def test_several_statuses_come_in_one_instant_also_while_the_clock_runs() -> None:
    with mocking(clock=Mode.REALTIME, rate=1) as mock:
        mock.client.post("/_mock/scenarios", json={"viber": "by hand", "voice": "by hand"})
        flow = mock.send(viber(), voice())
        events = [{"status": "Undelivered", "reason": "Opted Out"}, {"status": "Ringing"}, {"status": "InProgress"}]
        told = push(mock, trackingId=flow, events=events).json()["transitions"]
        changes = [(each["status"], each["at"]) for each in told if "status" in each]
        assert [status for status, _ in changes][-4:] == ["UNDELIVERED", "Queued", "Ringing", "InProgress"]
        assert len({at for _, at in changes[-4:]}) == 1


def test_of_several_statuses_none_comes_when_one_cannot(mock: Mock) -> None:
    mock.client.post("/_mock/scenarios", json={"voice": "by hand"})
    flow = mock.send(voice(), sms())
    for events, place, words in (
        ([{"status": "Busy"}, {"status": "Ringing", "step": 1}], "events[1].status", "nothing any more"),
        ([{"status": "Ringing"}, {"status": "Queued"}], "events[1].status", "is Ringing and can become"),
        ([{"status": "Busy"}, {"status": "Delivered", "reason": "nonsense"}], "events[1].reason", "must be one of"),
        ([{"statsu": "Busy"}], "events[0].statsu", "did you mean status?"),
        ([], "events", "at least one"),
    ):
        refused = push(mock, trackingId=flow, events=events)
        assert refused.status_code == 400, events
        assert words in refused.json()["properties"][place]
        assert heard(mock, flow) in ([], ["Queued"])
    assert push(mock, trackingId=flow, events=[{"status": "Busy"}, {"status": "Sent"}]).is_success
    assert heard(mock, flow) == ["Busy", "Sent"]
    missing = push(mock, trackingId=flow, events=[{"status": "Delivered", "step": 9}])
    assert "Event 1: There is no such message: no step fits" in missing.json()["developerMessage"]
    assert missing.json()["properties"].keys() == {"events[0].step"}
    assert "no step fits. The flow has the steps" in missing.json()["properties"]["events[0].step"]


def test_late_statuses_may_be_among_several(mock: Mock) -> None:
    mock.client.post("/_mock/scenarios", json={"viber": "by hand", "sms": "by hand"})
    flow = mock.send(viber(), sms())
    events = [{"status": "EXPIRED"}, {"status": "SEEN", "step": 1}, {"status": "Delivered", "channel": "sms"}]
    assert push(mock, trackingId=flow, events=events).is_success
    assert heard(mock, flow) == ["SEEN", "Delivered"]
    assert mock.track(flow)["terminationChannel"] == "Sms"


def hold(mock: Mock, **target: Any) -> httpx2.Response:
    return mock.client.post("/_mock/hold", json=target)


# rule scenarios.hold
def test_a_message_is_taken_over_by_hand(mock: Mock) -> None:
    flow = mock.send(viber("+306900000000"), sms("+306900000000"))
    told = hold(mock, trackingId=flow)
    assert [each.get("status") for each in told.json()["transitions"]] == ["QUEUED", None]
    assert hold(mock, trackingId=flow, channel="Sms").is_success
    mock.advance(by="9m")
    assert heard(mock, flow) == ["QUEUED"]
    mock.advance(by="1m")
    mock.advance(by="30m")
    assert heard(mock, flow) == ["EXPIRED", "Queued"]
    [first, second] = mock.client.get("/_mock/journal", params={"kind": "hold"}).json()["entries"]
    assert (first["step"], first["dropped"], second["step"], second["messageId"]) == (1, 1, 2, None)
    words = [each["says"] for each in mock.client.get(f"/_mock/flows/{flow}/why").json()["why"]]
    assert "It was taken over by hand: 1 planned status was dropped." in words
    assert "Step 2 begins: Sms to +306900000000, outcome 'by hand' (taken over by hand: 'by hand')." in words


def test_only_what_there_is_can_be_taken_over(mock: Mock) -> None:
    flow = mock.send(sms(), sms())
    assert hold(mock, trackingId="nobody").status_code == 404
    assert hold(mock, trackingId=flow, step=3).status_code == 400
    assert hold(mock, trackingId=flow, channel="Viber").status_code == 400
    assert hold(mock, step=1).status_code == 400
    mock.advance(until={"final": flow})
    assert "that step has not begun" in hold(mock, trackingId=flow, step=2).json()["developerMessage"]


def test_a_scenario_leaves_messages_to_the_hand(mock: Mock) -> None:
    said = {"voice": {"sequence": ["by hand", "busy"]}, "sms": {"by hand": 1}, "when": {"to": "*"}}
    mock.client.post("/_mock/scenarios", json=said)
    calls = [mock.send(voice()), mock.send(voice()), mock.send(sms(ttl=10))]
    mock.advance(until="idle")
    assert [heard(mock, flow) for flow in calls] == [["Queued"], ["Busy"], ["Undelivered"]]
    refused = mock.client.post("/_mock/scenarios", json={"voice": {"outcome": "by hand", "after": "2s"}})
    assert "'by hand' waits for what is pushed" in refused.json()["developerMessage"]
