import pytest

SMS = {"type": "Sms", "to": "+306900000000", "from": "Shop", "message": {"body": "Hello"}}


@pytest.mark.routee(start="2030-01-01T12:00:00Z")
def test_the_customer_is_told(routee):
    routee.when().sms("undelivered")
    flow = routee.send([SMS], callback=routee.receiver.url)
    routee.clock.until_idle()
    routee.expect.flow(flow, status="Succeeded")
