"""The built-in sinks: a URL for callbacks while there is no webhook yet."""

from starlette.requests import Request
from starlette.responses import Response

from mockserver.http import pieces
from mockserver.http.control import Control
from mockserver.http.replies import Json, read_bytes
from mockserver.wire.instants import stamp


async def fill_sink(control: Control, request: Request) -> Response:
    """Keep a request that was posted, as any receiver would get it: what is encoded stays so."""
    sandbox = control.sandbox(request)
    body = await read_bytes(request.scope, request.receive, control.settings.max_body)
    sandbox.sinks.put(request.path_params["name"], stamp(sandbox.driver.now()), body)
    return Json({"kept": True})


async def read_sink(control: Control, request: Request) -> Response:
    """The requests that were posted."""
    name = request.path_params["name"]
    requests = pieces.told(control.sandbox(request).sinks.read(name), dict)
    return await pieces.reply(pieces.members({"sink": name, "requests": requests}))


async def clear_sink(control: Control, request: Request) -> Response:
    """Forget the requests that were posted."""
    control.sandbox(request).sinks.clear(request.path_params["name"])
    return Response(status_code=204)
