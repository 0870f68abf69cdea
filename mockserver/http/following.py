"""Following the journal while it is written: server-sent events, as a browser or `curl -N` reads them."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from mockserver.sandbox.driver import Driver
from mockserver.wire.control import journal
from mockserver.wire.control.journal import FOLLOWING, Excerpt

EVENTS = "text/event-stream"

KEEP_ALIVE = 15.0
"""Real seconds of silence after which a comment is sent, so that nobody on the way takes the stream for dead."""

BATCH = 500
"""Entries looked at in one go, after which other requests are served."""

STILL_HERE = b": keep-alive\n\n"

START_OVER = b"id:\n\n"
"""Makes a browser forget the last id: the journal it was of is no more, and another begins at 1."""


def wanted(request: Request) -> bool:
    """Whether a request for the journal wants to follow it."""
    asked = request.query_params.get("format")
    return asked == FOLLOWING or (asked is None and EVENTS in request.headers.get("accept", ""))


def follow(request: Request, driver: Driver) -> Response:
    """The answer to somebody who follows the journal."""
    last = request.headers.get("last-event-id", "")
    excerpt = journal.read_following(request.query_params, last, len(driver.engine.journal))
    if request.method == "HEAD":
        return Response(media_type=EVENTS)
    return StreamingResponse(stream(driver, excerpt), media_type=EVENTS, headers={"Cache-Control": "no-cache"})


async def stream(driver: Driver, excerpt: Excerpt) -> AsyncIterator[bytes]:
    """The entries that are asked for: those there are, then each as it is written, until the driver is closed."""
    now = asyncio.get_running_loop().time
    seen, quiet = excerpt.after, now() + KEEP_ALIVE
    while excerpt.limit and await driver.news.changed(seen, quiet - now()):
        fresh = driver.engine.journal.after(seen)
        for start in range(0, len(fresh), BATCH):
            batch = fresh[start : start + BATCH]
            entries = [entry for entry in journal.excerpt(batch, excerpt) if entry is not None]
            excerpt, seen = replace(excerpt, limit=excerpt.limit - len(entries)), batch[-1].number
            if entries:
                yield b"".join(map(journal.event, entries))
                quiet = now() + KEEP_ALIVE
            await asyncio.sleep(0)
        if now() >= quiet:
            yield STILL_HERE
            quiet = now() + KEEP_ALIVE
    if excerpt.limit:
        yield START_OVER
