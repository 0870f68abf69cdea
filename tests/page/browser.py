"""A browser for the tests of the page, and a page that notes what goes wrong and counts what it costs."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import pytest

from tools import browser as tool
from tools.browser import NoBrowserError

PATIENCE = 120_000
"""Real milliseconds that a test waits for the page."""

THEMES = ("light", "dark")

WIDE: dict[str, Any] = {"viewport": {"width": 1400, "height": 900}, "reduced_motion": "reduce"}


STILL = """() => new Promise((done) => {
  const end = () => { watcher.disconnect(); done(); };
  let timer = setTimeout(end, 100);
  const watcher = new MutationObserver(() => { clearTimeout(timer); timer = setTimeout(end, 100); });
  watcher.observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
})"""
"""Ends when the page has been the same for a tenth of a second."""


@dataclass(frozen=True, slots=True)
class Sight:
    """A page that is open: `page` of playwright, what its console said, and what it asked for."""

    page: Any
    console: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    def text(self, selector: str) -> str:
        return str(self.page.locator(selector).first.inner_text())

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def sees(self, selector: str, text: str) -> None:
        """Wait until an element holds a text."""
        self.page.locator(selector, has_text=text).first.wait_for(timeout=PATIENCE)

    def waits(self, happens: Callable[[], bool]) -> None:
        """Wait until something is so."""
        end = monotonic() + PATIENCE / 1_000
        while not happens():
            assert monotonic() < end
            self.page.wait_for_timeout(20)

    def runs(self, script: str, value: Any = None) -> Any:
        """What a script says in the page."""
        return self.page.evaluate(script, value)

    def settles(self) -> None:
        """Wait until nothing on the page changes any more."""
        self.runs(STILL)

    def fits(self) -> bool:
        """Whether nothing is wider than the window."""
        return bool(self.runs("document.documentElement.scrollWidth <= innerWidth"))

    def counter(self) -> "Counter":
        """Counts what the page costs from now on."""
        session = self.page.context.new_cdp_session(self.page)
        for each in ("Performance.enable", "Profiler.enable"):
            session.send(each)
        session.send("Profiler.startPreciseCoverage", {"callCount": True, "detailed": True})
        return Counter(session)


@dataclass(frozen=True, slots=True)
class Counter:
    """What the browser itself counts of a page: runs of its code, and memory in use."""

    session: Any

    def calls(self) -> int:
        """How often a function or a block of the page's code has run since this was asked last."""
        scripts = self.session.send("Profiler.takePreciseCoverage")["result"]
        return sum(
            block["count"]
            for script in scripts
            for function in script["functions"]
            for block in function["ranges"]
            if script["url"].startswith("http")
        )

    def heap(self) -> float:
        """Megabytes in use, once what is no longer needed is gone."""
        self.session.send("HeapProfiler.collectGarbage")
        metrics = self.session.send("Performance.getMetrics")["metrics"]
        return float(next(each["value"] for each in metrics if each["name"] == "JSHeapUsedSize")) / 1e6


@contextmanager
def browsing() -> Iterator[Any]:
    """A browser. Without one it skips, aloud; in CI it fails."""
    try:
        with tool.browsing() as browser:
            yield browser
    except NoBrowserError as why:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"THE PAGE IS NOT TESTED: {why}")


@contextmanager
def looking(browser: Any, url: str, **options: Any) -> Iterator[Sight]:
    """Open a page in a context of its own."""
    context = browser.new_context(**(WIDE | options))
    context.set_default_timeout(PATIENCE)
    try:
        yield opened(context, url)
    finally:
        context.close()


REST = 800
"""Milliseconds of the page between two readings of one list, as lists.js has it."""


@contextmanager
def held(browser: Any, url: str, selector: str, text: str) -> Iterator[Sight]:
    """Open a page, wait until an element holds a text, and hold the clock of the page: it moves only by `run_for`. So how
    long anything takes says nothing. What was asked for until then is forgotten."""
    with looking(browser, "about:blank") as sight:
        sight.page.clock.install()
        sight.page.goto(url)
        sight.sees(selector, text)
        sight.page.clock.pause_at(sight.runs("Date.now()") + 10 * REST)
        sight.requests.clear()
        yield sight


def kind(url: str) -> str:
    """What a request of the page is for."""
    path = urlsplit(url).path.partition("/default/")[2]
    if path == "flows":
        return "the list, further down" if "before=" in url else "the list"
    return "a flow" if path.startswith("flows/") else path


def opened(context: Any, url: str) -> Sight:
    """A page in a context that is there."""
    sight = Sight(context.new_page())

    def dismiss(dialog: Any) -> None:
        sight.dialogs.append(dialog.message)
        dialog.dismiss()

    sight.page.on("console", lambda message: sight.console.append(f"{message.type}: {message.text}"))
    sight.page.on("pageerror", lambda error: sight.console.append(f"error: {error}"))
    sight.page.on("request", lambda request: sight.requests.append(request.url))
    sight.page.on("dialog", dismiss)
    sight.page.goto(url)
    return sight
