"""Records the examples of the OpenAPI documents from a mock that runs: `python -m tools.examples`.

Each row of SESSION is a request that the mock takes, or refuses, after those before it.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2
import orjson

from mockserver.core.commands import Mode
from mockserver.http.endpoints import ONE, ROOT
from mockserver.server import running
from mockserver.settings import Settings
from mockserver.wire.instants import read_instant
from mockserver.wire.openapi.examples import FILE, HOME, SANDBOX

Json = dict[str, Any]

START = "2030-01-01T12:00:00Z"
FLOW = "677e6a17-d64b-406f-b682-efabc26efb86"
"""The first flow of every mock that is started without --seed, so its examples work there."""

OTP_FLOW = "7079f3c4-22d6-401c-9a79-cc984ee73169"
"""The sixth, which is the first one-time password."""

TO = "+306900000000"
SINK = f"{HOME}{ROOT}/sink/callbacks"
FORM = "application/x-www-form-urlencoded"
CHANGING = {"instance": "0f6c2a1be3d94c58", "version": "1.0.0", "tookMs": 4.2}
"""What differs from run to run, with what is shown of it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: its method and path, its name among those of the same operation, and what it sends.

    media: of the body. credentials: by default a bearer token on Routee's endpoints. status: what it is answered.
    """

    place: str
    name: str
    body: Any = None
    query: Mapping[str, Any] = field(default_factory=dict)
    path: Mapping[str, str] = field(default_factory=dict)
    media: str = "application/json"
    credentials: str | None = None
    status: int = 200


def _viber(**more: Any) -> Json:
    return {"type": "Viber", "to": TO, "senderInfoTrackingId": "shop", "message": {"text": "It is ready."}} | more


def _sms(**more: Any) -> Json:
    return {"type": "Sms", "to": TO, "from": "Shop", "message": {"body": "It is ready."}} | more


_TTL = {"ttl": 5, "inboundUrl": SINK, "label": "order-1"}
_CALLBACK = {"strategy": "OnStep", "url": SINK}
_BUTTON = {
    "text": "It is ready.",
    "imageUrl": "https://shop.example/order.jpg",
    "action": {"caption": "Show", "targetUrl": "https://shop.example/orders/1"},
}
_SAY = {"type": "SAY", "message": {"text": "It is ready.", "language": "en-GB", "gender": "female"}, "repeat": 1}
_CALL = {
    "type": "Voice",
    "to": {"phone": TO},
    "from": "302100000000",
    "failoverOnStatuses": "Busy, NoAnswer",
    "dialPlan": {"verbs": [_SAY, {"type": "PLAY", "fileURL": "https://shop.example/bye.mp3"}]},
    "machineDetection": {"strategy": "Continue", "eventUrl": SINK},
}
_TEMPLATE = {"templateId": "order-ready", "templateLang": "en", "templateParams": {"order": "1"}}
_SEND, _TEMPLATES, _TRACK = "POST /failover", "POST /failover/transactional", "GET /failover/tracking/{trackingId}"
_SEARCH, _TOKEN = "POST /failover/tracking", "POST /oauth/token"
_OTP = "/failover-otp"
_OTP_SEND, _OTP_TRACK = f"POST {_OTP}/otp/send-failover", f"GET {_OTP}/otp/failover/{{id}}"
_PIN = {
    "type": "ViberOtp",
    "to": TO,
    "order": 1,
    "ttl": 60,
    "senderInfoTrackingId": "shop",
    "templateId": "0aac888f-2ee2-4112-9659-1755a951966a",
    "pin": "123456",
}
_CODE = _sms(order=2, ttl=300, message={"body": "Your code is 123456."})
_GRANT = {"grant_type": "client_credentials"}

ROUTEE = (
    Asked(_TOKEN, "clientCredentials", _GRANT, media=FORM, credentials="basic"),
    Asked(_TOKEN, "noCredentials", _GRANT, media=FORM, credentials="", status=401),
    Asked(_TOKEN, "noGrant", {}, media=FORM, credentials="basic", status=400),
    Asked(_SEND, "viberThenSms", {"flow": [_viber(**_TTL), _sms()], "callback": _CALLBACK}),
    Asked(_SEND, "sms", {"flow": [_sms()]}),
    Asked(_SEND, "viberWithButton", {"flow": [_viber(message=_BUTTON)]}),
    Asked(_SEND, "callThenSms", {"flow": [_CALL, _sms()]}),
    Asked(_SEND, "wrongFields", {"flow": [_viber(to="12", **{"from": "Shop"})]}, status=400),
    Asked(_SEND, "noToken", {"flow": [_sms()]}, credentials="", status=401),
    Asked(
        _TEMPLATES,
        "template",
        {"flow": [{"type": "Viber", "to": TO, "senderInfoTrackingId": "shop"} | _TEMPLATE, _sms()]},
    ),
    Asked(_OTP_SEND, "viberThenSms", {"flow": [_PIN, _CODE], "callback": {"url": SINK}}),
    Asked(_OTP_SEND, "sms", {"flow": [_CODE]}),
    Asked(_OTP_SEND, "wrongFields", {"flow": [_PIN | {"ttl": -1, "pin": "12"}]}, status=422),
    Asked(_OTP_SEND, "noToken", {"flow": [_CODE]}, credentials="", status=403),
    Asked(f"GET {_OTP}", "running", credentials=""),
    Asked(f"GET {_OTP}/health", "ok", credentials=""),
    Asked(f"GET {_OTP}/otp/templates", "nine"),
)

SERVER = (
    Asked("GET /health", "ok"),
    Asked("GET /ready", "ready"),
    Asked("GET /version", "version"),
    Asked("POST /sandboxes", "shop", {"id": SANDBOX, "clock": "manual", "start": START, "seed": 0}, status=201),
    Asked("POST /sandboxes", "wrongField", {"clok": "manual"}, status=400),
    Asked("GET /sandboxes/{sandbox}", "shop", path={"sandbox": SANDBOX}),
    Asked("PUT /sandboxes/{sandbox}", "shop", {"clock": "manual"}, path={"sandbox": SANDBOX}),
    Asked("PUT /sandboxes/{sandbox}", "otherwise", {"seed": 7}, path={"sandbox": SANDBOX}, status=409),
    Asked("GET /sandboxes", "two"),
    Asked("PUT /sandboxes/{sandbox}", "new", {"clock": "instant", "start": START}, path={"sandbox": "new"}, status=201),
)

_EXPECTED = [
    {"sends": {"to": TO, "text": "It is ready."}, "count": {"atLeast": 1}},
    {"flow": {"trackingId": FLOW}, "status": "Succeeded", "heard": ["Viber QUEUED", "Viber DELIVERED"]},
    {"callback": {"trackingId": FLOW, "delivered": True}, "count": {"atLeast": 2}},
    {"request": {"method": "POST", "path": "/failover", "status": 200}, "count": {"atLeast": 1, "atMost": 10}},
]
_ROAMING = {
    "name": "roaming",
    "when": {"to": "+3069*", "channel": "Sms"},
    "sms": {"outcome": "roaming", "after": "30s"},
    "callbacks": {"duplicate": "last"},
}
_YAML = "name: no-viber\nviber: expired\nsms: [{at: 0s, status: Queued}, {at: 40m, status: Delivered}]\n"
_OF_FLOW = {"trackingId": FLOW}
_ROAM, _YESTERDAY = {"name": "roaming"}, {"until": "yesterday"}

CONTROL = (
    Asked("GET /clock", "manual"),
    Asked(
        "POST /check", "underAScenario", {"send": {"flow": [_sms()]}, "scenario": {"when": {"to": TO}, "sms": "failed"}}
    ),
    Asked("POST /check", "wrongFields", {"send": {"flow": [_sms(to="12")]}}),
    Asked("POST /clock/advance", "toNextEvent", {"until": "next"}),
    Asked("GET /due", "afterFirst"),
    Asked("POST /clock/advance", "byDuration", {"by": "10s"}),
    Asked("POST /events", "byTrackingId", {"trackingId": FLOW, "step": 1, "status": "SEEN"}),
    Asked("POST /flows", "withoutAToken", {"flow": [_sms()], "callback": _CALLBACK}),
    Asked("POST /hold", "byTrackingId", {"trackingId": FLOW, "step": 1}),
    Asked("POST /events", "severalInOneInstant", {"to": TO, "events": [{"status": "Sent"}, {"status": "Delivered"}]}),
    Asked("POST /events", "impossible", {"trackingId": FLOW, "status": "QUEUED"}, status=400),
    Asked("POST /inbound", "answer", {"trackingId": FLOW, "message": "Thank you"}),
    Asked("POST /clock/advance", "untilFinal", {"until": {"final": FLOW}}),
    Asked("POST /clock/advance", "toInstant", {"to": "2030-01-01T12:10:00Z"}),
    Asked("POST /clock/advance", "untilIdle", {"until": "idle", "limit": 1_000}),
    Asked("POST /clock/advance", "wrong", _YESTERDAY, status=400),
    Asked("GET /callbacks", "ofOneFlow", query=_OF_FLOW),
    Asked("GET /callbacks/{number}", "first", path={"number": "1"}),
    Asked("GET /flows", "newestFirst", query={"order": "desc", "limit": 2}),
    Asked("GET /flows/{trackingId}", "unknown", path={"trackingId": "unknown"}, status=404),
    Asked("GET /flows/{trackingId}", "withWhy", query={"with": "why"}, path=_OF_FLOW),
    Asked("GET /flows/{trackingId}/as", "pytest", path=_OF_FLOW),
    Asked("GET /flows/{trackingId}/why", "flow", path=_OF_FLOW),
    Asked("GET /journal", "ofOneFlow", query={"flow": FLOW, "limit": 10}),
    Asked("GET /requests", "refused", query={"only": "refused", "order": "desc", "limit": 2}),
    Asked("GET /log", "log"),
    Asked("POST /verify", "fourExpectations", {"expect": _EXPECTED, "within": "1s"}),
    Asked("POST /verify", "unmet", {"expect": [{"sends": {"to": TO, "text": "It is late."}}]}),
    Asked("POST /scenarios", "dry", _ROAMING, query={"dry": "true"}),
    Asked("POST /scenarios", "json", _ROAMING, status=201),
    Asked("POST /scenarios", "yaml", _YAML, media="application/yaml", status=201),
    Asked("GET /scenarios", "two"),
    Asked("GET /scenarios/{name}", "roaming", path=_ROAM),
    Asked("DELETE /scenarios/{name}", "roaming", path=_ROAM, status=204),
    Asked("POST /scenarios/reload", "reload"),
    Asked("DELETE /scenarios", "all", status=204),
    Asked("PUT /clock", "manual", {"mode": "manual"}),
    Asked("PUT /clock", "tenTimesFaster", {"rate": 10}),
    Asked("PUT /clock", "wrong", {"mode": "sundial"}, status=400),
    Asked("PUT /balance", "euro", {"balance": 12.5}),
    Asked("PUT /balance", "unlimited", {"balance": "unlimited"}),
    Asked("GET /balance", "unlimited"),
    Asked("POST /sink/{name}", "anything", {"hello": "world"}, path={"name": "callbacks"}),
    Asked("GET /sink/{name}", "callbacks", path={"name": "callbacks"}),
    Asked("DELETE /sink/{name}", "callbacks", path={"name": "callbacks"}, status=204),
    Asked("DELETE /tokens", "runOut", query={"expire": True}),
    Asked("DELETE /tokens", "revoked"),
)

READ = (
    Asked(_TRACK, "succeeded", path=_OF_FLOW),
    Asked(_TRACK, "unknown", path={"trackingId": "unknown"}, status=404),
    Asked(_SEARCH, "toOneNumber", [{"fieldName": "to", "searchOperator": "is", "searchTerm": TO}], {"size": 2}),
    Asked(_SEARCH, "one", {"fieldName": "status", "searchTerm": "Succeeded"}, {"size": 2}),
    Asked(_SEARCH, "wrongFilter", [{"fieldName": "colour", "searchTerm": "red"}], status=400),
    Asked("GET /accounts/me/balance", "balance"),
    Asked(_OTP_TRACK, "byFlowId", path={"id": OTP_FLOW}),
    Asked(_OTP_TRACK, "unknown", path={"id": "unknown"}, status=404),
    Asked(f"GET {_OTP}/otp/failover", "toOneNumber", query={"phone_number": TO, "limit": 2}),
    Asked(f"GET {_OTP}/otp/failover", "wrongLimit", query={"limit": 0}, status=422),
)
"""The requests about the flows, when they have ended."""

RESET = Asked("POST /reset", "reset")

WITHOUT = {f"POST {ROOT}/store/seal"} | {
    f"GET {ROOT}/{name}"
    for name in ("openapi.json", "docs", "metrics", "ca.pem", "library", "fidelity", "scenario.schema.json", "store")
}
"""Endpoints without examples: their answers are too long, or not every mock has them."""


def session(client: httpx2.Client) -> Iterator[tuple[str, Asked, httpx2.Response]]:
    """Send every request to a new mock, on `default` and on a sandbox; each with its place in the documents."""
    for asked in SERVER:
        yield _under(ROOT, asked), asked, _ask(client, _under(ROOT, asked), asked, {})
    yield from _in_sandbox(client, ROOT, ("any", "secret"), {})
    made = client.get(f"{ROOT}/sandboxes/{SANDBOX}").json()
    pair = (made["applicationId"], made["applicationSecret"])
    yield from _in_sandbox(client, ONE, pair, {"sandbox": SANDBOX})
    gone = Asked("DELETE /sandboxes/{sandbox}", SANDBOX, path={"sandbox": SANDBOX}, status=204)
    yield _under(ROOT, gone), gone, _ask(client, _under(ROOT, gone), gone, {})


def _in_sandbox(
    client: httpx2.Client, prefix: str, pair: tuple[str, str], path: Mapping[str, str]
) -> Iterator[tuple[str, Asked, httpx2.Response]]:
    def bearer() -> Json:
        token = client.post("/oauth/token", auth=pair, data=_GRANT).json()["access_token"]
        return {"headers": {"authorization": f"Bearer {token}"}}

    auth: Mapping[str | None, Callable[[], Json]] = {None: bearer, "basic": lambda: {"auth": pair}, "": dict}
    for asked in (*ROUTEE, *CONTROL, *READ, RESET):
        if asked in ROUTEE or asked in READ:
            yield asked.place, asked, _ask(client, asked.place, asked, auth[asked.credentials]())
        else:
            place = _under(prefix, asked)
            yield place, asked, _ask(client, place, asked, {}, path)


def _under(prefix: str, asked: Asked) -> str:
    method, path = asked.place.split()
    return f"{method} {prefix}{path}"


def _ask(
    client: httpx2.Client, place: str, asked: Asked, more: Json, path: Mapping[str, str] | None = None
) -> httpx2.Response:
    method, template = place.split()
    url = template.format(**asked.path, **(path or {}))
    body: Json = {}
    if asked.body is not None:
        sent = asked.body if asked.media != "application/json" else _moved(asked.body, HOME, str(client.base_url))
        kind = {FORM: "data", "application/json": "json"}.get(asked.media, "content")
        body = {kind: sent, "headers": {"content-type": asked.media}}
    headers = {**more.pop("headers", {}), **body.pop("headers", {})}
    return client.request(method, url, params=dict(asked.query), headers=headers, **body, **more)


def examples() -> dict[str, list[Json]]:
    """The examples of every operation, by its place. Those of one sandbox are those of `default`."""
    found: dict[str, list[Json]] = {}
    settings = Settings(port=0, clock=Mode.MANUAL, start=read_instant(START))
    with running(settings) as server, httpx2.Client(base_url=server.url, verify=False, timeout=30) as client:
        for place, asked, answer in session(client):
            assert answer.status_code == asked.status, f"{place} {asked.name}: {answer.text}"  # noqa: S101
            known = found.setdefault(place, [])
            if f" {ONE}/" not in place and asked.name not in [each["name"] for each in known]:
                known.append(_example(asked, answer, server.url))
    return {place: each for place, each in found.items() if each}


def _example(asked: Asked, answer: httpx2.Response, url: str) -> Json:
    entry: Json = {"name": asked.name, "path": dict(asked.path), "query": dict(asked.query), "status": asked.status}
    if asked.body is not None:
        entry |= {"media": asked.media, "body": asked.body}
    if answer.headers.get("content-type") == "application/json":
        entry |= {"answer": _moved(_shown(answer.json()), url, HOME)}
    return entry


def _shown(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: CHANGING.get(key, _shown(value)) for key, value in node.items()}
    return [_shown(each) for each in node] if isinstance(node, list) else node


def _moved(node: Any, old: str, new: str) -> Any:
    """The same JSON, with one URL instead of another."""
    return orjson.loads(orjson.dumps(node).replace(old.rstrip("/").encode(), new.rstrip("/").encode()))


def text() -> bytes:
    """The file, as it must be."""
    return orjson.dumps(examples(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


if __name__ == "__main__":
    FILE.write_bytes(text())
