from pathlib import Path

import pytest


def viber_then_sms(to="+306900000000"):
    return [
        {"type": "Viber", "to": to, "senderInfoTrackingId": "shop", "message": {"text": "Hello"}, "label": "news"},
        {"type": "Sms", "to": to, "from": "Shop", "message": {"body": "Hello"}},
    ]


def heard(routee, flow):
    routee.clock.until_final(flow)
    return routee.flow(flow).statuses


def test_by_a_magic_number(routee):
    flow = routee.send(viber_then_sms("+306900000310"))
    assert heard(routee, flow) == ("EXPIRED", "Undelivered")


def test_by_a_line_in_the_test(routee):
    routee.when(to="+3069*").viber("expired").sms("delivered", after="40m", operator="Vodafone")
    flow = routee.send(viber_then_sms())
    assert heard(routee, flow) == ("EXPIRED", "Delivered")


def test_for_some_messages_only(routee):
    routee.when(label="news", priority=1).viber("opted out")
    routee.when(channel="Sms", text="Hello*", uses=1).sms("failed")
    assert heard(routee, routee.send(viber_then_sms())) == ("UNDELIVERED", "Failed")
    assert heard(routee, routee.send(viber_then_sms())) == ("UNDELIVERED", "Delivered")


def test_a_sequence_of_outcomes(routee):
    routee.when().viber("not a viber user").sms("failed", "delivered")
    assert heard(routee, routee.send(viber_then_sms())) == ("UNDELIVERED", "Failed")
    assert heard(routee, routee.send(viber_then_sms())) == ("UNDELIVERED", "Delivered")


def test_by_weights_and_the_same_in_every_run(routee):
    routee.when().viber({"seen": 20, "delivered": 60, "expired": 20})
    ends = [heard(routee, routee.send(viber_then_sms()))[0] for _ in range(20)]
    assert {"DELIVERED", "EXPIRED"} <= set(ends)


def test_by_a_timeline(routee):
    late = [{"at": "0s", "status": "QUEUED"}, {"at": "9m", "status": "DELIVERED"}]
    routee.when().viber(late)
    flow = routee.send(viber_then_sms())
    assert routee.clock.advance(minutes=8).callbacks == ()
    assert heard(routee, flow) == ("DELIVERED",)


def test_event_by_event(routee):
    flow = routee.send(viber_then_sms())
    routee.push("UNDELIVERED", flow, reason="Opted Out")
    routee.push("Delivered", to="+306900000000")
    assert routee.flow(flow).statuses == ("UNDELIVERED", "Delivered")


def test_several_in_one_instant(routee):
    flow = routee.send(viber_then_sms())
    routee.push(["UNDELIVERED", "Sent", "Delivered"], flow)
    assert routee.flow(flow).statuses == ("UNDELIVERED", "Delivered")


def test_by_hand(routee):
    routee.when().viber("by hand").sms("by hand")
    flow = routee.send(viber_then_sms())
    routee.clock.just_before_ttl(flow)
    assert routee.flow(flow).statuses == ("QUEUED",)
    routee.push("SEEN", flow)
    assert routee.flow(flow).status == "Succeeded"


def test_taken_over(routee):
    flow = routee.send(viber_then_sms())
    routee.hold(flow)
    routee.hold(flow, step=2)
    routee.clock.until_idle()
    assert routee.flow(flow).statuses == ("EXPIRED", "Undelivered")


def test_a_flow_is_checked(routee):
    told = routee.check(viber_then_sms(), scenario={"when": {"to": "+3069*"}, "viber": "opted out"})
    assert [step["outcome"] for step in told["steps"]] == ["opted out", "delivered"]
    wrong = routee.check([viber_then_sms()[0] | {"to": "12"}])
    assert [place["pointer"] for place in wrong["places"]] == ["/flow/0/to"]
    assert routee.flows == []


def test_a_flow_becomes_a_test(routee):
    routee.when().viber("expired").sms("by hand")
    flow = routee.send(viber_then_sms())
    routee.clock.just_after_ttl(flow)
    routee.push("Delivered", flow)
    test = routee.code(flow)
    assert test.startswith("def test_sms_reaches_the_recipient(routee):")
    assert '    routee.push("Delivered", flow, step=2)\n' in test
    assert 'exactly=["Viber QUEUED", "Viber EXPIRED", "Sms Queued", "Sms Delivered"]' in test


def test_from_the_library(routee):
    routee.play("viber-opted-out")
    assert heard(routee, routee.send(viber_then_sms())) == ("UNDELIVERED", "Delivered")


@pytest.mark.routee(scenario="nobody-reached")
def test_from_the_library_by_a_marker(routee):
    assert heard(routee, routee.send(viber_then_sms())) == ("EXPIRED", "Undelivered")


def test_from_a_file(routee):
    routee.play(Path(__file__).with_name("greek-customers.yaml"))
    assert heard(routee, routee.send(viber_then_sms())) == ("UNDELIVERED", "Failed")
    assert heard(routee, routee.send(viber_then_sms())) == ("UNDELIVERED", "Delivered")


def test_a_customer_answers(routee):
    step = viber_then_sms()[0] | {"inboundUrl": routee.receiver.url}
    flow = routee.send([step])
    routee.clock.until_idle()
    routee.inbound("Thank you", flow)
    assert routee.receiver.payloads[-1]["message"] == "Thank you"


def test_why_did_it_go_to_sms(routee):
    routee.when().viber("expired")
    flow = routee.send(viber_then_sms())
    routee.clock.until_idle()
    said = [each["says"] for each in routee.why(flow)]
    assert said[2] == "Its ttl of 10 min ran out."
    assert said[3] == "EXPIRED is in the step's failoverOnStatuses and a step is left: on to step 2, Sms."
