"""Steps of one-time passwords, for tests over a real socket."""

from tests.http.mocks import Json

TO = "+306912345678"
BASIC = "0aac888f-2ee2-4112-9659-1755a951966a"


def pin(order: int = 1, **more: object) -> Json:
    """A step over Viber."""
    own = {"senderInfoTrackingId": "bank", "templateId": BASIC, "pin": "123456"}
    return {"type": "ViberOtp", "to": TO, "order": order, "ttl": 60, **own, **more}


def code(order: int = 1, **more: object) -> Json:
    """A step over Sms."""
    return {
        "type": "Sms",
        "to": TO,
        "order": order,
        "ttl": 120,
        "from": "Bank",
        "message": {"body": "Your code is 123456."},
        **more,
    }
