"""The mocked API over a real socket: tokens, errors, tracking, and bad input of every kind."""

import gzip
import json
import socket
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockserver.core.behaviour import Behaviour
from tests.http.mocks import START, Mock, mocking, sms, viber, voice

# Tokens


# rule token.same-again
def test_asking_again_gives_the_same_token_with_less_to_live(mock: Mock) -> None:
    first = mock.login().json()
    assert first["expires_in"] == 3599
    mock.advance(by=600)
    again = mock.login().json()
    assert (again["access_token"], again["expires_in"]) == (first["access_token"], 2999)
    assert mock.login("other").json()["access_token"] != first["access_token"]
    assert mock.login(scope="sms failover").json()["scope"] == "sms failover"


# rules token.life, token.virtual-expiry
def test_a_token_runs_out_on_the_virtual_clock_and_a_new_one_is_new(mock: Mock) -> None:
    old = mock.login().json()["access_token"]
    mock.advance(by="59m59s")
    assert mock.client.post("/failover/tracking").status_code == 200
    mock.advance(by=1)
    refused = mock.client.post("/failover/tracking")
    assert refused.status_code == 401
    assert refused.json()["error"] == "invalid_token"
    assert "2030-01-01T13:00:00Z" in refused.json()["error_description"]
    assert mock.login().json()["access_token"] != old


# rule token.for-ever
def test_a_token_of_unlimited_life_outlives_a_year() -> None:
    with mocking(behaviour=Behaviour(token_life=None)) as mock:
        mock.advance(by="400d")
        assert mock.client.post("/failover/tracking").status_code == 200
        assert mock.login().json()["expires_in"] == 631_139_039


# rule token.no-scope
def test_a_token_without_the_failover_scope_is_denied(mock: Mock) -> None:
    token = mock.login(scope="sms").json()["access_token"]
    denied = mock.client.post("/failover", json={}, headers={"authorization": f"Bearer {token}"})
    assert denied.status_code == 403
    assert denied.json() == {"code": "403000000", "developerMessage": "Access Denied"}


# rules token.any-credentials, token.bad-credentials
def test_only_the_applications_named_are_let_in() -> None:
    with mocking(applications={"app": "right"}) as mock:
        wrong = mock.login("app", "wrong")
        assert wrong.status_code == 401
        assert wrong.json() == {
            "timestamp": START,
            "status": 401,
            "error": "Unauthorized",
            "message": "Bad credentials",
            "path": "/oauth/token",
        }
        assert mock.login("other", "right").status_code == 401
        assert mock.login("app", "right").status_code == 200


# rules token.no-credentials, token.invalid-token, token.www-authenticate
@pytest.mark.parametrize("method_and_path", ["POST /failover", "POST /failover/tracking", "GET /failover/tracking/x"])
@pytest.mark.parametrize(
    ("header", "error"),
    [(None, "unauthorized"), ("Basic eA==", "unauthorized"), ("Bearer nonsense", "invalid_token")],
)
def test_a_request_without_a_token_is_refused(mock: Mock, method_and_path: str, header: str | None, error: str) -> None:
    method, path = method_and_path.split()
    del mock.client.headers["authorization"]
    refused = mock.client.request(method, path, headers={"authorization": header} if header else {})
    assert (refused.status_code, refused.json()["error"]) == (401, error)
    assert refused.headers["www-authenticate"].startswith("Bearer")


# Tracking


# rules tracking.unknown, tracking.unknown-code
def test_a_flow_belongs_to_its_application(mock: Mock) -> None:
    flow = mock.send(sms())
    token = mock.login("other").json()["access_token"]
    headers = {"authorization": f"Bearer {token}"}
    refused = mock.client.get(f"/failover/tracking/{flow}", headers=headers)
    assert refused.status_code == 404
    assert refused.json() == {
        "code": "404000000",
        "developerMessage": "There is no such flow.",
        "entity": "failover",
        "property": "trackingId",
        "value": flow,
    }
    assert mock.client.post("/failover/tracking", headers=headers).json()["totalElements"] == 0
    assert mock.client.get("/failover/tracking/nonsense").status_code == 404


# rule tracking.order
def test_the_search_finds_newest_first_and_filters(mock: Mock) -> None:
    flows = [mock.send(sms()), mock.send(viber()), mock.send(voice(), sms())]
    mock.advance(until="idle")
    page = mock.client.post("/failover/tracking", params={"size": 2}).json()
    assert [each["trackingId"] for each in page["content"]] == [flows[2], flows[1]]
    assert page["content"][0] == mock.track(flows[2])
    with_sms = {"fieldName": "type", "searchTerm": "sms"}
    found = mock.client.post("/failover/tracking", json=with_sms).json()["content"]
    assert [each["trackingId"] for each in found] == [flows[2], flows[0]]
    wrong = mock.client.post("/failover/tracking", params={"page": "x", "size": 0}, json=[{}])
    assert wrong.status_code == 400
    assert wrong.json()["properties"].keys() == {"page", "size", "[0].fieldName", "[0].searchTerm"}


# Bad input


def test_every_wrong_field_is_named(mock: Mock) -> None:
    response = mock.client.post("/failover", json={"flow": [sms("12", ttl=0.5), {}], "callback": {"strategy": "x"}})
    assert response.status_code == 400
    assert response.json()["properties"].keys() == {
        *("flow[0].to", "flow[0].ttl", "flow[1].type", "flow[1].to", "callback.strategy", "callback.url")
    }


def test_strict_refuses_what_is_out_of_place() -> None:
    with mocking(strict_fields=True) as mock:
        response = mock.client.post("/failover", json={"flow": [sms(colour="red", label="")]})
        assert response.json()["properties"].keys() == {"flow[0].colour", "flow[0].label"}


def test_transcode_is_the_applications_setting() -> None:
    long = sms(message={"body": "Α" * 71})
    for transcode, parts in ((True, 1), (False, 2)):
        with mocking(transcode=transcode) as mock:
            flow = mock.send(long)
            mock.advance(until="next")
            assert len(mock.track(flow)["messages"]) == parts


# rule send.content-type
@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/jsonx"])
def test_another_content_type_is_refused(mock: Mock, kind: str) -> None:
    response = mock.client.post("/failover", content=json.dumps({"flow": [sms()]}), headers={"content-type": kind})
    assert response.status_code == 400
    assert kind in response.json()["developerMessage"]


# rule send.content-type
@pytest.mark.parametrize("kind", ["application/json", "Application/JSON; charset=utf-8", "application/vnd.x+json"])
def test_json_by_any_of_its_names_is_taken(mock: Mock, kind: str) -> None:
    response = mock.client.post("/failover", content=json.dumps({"flow": [sms()]}), headers={"content-type": kind})
    assert response.status_code == 200


# rule send.too-large
def test_a_body_over_the_limit_is_413_declared_or_not() -> None:
    with mocking(max_body=1_000) as mock:
        for content in (b"x" * 1_001, iter([b"x" * 600] * 2)):
            response = mock.client.post("/failover", content=content, headers={"content-type": "application/json"})
            assert response.status_code == 413
            assert response.json() == {
                "code": "413000000",
                "developerMessage": "The body is larger than 1000 bytes.",
            }
        assert mock.client.post("/failover", json={"flow": [sms()]}).status_code == 200


# rule send.unknown-path
@pytest.mark.parametrize(
    ("method", "path", "status", "words"),
    [
        ("GET", "/failovr", 404, "close to it: POST /failover"),
        ("GET", "/nowhere/at/all", 404, "GET /openapi.json lists what there is"),
        ("GET", "/failover", 405, "it takes POST"),
        ("DELETE", "/_mock/clock", 405, "it takes GET, PUT"),
        ("PATCH", "/_mock/sink/x", 405, "it takes DELETE, GET, POST"),
        ("POST", "/failover/", 404, "close to it: POST /failover"),
        ("GET", "/" + "x" * 5_000, 404, "..."),
        ("GET", "/%00%ff%0a", 404, "Nothing lives at"),
    ],
)
def test_a_wrong_path_or_method_names_the_nearest_ones(
    mock: Mock, method: str, path: str, status: int, words: str
) -> None:
    response = mock.client.request(method, path)
    assert (response.status_code, response.json()["code"]) == (status, f"{status}000000")
    assert words in response.json()["developerMessage"]
    assert ("allow" in response.headers) == (status == 405)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
BODIES = st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()) | st.sampled_from(
    [b"[" * 50_000, b'{"flow":' * 900 + b"1", b'{"by":1e999}', b'{"flow":"\\ud800"}', b"NaN", b"\x00", b""]
)  # fmt: skip
ROUTES = st.sampled_from(
    [
        *("POST /oauth/token", "POST /failover", "POST /failover/tracking", "GET /failover/tracking/x"),
        *("POST /_mock/clock/advance", "PUT /_mock/clock", "GET /_mock/callbacks", "POST /_mock/sink/fuzz"),
        *("GET /_mock/sink/fuzz", "DELETE /failover", "BREW /failover", "GET /", "GET /openapi.json"),
    ]
)


@pytest.fixture(scope="module")
def lasting_mock() -> Any:
    with mocking() as mock:
        yield mock


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    route=ROUTES,
    body=BODIES,
    query=st.dictionaries(
        st.sampled_from(["page", "size", "dateStart", "after", "limit", "grant_type", "x"]), st.text()
    ),
    kind=st.sampled_from(["application/json", "text/html", "", "application/json; charset=utf-16", "\xff"]),
)
def test_every_input_is_answered_with_json_and_never_with_a_500(
    lasting_mock: Mock, route: str, body: bytes, query: dict[str, str], kind: str
) -> None:
    method, path = route.split()
    response = lasting_mock.client.request(
        method, path, content=body, params=query, headers=[(b"content-type", kind.encode("latin-1"))]
    )
    assert response.status_code < 500
    assert response.headers["content-type"] == "application/json"
    answer = response.json()
    if response.status_code >= 400:
        assert answer.get("developerMessage") or answer.get("error")


@pytest.mark.parametrize(
    "raw",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"nonsense\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST /failover HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
        b"POST /failover HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{",
        b"POST /failover HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
    ],
)
def test_what_is_not_http_is_refused_and_the_server_lives_on(mock: Mock, raw: bytes) -> None:
    with socket.create_connection((str(mock.client.base_url.host), int(mock.client.base_url.port or 0))) as line:
        line.sendall(raw)
        line.settimeout(0.2)
        try:
            heard = line.recv(1_000)
        except TimeoutError:
            heard = b""
    assert heard == b"" or (heard[9:11] == b"40" and b"content-type: application/json" in heard)
    assert mock.client.get("/_mock/health").json()["status"] == "ok"


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/failover/tracking"), ("POST", "/failover"), ("POST", "/_mock/clock/advance")]
)
def test_ten_thousand_steps_and_deep_nesting_are_answered_quickly_and_well(mock: Mock, method: str, path: str) -> None:
    for body in (b'{"flow":[' + b",".join([b"{}"] * 10_000) + b"]}", b'{"a":' * 1_000 + b"1" + b"}" * 1_000):
        response = mock.client.request(method, path, content=body, headers={"content-type": "application/json"})
        assert response.status_code == 400


# Bodies that are no text


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (gzip.compress(b"{}", mtime=0), "it is compressed with gzip"),
        ('{"a": "é"}'.encode("latin-1"), "it is not UTF-8, in which JSON is written: byte 8 is 0xe9"),
        (b'{"a": "\xed\xa0\x80"}', "byte 8 is 0xed"),
        ("{}".encode("utf-16"), "it is UTF-16"),
        ("{}".encode("utf-32"), "it is UTF-32"),
        ('{"a": 1}'.encode("utf-16-le"), "it has NUL bytes, as UTF-16 and UTF-32 have"),
        ('{"a": 1}'.encode("utf-32-be"), "it has NUL bytes, as UTF-16 and UTF-32 have"),
        (b"{'a': 1}", "its texts are in single quotes"),
        (b"[ 'a' ]", "its texts are in single quotes"),
        (b"flow=1&callback.url=http%3A", "it is a form"),
        (b" <flow/>", "it is XML or HTML"),
        ("{}".encode("utf-8-sig"), "(BOM)"),
        (b"{", "line 1 column 2"),
    ],
)
@pytest.mark.parametrize("path", ["/failover", "/failover/tracking", "/_mock/verify", "/_mock/clock/advance"])
def test_a_body_that_is_no_json_is_told_what_it_is(mock: Mock, path: str, body: bytes, said: str) -> None:
    refused = mock.client.post(path, content=body, headers={"content-type": "application/json"})
    assert (refused.status_code, refused.json()["code"]) == (400, "400000000")
    assert said in refused.json()["developerMessage"]
    assert "surrogates" not in refused.text


@pytest.mark.parametrize("path", ["clock/advance", "verify", "events", "hold", "inbound"])
def test_the_control_api_says_that_a_body_is_empty(mock: Mock, path: str) -> None:
    for body in (b"", b" \n"):
        refused = mock.client.post(f"/_mock/{path}", content=body)
        assert "The body is not JSON (it is empty); send" in refused.json()["developerMessage"]


def test_a_wrong_method_is_told_which_there_are(mock: Mock) -> None:
    flow = mock.send(sms())
    assert mock.client.delete(f"/failover/tracking/{flow}").headers["allow"] == "GET, HEAD"
    assert mock.client.get("/failover").headers["allow"] == "POST"
    assert mock.client.head(f"/failover/tracking/{flow}").status_code == 200


# rule connections.encoding
@pytest.mark.parametrize(
    "path", ["/failover", "/failover/tracking", "/oauth/token", "/_mock/verify", "/_mock/scenarios"]
)
def test_an_encoded_body_is_refused_by_its_encoding(mock: Mock, path: str) -> None:
    for coding in ("gzip", "br", "gzip, identity"):
        refused = mock.client.post(path, content=b"{}", headers={"content-encoding": coding})
        assert refused.status_code == 400
        assert f"Content-Encoding: {coding}" in str(refused.json())
    doubled = [("content-encoding", "identity"), ("content-encoding", "gzip")]
    assert mock.client.post(path, content=b"{}", headers=doubled).status_code == 400
    plain = mock.client.post("/failover", json={"flow": [sms()]}, headers={"content-encoding": "identity"})
    assert plain.status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/sms"),
        ("POST", "/sms/campaign"),
        ("POST", "/viber"),
        ("POST", "/2step"),
        ("GET", "/system/prices"),
        ("GET", "/accounts/me/transactions"),
    ],
)
def test_other_products_of_routee_are_named_as_such(mock: Mock, method: str, path: str) -> None:
    answered = mock.client.request(method, path)
    assert answered.status_code == 404
    assert "belongs to another product of Routee" in answered.json()["developerMessage"]


@pytest.mark.parametrize("path", ["/clock", "/mock/clock", "/sandboxes", "/_moc/flows"])
def test_no_path_of_the_control_api_is_suggested_for_a_path_outside_it(mock: Mock, path: str) -> None:
    assert "/_mock" not in mock.client.get(path).json()["developerMessage"]
