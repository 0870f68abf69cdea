"""A running mock and a client for it, for tests over a real socket."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx2

from mockserver.core.commands import Mode
from mockserver.server import running
from mockserver.settings import Settings

START = 1_893_499_200_000  # 2030-01-01T12:00:00Z

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Mock:
    """A running mock, as the application `app` sees it."""

    client: httpx2.Client

    @property
    def url(self) -> str:
        return str(self.client.base_url).rstrip("/")

    def login(self, application: str = "app", secret: str = "secret", **form: str) -> httpx2.Response:
        form = {"grant_type": "client_credentials"} | form
        return self.client.post("/oauth/token", auth=(application, secret), data=form)

    def send(self, *steps: Json, url: str | None = None, strategy: str = "OnStep") -> str:
        """Send a flow. Return its trackingId."""
        body: Json = {"flow": list(steps)}
        if url is not None:
            body["callback"] = {"strategy": strategy, "url": url}
        response = self.client.post("/failover", json=body)
        assert response.status_code == 200, response.text
        return str(response.json()["trackingId"])

    def track(self, tracking_id: str) -> Json:
        response = self.client.get(f"/failover/tracking/{tracking_id}")
        assert response.status_code == 200, response.text
        return dict(response.json())

    def advance(self, **move: Any) -> Json:
        response = self.client.post("/_mock/clock/advance", json=move)
        assert response.status_code == 200, response.text
        return dict(response.json())

    def clock(self) -> Json:
        return dict(self.client.get("/_mock/clock").json())

    def callbacks(self, **query: Any) -> list[Json]:
        return list(self.client.get("/_mock/callbacks", params=query).json()["callbacks"])


@contextmanager
def mocking(**settings: Any) -> Iterator[Mock]:
    """A mock on a free port, its clock manual and at START unless told otherwise; logged in."""
    wanted: Json = {"port": 0, "clock": Mode.MANUAL, "start": START} | settings
    with running(Settings(**wanted)) as server, entered(server.url) as mock:
        yield mock


@contextmanager
def entered(url: str) -> Iterator[Mock]:
    """A running mock, logged in."""
    with unverified(url) as client:
        mock = Mock(client)
        login = mock.login()
        if login.status_code == 200:
            client.headers["authorization"] = f"Bearer {login.json()['access_token']}"
        yield mock


def unverified(url: str, timeout: float = 30, **options: Any) -> httpx2.Client:
    """A client without the certificates of this machine: reading them takes longer than most tests."""
    return httpx2.Client(base_url=url, timeout=timeout, verify=False, **options)


def viber(to: str = "+306900000000", **more: Any) -> Json:
    return {"type": "Viber", "to": to, "senderInfoTrackingId": "sender", "message": {"text": "hello"}} | more


def sms(to: str = "+306900000000", **more: Any) -> Json:
    return {"type": "Sms", "to": to, "from": "Sender", "message": {"body": "hello"}} | more


def voice(to: Any = "+306900000000", **more: Any) -> Json:
    verbs = [{"type": "SAY", "message": {"text": "hello", "language": "en-GB"}}]
    return {"type": "Voice", "to": to, "from": "Sender", "dialPlan": {"verbs": verbs}} | more
