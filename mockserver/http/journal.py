"""The journal of a sandbox, the requests in it, and the log for replays."""

from dataclasses import replace

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from mockserver.http import following
from mockserver.http.control import Control
from mockserver.http.replies import Json
from mockserver.settings import VERSION
from mockserver.wire import errors
from mockserver.wire.control import journal, replay
from mockserver.wire.control.timeline import timeline

LINES = "application/x-ndjson"


async def read_journal(control: Control, request: Request) -> Response:
    """The entries that are asked for, in the format that is asked for."""
    driver = control.sandbox(request).driver
    if following.wanted(request):
        return following.follow(request, driver)
    wanted = journal.read_excerpt(request.query_params, journal.FORMATS)
    kept = driver.engine.journal
    entries = journal.excerpt(kept.read(wanted.after), wanted)
    match request.query_params.get("format"):
        case "jsonl":
            return Response(b"".join(journal.lines(entries)), media_type=LINES)
        case "text":
            return PlainTextResponse("".join(f"{line}\n" for line in timeline(entries)))
    return Json({"forgotten": kept.forgotten, "entries": list(entries)})


async def list_requests(control: Control, request: Request) -> Response:
    """The entries of requests to the mocked API."""
    wanted = replace(journal.read_excerpt(request.query_params), kinds=("request",))
    entries = control.sandbox(request).driver.engine.journal.read(wanted.after)
    return Json({"requests": list(journal.excerpt(entries, wanted))})


async def read_log(control: Control, request: Request) -> Response:
    """The log of commands. Raises Refusal (409) if the sandbox no longer keeps one."""
    lines = replay.write(control.sandbox(request).driver.engine.log, VERSION)
    if lines is None:
        raise errors.log_given_up()
    return Response(b"".join(lines), media_type=LINES)
