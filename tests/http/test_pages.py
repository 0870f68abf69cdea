"""The pages for people show the whole documents, run no script, and ask nothing of any other place."""

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import httpx2
import pytest

from mockserver.http.endpoints import ONE
from mockserver.wire.openapi.page import render
from tests.http.mocks import Mock, mocking
from tests.wire.openapi.documents import DOCUMENTS, contents, operations

PAGES = {"routee": "/docs", "control": "/_mock/docs"}


class Reader(HTMLParser):
    """Reads a page: its tags, ids, links and text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self.tags.append(tag)
        self.attributes |= told.keys()
        self.ids += [told["id"] or ""] if "id" in told else []
        self.links += [told["href"] or ""] if "href" in told else []

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def shown_mock() -> Iterator[Mock]:
    with mocking() as mock:
        yield mock


@pytest.fixture(scope="module", params=PAGES.items(), ids=list(PAGES))
def shown(request: pytest.FixtureRequest, shown_mock: Mock) -> tuple[str, httpx2.Response, Reader]:
    document, path = request.param
    # A browser says that nobody sent it here.
    response = shown_mock.client.get(path, headers={"accept": "text/html", "sec-fetch-site": "none"})
    assert response.status_code == 200
    return document, response, Reader(response.text)


Shown = tuple[str, httpx2.Response, Reader]


def test_it_is_html_that_may_do_nothing_but_use_its_own_style(shown: Shown) -> None:
    _, response, page = shown
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    [style] = re.findall(r"<style>(.*?)</style>", response.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert response.headers["content-security-policy"] == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["referrer-policy"] == "no-referrer"
    assert not {"script", "img", "link", "iframe", "form", "object"} & set(page.tags)
    assert not [each for each in page.attributes if each.startswith("on") or each in {"src", "style"}]
    assert "url(" not in style


def test_every_link_leads_somewhere_here(shown: Shown, shown_mock: Mock) -> None:
    _, _, page = shown
    assert len(set(page.ids)) == len(page.ids)
    inside = {link[1:] for link in page.links if link.startswith("#")}
    assert inside <= set(page.ids)
    outside = {link for link in page.links if not link.startswith("#")}
    assert outside
    assert all(shown_mock.client.get(link).status_code == 200 for link in outside)


def test_it_shows_every_operation_object_and_example(shown: Shown, shown_mock: Mock) -> None:
    name, _, page = shown
    document = DOCUMENTS[name]
    # What there is for each sandbox stands beside the same of the sandbox `default`.
    once = [operation for place, operation in operations(name) if f" {ONE}/" not in place]
    assert all(place.split()[1] in page.text for place, _ in operations(name))
    named = {operation["operationId"] for operation in once}
    named |= {each["post"]["operationId"] for each in document.get("webhooks", {}).values()}
    assert {each for each in page.ids if not each.startswith("schema-")} == named
    assert {f"schema-{each}" for each in document["components"]["schemas"]} <= set(page.ids)
    for operation in once:
        for _, _, content in contents(operation):
            for example in content.get("examples", {}).values():
                assert there(example["value"]).replace("http://127.0.0.1:8080", shown_mock.url) in page.text


def there(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)


def test_what_a_document_says_is_text_and_no_markup() -> None:
    document = {
        "info": {"title": "<b>", "description": "a `<i>` & more"},
        "servers": [{"url": "http://x/<script>"}],
        "paths": {},
        "components": {"schemas": {"<u>": {"type": "string", "description": "<s>", "default": "<q>"}}},
    }
    page = Reader(render(document, {}))
    assert not {"b", "i", "u", "s", "q", "script"} & set(page.tags)
    assert "a <i> & more" in page.text
