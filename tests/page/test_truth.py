"""What the page shows is true, whatever happens to the server and the line: it equals a page that was just opened."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

from tests.http.mocks import Mock, mocking
from tests.page.browser import PATIENCE, ROOM, Sight, looking
from tests.page.flows import sms, viber

BURST = 5_000
"""Events at once."""

SOON = 2.0
"""Seconds until the page has taken them in, on an idle machine."""

KNOWN = """async () => {
  const {state} = await import('./store.js');
  const {list, world, view, refused, due, missing} = state;
  const {epoch, seen, counts, clock, latest} = world;
  const {now, ...rest} = clock ?? {};
  const top = list.ids.slice(0, 60).map((id) => world.lines.get(id));
  return {list: {ids: list.ids.slice(0, 60), total: list.total}, top, epoch, seen, counts, now, rest, latest, view, refused: refused.total, due, missing};
}"""
"""What a page knows. Of the list, what every page has read."""


def equals_a_fresh_page(browser: Any, url: str, sight: Sight) -> None:
    """Wait until the page knows what a page knows that is opened now."""
    with looking(browser, url) as fresh:
        fresh.page.locator(".link.live").wait_for(timeout=PATIENCE)
        for _ in range(40):
            old, new = sight.runs(KNOWN), fresh.runs(KNOWN)
            if old == new and new["view"] is not None:
                return
            sight.page.wait_for_timeout(100)
    assert old == new


def test_a_burst_is_shown_soon_as_a_fresh_page_shows_it(browser: Any, mock: Mock) -> None:
    """One move of the clock makes 5,000 events. What the page knew when is noted, and compared afterwards."""
    for number in range(800):
        mock.send(viber(f"+3069000{number % 100:02}{number % 10}00"), sms())
    with looking(browser, f"{mock.url}/_mock/ui/") as sight:
        sight.sees(".chips", "800")
        before = journalled(mock)
        mock.advance(until="idle", limit=100_000)
        began, known = perf_counter(), list[tuple[float, Any]]()
        assert journalled(mock) - before >= BURST
        while perf_counter() - began <= SOON * ROOM:
            known.append((perf_counter() - began, sight.runs(KNOWN)))
            sight.page.wait_for_timeout(100)
        with looking(browser, f"{mock.url}/_mock/ui/") as fresh:
            fresh.sees(".chips", "800")
            fresh.page.locator(".phone").wait_for()
            fresh.page.wait_for_timeout(1_000)
            truth = fresh.runs(KNOWN)
        assert known[-1][1] == truth
        print(f"the page was true after {min(at for at, each in known if each == truth):.2f} s")


def journalled(mock: Mock) -> int:
    return int(mock.client.get("/_mock/sandboxes/default").json()["journal"])


@contextmanager
def elsewhere(**settings: Any) -> Iterator[Mock]:
    """A mock that is made on a thread of its own: on this one runs the event loop of playwright."""
    with ThreadPoolExecutor(1) as thread:
        made = mocking(**settings)
        mock = thread.submit(made.__enter__).result()
        try:
            yield mock
        finally:
            thread.submit(made.__exit__, None, None, None).result()


def test_a_sandbox_that_was_kept_goes_on(browser: Any, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with ExitStack() as opened:
        with elsewhere(port=port, data=tmp_path) as mock:
            mock.send(sms())
            sight = opened.enter_context(looking(browser, f"{mock.url}/_mock/ui/"))
            sight.sees("h1", "+30 690 004 2000")
        sight.sees(".link", "reconnecting")
        with elsewhere(port=port, data=tmp_path) as mock:
            sight.sees(".told", "has kept everything")
            sight.sees("h1", "+30 690 004 2000")
            equals_a_fresh_page(browser, f"{mock.url}/_mock/ui/", sight)


def test_a_reset_and_what_comes_after_it_are_shown(browser: Any, mock: Mock, sight: Sight) -> None:
    mock.send(sms())
    sight.sees("h1", "+30 690 004 2000")
    for _ in range(3):
        mock.client.post("/_mock/reset")
        mock.client.post("/_mock/flows", json={"flow": [sms("+306900010000")]})
    equals_a_fresh_page(browser, f"{mock.url}/_mock/ui/", sight)


def test_a_line_that_is_cut_is_taken_up_again(browser: Any, mock: Mock, sight: Sight) -> None:
    mock.send(sms())
    sight.sees("h1", "+30 690 004 2000")
    sight.page.context.set_offline(True)
    sight.runs("async () => (await import('./live.js')).resume('default')")
    sight.sees(".link", "reconnecting")
    mock.send(sms("+306900010000"))
    sight.page.context.set_offline(False)
    sight.sees("h1", "+30 690 001 0000")
    equals_a_fresh_page(browser, f"{mock.url}/_mock/ui/", sight)
    sight.console.clear()  # the browser itself says that the line was cut


def test_a_server_that_starts_again_is_a_new_world(browser: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with ExitStack() as opened:
        with mocking(port=port) as mock:
            mock.send(sms())
            sight = opened.enter_context(looking(browser, f"{mock.url}/_mock/ui/"))
            sight.sees("h1", "+30 690 004 2000")
        sight.sees(".link", "reconnecting")
        with mocking(port=port) as mock:
            mock.send(sms("+306900010000"), sms("+306900010000"))
            sight.sees("h1", "+30 690 001 0000")
            equals_a_fresh_page(browser, f"{mock.url}/_mock/ui/", sight)
            assert sight.page.locator(".row").count() == 1
