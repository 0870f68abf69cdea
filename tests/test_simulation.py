"""The simulation: exactly what a server posts, without one."""

from typing import Any

import pytest

from mockserver.core.behaviour import Behaviour
from mockserver.simulation import START, CallbackSequence, count_callbacks, read, simulate
from mockserver.testing.receiver import Receiver
from tests.http.mocks import mocking, sms, viber, voice
from tests.http.otp import code, pin

Json = dict[str, Any]

ALL = [viber(), sms(message={"body": "long " * 60}), voice(failoverOnStatuses="Busy"), sms(order=9)]


def body(*steps: Json, strategy: str = "OnStep") -> Json:
    return {"flow": list(steps), "callback": {"strategy": strategy, "url": "http://webhook.invalid/"}}


def posted(sequence: CallbackSequence, receiver: Receiver) -> list[Any]:
    """What a server posts for the same send, the same scenario and the same answers."""
    receiver.clear()
    receiver.answers(*(500 if call.failed else 200 for call in sequence.calls))
    with mocking(behaviour=Behaviour(seed=sequence.seed, token_life=None), start=START) as mock:
        token = mock.login("0123456789abcdef01234567").json()["access_token"]
        headers = {"authorization": f"Bearer {token}"}
        if sequence.scenario:
            assert mock.client.post("/_mock/scenarios", json=sequence.scenario).status_code == 201
        sent = sequence.request | {"callback": sequence.request["callback"] | {"url": receiver.url}}
        path = {"failover": "/failover", "transactional": "/failover/transactional"}[sequence.kind]
        reply = mock.client.post(path, json=sent, headers=headers).json()
        assert reply["callback"].pop("url") == receiver.url
        assert reply | {"callback": None} == sequence.reply | {"callback": None}
        mock.advance(until="idle", limit=100_000)
        tracked = mock.client.get(f"/failover/tracking/{reply['trackingId']}", headers=headers).json()
    assert tracked == sequence.document
    assert len(receiver.requests) == len(sequence.calls)
    return receiver.payloads


@pytest.mark.parametrize(
    "played",
    [
        {},
        {"outcomes": ["undelivered", "failed", "busy", "delivered late"]},
        {"outcomes": ["delivered late", "delivered"], "seed": 5},
        {"outcomes": ["seen"], "failures": {1: 3, 3: 12}},
        {"outcomes": ["expired", "delivered"], "callbacks": {"duplicate": [1, 4], "reorder": [2]}},
        {"callbacks": {"delay": "0s to 2h", "drop": [1], "duplicate": True}, "failures": {2: 1}, "seed": 9},
        {"outcomes": ["failed", "unsent"], "failures": {1: 13, 2: 13}},
    ],
)
@pytest.mark.parametrize("strategy", ["OnStep", "OnCompletion"])
def test_a_server_posts_the_same(played: dict[str, Any], strategy: str, receiver: Receiver) -> None:
    sequence = simulate(read(body(*ALL, strategy=strategy)), **played)
    assert posted(sequence, receiver) == sequence.bodies


def test_a_server_posts_the_same_of_a_flow_of_templates(receiver: Receiver) -> None:
    template = {"type": "Viber", "to": "+306900000700", "senderInfoTrackingId": "id"}
    template |= {"templateId": "t", "templateLang": "el"}
    sequence = simulate(read(body(template, sms()), kind="transactional"))
    assert sequence.outcomes == ("not a viber user", "delivered")
    assert posted(sequence, receiver) == sequence.bodies


def test_a_server_posts_the_same_of_one_time_passwords(receiver: Receiver) -> None:
    request = {"flow": [pin(failoverAfterDelivered=True), code(2)], "callback": {"url": receiver.url}}
    sequence = simulate(read(request, kind="otp"), outcomes=["delivered", "delivered"], seed=7)
    receiver.clear()
    with mocking(behaviour=Behaviour(seed=7, token_life=None), start=START) as mock:
        assert mock.client.post("/_mock/scenarios", json=sequence.scenario).status_code == 201
        reply = mock.client.post("/failover-otp/otp/send-failover", json=request).json()
        mock.advance(until="idle")
        tracked = mock.client.get(f"/failover-otp/otp/failover/{reply['flowId']}").json()
    assert (reply, tracked, receiver.payloads) == (sequence.reply, sequence.document, sequence.bodies)
    assert [len(each["steps"]) for each in sequence.bodies] == [1, 2, 2, 2]
    assert "1: viber DELIVERED -> InProgress" in repr(sequence)


def test_undisturbed_every_callback_comes_once_and_in_order() -> None:
    sequence = simulate(read(body(*ALL)), outcomes=["undelivered", "failed", "completed"])
    assert sequence.orderly
    assert sequence.final == sequence.document == sequence.bodies[-1]
    assert [call.number for call in sequence.calls] == list(range(1, 11))
    assert not any(call.again or call.copy or call.failed for call in sequence.calls)
    assert sequence.tracking_id == sequence.reply["trackingId"]


def test_disturbances_are_told_apart() -> None:
    sequence = simulate(
        read(body(sms())), outcomes=["delivered"], callbacks={"duplicate": [2], "reorder": [1]}, failures={3: 1}
    )
    assert [(call.number, call.attempt, call.copy, call.failed, call.again) for call in sequence.calls] == [
        (2, 1, False, False, False),
        (2, 1, True, False, True),
        (1, 1, False, False, False),
        (3, 1, False, True, False),
        (3, 2, False, False, True),
    ]
    assert not sequence.orderly
    assert sequence.bodies[4] == sequence.bodies[3] == sequence.final
    assert [each["messages"][0]["status"]["name"] for each in sequence.in_order] == ["Queued", "Sent", "Delivered"]
    assert repr(sequence).splitlines() == [
        "<CallbackSequence, OnStep, delivered:",
        "  2: Sms Sent -> InProgress",
        "  2: Sms Sent -> InProgress  (duplicate)",
        "  1: Sms Queued -> InProgress",
        "  3: Sms Delivered -> Succeeded  (answered badly)",
        "  3: Sms Delivered -> Succeeded  (attempt 2)>",
    ]


def test_on_completion_tells_the_end_and_not_what_comes_late() -> None:
    sequence = simulate(read(body(viber(), strategy="OnCompletion")), outcomes=["seen"])
    assert [call.body["messages"][0]["status"]["name"] for call in sequence.calls] == ["DELIVERED"]
    assert sequence.document["messages"][0]["status"]["name"] == "SEEN"
    assert sequence.final == sequence.bodies[0] != sequence.document


@pytest.mark.parametrize(("strategy", "count"), [("OnStep", 7), ("OnCompletion", 1)])
def test_callbacks_are_counted_whatever_befalls_them(strategy: str, count: int) -> None:
    send, outcomes = read(body(viber(), sms(), strategy=strategy)), ["delivered late", "delivered late"]
    assert count_callbacks(send, outcomes=outcomes) == count
    disturbed = simulate(send, outcomes=outcomes, callbacks={"duplicate": True, "drop": [1]}, failures={2: 3})
    assert len(disturbed.in_order) == count


def test_channels_come_in_the_order_they_run() -> None:
    assert read(body(sms(order=2), viber(order=3), voice(order=1))).channels == ("Voice", "Sms", "Viber")


def test_an_impossible_simulation_says_why() -> None:
    with pytest.raises(ValueError, match=r"this is no valid flow: Validation Error!\n  flow\[0\]\.from: is required"):
        read(body(sms(**{"from": ""})))
    with pytest.raises(ValueError, match="the flow has no callback: add"):
        read({"flow": [sms()]})
    with pytest.raises(ValueError, match=r"steps\.0\.sms: 'delivred' is no outcome of Sms; did you mean delivered\?"):
        simulate(read(body(sms())), outcomes=["delivred"])
