"""The journal as a stream: each entry is sent when it is written, as a server-sent event for a browser or `curl -N`."""

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
"""Real seconds of silence after which a comment is sent, so that no proxy closes the stream as dead."""

BATCH = 500
"""Entries that are written at once; other requests are served in between."""

STILL_HERE = b": keep-alive\n\n"

START_OVER = b"id:\n\n"
"""Makes a browser forget the last id: the journal is gone, and a new one begins at 1."""


def wanted(request: Request) -> bool:
    """Whether a request for the journal wants to follow it."""
    asked = request.query_params.get("format")
    return asked == FOLLOWING or (asked is None and EVENTS in request.headers.get("accept", ""))


def follow(request: Request, driver: Driver) -> Response:
    """The answer to a request that follows the journal."""
    last = request.headers.get("last-event-id", "")
    excerpt = journal.read_following(request.query_params, last, len(driver.engine.journal))
    if request.method == "HEAD":
        return Response(media_type=EVENTS)
    return StreamingResponse(stream(driver, excerpt), media_type=EVENTS, headers={"Cache-Control": "no-cache"})


async def stream(driver: Driver, excerpt: Excerpt) -> AsyncIterator[bytes]:
    """The entries that are asked for: first those already written, then each new one, until the driver is closed."""
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
