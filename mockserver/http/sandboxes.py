"""Sandboxes: make, read, reset and delete them."""

from dataclasses import replace
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from mockserver.core.dialect import differences
from mockserver.http import pieces
from mockserver.http.clock import clock_of
from mockserver.http.control import Control
from mockserver.http.replies import SANDBOX, Json
from mockserver.sandbox.elsewhere import Elsewhere
from mockserver.sandbox.errors import SandboxError
from mockserver.sandbox.registry import DEFAULT, Sandbox
from mockserver.wire import errors
from mockserver.wire.control import sandboxes


async def list_sandboxes(control: Control, request: Request) -> Response:
    """Every sandbox; of a store that servers share, those that others have too. To be listed is not to be asked for."""
    every = pieces.told(tuple(control.sandboxes), partial(_document, request))
    shared = control.settings.store is not None
    others = {"elsewhere": pieces.told(control.archive.elsewhere, Elsewhere.json)} if shared else {}
    return await pieces.reply(pieces.members({"sandboxes": every, **others}))


async def create_sandbox(control: Control, request: Request) -> Response:
    """Make a sandbox. Raises Refusal (400) if that is not possible."""
    return _made(control, request, sandboxes.read_sandbox(await control.body(request)))


async def put_sandbox(control: Control, request: Request) -> Response:
    """The sandbox that the path names, made if it is not there. With `If-None-Match: *` it must not be there.

    Raises Refusal: 412 if it must not be there and is, 409 if it was made otherwise, 400 if it cannot be made.
    """
    id_ = request.path_params["sandbox"]
    wanted = sandboxes.read_sandbox(await control.body(request))
    if wanted.id not in (None, id_):
        text = f"The path names the sandbox {id_[:100]!r}, and the body another: leave out its id."
        raise errors.malformed(text, {"id": f"must be {id_[:100]}, as in the path, or be left out"})
    there = request.scope[SANDBOX] = control.sandboxes.find(id_)
    if there is None:
        return _made(control, request, replace(wanted, id=id_))
    if request.headers.get("if-none-match") == "*":
        raise errors.there_already(id_)
    if others := wanted.others(there.settings):
        raise errors.made_otherwise(id_, others)
    return Json(_document(request, there))


def _made(control: Control, request: Request, wanted: sandboxes.Wanted) -> Response:
    settings = wanted.settings(control.settings)
    if settings.scenario is not None and control.library.find(settings.scenario) is None:
        unknown = control.library.unknown(settings.scenario)
        raise errors.malformed(unknown, {"scenario": unknown})
    try:
        sandbox = request.scope[SANDBOX] = control.sandboxes.create(wanted.id, settings, wanted.seed)
    except SandboxError as error:
        raise errors.malformed(f"The sandbox cannot be made: {error}.", error.wrong) from None
    return Json(_document(request, sandbox), 201)


async def read_sandbox(control: Control, request: Request) -> Response:
    """One sandbox."""
    return Json(_document(request, control.sandbox(request)))


async def delete_sandbox(control: Control, request: Request) -> Response:
    """Forget a sandbox. Raises Refusal (400) for `default`."""
    sandbox = control.sandbox(request)
    if sandbox.id == DEFAULT:
        raise errors.malformed("The default sandbox is always there; POST /_mock/reset empties it.")
    await control.sandboxes.delete(sandbox)
    return Response(status_code=204)


async def reset_sandbox(control: Control, request: Request) -> Response:
    """Empty a sandbox, so that it is as it was made."""
    return Json(_document(request, await control.sandboxes.reset(control.sandbox(request))))


def _document(request: Request, sandbox: Sandbox) -> dict[str, Any]:
    """A sandbox as JSON: how to reach it, and what it holds."""
    engine, server = sandbox.driver.engine, str(request.base_url).rstrip("/")
    return {
        "id": sandbox.id,
        "applicationId": sandbox.application,
        "applicationSecret": sandbox.secret,
        "authUrl": server,
        "apiUrl": server,
        "controlUrl": f"{server}/_mock/sandboxes/{sandbox.id}",
        "seed": engine.behaviour.seed,
        "dialect": differences(sandbox.dialect),
        "clock": clock_of(sandbox.driver),
        "flows": len(engine.flows),
        "forgotten": {"flows": engine.store.forgotten, "journal": engine.journal.forgotten},
        "callbacks": len(engine.deliveries),
        "journal": len(engine.journal),
    }
