"""The server does what its OpenAPI document says; schemathesis checks it."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from mockserver.core.behaviour import Behaviour
from mockserver.core.commands import Mode
from mockserver.wire.openapi.schemas import rebuilt
from tests.http.mocks import Mock, mocking

CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.ignored_auth,
    checks.unsupported_method,
]
"""Left out: that whatever fits the schema is taken (rules between fields are beyond a schema), and that whatever
does not is refused (blanks count as absent, unknown fields are passed over)."""


@pytest.fixture(scope="module")
def described_mock() -> Iterator[Mock]:
    """One whose token never expires: the callbacks of what is sent move the clock for days, also during later tests."""
    with mocking(clock=Mode.INSTANT, applications={"app": "secret"}, behaviour=Behaviour(token_life=None)) as mock:
        yield mock


@pytest.fixture(scope="module")
def schema(described_mock: Mock) -> Any:
    """The schema, loaded once, because that takes long; without the rules, which make drawing from it slow."""
    document = described_mock.client.get("/openapi.json").json()
    schemas = document["components"]["schemas"].items()
    document["components"]["schemas"] = {name: rebuilt(schema, without_rules) for name, schema in schemas}
    loaded = schemathesis.openapi.from_dict(document)
    loaded.config.update(base_url=described_mock.url)
    return loaded


def without_rules(schema: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if key not in ("if", "then")}


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize(
    "operation",
    [
        "POST /oauth/token",
        "POST /failover",
        "POST /failover/transactional",
        "GET /failover/tracking/{trackingId}",
        "POST /failover/tracking",
        "GET /accounts/me/balance",
        "POST /failover-otp/otp/send-failover",
        "GET /failover-otp/otp/failover",
        "GET /failover-otp/otp/failover/{id}",
        "GET /failover-otp/otp/templates",
    ],
)
def test_the_server_does_what_its_description_says(
    described_mock: Mock, schema: Any, operation: str, mode: GenerationMode
) -> None:
    method, path = operation.split()
    headers = {"Authorization": described_mock.client.headers["authorization"]}
    if path == "/oauth/token":
        headers = {"Authorization": "Basic YXBwOnNlY3JldA=="}

    @settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(case=schema[path][method].as_strategy(generation_mode=mode))
    def conforms(case: schemathesis.Case[Any]) -> None:
        response = case.call(headers=headers)
        case.validate_response(response, checks=CHECKS, headers=headers)

    conforms()


def test_everything_described_is_served_and_the_other_way_round(described_mock: Mock) -> None:
    described = described_mock.client.get("/openapi.json").json()["paths"]
    assert {path: set(operations) for path, operations in described.items()} == {
        "/oauth/token": {"post"},
        "/failover": {"post"},
        "/failover/transactional": {"post"},
        "/failover/tracking/{trackingId}": {"get"},
        "/failover/tracking": {"post"},
        "/accounts/me/balance": {"get"},
        "/failover-otp": {"get"},
        "/failover-otp/health": {"get"},
        "/failover-otp/otp/send-failover": {"post"},
        "/failover-otp/otp/failover": {"get"},
        "/failover-otp/otp/failover/{id}": {"get"},
        "/failover-otp/otp/templates": {"get"},
    }
