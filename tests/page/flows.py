"""Flows that the tests of the page send."""

from typing import Any

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


def planned(mock: Mock, **outcomes: str) -> None:
    """Decide what happens to the next flows to TO."""
    answer = mock.client.post("/_mock/scenarios", json={"name": "planned", "when": {"to": TO}, **outcomes})
    assert answer.status_code == 201, answer.text
