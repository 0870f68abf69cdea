"""Debian's chromium, driven by playwright and kept off the network: for the tests of the page, and for its pictures."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))

ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"),
)


class NoBrowserError(RuntimeError):
    """There is no browser on this machine. The text says what to do."""


@contextmanager
def browsing() -> Iterator[Any]:
    """A browser of playwright. Raises NoBrowserError."""
    try:
        from playwright import sync_api
    except ImportError:
        raise NoBrowserError("playwright is not installed: make .venv/paged") from None
    if not CHROMIUM.exists():
        raise NoBrowserError(f"there is no {CHROMIUM}; apt-get install chromium, or set CHROMIUM")
    with sync_api.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=list(ARGUMENTS))
        yield browser
        browser.close()
