"""The journal of a sandbox, the requests in it, and the log for replays."""

from collections.abc import Iterable

from starlette.requests import Request
from starlette.responses import Response

from mockserver.core.engine import Engine
from mockserver.core.journal import Entry
from mockserver.http import following, pieces
from mockserver.http.control import Control
from mockserver.wire import Json
from mockserver.wire.control import journal, listing
from mockserver.wire.control.diagram import mermaid
from mockserver.wire.control.journal import Excerpt
from mockserver.wire.control.timeline import timeline

LINES, TEXT = "application/x-ndjson", "text/plain"


async def read_journal(control: Control, request: Request) -> Response:
    """The entries that are asked for, in the format that is asked for."""
    sandbox = control.sandbox(request)
    driver = sandbox.driver
    if following.wanted(request):
        return following.follow(request, control.sandboxes, sandbox)
    wanted = journal.read_excerpt(request.query_params, journal.FORMATS)
    entries = journal.excerpt(_entries(driver.engine, wanted), wanted)
    match request.query_params.get("format"):
        case "jsonl":
            return await pieces.reply((journal.line(each) if each else b"" for each in entries), LINES)
        case "text":
            return await pieces.reply((f"{each}\n".encode() if each else b"" for each in timeline(entries)), TEXT)
        case "mermaid":
            return await pieces.reply((f"{each}\n".encode() if each else b"" for each in mermaid(entries)), TEXT)
    fields = {"forgotten": driver.engine.journal.forgotten, "entries": pieces.told(entries, dict)}
    return await pieces.reply(pieces.members(fields))


def _entries(engine: Engine, wanted: Excerpt) -> Iterable[Entry]:
    """The entries to look through, by the index of a flow if only that one is asked for."""
    kept, after = engine.journal, wanted.begun(engine.journal.written)
    if wanted.flow is not None and wanted.flow in engine.flows:
        return (entry for entry in kept.of_flow(wanted.flow) if entry.number > after)
    return kept.read(after)


async def list_requests(control: Control, request: Request) -> Response:
    """The requests to the mocked API, each with its body, its duration and the flow it made."""
    asked, sandbox = listing.read_requests(request.query_params), control.sandbox(request)
    engine, exchanges, flow = sandbox.driver.engine, sandbox.exchanges, asked.page.flow
    numbers = engine.requests.numbers(refused=asked.refused)
    if flow is not None:
        maker = exchanges.maker(flow)
        numbers = [number for number in numbers if number == maker]

    def told(number: int) -> Json:
        entry = engine.journal.entry(number)
        return journal.entry_json(entry) | listing.exchange(entry.fact, exchanges.get(number))

    kept = (
        None if number is None or number <= engine.journal.forgotten else number
        for number in listing.cut(asked.page, numbers, int)
    )
    fields = {"requests": pieces.told(kept, told), "total": len(numbers)}
    return await pieces.reply(pieces.members(fields))


async def read_log(control: Control, request: Request) -> Response:
    """The log of commands. Raises Refusal (409) if the sandbox no longer keeps one."""
    return await pieces.reply(await control.archive.log(control.sandbox(request)), LINES, pieces.beside)
