"""The requests to a server: realistic sends, in rotation, and what is needed before and after."""

import json
from base64 import b64encode
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from benchmarks.messages import body, post

Ask = Callable[[bytes], bytes]
"""A function that sends a request to the server, and returns its answer, head and body."""

Json = dict[str, Any]

DIFFERENT = 200
"""How many bodies are sent in rotation."""

NOBODY_IN_PARTICULAR = "+30694{:07}"
REACHED_BY_VOICE = "+3069000{:02}310"
"""A magic number: the Viber message expires, the Sms is not delivered, the call is answered."""

WEBHOOK = "http://127.0.0.1:9/webhook"
"""A port where nobody listens. Nothing is posted there while the clock stands."""

CREDENTIALS = f"Basic {b64encode(b'shop:secret').decode()}"
FORM = "application/x-www-form-urlencoded"
GRANT = urlencode({"grant_type": "client_credentials"}).encode()
TOKEN = post("/oauth/token", GRANT, CREDENTIALS, FORM)


def bearer(ask: Ask, grant: bytes = TOKEN) -> str:
    """The value of the Authorization header for a token of one's own, asked for so. Raises Unexpected."""
    return f"Bearer {json.loads(body(ask(grant)))['access_token']}"


def reset(ask: Ask) -> None:
    """Reset a mock. Raises Unexpected."""
    body(ask(post("/_mock/reset", b"")))


def finish(ask: Ask) -> None:
    """Let everything happen that is due, in steps, so that no answer is large. Raises Unexpected."""
    request = post("/_mock/clock/advance", json.dumps({"until": "idle", "limit": 5_000}).encode())
    while json.loads(body(ask(request)))["stopped"] == "limit":
        pass


def sends(token: str, steps: int = 3, count: int = DIFFERENT, **told: str | None) -> list[bytes]:
    """Sends, no two of them alike. token: the value of the Authorization header; told: as `flow` is."""
    return [post("/failover", flow(steps, number, **told), token) for number in range(count)]


def flow(steps: int, number: int, to: str | None = NOBODY_IN_PARTICULAR, callback: str | None = WEBHOOK) -> bytes:
    """The body of a send of so many steps, Viber, Sms and Voice in turn; with three steps 1 KB.

    to: the recipient, with a place for the number; None: a different magic one. callback: who is told of every step.
    """
    makers = (_viber, _sms, _voice)
    recipient, order = (
        REACHED_BY_VOICE.format(number % 100) if to is None else to.format(number),
        f"A-{2_026_000 + number}",
    )
    asked = [makers[n % 3](recipient, order) | {"order": n + 1} for n in range(steps)]
    hook = {} if callback is None else {"callback": {"strategy": "OnStep", "url": callback}}
    return json.dumps({"flow": asked, **hook}).encode()


def password(number: int) -> bytes:
    """The body of a send of a one-time password, over Viber and then Sms."""
    to, pin = NOBODY_IN_PARTICULAR.format(number), f"{739_000 + number}"
    terms = {"to": to, "label": "login"}
    template = "0aac888f-2ee2-4112-9659-1755a951966a"
    viber = {"type": "ViberOtp", "order": 1, "ttl": 60, "senderInfoTrackingId": "bank", "templateId": template}
    sms = {"type": "Sms", "order": 2, "ttl": 300, "from": "Bank", "message": {"body": f"{pin} is your code."}}
    steps = [viber | terms | {"pin": pin}, sms | terms]
    return json.dumps({"flow": steps, "callback": {"url": WEBHOOK}}).encode()


def _viber(to: str, order: str) -> Json:
    return {
        "type": "Viber",
        "to": to,
        "ttl": 10,
        "failoverOnStatuses": ["Expired", "Undelivered", "Failed"],
        "senderInfoTrackingId": "a5f1c0de-0000-4000-8000-000000000001",
        "label": "orders",
        "message": {
            "text": f"Your order {order} has been handed to the courier and arrives tomorrow before noon.",
            "imageUrl": "https://static.shop.example/campaigns/2026/courier-on-the-way.png",
            "action": {"caption": "Track it", "targetUrl": f"https://shop.example/orders/{order}/tracking"},
        },
    }


def _sms(to: str, order: str) -> Json:
    return {
        "type": "Sms",
        "to": to,
        "from": "Shop",
        "ttl": 60,
        "failoverOnStatuses": ["Undelivered", "Failed"],
        "message": {
            "body": f"Your order {order} arrives tomorrow before noon. Track it: https://shop.example/t/{order}",
            "label": "orders",
        },
    }


def _voice(to: str, order: str) -> Json:
    said = f"Hello. Your order {order} arrives tomorrow before noon. Thank you."
    return {
        "type": "Voice",
        "to": {"phone": to},
        "from": "+302100000000",
        "dialPlan": {"verbs": [{"type": "SAY", "message": {"text": said, "language": "en-GB", "gender": "female"}}]},
    }
