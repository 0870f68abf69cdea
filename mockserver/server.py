"""The composition root: settings in, app out; and the server that serves it. The one place that knows everybody."""

import asyncio
import os
import secrets
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware

from mockserver.callbacks import Courier
from mockserver.core.commands import PutScenario
from mockserver.core.engine import Engine
from mockserver.destinations import Destinations
from mockserver.driver import Driver
from mockserver.http.control import ControlApi
from mockserver.http.guard import Guard
from mockserver.http.metrics import MetricsApi
from mockserver.http.protocol import Protocol
from mockserver.http.replies import handlers
from mockserver.http.routee import RouteeApi
from mockserver.inside import App, Inside
from mockserver.loader import Shelf
from mockserver.sandboxes import Sandboxes
from mockserver.settings import Settings
from mockserver.wire import document

TIDY = 10.0
"""Real seconds between two looks for idle sandboxes, at the most."""


def create_app(
    settings: Settings | None = None,
    *,
    webhook: App | None = None,
    real: Callable[[], float] = time.monotonic,
    wall: Callable[[], float] = time.time,
) -> Starlette:
    """The mock as an ASGI app, to be served, mounted, or called in process.

    webhook: an ASGI app in this process that every callback is handed to, instead of being posted over a socket.
    real: seconds that only grow, for the realtime clock; wall: seconds since 1970, for where the clock starts when
    the settings do not say. Raises ValueError when the settings name a scenario that is not there.
    """
    settings = settings or Settings()
    shelf = Shelf(settings.scenarios)
    if settings.scenario is not None and shelf.find(settings.scenario) is None:
        raise ValueError(shelf.unknown(settings.scenario))
    bounds = Destinations(settings.callback_allow, settings.callback_deny)
    courier = Courier(destinations=bounds) if webhook is None else Inside(webhook)

    def make(wanted: Settings) -> Driver:
        start = int(wall() * 1_000) if wanted.start is None else wanted.start
        engine = Engine(wanted.behaviour, start, wanted.clock, wanted.rate)
        for scenario in shelf.played(wanted.scenario):
            engine.submit(PutScenario(scenario))
        return Driver(engine, courier.post, document.payload, real)

    sandboxes = Sandboxes(settings, make, real)
    control = ControlApi(sandboxes, settings, shelf, instance=secrets.token_hex(8))
    routee = RouteeApi(sandboxes, settings, control.scenarios.keep_up)
    routes = [*routee.routes(), *control.routes(), *MetricsApi(sandboxes, routee.answered).routes()]

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        tidying = asyncio.create_task(_tidy(sandboxes, settings.idle))
        yield
        tidying.cancel()
        await sandboxes.close()
        await courier.close()

    app = Starlette(
        routes=routes,
        middleware=[Middleware(Guard, settings)],
        exception_handlers=handlers(routes, routee.note),
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    app.state.sandboxes = sandboxes
    return app


async def _tidy(sandboxes: Sandboxes, idle: float | None) -> None:
    """Forget idle sandboxes, now and then."""
    while idle is not None:
        await asyncio.sleep(min(TIDY, idle / 4))
        await sandboxes.expire()


def bind(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 lets the system choose. Raises OSError when there is none to be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=2_048)


def address(listening: socket.socket) -> str:
    """The http URL a listening socket is reached at."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class Server(uvicorn.Server):
    """uvicorn on uvloop and httptools, without an access log; tells when it is ready."""

    def __init__(self, app: Starlette, ready: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=Protocol,
                access_log=False,
                log_level="error",
                server_header=False,
                timeout_graceful_shutdown=3,
            )
        )
        self._sandboxes: Sandboxes = app.state.sandboxes
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to serve, then say so."""
        await super().startup(sockets)
        self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop to serve. Whoever waits for news is dismissed first: their connections would not close otherwise."""
        self._sandboxes.dismiss()
        await super().shutdown(sockets)


def serve(settings: Settings, ready: Callable[[str], None]) -> None:
    """Serve until interrupted; `ready` is told the URL once it answers. Raises OSError when the port is taken."""
    with bind(settings.host, settings.port) as listening:
        server = Server(create_app(settings), lambda: ready(address(listening)))
        if settings.stop_on_eof:
            threading.Thread(target=_stop_on_eof, args=(server,), name="routee-mock-eof", daemon=True).start()
        server.run([listening])


def _stop_on_eof(server: Server) -> None:
    # The descriptor and not sys.stdin: a daemon thread that holds the latter's lock makes Python abort when it ends.
    while os.read(0, 1_024):
        pass
    server.should_exit = True


@dataclass(frozen=True, slots=True)
class Running:
    """A server running on a thread of its own, and where it is reached."""

    url: str


@contextmanager
def running(settings: Settings) -> Iterator[Running]:
    """A server on its own thread and event loop, for as long as the block lasts."""
    up = threading.Event()
    with bind(settings.host, settings.port) as listening:
        server = Server(create_app(settings), up.set)
        thread = threading.Thread(target=server.run, args=([listening],), name="routee-mock", daemon=True)
        thread.start()
        try:
            while not up.wait(0.05):
                if not thread.is_alive():
                    raise RuntimeError("the server did not start; its log says why")
            yield Running(address(listening))
        finally:
            server.should_exit = True
            thread.join()
