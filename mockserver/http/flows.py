"""The flows of a sandbox and their callbacks, and why a flow went the way it did."""

from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from mockserver.core.deliveries import Delivery
from mockserver.core.flow import Flow
from mockserver.core.journal import Entry
from mockserver.http import pieces
from mockserver.http.control import Control
from mockserver.wire import documents
from mockserver.wire.control import journal, views, why


async def list_flows(control: Control, request: Request) -> Response:
    """A page of the flows."""
    page = views.read_page(request.query_params)
    kept = tuple(control.sandbox(request).driver.engine.flows.values())

    def asked(flow: Flow) -> bool:
        return flow.number > page.after and page.flow in (None, flow.id)

    found = views.chosen(kept, asked, page.limit)
    return await pieces.reply(pieces.members({"flows": pieces.told(found, views.flow_line)}))


async def read_flow(control: Control, request: Request) -> Response:
    """One flow. Raises Refusal (404) if it does not exist."""
    flow, entries = _find(control, request)
    steps = [orjson.Fragment(step.asked) for step in flow.steps]
    told = {"document": documents.document(flow), "steps": steps, "journal": pieces.told(entries, journal.entry_json)}
    return await pieces.reply(pieces.members(views.flow_line(flow) | told))


async def explain_flow(control: Control, request: Request) -> Response:
    """Every decision in a flow, in words. Raises Refusal (404) if it does not exist."""
    flow, entries = _find(control, request)
    reasons = pieces.told(why.explain(flow, entries), dict)
    return await pieces.reply(pieces.members({"trackingId": flow.id, "status": str(flow.status), "why": reasons}))


async def list_callbacks(control: Control, request: Request) -> Response:
    """A page of the callbacks."""
    page = views.read_page(request.query_params)
    kept = tuple(control.sandbox(request).driver.engine.deliveries)

    def asked(delivery: Delivery) -> bool:
        return delivery.number > page.after and page.flow in (None, delivery.flow.id)

    found = views.chosen(kept, asked, page.limit)
    return await pieces.reply(pieces.members({"callbacks": pieces.told(found, _callback)}))


def _callback(delivery: Delivery) -> dict[str, Any]:
    return views.callback_document(delivery, documents.callback_body(delivery))


def _find(control: Control, request: Request) -> tuple[Flow, tuple[Entry, ...]]:
    """The flow that the path names, and the entries about it."""
    engine, id_ = control.sandbox(request).driver.engine, request.path_params["trackingId"]
    flow = engine.flows.get(id_)
    if flow is None:
        raise views.unknown_flow(id_, engine.flows, engine.store.forgotten)
    return flow, engine.journal.of_flow(id_)
