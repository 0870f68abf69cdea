"""The largest numbers, the deepest nesting and the last instants that can be written: no answer is ever a fault."""

from typing import Any

import pytest

from mockserver.core.clock import LAST, Mode
from mockserver.http.endpoints import ENDPOINTS
from tests.http.mocks import Mock, mocking, sms

NUMBERS = ("1e40", "-1e40", "1e400", "NaN", "Infinity", "9223372036854775808", "-9223372036854775809", "1e18", "-0.0",
           "18446744073709551615", "18446744073709551616", "1e-400", "9" * 30)  # fmt: skip
DEEP = tuple(
    opening * depth + closing * depth for depth in (240, 300, 1_000) for opening, closing in ("[]", ['{"a":', "}"])
)

FIELDS = {
    "POST /_mock/sandboxes": (
        "id",
        "seed",
        "start",
        "rate",
        "clock",
        "tokenLife",
        "balance",
        "strictFields",
        "scenario",
    ),
    "PUT /_mock/clock": ("mode", "rate"),
    "POST /_mock/clock/advance": ("by", "to", "until", "limit"),
    "PUT /_mock/balance": ("balance",),
    "POST /_mock/events": ("trackingId", "to", "status", "step", "channel", "reason"),
    "POST /_mock/inbound": ("to", "message", "step"),
    "POST /_mock/scenarios": ("sms", "when", "priority", "uses", "callbacks", "api", "steps", "why"),
    "POST /_mock/sink/a": ("anything",),
    "POST /failover": ("flow", "callback", "restrictions"),
    "POST /failover/tracking": ("fieldName", "searchTerm"),
}

READ = ("sandboxes", "journal", "journal?format=text", "flows", "callbacks", "scenarios", "log", "requests", "metrics",
        "clock", "balance", "sink/a")  # fmt: skip


def read_everything(mock: Mock) -> None:
    for path in READ:
        response = mock.client.get(f"/_mock/{path}")
        assert response.status_code == 200, (path, response.text)


@pytest.mark.parametrize(("place", "fields"), FIELDS.items(), ids=list(FIELDS))
def test_no_number_and_no_depth_is_a_fault(place: str, fields: tuple[str, ...]) -> None:
    method, path = place.split()
    with mocking() as mock:
        for field in fields:
            for value in (*NUMBERS, *(each.replace(":}", ":1}") for each in DEEP)):
                response = mock.client.request(method, path, content=f'{{"{field}":{value}}}'.encode())
                assert response.status_code < 500, (field, value[:40], response.text)
                response.json()
        read_everything(mock)


@pytest.mark.parametrize("seed", ["1e40", str(2**63), str(-(2**64)), "9" * 30, "1.5"])
def test_a_seed_beyond_64_bits_is_refused_and_no_sandbox_is_made(mock: Mock, seed: str) -> None:
    refused = mock.client.post("/_mock/sandboxes", content=f'{{"id":"big","seed":{seed}}}'.encode())
    assert (refused.status_code, refused.json()["properties"].keys()) == (400, {"seed"})
    assert [each["id"] for each in mock.client.get("/_mock/sandboxes").json()["sandboxes"]] == ["default"]


@pytest.mark.parametrize("seed", [2**63 - 1, -(2**63), 0])
def test_a_seed_of_64_bits_comes_back(mock: Mock, seed: int) -> None:
    assert mock.client.post("/_mock/sandboxes", json={"id": "big", "seed": seed}).json()["seed"] == seed


def test_a_sink_shows_what_nests_deeply_as_it_came(mock: Mock) -> None:
    body = "[" * 300 + "]" * 300
    mock.client.post("/_mock/sink/deep", content=body.encode())
    assert body in mock.client.get("/_mock/sink/deep").text


@pytest.mark.parametrize("depth", range(225, 258, 2))
def test_an_object_of_the_callers_own_is_refused_or_shown_everywhere(mock: Mock, depth: int) -> None:
    deep: Any = 1
    for _ in range(depth):
        deep = {"a": deep}
    template = {"type": "Viber", "to": "+306900000000", "senderInfoTrackingId": "id", "templateId": "t",
                "templateLang": "el", "templateParams": deep}  # fmt: skip
    callback = {"url": f"{mock.url}/_mock/sink/a", "strategy": "OnStep"}
    sent = [
        mock.client.post("/failover/transactional", json={"flow": [template], "callback": callback}),
        mock.client.post("/failover", json={"flow": [sms()], "restrictions": deep, "callback": callback}),
    ]
    assert {response.status_code for response in sent} == ({200} if depth < 242 else {400})
    mock.advance(until="idle")
    for response in sent:
        if response.status_code == 200:
            flow = response.json()["trackingId"]
            mock.track(flow)
            assert mock.client.get(f"/_mock/flows/{flow}").status_code == 200
    assert mock.client.post("/failover/tracking").status_code == 200
    read_everything(mock)


# rule callbacks.last-instant
@pytest.mark.parametrize("clock", Mode)
def test_at_the_end_of_the_calendar_everything_can_be_told(clock: Mode) -> None:
    with mocking(clock=clock, start=LAST - 5_000, rate=1_000_000.0) as mock:
        flow = mock.send(sms(ttl=1_440), url="http://127.0.0.1:9/", strategy="OnStep")
        mock.advance(until="idle")
        read_everything(mock)
        mock.client.put("/_mock/clock", json={"mode": "manual"})
        for move in ({"until": "next"}, {"to": "9999-12-31T23:59:59.999Z"}, {"until": "idle"}):
            mock.advance(**move)
            read_everything(mock)
        assert mock.client.post("/_mock/clock/advance", json={"by": 1}).status_code == 400
        [first, *_] = mock.callbacks()
        assert first["state"] == "waiting to retry"
        assert first["nextRetry"] == "9999-12-31T23:59:59.999Z"
        assert mock.client.get(f"/_mock/flows/{flow}").json()["ttlEnds"] in (None, "9999-12-31T23:59:59.999Z")
        mock.client.delete("/_mock/tokens", params={"expire": "true"})
        assert "9999-12-31" in mock.client.post("/failover", json={}).json()["error_description"]


WITHOUT_QUERY = sorted(
    place for place, endpoint in ENDPOINTS.items() if not endpoint.query and not endpoint.takes_any and "{" not in place
)


@pytest.mark.parametrize("place", WITHOUT_QUERY)
def test_a_parameter_that_would_be_passed_over_is_refused(mock: Mock, place: str) -> None:
    method, path = place.split()
    refused = mock.client.request(method, path, params={"sandbox": "mine"})
    assert (refused.status_code, refused.json()["properties"]) == (400, {"sandbox": "is not known here"})
    assert "takes no parameters; a sandbox is named in the path" in refused.json()["developerMessage"]


def test_probes_and_webhooks_may_have_parameters(mock: Mock) -> None:
    for path in ("health", "ready", "version", "metrics", "openapi.json", "docs"):
        assert mock.client.get(f"/_mock/{path}?probe=1").status_code == 200
    assert mock.client.post("/_mock/sink/hook?key=1", json={}).status_code == 200
    assert mock.client.get("/_mock/sandboxes?").status_code == 200
