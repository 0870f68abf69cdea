"""Many flows: the page stays small and quick, and costs a server that is busy next to nothing.

What is held to a bound is counted: nodes, requests, events, and processor time as the browser itself counts it.
"""

from collections import Counter
from collections.abc import Iterator
from functools import partial
from statistics import median
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.http.mocks import Mock, mocking
from tests.page.browser import ROOM, Sight, looking
from tests.page.flows import TO, send_many, sms, viber

FLOWS, ENTRIES = 10_000, 200_000

FRAMES = 60

MOST_NODES, MOST_HEAP = 1_200, 50
"""Nodes, and megabytes."""

MOST_FRAME, MOST_KEY = 8.0, 16.0
"""Milliseconds of the main thread's processor time for a scrolled frame, and for a key in the search."""

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


def test_scrolling_and_searching_are_quick(sight: Sight) -> None:
    counter = sight.counter()
    sight.runs(SCROLL, {"frames": FRAMES, "by": 120})
    before = counter.busy()
    sight.runs(SCROLL, {"frames": FRAMES, "by": 120})
    assert (counter.busy() - before) / FRAMES <= MOST_FRAME * ROOM
    sight.page.locator("#search").focus()
    before = counter.busy()
    for _ in range(2):
        sight.page.keyboard.type("+3069000")
        sight.press("Control+A", "Delete")
    assert (counter.busy() - before) / 20 <= MOST_KEY * ROOM


def test_the_mock_answers_meanwhile(crowd: Mock, sight: Sight) -> None:
    took = []
    sight.page.reload()
    for _ in range(30):
        began = perf_counter()
        crowd.client.get("/_mock/health").raise_for_status()
        took.append(perf_counter() - began)
    assert median(took) < 0.1
    sight.sees(".chips", "10,000")


COUNT_PIECES = """(() => {
  const {read} = ReadableStreamDefaultReader.prototype;
  window.pieces = 0;
  ReadableStreamDefaultReader.prototype.read = function () {
    window.pieces++;
    return read.call(this);
  };
})()"""
"""Counts the pieces in which the stream arrives: the server rests between two."""

REST = 800
"""Milliseconds of the page between two readings of one list, as lists.js has it."""


def test_a_page_left_open_asks_for_little(browser: Any) -> None:
    """However many sends there are: each list is read once in a rest, and each newest flow once for a piece of the stream.
    Its clock moves only when it is told to, so it does not matter how long anything takes."""
    with mocking() as mock, looking(browser, "about:blank") as sight:
        sight.page.clock.install()
        sight.page.add_init_script(COUNT_PIECES)
        sight.page.goto(f"{mock.url}/_mock/ui/")
        sight.sees("h1", "No flow yet")
        sight.page.clock.pause_at(sight.runs("Date.now()") + 10 * REST)
        sight.requests.clear()
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


def kind(url: str) -> str:
    """What a request of the page is for."""
    path = urlsplit(url).path.partition("/default/")[2]
    if path == "flows":
        return "the list, further down" if "before=" in url else "the list"
    return "a flow" if path.startswith("flows/") else path
