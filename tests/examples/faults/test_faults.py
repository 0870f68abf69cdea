import pytest
import requests

from mockserver import Refused, Reply


def sms(to="+306900000000"):
    return [{"type": "Sms", "to": to, "from": "Shop", "message": {"body": "Hello"}}]


def test_routee_is_down_for_two_sends(routee):
    routee.when(uses=2).api(503)
    for _ in range(2):
        with pytest.raises(Refused, match="Service Unavailable"):
            routee.send(sms())
    assert routee.send(sms()).status == "Queued"


def test_too_many_requests(routee):
    routee.when(uses=1).api(429, retry_after=30)
    with pytest.raises(Refused) as refused:
        routee.send(sms())
    assert refused.value.status == 429


@pytest.mark.parametrize(("fault", "flows"), [("reset", 0), ("lost", 1)])
def test_the_connection_breaks(routee, fault, flows):
    routee.when(uses=1).api(fault)
    with pytest.raises(Refused):
        routee.send(sms())
    assert len(routee.flows) == flows


def test_a_slow_answer(routee):
    routee.when().api(delay="50ms")
    assert routee.send(sms()).status == "Queued"


def test_no_token_can_be_had(routee):
    routee.when(uses=1).api(502, endpoint="token", body="Bad Gateway")
    with pytest.raises(Refused, match="502"):
        routee.token()
    assert routee.token()


def test_a_flow_cannot_be_tracked(routee):
    routee.when(to="+306900000000").api(404, endpoint="tracking")
    flows = [routee.send(sms(to)).tracking_id for to in ("+306900000000", "+306900001000")]
    headers = {"Authorization": f"Bearer {routee.token()}"}
    answers = [requests.get(f"{routee.api_url}/failover/tracking/{flow}", headers=headers, timeout=5) for flow in flows]
    assert [each.status_code for each in answers] == [404, 200]


def test_an_empty_account_fails_the_flow(routee):
    routee.set_balance(0)
    flow = routee.send(sms())
    routee.clock.until_idle()
    routee.expect.flow(flow, status="Failed", status_code="1")


@pytest.mark.routee(balance=0, balance_mode="at-once")
def test_an_empty_account_refuses_the_send(routee):
    with pytest.raises(Refused, match="Insufficient Balance"):
        routee.send(sms())


def test_a_token_is_revoked(routee):
    routee.send(sms())
    assert routee.revoke_tokens() == 1
    routee.send(sms())
    routee.expect.request(path="/failover", status=401, count=1)


def test_routee_fails_in_the_middle_of_a_flow(routee):
    routee.when().sms("server error")
    flow = routee.send(sms())
    routee.clock.until_idle()
    routee.expect.flow(flow, status="Failed", status_code="0")


def test_callbacks_are_repeated_delayed_dropped_or_reordered(routee):
    routee.when(to="+306900000000").callbacks(duplicate=True, delay="2m to 10m")
    routee.when(to="+306900001000").callbacks(drop="last", reorder="30%")
    for to in ("+306900000000", "+306900001000"):
        routee.send(sms(to), callback=routee.receiver.url)
    routee.clock.until_idle()
    routee.expect.callback(to="+306900000000", delivered=True, count=6)
    routee.expect.callback(to="+306900001000", delivered=True, count=2)


@pytest.mark.parametrize("answer", [500, "reset", "hang", Reply(302, headers={"Location": "/"}), Reply(delay=3)])
def test_the_webhook_fails(routee, answer):
    routee.receiver.answers(answer)
    routee.send(sms(), callback=routee.receiver.url, strategy="OnCompletion")
    routee.clock.until_idle()
    [callback] = routee.callbacks
    assert [each.delivered for each in callback.attempts] == [False, True]
