from mockserver import Flow, Routee


def send(routee: Routee) -> Flow:
    return routee.send([{"type": "Sms", "to": "+306900000000", "from": "Shop", "message": {"body": "It is ready."}}])


def test_an_sms_fails(routee: Routee) -> None:
    routee.when().sms("failed")
    flow = send(routee)
    routee.clock.until_idle()
    routee.expect.flow(flow, status="Failed", heard=["Sms Queued", "Sms Failed"])
