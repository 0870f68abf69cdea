from pathlib import Path

import bakery

LEARNT = Path(__file__).parent / "learnt" / "scenarios"


def test_a_customer_who_was_told_twice_gets_one_receipt(routee):
    routee.play(LEARNT / "viber-expired-then-sms-delivered-then-viber-delivered-late.yaml")
    routee.receiver.always(bakery.webhook)
    to = "+306900795251"
    viber = {"type": "Viber", "to": to, "senderInfoTrackingId": "sender", "message": {"text": "Ready."}}
    sms = {"type": "Sms", "to": to, "from": "Bakery", "message": {"body": "Ready."}}
    flow = routee.send([viber, sms], callback=routee.receiver.url)
    routee.clock.until_idle()
    assert bakery.receipts == [flow.tracking_id]
