"""The flows of a sandbox and their callbacks, and why a flow went the way it did."""

from itertools import islice

import orjson
from starlette.requests import Request
from starlette.responses import Response

from mockserver.core.flow import Flow
from mockserver.core.journal import Entry
from mockserver.http.control import Control
from mockserver.http.replies import Json
from mockserver.wire import errors
from mockserver.wire.control import journal, views, why
from mockserver.wire.routee import document


async def list_flows(control: Control, request: Request) -> Response:
    """A page of the flows."""
    page = views.read_page(request.query_params)
    kept = control.sandbox(request).driver.engine.flows.values()
    later = (each for each in kept if each.number > page.after)
    found = islice((each for each in later if page.flow in (None, each.id)), page.limit)
    return Json({"flows": [views.flow_line(flow) for flow in found]})


async def read_flow(control: Control, request: Request) -> Response:
    """One flow. Raises Refusal (404) if it does not exist."""
    flow, entries = _find(control, request)
    steps = [orjson.Fragment(step.asked) for step in flow.steps]
    entries_json = [journal.entry_json(entry) for entry in entries]
    return Json(views.flow_line(flow) | {"document": document.document(flow), "steps": steps, "journal": entries_json})


async def explain_flow(control: Control, request: Request) -> Response:
    """Every decision in a flow, in words. Raises Refusal (404) if it does not exist."""
    flow, entries = _find(control, request)
    return Json({"trackingId": flow.id, "status": str(flow.status), "why": why.explain(flow, entries)})


async def list_callbacks(control: Control, request: Request) -> Response:
    """A page of the callbacks."""
    page = views.read_page(request.query_params)
    later = control.sandbox(request).driver.engine.deliveries.after(page.after)
    found = islice((each for each in later if page.flow in (None, each.flow.id)), page.limit)
    return Json({"callbacks": [views.callback_document(each, document.callback_body(each)) for each in found]})


def _find(control: Control, request: Request) -> tuple[Flow, tuple[Entry, ...]]:
    """The flow that the path names, and the entries about it."""
    engine, id_ = control.sandbox(request).driver.engine, request.path_params["trackingId"]
    flow = engine.flows.get(id_)
    if flow is None:
        raise errors.unknown_flow(id_, engine.store.forgotten)
    return flow, engine.journal.of_flow(id_)
