"""The guard of the control API over a real socket: it refuses other sites' pages and requests without the token."""

import asyncio
import socket

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from mockserver.app import create_app
from mockserver.core.commands import Mode
from mockserver.settings import Settings
from mockserver.testing.receiver import Receiver
from tests.http.mocks import Mock, mocking, sms

CLOCK = "/_mock/clock"

LOCAL = (
    *("localhost", "localhost:8080", "LOCALHOST.", "mock.localhost:8080", "127.0.0.1:1", "127.3.2.1", "[::1]:8080"),
    *("192.168.1.7:8080", "8.8.8.8", "[2001:db8::1]", "mock", "mock_1:8080", "host.docker.internal:8080"),
)

STRANGE = ("evil.example", "evil.example:8080", "127.0.0.1.evil.example", "localhost.evil.example", "evil.example.", "")


@pytest.mark.parametrize("host", LOCAL)
def test_the_control_api_answers_to_local_names_and_addresses(mock: Mock, host: str) -> None:
    assert mock.client.get(CLOCK, headers={"host": host}).status_code == 200


@pytest.mark.parametrize("host", STRANGE)
def test_the_control_api_answers_to_no_other_name(mock: Mock, host: str) -> None:
    for path in (
        CLOCK,
        "/_mock/health",
        "/_mock/sandboxes/default/clock",
        "/_mock/nothing",
        "/_mock",
        "/%5fmock/clock",
    ):
        refused = mock.client.get(path, headers={"host": host})
        assert refused.status_code == 403, path
        assert refused.json()["code"] == "403000000"
        assert host in refused.json()["developerMessage"]
        assert "--allow-host" in refused.json()["developerMessage"]


def test_a_name_can_be_allowed_and_so_can_any() -> None:
    with mocking(allow_hosts=("Mock.Example.com.",)) as mock:
        assert mock.client.get(CLOCK, headers={"host": "mock.example.com:8080"}).status_code == 200
        assert mock.client.get(CLOCK, headers={"host": "example.com"}).status_code == 403
    with mocking(allow_hosts=("*",)) as mock:
        assert mock.client.get(CLOCK, headers={"host": "evil.example"}).status_code == 200


def test_a_client_too_old_to_name_a_host_is_let_in(mock: Mock) -> None:
    with socket.create_connection((mock.client.base_url.host, mock.client.base_url.port or 0)) as connection:
        connection.sendall(b"GET /_mock/clock HTTP/1.0\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 200")


ROUTEES = (
    ("POST", "/failover"),
    ("POST", "/failover/transactional"),
    ("POST", "/oauth/token"),
    ("GET", "/accounts/me/balance"),
    ("GET", "/openapi.json"),
    ("GET", "/_mocked"),
)


def asked(mock: Mock, method: str, path: str, **headers: str) -> httpx2.Response:
    return mock.client.request(method, path, json={"flow": [sms()]}, headers=headers)


@pytest.mark.parametrize("host", [*LOCAL, "connect.routee.net", "auth.routee.net:8080", "Connect.Routee.Net."])
def test_routees_endpoints_answer_to_local_names_and_to_routees(mock: Mock, host: str) -> None:
    for _ in range(2):
        assert asked(mock, "POST", "/failover", host=host).status_code == 200


@pytest.mark.parametrize("host", STRANGE)
def test_routees_endpoints_answer_to_no_other_name_and_note_who_asked(mock: Mock, host: str) -> None:
    for method, path in ROUTEES:
        refused = asked(mock, method, path, host=host)
        assert (refused.status_code, refused.json()["code"]) == (403, "403000000"), path
        assert "--allow-host" in refused.json()["developerMessage"]
        assert "mock-report" in refused.headers
    noted = [each["status"] for each in mock.client.get("/_mock/requests").json()["requests"]]
    assert noted[-len(ROUTEES) :] == [403] * len(ROUTEES)
    assert mock.client.get("/_mock/flows").json()["flows"] == []


def test_routees_endpoints_answer_to_names_that_are_allowed() -> None:
    for allowed in ("mock.example.com", "*"):
        with mocking(allow_hosts=(allowed,)) as mock:
            assert asked(mock, "POST", "/failover", host="mock.example.com:1").status_code == 200


def test_the_pages_of_other_sites_send_no_flow_also_after_others_did(mock: Mock) -> None:
    assert asked(mock, "POST", "/failover").status_code == 200
    for method, path in ROUTEES:
        for headers in ({"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}):
            assert asked(mock, method, path, **headers).status_code == 403, (path, headers)
    assert asked(mock, "POST", "/failover", host="evil.example", origin="http://evil.example").status_code == 403
    assert asked(mock, "POST", "/failover", origin="http://localhost:3000").status_code == 200
    assert len(mock.client.get("/_mock/flows").json()["flows"]) == 2


ACTS = ("reset", "inbound", "clock/advance", "scenarios", "verify", "sandboxes")


@pytest.mark.parametrize("act", ACTS)
def test_the_mocks_own_callbacks_reach_nothing_of_it_but_sinks(mock: Mock, act: str) -> None:
    mock.client.post("/_mock/sandboxes", json={"id": "other"})
    before = len(mock.client.get("/_mock/sandboxes").json()["sandboxes"])
    for place in (f"/_mock/{act}", f"/_mock/sandboxes/other/{act}"):
        mock.send(sms(), url=mock.url.replace("127.0.0.1", "localhost") + place, strategy="OnCompletion")
    mock.send(sms(), url=f"{mock.url}/_mock/sink/kept", strategy="OnCompletion")
    mock.send(sms(), url=f"{mock.url}/oauth/token?grant_type=client_credentials", strategy="OnCompletion")
    mock.advance(by="1m")
    got = {each["url"]: each["attempts"][0]["status"] for each in mock.callbacks()}
    assert len(got) == 4
    assert {url: status for url, status in got.items() if status != 403} == {f"{mock.url}/_mock/sink/kept": 200}
    assert len(mock.client.get("/_mock/sandboxes").json()["sandboxes"]) == before
    assert len(mock.client.get("/_mock/flows").json()["flows"]) == 4


def test_the_callbacks_of_another_mock_reach_only_sinks_too(mock: Mock) -> None:
    with mocking() as other:
        other.send(sms(), url=f"{mock.url}/_mock/reset", strategy="OnCompletion")
        other.send(sms(), url=f"{mock.url}/_mock/sandboxes/default/sink/kept", strategy="OnCompletion")
        other.advance(by="1m")
        assert [each["attempts"][0]["status"] for each in other.callbacks()] == [403, 200]


def test_a_callback_in_process_is_the_mocks_own_too() -> None:
    async def act() -> list[int]:
        app = create_app(Settings(clock=Mode.MANUAL), webhook=lambda *each: app(*each))
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://mock") as client:
            form = {"grant_type": "client_credentials"}
            token = (await client.post("/oauth/token", auth=("a", "b"), data=form)).json()["access_token"]
            for place in ("reset", "sink/kept"):
                callback = {"strategy": "OnCompletion", "url": f"http://mock/_mock/{place}"}
                body = {"flow": [sms()], "callback": callback}
                await client.post("/failover", json=body, headers={"authorization": f"Bearer {token}"})
            await client.post("/_mock/clock/advance", json={"by": "1m"})
            posted = (await client.get("/_mock/callbacks")).json()["callbacks"]
            return [each["attempts"][0]["status"] for each in posted]

    assert asyncio.run(act()) == [403, 200]


@pytest.mark.parametrize(
    "origin", ["same", "http://localhost:3000", "https://127.0.0.1", "http://[::1]:5", "http://a.localhost"]
)
def test_the_mocks_own_pages_and_this_machines_may_call(mock: Mock, origin: str) -> None:
    headers = {"origin": mock.url if origin == "same" else origin, "sec-fetch-site": "cross-site"}
    assert mock.client.post("/_mock/clock/advance", json={"by": 1}, headers=headers).status_code == 200


FOREIGN = (
    "https://evil.example",
    "null",
    "",
    "http://localhost.evil.example",
    "http://10.0.0.1",
    "file://",
    "ftp://localhost",
)


@pytest.mark.parametrize("origin", FOREIGN)
def test_the_pages_of_other_sites_may_not_call(mock: Mock, origin: str) -> None:
    for method, path in (("GET", CLOCK), ("POST", "/_mock/reset"), ("OPTIONS", CLOCK), ("POST", "/_mock/sink/one")):
        refused = mock.client.request(method, path, headers={"origin": origin})
        assert refused.status_code == 403, (method, path)
        assert f"for a page of {origin}" in refused.json()["developerMessage"]
        assert not any(name.startswith("access-control") for name in refused.headers)
    head = mock.client.head(CLOCK, headers={"origin": origin})
    assert (head.status_code, head.content) == (403, b"")


def test_a_page_served_under_an_allowed_name_is_at_home_there_and_only_there() -> None:
    with mocking(allow_hosts=("mock.example.com",)) as mock:
        headers = {"host": "mock.example.com", "origin": "https://mock.example.com"}
        assert mock.client.get(CLOCK, headers=headers).status_code == 200
        assert mock.client.get(CLOCK, headers=headers | {"host": "localhost"}).status_code == 403
        assert mock.client.get(CLOCK, headers=headers | {"origin": "https://mock.example.com:1"}).status_code == 403


def test_what_a_browser_calls_cross_site_is_refused_also_without_an_origin(mock: Mock) -> None:
    for site, status in (("cross-site", 403), ("same-site", 200), ("same-origin", 200), ("none", 200)):
        assert mock.client.get(CLOCK, headers={"sec-fetch-site": site}).status_code == status


@pytest.mark.parametrize("prefix", ["/_mock", "/_mock/sandboxes/default"])
def test_a_refusal_of_a_host_with_strange_letters_can_be_read(mock: Mock, prefix: str) -> None:
    refused = mock.client.get(f"{prefix}/clock", headers=[(b"Host", b"\xe9vil.example" + b"x" * 500)])
    assert refused.status_code == 403
    assert len(refused.json()["developerMessage"]) < 400


def test_with_a_token_the_control_api_wants_to_see_it() -> None:
    with mocking(control_token="Sesame") as mock:
        for path in (CLOCK, "/_mock/journal", "/_mock/sandboxes/default/clock", "/_mock/sink/one", "/_mock/nothing"):
            refused = mock.client.get(path)
            assert refused.status_code == 401, path
            assert refused.headers["www-authenticate"] == 'Bearer realm="routee-mock control"'
            assert refused.json()["code"] == "401000000"
        for wrong in ({"x-mock-token": "sesame"}, {"authorization": "Basic Sesame"}):
            assert mock.client.get(CLOCK, headers=wrong).status_code == 401
        assert mock.client.get(CLOCK, headers=[(b"X-Mock-Token", b"Sesam\xe9")]).status_code == 401
        for right in ({"x-mock-token": "Sesame"}, {"authorization": "bearer Sesame"}):
            assert mock.client.get(CLOCK, headers=right).status_code == 200
        assert mock.client.get(CLOCK, headers={"x-mock-token": "Sesame", "host": "evil.example"}).status_code == 403


def test_with_a_token_health_and_sinks_stay_open_and_callbacks_arrive() -> None:
    with mocking(control_token="Sesame") as mock:
        assert mock.client.get("/_mock/health").status_code == 200
        assert mock.client.get("/_mock/version").status_code == 200
        assert mock.client.get("/_mock/docs").status_code == 200
        assert mock.client.post("/_mock/sandboxes/default/sink/one", json={}).status_code == 200
        assert mock.client.delete("/_mock/sink/one").status_code == 401
        mock.send(sms(), url=f"{mock.url}/_mock/sink/one")
        mock.client.headers["x-mock-token"] = "Sesame"
        mock.advance(until="idle")
        assert len(mock.client.get("/_mock/sink/one").json()["requests"]) == 4
        assert {each["state"] for each in mock.callbacks()} == {"delivered"}


def test_receivers_are_not_shown_the_token(receiver: Receiver) -> None:
    with mocking(control_token="Sesame") as mock:
        mock.send(sms(), url=receiver.url)
        mock.client.headers["x-mock-token"] = "Sesame"
        mock.advance(until="idle")
    assert receiver.requests
    assert all("Sesame" not in str(request.headers) for request in receiver.requests)


@pytest.mark.parametrize("prefix", ["", "/below"])
def test_the_name_it_listens_on_is_its_own_and_a_mounted_mock_is_guarded_too(prefix: str) -> None:
    app = create_app(Settings(host="mock.example.com", clock=Mode.MANUAL))

    async def ask(host: str) -> int:
        mounted = Starlette(routes=[Mount(prefix, app)]) if prefix else app
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(mounted), base_url=f"http://{host}") as client:
            return (await client.get(f"{prefix}/_mock/clock")).status_code

    assert asyncio.run(ask("mock.example.com:8080")) == 200
    assert asyncio.run(ask("other.example.com")) == 403
