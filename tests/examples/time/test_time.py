from datetime import timedelta

import pytest


def viber_then_sms(to="+306900000300"):
    return [
        {"type": "Viber", "to": to, "senderInfoTrackingId": "shop", "ttl": 30, "message": {"text": "Hello"}},
        {"type": "Sms", "to": to, "from": "Shop", "message": {"body": "Hello"}},
    ]


def test_nothing_happens_by_itself(routee):
    flow = routee.send(viber_then_sms())
    assert routee.flow(flow).statuses == ()


def test_one_event_at_a_time(routee):
    routee.send(viber_then_sms())
    moved = routee.clock.next()
    assert [each.status for each in moved.transitions if hasattr(each, "channel")] == ["QUEUED"]


def test_time_moves_by_a_duration(routee):
    flow = routee.send(viber_then_sms())
    routee.clock.advance(minutes=29)
    assert routee.flow(flow).statuses == ("QUEUED",)
    routee.clock.advance("2m")
    assert routee.flow(flow).statuses == ("EXPIRED", "Delivered")


def test_time_moves_until_nothing_is_due(routee):
    flow = routee.send(viber_then_sms())
    moved = routee.clock.until_idle()
    assert moved.to - moved.since > timedelta(minutes=30)
    assert routee.flow(flow).final


def test_time_moves_until_a_flow_has_ended(routee):
    first = routee.send(viber_then_sms("+306900000000"))
    second = routee.send(viber_then_sms("+306900000300"))
    routee.clock.until_final(first)
    assert (routee.flow(first).final, routee.flow(second).final) == (True, False)


def test_just_before_and_just_after_a_ttl(routee):
    flow = routee.send(viber_then_sms())
    routee.clock.just_before_ttl(flow)
    assert routee.flow(flow).statuses == ("QUEUED",)
    routee.clock.just_after_ttl(flow)
    assert routee.flow(flow).statuses == ("EXPIRED", "Queued")


@pytest.mark.routee(start="2030-12-31T23:45:00Z")
def test_time_moves_to_an_instant(routee):
    flow = routee.send(viber_then_sms())
    routee.clock.to("2031-01-01T00:00:00Z")
    routee.clock.until_final(flow)
    assert routee.document(flow)["updatedAt"].startswith("2031-01-01T00:15")


@pytest.mark.routee(token_life=3600)
def test_a_token_expires(routee):
    routee.send(viber_then_sms())
    routee.clock.advance(hours=2)
    routee.send(viber_then_sms())
    routee.expect.request(path="/failover", status=401, count=1)


@pytest.mark.routee(clock="instant")
def test_everything_happens_at_once(routee):
    flow = routee.send(viber_then_sms())
    routee.expect.flow(flow, status="Succeeded", within=10)


@pytest.mark.routee(clock="realtime", rate=3600)
def test_an_hour_passes_in_a_second(routee):
    flow = routee.send(viber_then_sms())
    routee.expect.flow(flow, status="Succeeded", within=20)
