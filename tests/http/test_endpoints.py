"""The table of the control API is true."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from inspect import iscoroutinefunction
from typing import Any

import pytest
from starlette.routing import Route

from mockserver.app import create_app
from mockserver.http.endpoints import ENDPOINTS, ROOT, handler
from mockserver.settings import Settings
from mockserver.wire.openapi.control import document
from mockserver.wire.openapi.schemas import REF
from tests.http.mocks import Mock, mocking


@pytest.fixture(scope="module")
def asked_mock() -> Iterator[Mock]:
    with mocking() as mock:
        yield mock


@pytest.fixture(scope="module")
def described(asked_mock: Mock) -> dict[str, Any]:
    return dict(asked_mock.client.get("/_mock/openapi.json").json())


def test_every_route_has_one_row_and_every_row_one_route() -> None:
    routes = [
        route
        for route in create_app(Settings(ui=False)).routes
        if isinstance(route, Route) and route.path.startswith(ROOT)
    ]
    served = Counter(f"{method} {route.path}" for route in routes for method in (route.methods or set()) - {"HEAD"})
    assert served == Counter(ENDPOINTS.keys())


def test_every_row_names_a_handler() -> None:
    assert all(iscoroutinefunction(handler(each.handler)) for each in ENDPOINTS.values())


@pytest.mark.parametrize("place", ENDPOINTS)
def test_a_body_is_required_exactly_where_an_empty_one_is_refused(
    asked_mock: Mock, described: dict[str, Any], place: str
) -> None:
    method, path = place.split()
    made = asked_mock.client.post("/_mock/sandboxes", json={"clock": "manual"}).json()
    answer = asked_mock.client.request(
        method, path.format(sandbox=made["id"], name="one", trackingId="one", number="1"), content=b""
    )
    required = described["paths"][path][method.lower()].get("requestBody", {}).get("required", False)
    assert (answer.status_code == 400) is required, answer.text


def test_every_schema_that_is_named_is_there() -> None:
    whole = document(ENDPOINTS)
    named = re.findall(f'"{re.escape(REF.format(model=""))}([^"]+)"', json.dumps(whole))
    assert set(named) <= whole["components"]["schemas"].keys()
