"""The flows of a sandbox and their callbacks, and why a flow went the way it did."""

import asyncio
from dataclasses import replace
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from mockserver.core.chance import flow_id
from mockserver.core.deliveries import Delivery
from mockserver.core.flow import Flow
from mockserver.core.journal import Entry
from mockserver.http import pieces
from mockserver.http.control import Control
from mockserver.http.replies import Json
from mockserver.sandbox.registry import Sandbox
from mockserver.wire import errors, services
from mockserver.wire.code import formats, rehearsal
from mockserver.wire.code.story import tellings
from mockserver.wire.control import due, journal, listing, progress, views, why
from mockserver.wire.control.learnt import Learnt

LOOKED_AT = 100
"""Flows that are searched in one go, after which others are served."""


async def list_flows(control: Control, request: Request) -> Response:
    """A page of the flows, how many there are in all its pages, and how many of each group."""
    asked, engine = listing.read_flows(request.query_params), control.sandbox(request).driver.engine
    only, deliveries, counts = asked.only, engine.deliveries, listing.counts(engine)

    def wanted(flow: Flow) -> bool:
        return listing.belongs(only, flow, deliveries)

    found, total = tuple(engine.flows.values()), counts[only]
    if asked.page.flow is not None or asked.words:
        found = await _searched(found, asked)
        total = sum(map(wanted, found))
    shown = listing.cut(asked.page, found, lambda flow: flow.number, wanted)
    lines = pieces.told(shown, lambda flow: listing.line(flow, deliveries.of_flow(flow.id)))
    return await pieces.reply(pieces.members({"flows": lines, "total": total, "counts": counts}))


async def _searched(flows: tuple[Flow, ...], asked: listing.Asked) -> tuple[Flow, ...]:
    """The flows with this id, or with these words in them. After every few of them others are served."""
    found: list[Flow] = []
    for start in range(0, len(flows), LOOKED_AT):
        few = (flow for flow in flows[start : start + LOOKED_AT] if asked.page.flow in (None, flow.id))
        found += [flow for flow in few if listing.has(asked.words, flow)]
        await asyncio.sleep(0)
    return tuple(found)


async def read_flow(control: Control, request: Request) -> Response:
    """One flow, as it is now; 304 to a client that knows it. Raises Refusal (404) if it does not exist."""
    wanted = progress.read_pieces(request.query_params)
    sandbox = control.sandbox(request)
    flow, entries = _find(control, request)
    tag = f'"{sandbox.epoch}-{entries[-1].number if entries else 0}-{sandbox.exchanges.maker(flow.id) or 0}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    response = await pieces.reply(
        pieces.members(_view(sandbox, flow, entries) | _more(sandbox, flow, entries, wanted, control.learnt))
    )
    response.headers.update(headers)
    return response


def _view(sandbox: Sandbox, flow: Flow, entries: tuple[Entry, ...]) -> dict[str, Any]:
    """Everything about a flow but what `with` asks for. A field that is an iterator has pieces."""
    engine, callback = sandbox.driver.engine, flow.callback
    return listing.line(flow, engine.deliveries.of_flow(flow.id)) | {
        "kind": str(flow.kind),
        "callback": None if callback is None else {"strategy": str(callback.strategy), "url": callback.url},
        "request": sandbox.exchanges.maker(flow.id),
        "restrictions": None if flow.restrictions is None else orjson.Fragment(flow.restrictions),
        "document": services.document(flow),
        "steps": [orjson.Fragment(step.asked) for step in flow.steps],
        "progress": progress.steps(flow, entries, transcode=sandbox.settings.transcode),
        "due": due.of_flow(engine, flow),
        "journal": pieces.told(entries, journal.entry_json),
    }


def _more(
    sandbox: Sandbox, flow: Flow, entries: tuple[Entry, ...], wanted: frozenset[str], learnt: Learnt
) -> dict[str, Any]:
    deliveries = sandbox.driver.engine.deliveries.of_flow(flow.id)
    changes = progress.changes(deliveries)

    def told(delivery: Delivery) -> dict[str, Any]:
        return _callback(delivery, payload="payloads" in wanted) | {"changes": changes[delivery.number]}

    every = {"why": pieces.told(why.explain(flow, entries, learnt), dict), "callbacks": pieces.told(deliveries, told)}
    shown = wanted | {"callbacks"} if "payloads" in wanted else wanted
    return {name: value for name, value in every.items() if name in shown}


async def explain_flow(control: Control, request: Request) -> Response:
    """Every decision in a flow, in words. Raises Refusal (404) if it does not exist."""
    flow, entries = _find(control, request)
    reasons = pieces.told(why.explain(flow, entries, control.learnt), dict)
    return await pieces.reply(pieces.members({"trackingId": flow.id, "status": str(flow.status), "why": reasons}))


async def write_flow(control: Control, request: Request) -> Response:
    """A flow as code. Raises Refusal (404) if it does not exist."""
    wanted = formats.read_format(request.query_params)
    driver = control.sandbox(request).driver
    flow, entries = _find(control, request)
    stories = list(tellings(driver.engine, flow, entries, driver.now()))
    holding = (each async for each in pieces.unhurried(stories, 1) if rehearsal.holds(each))
    story = formats.lean(await anext(holding, replace(stories[-2], exact=False)))
    text = formats.write(story, wanted, str(request.base_url).rstrip("/"))
    return Response(text, media_type="text/plain")


async def list_callbacks(control: Control, request: Request) -> Response:
    """A page of the callbacks."""
    page, payload = views.read_callbacks(request.query_params)
    kept = control.sandbox(request).driver.engine.deliveries
    every = tuple(kept) if page.flow is None else kept.of_flow(page.flow)
    shown = listing.cut(page, every, lambda delivery: delivery.number)
    told = pieces.told(shown, lambda delivery: _callback(delivery, payload=payload))
    return await pieces.reply(pieces.members({"callbacks": told}))


async def read_callback(control: Control, request: Request) -> Response:
    """One callback, with its payload. Raises Refusal (404) if it does not exist."""
    number = request.path_params["number"]
    engine = control.sandbox(request).driver.engine
    delivery = engine.deliveries.get(int(number)) if views.is_whole(number) else None
    if delivery is None:
        raise errors.unknown_callback(number)
    return Json(_callback(delivery, payload=True))


def _callback(delivery: Delivery, *, payload: bool) -> dict[str, Any]:
    return views.callback_document(delivery, services.callback_body(delivery) if payload else None)


def _find(control: Control, request: Request) -> tuple[Flow, tuple[Entry, ...]]:
    """The flow that the path names, and the entries about it."""
    engine, id_ = control.sandbox(request).driver.engine, request.path_params["trackingId"]
    flow = engine.flows.get(flow_id(id_))
    if flow is None:
        raise views.unknown_flow(id_, engine.flows, engine.store.forgotten)
    return flow, engine.journal.of_flow(flow.id)
