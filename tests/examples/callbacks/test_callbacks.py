from datetime import timedelta

import pytest


def viber_then_sms(to="+306900000300"):
    return [
        {"type": "Viber", "to": to, "senderInfoTrackingId": "shop", "message": {"text": "Hello"}},
        {"type": "Sms", "to": to, "from": "Shop", "message": {"body": "Hello"}},
    ]


def test_on_step_reports_every_change(routee):
    routee.send(viber_then_sms(), callback=routee.receiver.url)
    routee.clock.until_idle()
    changes = [flow["messages"][-1]["status"]["name"] for flow in routee.receiver.payloads]
    assert changes == ["QUEUED", "EXPIRED", "Queued", "Sent", "Delivered"]


def test_on_completion_reports_only_the_end(routee):
    routee.send(viber_then_sms(), callback=routee.receiver.url, strategy="OnCompletion")
    routee.clock.until_idle()
    assert [flow["status"] for flow in routee.receiver.payloads] == ["Succeeded"]


def test_a_failed_delivery_is_retried(routee):
    routee.receiver.answers(500, 503)
    routee.send(viber_then_sms(), callback=routee.receiver.url, strategy="OnCompletion")
    routee.clock.until_idle()
    [callback] = routee.callbacks
    first, second, third = callback.attempts
    assert [each.status for each in callback.attempts] == [500, 503, 200]
    assert (second.at - first.at, third.at - second.at) == (timedelta(seconds=30), timedelta(minutes=1))
    assert len({received.body for received in routee.receiver.requests}) == 1


def test_after_thirteen_attempts_routee_gives_up(routee):
    routee.receiver.always(500)
    routee.send(viber_then_sms(), callback=routee.receiver.url, strategy="OnCompletion")
    routee.clock.advance(days=3)
    [callback] = routee.callbacks
    assert (callback.state, len(callback.attempts)) == ("given up", 13)


def test_a_slow_webhook_gets_the_callback_twice(routee):
    routee.when().callbacks(timeouts=1)
    routee.send(viber_then_sms(), callback=routee.receiver.url, strategy="OnCompletion")
    routee.clock.until_idle()
    assert len(routee.receiver.requests) == 2


def test_later_callbacks_overtake_a_retry(routee):
    routee.receiver.answers(200, 200, 200, 500)
    routee.send(viber_then_sms(), callback=routee.receiver.url)
    routee.clock.until_idle()
    statuses = [flow["messages"][-1]["status"]["name"] for flow in routee.receiver.payloads]
    assert statuses == ["QUEUED", "EXPIRED", "Queued", "Sent", "Delivered", "Sent"]


def test_a_status_after_the_end_of_the_flow(routee):
    routee.when().viber("delivered late", after="30m").sms("delivered")
    routee.send(viber_then_sms(), callback=routee.receiver.url)
    routee.clock.until_idle()
    last = routee.receiver.payloads[-1]
    assert [message["status"]["name"] for message in last["messages"]] == ["DELIVERED", "Delivered"]
    assert (last["status"], last["terminationChannel"]) == ("Succeeded", "Sms")


def test_your_own_handler_answers(routee):
    seen = set()

    def handler(received):
        seen.add(received.json["trackingId"])
        return 204

    routee.receiver.always(handler)
    flow = routee.send(viber_then_sms(), callback=routee.receiver.url)
    routee.clock.until_idle()
    assert seen == {flow.tracking_id}
    routee.expect.callback(flow, delivered=True, count=5)


@pytest.mark.routee(clock="realtime")
def test_wait_for_a_callback(routee):
    routee.send(viber_then_sms(), callback=routee.receiver.url)
    [received] = routee.receiver.wait(1)
    assert received.headers["content-type"] == "application/json"


def test_a_machine_answers_the_call(routee):
    routee.when().voice("machine")
    call = {"type": "Voice", "to": "+306900000300", "from": "+302100000000"}
    call["dialPlan"] = {"verbs": [{"type": "SAY", "message": {"text": "Hello"}}]}
    call["machineDetection"] = {"strategy": "Continue", "eventUrl": routee.receiver.url}
    routee.send([call])
    routee.clock.until_idle()
    assert [event["answeredBy"] for event in routee.receiver.payloads] == ["machine"]
