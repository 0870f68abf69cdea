"""What really happened, as it was recorded; written by `routee-mock learn`."""

from pathlib import Path

SCENARIOS = Path(__file__).parent / "scenarios"


def test_viber_expired_then_sms_delivered_then_viber_delivered_late(routee):
    routee.play(SCENARIOS / "viber-expired-then-sms-delivered-then-viber-delivered-late.yaml")
    routee.receiver.answers(200, 200, 200, 200, 503)
    flow = routee.send(
        [
            {
                "type": "Viber",
                "to": "+306900795251",
                "ttl": 10,
                "senderInfoTrackingId": "db33224a-a443-a8e2-a717-ff6b5b510121",
                "message": {"text": "Raix Jeazu, twde gmvjv 7190 qd bctwr."},
            },
            {
                "type": "Sms",
                "to": "+306900795251",
                "from": "Ppwwkn",
                "message": {"body": "Raix Jeazu, twde gmvjv 7190 qd bctwr."},
            },
        ],
        callback=routee.receiver.url,
    )
    routee.clock.until_idle()
    routee.expect.flow(
        flow,
        status="Succeeded",
        exactly=[
            "Viber QUEUED",
            "Viber EXPIRED",
            "Sms Queued",
            "Sms Sent",
            "Sms Delivered",
            "Viber DELIVERED",
        ],
    )
    assert len(routee.receiver.requests) == 7
