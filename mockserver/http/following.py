"""The journal as a stream: each entry is sent when it is written, as a server-sent event for a browser or `curl -N`.

With signals, the stream also says where it begins (`hello`), how the clock stands after each batch (`pulse`), and that
the sandbox begins again or is gone (`reset`). So a page needs to ask for nothing again and again.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import islice

import orjson
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from mockserver.http.clock import clock_of
from mockserver.sandbox.registry import Sandbox, Sandboxes
from mockserver.wire import Json
from mockserver.wire.control import journal, listing
from mockserver.wire.control.journal import FOLLOWING, Excerpt

EVENTS = "text/event-stream"

KEEP_ALIVE = 15.0
"""Real seconds of silence after which a comment is sent, so that no proxy closes the stream as dead."""

BATCH = 500
"""Entries that are written at once; other requests are served in between."""

REST = 0.05
"""Real seconds between a pulse and what comes after it: a follower costs a busy server no more than that allows."""

STILL_HERE = b": keep-alive\n\n"

START_OVER = b"id:\n"
"""Makes a browser forget the last id: the journal is gone, and a new one begins at 1."""


def wanted(request: Request) -> bool:
    """Whether a request for the journal wants to follow it."""
    asked = request.query_params.get("format")
    return asked == FOLLOWING or (asked is None and EVENTS in request.headers.get("accept", ""))


def follow(request: Request, sandboxes: Sandboxes, sandbox: Sandbox) -> Response:
    """The answer to a request that follows the journal."""
    last = request.headers.get("last-event-id", "")
    excerpt = journal.read_following(request.query_params, last, len(sandbox.driver.engine.journal))
    if request.method == "HEAD":
        return Response(media_type=EVENTS)
    told = stream(sandboxes, sandbox, excerpt)
    return StreamingResponse(told, media_type=EVENTS, headers={"Cache-Control": "no-cache"})


async def stream(sandboxes: Sandboxes, sandbox: Sandbox, excerpt: Excerpt) -> AsyncIterator[bytes]:
    """The entries that are asked for: first those already written, then each new one, until the driver is closed."""
    now, driver, signals = asyncio.get_running_loop().time, sandbox.driver, excerpt.signals
    seen, quiet = excerpt.after, now() + KEEP_ALIVE
    if signals:
        yield _signal("hello", _hello(sandbox))
    while excerpt.limit and await driver.news.changed(seen, quiet - now()):
        fresh = False
        while excerpt.limit and (batch := tuple(islice(driver.engine.journal.read(seen), BATCH))):
            entries = [entry for entry in journal.excerpt(batch, excerpt) if entry is not None]
            excerpt, seen = replace(excerpt, limit=excerpt.limit - len(entries)), batch[-1].number
            fresh = True
            if entries:
                yield b"".join(map(journal.event, entries))
                quiet = now() + KEEP_ALIVE
            await asyncio.sleep(0)
        if signals and fresh:
            yield _signal("pulse", _pulse(sandbox))
            quiet = now() + KEEP_ALIVE
            await asyncio.sleep(REST)
        if now() >= quiet:
            yield STILL_HERE
            quiet = now() + KEEP_ALIVE
    if excerpt.limit:
        reset = {"sandbox": sandbox.id, "why": _why(sandboxes, sandbox)}
        yield START_OVER + (_signal("reset", reset) if signals else b"\n")


def _signal(name: str, data: Json) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (name.encode(), orjson.dumps(data))


def _pulse(sandbox: Sandbox) -> Json:
    return {"clock": clock_of(sandbox.driver), "counts": listing.counts(sandbox.driver.engine)}


def _hello(sandbox: Sandbox) -> Json:
    last = len(sandbox.driver.engine.journal)
    return {"sandbox": sandbox.id, "epoch": sandbox.epoch, "last": last} | _pulse(sandbox)


def _why(sandboxes: Sandboxes, sandbox: Sandbox) -> str:
    """Why the stream of a sandbox ends."""
    if sandbox.driver.lost:
        return "stopped"
    there = sandboxes.find(sandbox.id)
    return "deleted" if there is None else "stopped" if there is sandbox else "reset"
