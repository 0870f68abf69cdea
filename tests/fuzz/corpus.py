"""Requests with nothing wrong, to every endpoint of both APIs: what is spoilt later."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy

from mockserver import strategies
from mockserver.http.endpoints import ENDPOINTS

TOKEN, FLOW = "{TOKEN-OF-THE-MOCK}", "f10e0f10-0000-4000-8000-000000000000"
"""Where a bearer token goes, and the trackingId of a flow. What is said in their place is known only in the round."""

BEARER = ("Authorization", f"Bearer {TOKEN}")

OTP = "/failover-otp/otp"

FORM = ("Content-Type", "application/x-www-form-urlencoded")

SANDBOXES = ("default", "one", "two", "three")
"""The sandboxes that a round begins with, and others come and go."""

LIBRARY = Path(__file__).parents[2] / "scenarios"

Json = Any


@dataclass(frozen=True, slots=True)
class Request:
    """A request. target: its path and query, with names in braces. body: JSON, or bytes as they are; None: none."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: Json | bytes = None
    query: tuple[str, ...] = ()


BODIES: Mapping[str, Sequence[Json]] = {
    "createSandbox": (
        None,
        {"id": "one", "clock": "manual", "start": "2030-01-01T00:00:00Z", "seed": 7, "strictFields": True},
        {"clock": "instant", "rate": 5, "transcode": False, "tokenLife": 60, "balance": 5, "balanceMode": "at-once"},
        {"id": "three", "scenario": "everyday-traffic", "balance": "unlimited", "tokenLife": "unlimited"},
    ),
    "putSandbox": (
        None,
        {"clock": "manual", "seed": 7, "tokenLife": 60},
        {"id": "two", "rate": 5, "strictFields": True, "balance": "unlimited", "balanceMode": "later"},
    ),
    "setClock": ({"mode": "manual"}, {"mode": "realtime", "rate": 60}, {"rate": 0.5}, {"mode": "instant"}),
    "advance": (
        {"by": "30s"},
        {"by": 5},
        {"to": "2040-01-01T00:00:00Z"},
        {"until": "next"},
        {"until": "idle"},
        {"until": {"final": FLOW}, "limit": 100},
    ),
    "setBalance": ({"balance": 12.5}, {"balance": "unlimited"}),
    "verify": (
        {"expect": [{"sends": {"to": "+306900000300", "channels": ["Viber", "Sms"]}, "count": {"atLeast": 1}}]},
        {"expect": {"flow": {"trackingId": FLOW}, "status": "Succeeded", "heard": ["Viber EXPIRED", "Sms Delivered"]}},
        {"expect": [{"callback": {"url": "http*", "delivered": True, "attempts": {"atMost": 3}}, "count": 2}]},
        {"expect": [{"request": {"method": "POST", "path": "/failover", "status": 400, "error": "ttl"}}], "within": 0},
    ),
    "push": (
        {"trackingId": FLOW, "status": "SEEN", "step": 1},
        {"to": "+306900000300", "status": "Undelivered", "channel": "Sms", "reason": "Unknown number"},
    ),
    "pushInbound": (
        {"trackingId": FLOW, "message": "Thank you", "media": "http://webhook.invalid/a.png", "filename": "a.png"},
        {"label": "otp", "message": "yes"},
    ),
    "hold": ({"trackingId": FLOW, "step": 1}, {"to": "+306900000300", "channel": "Sms"}, {"label": "otp"}),
    "fillSink": ({"messages": [], "status": "Succeeded"}, b"status=Delivered&to=%2B30690", None),
}
"""Bodies of the control API that nothing else draws, by the id of the operation."""

PLAYED: Sequence[Json] = (
    {
        "name": "a",
        "when": {"to": "+3069*", "text": "/^[0-9]+/", "step": 1},
        "viber": "expired",
        "sms": {"delivered": 3},
    },
    {"name": "b", "callbacks": {"delay": "4s to 9s", "duplicate": "30%", "reorder": [1], "timeouts": 2}},
    {"name": "c", "sms": {"timeline": [{"at": "0s", "status": "Queued"}, {"at": "4s", "status": "Delivered"}]}},
)

SEARCHES: Sequence[Json] = (
    [],
    [{"fieldName": "to", "searchOperator": "contains", "searchTerm": "3069"}],
    [{"fieldName": "status", "searchOperator": "is_not", "searchTerm": "Succeeded"}],
)


def drawn(strategy: SearchStrategy[Any], count: int, number: int) -> list[Any]:
    """So many values of a strategy, always the same for one number."""
    found: list[Any] = []

    @seed(number)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def keep(value: Any) -> None:
        found.append(value)

    keep()
    return found


@cache
def corpus(number: int, size: int = 60) -> tuple[tuple[Request, ...], ...]:
    """The requests, by endpoint. number: of the draw. size: how many of each strategy."""
    flows, templates = (
        drawn(strategy, size, number) for strategy in (strategies.flows(), strategies.transactional_flows())
    )
    mistakes = drawn(strategies.mistakes(strict=True), size, number)
    played = [*PLAYED, *drawn(strategies.scenarios(), size, number), *_files()]
    drawings = {
        "putScenario": played,
        "sendFlow": flows,
        "check": [{"send": flow, "scenario": PLAYED[place % len(PLAYED)]} for place, flow in enumerate(flows)],
        "fillSink": [*BODIES["fillSink"], *drawn(strategies.callbacks(), size // 3, number)],
    }
    routee = (
        tuple(Request("POST", "/failover", (BEARER,), body) for body in flows),
        tuple(Request("POST", "/failover/transactional", (BEARER,), body) for body in templates),
        tuple(Request("POST", each.path, (BEARER, *each.headers.items()), each.content) for each in mistakes),
        tuple(
            Request("POST", f"{OTP}/send-failover", (BEARER,), body)
            for body in drawn(strategies.otp_flows(), size, number)
        ),
    )
    return (*routee, *_rest_of_routee(), *_control(drawings))


def _files() -> list[bytes]:
    return [path.read_bytes() for path in sorted(LIBRARY.glob("*.yaml"))]


def _rest_of_routee() -> Iterator[tuple[Request, ...]]:
    good = b"grant_type=client_credentials&scope=failover"
    yield (
        Request("POST", "/oauth/token", (("Authorization", "Basic YXBwOnNlY3JldA=="), FORM), good),
        Request("POST", "/oauth/token/", (("Authorization", "Basic b3RoZXI6"), FORM), good),
    )
    dates = ("dateStart", "dateEnd", "page", "size")
    yield tuple(Request("POST", "/failover/tracking", (BEARER,), body, dates) for body in SEARCHES)
    yield (
        Request("GET", f"/failover/tracking/{FLOW}", (BEARER,)),
        Request("GET", "/accounts/me/balance", (BEARER,)),
        Request("GET", "/openapi.json"),
    )
    wanted = ("status", "tag", "phone_number", "flow_id", "limit", "offset")
    yield (
        Request("GET", f"{OTP}/failover", (BEARER,), query=wanted),
        Request("GET", f"{OTP}/failover/{FLOW}", (BEARER,)),
        Request("GET", f"{OTP}/templates", (BEARER,)),
        *(Request("GET", f"/failover-otp{rest}") for rest in ("", "/health")),
    )


def _control(drawings: Mapping[str, Sequence[Json]]) -> Iterator[tuple[Request, ...]]:
    for place, endpoint in ENDPOINTS.items():
        method, path = place.split()
        bodies = _bodies(endpoint.id.removesuffix("In"), drawings) if endpoint.body else (None,)
        yield tuple(Request(method, path, (), body, tuple(endpoint.query)) for body in bodies)


def _bodies(operation: str, drawings: Mapping[str, Sequence[Json]]) -> Sequence[Json]:
    """The bodies of an operation. Raises KeyError for one without any: it then misses in BODIES."""
    return drawings.get(operation) or BODIES[operation]
