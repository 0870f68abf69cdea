"""Many flows: the page stays small and quick, and costs a server that is busy next to nothing.

What is held to a bound is counted: nodes, requests, events, and how often code runs. Nothing is timed.
"""

from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.http.mocks import Mock, mocking
from tests.page.browser import REST, Sight, held, kind, looking
from tests.page.flows import TO, send_many, sms, viber

FLOWS, ENTRIES = 10_000, 200_000

FRAMES = 60

MOST_NODES, MOST_HEAP = 1_200, 50
"""Nodes, and megabytes."""

MOST_CALLS = 1_500
"""Runs of a function or a block of the page's code, for a scrolled frame or a key in the search: with a look at each of
the flows there were ten thousand."""

SCROLL = """async ({frames, by}) => {
  const rows = document.querySelector('.rows');
  for (let i = 0; i < frames; i++) {
    rows.scrollTop += by;
    await new Promise((done) => setTimeout(() => requestAnimationFrame(done)));
  }
}"""


COUNT = """async ({frames, by}) => {
  const rows = document.querySelector('.rows');
  let changes = 0;
  const watcher = new MutationObserver((found) => { changes += found.length; });
  watcher.observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
  const counted = [];
  for (let i = 0; i < frames; i++) {
    changes = 0;
    rows.scrollTop += by;
    await new Promise((done) => setTimeout(() => requestAnimationFrame(() => setTimeout(done))));
    counted.push(changes);
  }
  watcher.disconnect();
  return counted;
}"""
"""How many changes each frame makes to the page."""

MOST_CHANGES, MOST_ROWS = 16, 30
"""Changes of a frame that is scrolled by two rows; rows that exist at once."""


@pytest.fixture(scope="module")
def crowd() -> Iterator[Mock]:
    """A sandbox as full as it gets. Its callbacks go where none may go, so their retries are entries and no traffic."""
    with mocking(callback_deny=("127.0.0.1",), log_level="error") as mock:
        body = {"flow": [viber(TO), sms(TO)], "callback": {"strategy": "OnCompletion", "url": "http://127.0.0.1:9/"}}
        send_many(mock, FLOWS, body)
        mock.client.timeout = 300
        for _ in range(30):  # day by day: no request takes long
            mock.advance(by="1d", limit=1_000_000)
        assert mock.client.get("/_mock/sandboxes/default").json()["journal"] >= ENTRIES
        yield mock


@pytest.fixture
def sight(browser: Any, crowd: Mock) -> Iterator[Sight]:
    with looking(browser, f"{crowd.url}/_mock/ui/") as sight:
        sight.sees(".chips", "10,000")
        sight.page.locator("#panel").wait_for()
        yield sight
        assert sight.console == []


def test_a_full_sandbox_is_a_small_page(sight: Sight) -> None:
    sight.page.locator(".rows").focus()
    sight.press("End")
    sight.runs(SCROLL, {"frames": 10, "by": -500})
    assert sight.page.locator("*").count() <= MOST_NODES
    assert sight.counter().heap() <= MOST_HEAP
    assert len(sight.requests) < 120


def test_a_scrolled_frame_changes_only_the_rows_that_come_into_sight(sight: Sight) -> None:
    """What a frame costs follows from it; counted, it is the same on every machine."""
    assert max(sight.runs(COUNT, {"frames": FRAMES, "by": 116})) <= MOST_CHANGES
    assert sight.page.locator(".row").count() <= MOST_ROWS


def test_a_scrolled_frame_and_a_key_in_the_search_look_at_few_flows(sight: Sight) -> None:
    sight.runs(SCROLL, {"frames": FRAMES, "by": 120})
    counter = sight.counter()
    sight.runs(SCROLL, {"frames": FRAMES, "by": 120})
    assert counter.calls() / FRAMES <= MOST_CALLS
    sight.page.locator("#search").focus()
    for _ in range(2):
        sight.page.keyboard.type("+3069000")
        sight.press("Control+A", "Delete")
    sight.settles()
    assert counter.calls() / 20 <= MOST_CALLS


def test_a_page_that_is_opened_asks_for_little_of_what_there_is(sight: Sight) -> None:
    """So the mock answers others meanwhile: none of its answers is long, and none looks at every flow."""
    sight.requests.clear()
    sight.page.reload()
    sight.sees(".chips", "10,000")
    sight.settles()
    asked = [parse_qs(urlsplit(url).query) for url in sight.requests if "/_mock/ui/" not in url]
    assert len(asked) < 10
    assert max(int(query.get("limit", ["0"])[0]) for query in asked) <= 1_000
    assert [query["last"] for query in asked if "format" in query] == [["0"]], "the journal is not read"


COUNT_PIECES = """() => {
  const {read} = ReadableStreamDefaultReader.prototype;
  window.pieces = 0;
  ReadableStreamDefaultReader.prototype.read = function () {
    window.pieces++;
    return read.call(this);
  };
}"""
"""Counts the pieces in which the stream arrives: the server rests between two."""


def test_a_page_left_open_asks_for_little(browser: Any) -> None:
    """However many sends there are: each list is read once in a rest, and each newest flow once for a piece of the stream."""
    with mocking() as mock, held(browser, f"{mock.url}/_mock/ui/", "h1", "No flow yet") as sight:
        sight.runs(COUNT_PIECES)
        for sent in range(25, 525, 25):
            for _ in range(25):
                mock.send(sms())
            sight.waits(partial(knows, sight, sent))
            sight.page.clock.run_for(REST // 4)
        asked = Counter(map(kind, sight.requests))
        assert {"the list", "due", "a flow"} <= set(asked)
        assert asked.pop("a flow") <= sight.runs("pieces") + asked["the list"]
        assert max(asked.values()) <= 5 + 1
        sight.requests.clear()
        for _ in range(20):
            sight.page.clock.run_for(10 * REST)
        assert "500" in sight.text(".chips")
        assert len(sight.requests) <= 6, "an idle page asks for nothing"


def knows(sight: Sight, flows: int) -> bool:
    return bool(sight.runs("async () => (await import('./store.js')).state.world.counts.all") == flows)
