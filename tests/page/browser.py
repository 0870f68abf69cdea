"""A browser for the tests of the page: Debian's chromium, kept off the network, and a page that notes what goes wrong."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))

ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"),
)

PATIENCE = 10_000
"""Real milliseconds that a test waits for the page."""


@dataclass(frozen=True, slots=True)
class Sight:
    """A page that is open: `page` of playwright, what its console said, and what it asked for."""

    page: Any
    console: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def text(self, selector: str) -> str:
        return str(self.page.locator(selector).first.inner_text())

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def sees(self, selector: str, text: str) -> None:
        """Wait until an element holds a text."""
        self.page.locator(selector, has_text=text).first.wait_for(timeout=PATIENCE)


@contextmanager
def browsing() -> Iterator[Any]:
    """A browser. Skips, aloud, where there is none."""
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="THE PAGE IS NOT TESTED: playwright is not installed"
    )
    if not CHROMIUM.exists():
        if os.environ.get("CI"):
            pytest.fail(f"CI must test the page, and there is no {CHROMIUM}")
        pytest.skip(f"THE PAGE IS NOT TESTED: there is no {CHROMIUM}; apt-get install chromium, or set CHROMIUM")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=list(ARGUMENTS))
        yield browser
        browser.close()


@contextmanager
def looking(browser: Any, url: str, **options: Any) -> Iterator[Sight]:
    """Open a page in a context of its own."""
    context = browser.new_context(
        **({"viewport": {"width": 1400, "height": 900}, "reduced_motion": "reduce"} | options)
    )
    context.set_default_timeout(PATIENCE)
    sight = Sight(context.new_page())
    sight.page.on("console", lambda message: sight.console.append(f"{message.type}: {message.text}"))
    sight.page.on("pageerror", lambda error: sight.console.append(f"error: {error}"))
    sight.page.on("request", lambda request: sight.requests.append(request.url))
    sight.page.goto(url)
    yield sight
    context.close()
