"""Flows that the tests of the page send."""

import json
import socket
from typing import Any
from urllib.parse import urlsplit

from tests.http.mocks import Mock

TO = "+306900042000"
PARCEL = "Your parcel is at the door."


def viber(to: str = TO, text: str = PARCEL, **more: Any) -> dict[str, Any]:
    return {"type": "Viber", "to": to, "ttl": 10, "senderInfoTrackingId": "shop", "message": {"text": text}} | more


def sms(to: str = TO, text: str = PARCEL, **more: Any) -> dict[str, Any]:
    return {"type": "Sms", "to": to, "from": "Shop", "ttl": 60, "message": {"body": text}} | more


def voice(to: str = TO, text: str = "Hello.", **more: Any) -> dict[str, Any]:
    dialplan = {"verbs": [{"type": "SAY", "message": {"text": text}}]}
    return {"type": "Voice", "to": to, "from": "+302100000000", "dialplan": dialplan} | more


def otp(mock: Mock, *steps: dict[str, Any]) -> str:
    """Send a one-time password. Return its flowId."""
    body = {"flow": list(steps), "callback": {"url": f"{mock.url}/_mock/sink/otp"}}
    answer = mock.client.post("/_mock/flows", params={"kind": "otp"}, json=body)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["flowId"])


def send_many(mock: Mock, count: int, body: dict[str, Any], at_once: int = 200) -> None:
    """Send one body so often. Many requests go out together, and their answers are read together: it saves a minute."""
    sent, url = json.dumps(body).encode(), urlsplit(mock.url)
    head = f"POST /failover HTTP/1.1\r\nHost: {url.netloc}\r\nContent-Type: application/json\r\n"
    head += f"Authorization: {mock.client.headers['authorization']}\r\nContent-Length: {len(sent)}\r\n\r\n"
    with socket.create_connection((str(url.hostname), url.port or 80), timeout=60) as line:
        for start in range(0, count, at_once):
            wanted, answers = min(at_once, count - start), b""
            line.sendall((head.encode() + sent) * wanted)
            while answers.count(b"HTTP/1.1 200") < wanted or not answers.endswith(b"}"):
                part = line.recv(1 << 20)
                assert part, answers[-1_000:]
                answers += part


def planned(mock: Mock, **outcomes: str) -> None:
    """Decide what happens to the next flows to TO."""
    answer = mock.client.post("/_mock/scenarios", json={"name": "planned", "when": {"to": TO}, **outcomes})
    assert answer.status_code == 201, answer.text
