"""The control API, under /_mock/: ours, not Routee's. Time is moved and watched here, callbacks are looked at."""

from itertools import islice
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mockserver.core.clock import ClockError
from mockserver.driver import Driver, Until
from mockserver.http.replies import Json, read_body
from mockserver.sandboxes import Sandbox, Sandboxes
from mockserver.settings import Settings
from mockserver.wire import control, document, errors
from mockserver.wire.instants import stamp


class ControlApi:
    """What a test or a person at the keyboard does to the mock."""

    def __init__(self, sandboxes: Sandboxes, settings: Settings) -> None:
        self._sandboxes = sandboxes
        self._settings = settings

    def routes(self) -> list[Route]:
        """The paths of the default sandbox."""
        return [
            Route("/_mock/health", self.health, methods=["GET"]),
            Route("/_mock/clock", self.read_clock, methods=["GET"]),
            Route("/_mock/clock", self.set_clock, methods=["PUT"]),
            Route("/_mock/clock/advance", self.advance, methods=["POST"]),
            Route("/_mock/callbacks", self.callbacks, methods=["GET"]),
            Route("/_mock/sink/{name}", self.fill_sink, methods=["POST"]),
            Route("/_mock/sink/{name}", self.read_sink, methods=["GET"]),
            Route("/_mock/sink/{name}", self.clear_sink, methods=["DELETE"]),
        ]

    async def health(self, _: Request) -> Response:
        """GET /_mock/health: the server answers."""
        return Json({"status": "ok"})

    async def read_clock(self, request: Request) -> Response:
        """GET /_mock/clock: the instant, how the clock moves, and what is due."""
        return Json(_clock(self._sandbox(request).driver))

    async def set_clock(self, request: Request) -> Response:
        """PUT /_mock/clock: another mode, rate, or both."""
        driver = self._sandbox(request).driver
        driver.set_clock(control.read_clock(await self._body(request)))
        return Json(_clock(driver))

    async def advance(self, request: Request) -> Response:
        """POST /_mock/clock/advance: time moves; answers when all of it has happened."""
        driver = self._sandbox(request).driver
        until = Until(**control.read_advance(await self._body(request)))
        if until.flow is not None and until.flow not in driver.engine.flows:
            raise errors.unknown_flow(until.flow)
        try:
            done = await driver.advance(until)
        except ClockError as error:
            raise errors.malformed(f"The clock stands at {stamp(driver.now())}: {error}.") from None
        moved = {"from": stamp(done.since), "to": stamp(done.now), "stopped": done.stopped, "events": done.events}
        return Json(moved | control.happened(done.entries) | {"clock": _clock(driver)})

    async def callbacks(self, request: Request) -> Response:
        """GET /_mock/callbacks: every callback with its payload, attempts and next retry, oldest first."""
        page = control.read_page(request.query_params)
        later = self._sandbox(request).driver.engine.deliveries.after(page.after)
        found = islice((each for each in later if page.flow in (None, each.flow.id)), page.limit)
        return Json(
            {"callbacks": [control.callback_document(each, document.document(each.flow)) for each in found]}
        )

    async def fill_sink(self, request: Request) -> Response:
        """POST /_mock/sink/{name}: keep what is posted here."""
        sandbox = self._sandbox(request)
        body = await self._body(request)
        sandbox.sinks.put(request.path_params["name"], stamp(sandbox.driver.now()), body)
        return Json({"kept": True})

    async def read_sink(self, request: Request) -> Response:
        """GET /_mock/sink/{name}: what was posted there, oldest first."""
        name = request.path_params["name"]
        return Json({"sink": name, "requests": self._sandbox(request).sinks.read(name)})

    async def clear_sink(self, request: Request) -> Response:
        """DELETE /_mock/sink/{name}: forget what was posted there."""
        self._sandbox(request).sinks.clear(request.path_params["name"])
        return Response(status_code=204)

    def _sandbox(self, _: Request) -> Sandbox:
        return self._sandboxes.default

    async def _body(self, request: Request) -> bytes:
        return await read_body(request, self._settings.max_body)


def _clock(driver: Driver) -> dict[str, Any]:
    clock, due = driver.engine.clock, driver.engine.peek()
    return control.clock_document(
        driver.now(), clock.mode, clock.rate, driver.engine.pending, None if due is None else due[0]
    )
