def test_the_customer_is_told_by_sms_when_viber_does_not_answer(routee):
    routee.when(to="+3069*").viber("expired").sms("delivered")
    flow = routee.send(
        [
            {
                "type": "Viber",
                "to": "+306900000000",
                "ttl": 10,
                "senderInfoTrackingId": "shop",
                "message": {"text": "Hi"},
            },
            {"type": "Sms", "to": "+306900000000", "from": "Shop", "message": {"body": "Hi"}},
        ],
        callback=routee.receiver.url,
    )
    routee.clock.just_after_ttl(flow)
    routee.expect.flow(flow, status="InProgress", heard=["Viber EXPIRED", "Sms Queued"])
    routee.clock.until_idle()
    assert routee.receiver.payloads[-1]["terminationChannel"] == "Sms"
