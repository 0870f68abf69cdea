"""The page is served as it should be: its headers, the way to it, without a token, and not at all if not wanted."""

import pytest

from mockserver.http.page import files
from tests.http.mocks import Mock, mocking

PAGE = "/_mock/ui/"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:;"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script';"
    " trusted-types 'none'"
)
BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.mark.parametrize("path", [*files(), ""])
def test_every_file_has_the_headers_that_keep_the_page_to_itself(mock: Mock, path: str) -> None:
    got = mock.client.get(PAGE + path)
    assert got.status_code == 200
    assert got.content
    assert {name: got.headers[name] for name in got.headers if name != "date"} == {
        "content-security-policy": POLICY,
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
        "cache-control": "no-cache",
        "etag": got.headers["etag"],
        "content-length": str(len(got.content)),
        "content-type": got.headers["content-type"],
    }
    again = mock.client.get(PAGE + path, headers={"if-none-match": got.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_scripts_are_scripts_and_the_first_file_is_the_page(mock: Mock) -> None:
    assert mock.client.get(PAGE + "vendor/preact.mjs").headers["content-type"].startswith("text/javascript")
    assert mock.client.get(PAGE + "ui.css").headers["content-type"].startswith("text/css")
    assert "<title>" in mock.client.get(PAGE).text


def test_a_browser_that_opens_the_mock_is_led_to_the_page(mock: Mock) -> None:
    for path in ("/", "/_mock/ui"):
        led = mock.client.get(path, headers=BROWSER)
        assert (led.status_code, led.headers["location"]) == (307, PAGE)


def test_every_other_way_to_ask_for_the_root_stays_as_it_was(mock: Mock) -> None:
    with mocking(ui=False) as without:
        for method, headers in (("GET", {}), ("GET", {"accept": "application/json"}), ("POST", BROWSER)):
            here = mock.client.request(method, "/", headers=headers)
            there = without.client.request(method, "/", headers=headers)
            assert here.status_code == there.status_code == 404
            assert here.json() == there.json()


def test_what_is_not_there_is_not_found(mock: Mock) -> None:
    for path in ("nothing.js", "../settings.py", "..%2fsettings.py", "vendor/", "vendor"):
        got = mock.client.get(PAGE + path)
        assert got.status_code == 404, path
        assert "settings" not in got.headers.get("content-type", "")
    assert mock.client.post(PAGE).status_code == 405


def test_the_page_needs_no_token_and_all_it_asks_does() -> None:
    with mocking(control_token="secret") as mock:
        assert mock.client.get(PAGE, headers={"x-mock-token": ""}).status_code == 200
        assert mock.client.get("/_mock/flows", headers={"x-mock-token": ""}).status_code == 401


def test_a_link_on_another_site_may_lead_to_the_page_but_to_nothing_else(mock: Mock) -> None:
    linked = {**BROWSER, "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    assert mock.client.get(PAGE, headers=linked).status_code == 200
    assert mock.client.get("/", headers=linked).status_code == 307
    assert mock.client.get("/_mock/flows", headers=linked).status_code == 403
    assert mock.client.post(PAGE, headers=linked).status_code == 403


def test_without_the_page_there_is_no_way_to_it() -> None:
    with mocking(ui=False) as mock:
        assert mock.client.get(PAGE).status_code == 404
        assert mock.client.get("/", headers=BROWSER).status_code == 404


def test_the_answer_to_a_refused_request_leads_to_the_page(mock: Mock) -> None:
    refused = mock.client.post("/failover", json={"flow": []})
    assert refused.headers["mock-page"] == "/_mock/ui/#/default?only=refused"
    described = mock.client.get("/openapi.json").json()
    assert described["components"]["headers"].keys() == {"Mock-Report", "Mock-Page"}
    assert described["paths"]["/failover"]["post"]["responses"]["400"]["headers"].keys() == {"Mock-Report", "Mock-Page"}
    assert all(name in refused.headers for name in described["components"]["headers"])
    with mocking(ui=False) as without:
        assert "mock-page" not in without.client.post("/failover", json={"flow": []}).headers
