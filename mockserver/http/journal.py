"""The journal of a sandbox, the requests in it, and the log for replays."""

from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from mockserver.http import following, pieces
from mockserver.http.control import Control
from mockserver.settings import VERSION
from mockserver.wire import errors
from mockserver.wire.control import journal, replay
from mockserver.wire.control.timeline import timeline

LINES, TEXT = "application/x-ndjson", "text/plain"


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
            return await pieces.reply((journal.line(each) if each else b"" for each in entries), LINES)
        case "text":
            return await pieces.reply((f"{each}\n".encode() if each else b"" for each in timeline(entries)), TEXT)
    fields = {"forgotten": kept.forgotten, "entries": pieces.told(entries, dict)}
    return await pieces.reply(pieces.members(fields))


async def list_requests(control: Control, request: Request) -> Response:
    """The entries of requests to the mocked API."""
    wanted = replace(journal.read_excerpt(request.query_params), kinds=("request",))
    entries = control.sandbox(request).driver.engine.journal.read(wanted.after)
    return await pieces.reply(pieces.members({"requests": pieces.told(journal.excerpt(entries, wanted), dict)}))


async def read_log(control: Control, request: Request) -> Response:
    """The log of commands. Raises Refusal (409) if the sandbox no longer keeps one."""
    lines = replay.write(control.sandbox(request).driver.engine.log, VERSION)
    if lines is None:
        raise errors.log_given_up()
    return await pieces.reply(lines, LINES)
