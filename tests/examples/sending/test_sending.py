import pytest

from mockserver import Refused

TO = "+306912345678"
VIBER = {"type": "Viber", "to": TO, "senderInfoTrackingId": "shop", "message": {"text": "It is ready."}}
SMS = {"type": "Sms", "to": TO, "from": "Shop", "message": {"body": "It is ready."}}
VOICE = {
    "type": "Voice",
    "to": TO,
    "from": "302100000000",
    "dialPlan": {"verbs": [{"type": "SAY", "message": {"text": "It is ready.", "language": "en-GB"}}]},
}
TEMPLATE = {
    "type": "Viber",
    "to": TO,
    "senderInfoTrackingId": "shop",
    "templateId": "order-ready",
    "templateLang": "en",
    "templateParams": {"order": "1"},
}


def test_each_step_waits_for_the_failure_of_the_one_before(routee):
    routee.when().viber("expired").sms("undelivered").voice("completed")
    flow = routee.send([VIBER, SMS, VOICE])
    routee.clock.until_idle()
    routee.expect.flow(flow, heard=["Viber EXPIRED", "Sms Undelivered", "Voice Completed"], termination_channel="Voice")


def test_order_counts_and_not_the_place_in_the_list(routee):
    flow = routee.send([SMS | {"order": 2}, VIBER | {"order": 1}])
    assert routee.flow(flow).channels == ("Viber", "Sms")


def test_a_call_that_is_not_answered_is_followed_by_an_sms(routee):
    routee.when().voice("no answer").sms("delivered")
    flow = routee.send([VOICE, SMS])
    routee.clock.until_idle()
    routee.expect.flow(flow, heard=["Voice NoAnswer", "Sms Delivered"])


def test_a_ttl_ends_a_message_that_is_not_delivered(routee):
    routee.when().viber("expired").sms("delivered")
    flow = routee.send([VIBER | {"ttl": 30}, SMS])
    routee.clock.advance(minutes=29)
    routee.expect.flow(flow, exactly=["Viber QUEUED"])
    routee.clock.advance(minutes=1)
    routee.expect.flow(flow, exactly=["Viber QUEUED", "Viber EXPIRED", "Sms Queued"])


def test_a_status_that_is_not_in_the_list_ends_the_flow(routee):
    routee.when().viber("expired")
    flow = routee.send([VIBER | {"failoverOnStatuses": ["Failed"]}, SMS])
    routee.clock.until_idle()
    routee.expect.flow(flow, status="Failed", status_code="3", exactly=["Viber QUEUED", "Viber EXPIRED"])


def test_a_completed_call_can_be_followed_too(routee):
    routee.when().voice("completed").sms("delivered")
    flow = routee.send([VOICE | {"failoverOnStatuses": "Completed, Busy, NoAnswer"}, SMS])
    routee.clock.until_idle()
    routee.expect.flow(flow, heard=["Voice Completed", "Sms Delivered"], termination_channel="Sms")


def test_a_message_that_is_delivered_and_not_seen_expires(routee):
    routee.when().viber("delivered").sms("delivered")
    flow = routee.send([VIBER | {"expireOnDelivery": True}, SMS])
    routee.clock.until_idle()
    routee.expect.flow(flow, heard=["Viber DELIVERED", "Viber EXPIRED", "Sms Delivered"])
    viber = routee.document(flow)["messages"][0]
    assert viber["expiredOnDeliveryAt"] is not None


def test_a_message_that_is_seen_in_time_succeeds(routee):
    routee.when().viber("seen")
    flow = routee.send([VIBER | {"expireOnDelivery": True}, SMS])
    routee.clock.until_idle()
    routee.expect.flow(flow, status="Succeeded", exactly=["Viber QUEUED", "Viber DELIVERED", "Viber SEEN"])


def test_a_template_is_sent_as_transactional(routee):
    flow = routee.send([TEMPLATE, SMS], transactional=True)
    routee.clock.until_idle()
    [message] = routee.document(flow)["messages"]
    assert message["body"] == {"templateId": "order-ready", "templateLang": "en", "templateParams": {"order": "1"}}
    routee.expect.send(kind="transactional", channels=["Viber", "Sms"])


def test_a_template_is_refused_elsewhere(routee):
    with pytest.raises(Refused, match="transactional"):
        routee.send([TEMPLATE])
