import pytest

from mockserver import Refused

SMS = {"type": "Sms", "to": "+306900000000", "from": "Shop", "message": {"body": "Hello"}}
VIBER = {"type": "Viber", "to": "+306900000000", "senderInfoTrackingId": "shop", "message": {"text": "Hello"}}


@pytest.mark.routee(scenario="no-viber-here")
def test_your_own_scenario_is_played(routee):
    flow = routee.send([VIBER, SMS])
    routee.clock.until_idle()
    routee.expect.flow(flow, termination_channel="Sms")


@pytest.mark.routee(strict=False)
def test_a_send_that_is_wrong_on_purpose(routee):
    with pytest.raises(Refused, match="Validation Error"):
        routee.send([SMS | {"to": "12"}])
