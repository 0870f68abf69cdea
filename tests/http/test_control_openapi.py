"""The control API does what its OpenAPI document says; schemathesis checks it."""

from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks
from starlette.routing import Route

from mockserver.app import create_app
from mockserver.core.commands import Mode
from mockserver.http.endpoints import ENDPOINTS, ONE
from mockserver.settings import Settings
from mockserver.testing.receiver import Receiver
from tests.http.mocks import Mock, mocking, sms, viber

CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]
"""Left out: that whatever fits the schema is taken, and that whatever does not is refused: null counts as absent,
and what a sandbox holds decides as well."""

OPERATIONS = {place: each for place, each in ENDPOINTS.items() if f" {ONE}/" not in place}
"""Endpoints that each sandbox has are tested on `default`."""

CASES = [
    (place, mode)
    for place, operation in OPERATIONS.items()
    for mode in GenerationMode
    if mode is GenerationMode.POSITIVE or operation.query or (operation.body and "*/*" not in operation.body.content)
]
"""Good requests to every endpoint, and bad ones where a request can be bad."""


@pytest.fixture(scope="module")
def described_mock() -> Iterator[Mock]:
    with mocking(clock=Mode.INSTANT) as mock:
        yield mock


@pytest.fixture(scope="module")
def schema(described_mock: Mock) -> Any:
    """The schema, loaded once, because that takes long."""
    return schemathesis.openapi.from_url(f"{described_mock.url}/_mock/openapi.json")


@pytest.mark.parametrize(("operation", "mode"), CASES)
def test_the_control_api_does_what_its_description_says(schema: Any, operation: str, mode: GenerationMode) -> None:
    method, path = operation.split()

    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
    @given(case=schema[path][method].as_strategy(generation_mode=mode))
    def conforms(case: schemathesis.Case[Any]) -> None:
        waits = "sse" in str(case.query) or "within" in str(case.body)
        if not waits:
            case.validate_response(case.call(), checks=CHECKS)

    conforms()


def test_everything_described_is_served_and_the_other_way_round(described_mock: Mock) -> None:
    described = described_mock.client.get("/_mock/openapi.json").json()["paths"]
    served: dict[str, set[str]] = {}
    for route in create_app(Settings(ui=False)).routes:
        assert isinstance(route, Route)
        if route.path.startswith("/_mock"):
            methods = (route.methods or set()) - {"HEAD"}
            served.setdefault(route.path, set()).update(method.lower() for method in methods)
    assert {path: set(operations) for path, operations in described.items()} == served


def test_every_operation_says_what_it_is_for_and_is_named_once(described_mock: Mock) -> None:
    paths = described_mock.client.get("/_mock/openapi.json").json()["paths"]
    operations = [operation for path in paths.values() for operation in path.values()]
    assert all(len(operation["summary"]) > 5 for operation in operations)
    names = [operation["operationId"] for operation in operations]
    assert len(set(names)) == len(names)


def test_what_a_busy_sandbox_answers_is_as_described(described_mock: Mock, receiver: Receiver) -> None:
    client = described_mock.client
    described = client.get("/_mock/openapi.json").json()
    made = client.post("/_mock/sandboxes", json={"clock": "manual"}).json()
    base = f"/_mock/sandboxes/{made['id']}"
    token = described_mock.login(made["applicationId"], made["applicationSecret"]).json()["access_token"]
    body = {"flow": [viber("+306900000300"), sms("+306900000300")]}
    body["callback"] = {"strategy": "OnStep", "url": receiver.url}  # type: ignore[assignment]
    flow = client.post("/failover", json=body, headers={"authorization": f"Bearer {token}"}).json()["trackingId"]
    client.post(f"{base}/scenarios", json={"name": "x", "sms": "failed"})
    asked: list[tuple[str, str, dict[str, Any]]] = [
        ("POST", "/clock/advance", {"json": {"until": "idle"}}),
        ("POST", "/clock/advance", {"json": {"until": "yesterday"}}),
        ("GET", "/callbacks", {}),
        ("GET", "/flows", {}),
        ("GET", "/flows?order=desc&q=300&only=all", {}),
        ("GET", "/callbacks/1", {}),
        ("GET", f"/flows/{flow}?with=why,callbacks,payloads", {}),
        ("GET", f"/flows/{flow}", {}),
        ("GET", f"/flows/{flow}/why", {}),
        ("GET", "/journal", {}),
        ("GET", "/requests", {}),
        ("GET", "/scenarios", {}),
        ("GET", "/scenarios/x", {}),
        ("POST", "/verify", {"json": {"expect": {"sends": {"to": "+306900000301"}}}}),
        ("POST", "/events", {"json": {"to": "+306900000300", "status": "Queued"}}),
        ("DELETE", "/tokens", {}),
        ("DELETE", "/tokens", {"params": {"expire": "true"}}),
        ("GET", "/clock", {}),
    ]
    for method, path, more in asked:
        answer = client.request(method, f"{base}{path}", **more)
        template = (
            path.partition("?")[0].replace(flow, "{trackingId}").replace("/x", "/{name}").replace("/1", "/{number}")
        )
        operation = described["paths"][f"{ONE}{template}"][method.lower()]
        content = operation["responses"][str(answer.status_code)]["content"]
        schema = {**content["application/json"]["schema"], "components": described["components"]}
        jsonschema_rs.validate(schema, answer.json())
