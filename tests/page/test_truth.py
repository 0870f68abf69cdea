"""What the page shows is true, whatever happens to the server and the line: it equals a page that was just opened."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from tests.http.mocks import Mock, mocking
from tests.page.browser import PATIENCE, REST, Sight, held, kind, looking
from tests.page.flows import sms, viber
from tools.ports import free_port

BURST = 5_000
"""Events at once."""

MOST_DRAWN = 2_000
"""Changes of what the page shows, until it has taken them in."""

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
        fresh.waits(lambda: fresh.runs(KNOWN)["view"] is not None and sight.runs(KNOWN) == fresh.runs(KNOWN))


DRAWN = """() => {
  window.drawn = 0;
  new MutationObserver((found) => { window.drawn += found.length; })
    .observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
}"""
"""Counts the changes of what is shown."""


def test_a_burst_costs_little_and_is_shown_as_a_fresh_page_shows_it(browser: Any, mock: Mock) -> None:
    """One move of the clock makes 5,000 events."""
    for number in range(800):
        mock.send(viber(f"+3069000{number % 100:02}{number % 10}00"), sms())
    with held(browser, f"{mock.url}/_mock/ui/", ".chips", "800") as sight:
        sight.runs(DRAWN)
        before = journalled(mock)
        mock.advance(until="idle", limit=100_000)
        assert journalled(mock) - before >= BURST
        sight.waits(lambda: sight.runs(KNOWN)["seen"] == journalled(mock))
        sight.page.clock.run_for(REST)
        sight.page.clock.resume()
        asked = Counter(map(kind, sight.requests))
        equals_a_fresh_page(browser, f"{mock.url}/_mock/ui/", sight)
        assert max(asked["the list"], asked["due"]) <= 2
        assert sight.runs("drawn") <= MOST_DRAWN


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
    port = free_port()
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
    port = free_port()
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
