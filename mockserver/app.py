"""The composition root: settings in, app out. The one place that knows everybody."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

from starlette.applications import Starlette
from starlette.middleware import Middleware

from mockserver import logs
from mockserver.core.commands import Answer, PutScenario
from mockserver.core.engine import Engine
from mockserver.delivery.asgi import App, AsgiSender
from mockserver.delivery.destinations import Destinations
from mockserver.delivery.http import HttpSender
from mockserver.delivery.rewrites import Rewrites
from mockserver.http import endpoints
from mockserver.http.control import Control
from mockserver.http.guard import Guard, Judge
from mockserver.http.metrics import Metrics
from mockserver.http.replies import handlers
from mockserver.http.routee import RouteeApi
from mockserver.http.shortcut import ShortcutApp
from mockserver.loader import ScenarioLibrary
from mockserver.sandbox import upkeep
from mockserver.sandbox.driver import Driver
from mockserver.sandbox.lanes import Post
from mockserver.sandbox.registry import Sandboxes
from mockserver.settings import Settings
from mockserver.wire.routee import document

GRACE = 0.4
"""Real seconds that callbacks under way have to be answered when the mock stops; then they are broken off."""

TIDY = 10.0
"""Real seconds between two looks for idle sandboxes, at the most."""


def create_app(
    settings: Settings | None = None,
    *,
    webhook: App | None = None,
    real: Callable[[], float] = time.monotonic,
    wall: Callable[[], float] = time.time,
    ca: bytes | None = None,
) -> Starlette:
    """The mock as an ASGI app, to be served, mounted, or called in process.

    webhook: an ASGI app in this process that every callback is handed to, instead of being posted over a socket.
    real: seconds that only grow, for the realtime clock; wall: seconds since 1970, for where the clock starts when
    the settings do not say; ca: the certificate (PEM) of the authority that vouches for the server, if one does.
    Raises ValueError when the settings name a scenario that is not there.
    """
    settings = settings or Settings()
    library = ScenarioLibrary(settings.scenarios)
    if settings.scenario is not None and library.find(settings.scenario) is None:
        raise ValueError(library.unknown(settings.scenario))
    bounds = Destinations(settings.callback_allow, settings.callback_deny)
    outside = HttpSender(destinations=bounds, rewrites=Rewrites(settings.callback_rewrite))
    sender = outside if webhook is None else AsgiSender(webhook)

    def make(wanted: Settings) -> Driver:
        start = int(wall() * 1_000) if wanted.start is None else wanted.start
        engine = Engine(wanted.behaviour, start, wanted.clock, wanted.rate)
        for scenario in library.played(wanted.scenario):
            engine.submit(PutScenario(scenario))
        return Driver(engine, _telling(sender.post), document.payload, real)

    sandboxes = Sandboxes(settings, make, real)
    keep_up = partial(upkeep.keep_up, library, sandboxes)
    routee = RouteeApi(sandboxes, settings, keep_up)
    metrics = Metrics(sandboxes, routee.notes.answered)
    control = Control(sandboxes, settings, library, metrics, keep_up, instance=secrets.token_hex(8), ca=ca)
    routes = [*routee.routes(), *endpoints.routes(control)]

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        tidying = asyncio.create_task(_tidy(sandboxes, settings.idle))
        yield
        tidying.cancel()
        settled = asyncio.create_task(sandboxes.close())
        await asyncio.wait([settled], timeout=GRACE)
        await sender.close()
        await settled

    judge = Judge(settings)
    app = ShortcutApp(
        {("POST", send.path): send for send in routee.sends},
        judge.plain,
        routes=routes,
        middleware=[Middleware(Guard, judge, routee.lost)],
        exception_handlers=handlers(routes, routee.lost),
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


def _telling(post: Post) -> Post:
    """Post a callback, and log what came of it."""

    async def telling(url: str, body: bytes) -> Answer:
        answer = await post(url, body)
        logs.callback(url, answer)
        return answer

    return telling
