"""The composition root: settings in, app out. The one place that knows every part."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.middleware import Middleware

from mockserver import logs
from mockserver.core.commands import Answer, PutScenario
from mockserver.core.deliveries import is_taken
from mockserver.core.engine import Engine
from mockserver.delivery.asgi import App, AsgiSender
from mockserver.delivery.destinations import Destinations
from mockserver.delivery.failures import is_loopback
from mockserver.delivery.http import HttpSender
from mockserver.delivery.rewrites import Rewrites
from mockserver.http import endpoints, kept, page
from mockserver.http.control import Control
from mockserver.http.guard import Guard, Judge
from mockserver.http.lag import Lag
from mockserver.http.metrics import Metrics
from mockserver.http.replies import handlers
from mockserver.http.routee import RouteeApi
from mockserver.http.shortcut import Shortcuts
from mockserver.keeping.memory import MemoryOnly
from mockserver.loader import ScenarioLibrary
from mockserver.sandbox import upkeep
from mockserver.sandbox.driver import Driver
from mockserver.sandbox.lanes import BreakOff, Post, PostAtOnce
from mockserver.sandbox.registry import Sandbox, Sandboxes
from mockserver.sandbox.supervision import Work, supervise
from mockserver.settings import Settings
from mockserver.wire import services

if TYPE_CHECKING:
    from mockserver.keeping.archive import Archive
    from mockserver.wire.control.learnt import Learnt

GRACE = 0.4
"""Real seconds that callbacks under way have to finish when the mock stops. After that they are cut off."""

TIDY = 10.0
"""The longest time between two searches for idle sandboxes, in real seconds."""


def create_app(
    settings: Settings | None = None,
    *,
    webhook: App | None = None,
    real: Callable[[], float] = time.monotonic,
    wall: Callable[[], float] = time.time,
    ca: bytes | None = None,
) -> Starlette:
    """Make the mock as an ASGI app. It can be served, mounted, or called in process.

    webhook: an ASGI app in this process that gets every callback; without it, callbacks are posted over HTTP. real: a
    clock like time.monotonic, for the realtime mode. wall: a clock like time.time; it says where the virtual clock
    starts if the settings do not. ca: the certificate (PEM) of the authority that signed the server's, if there is
    one. Raises ValueError if the settings name a scenario that does not exist, or `learnt`, `data` or `store` is bad.
    """
    settings = settings or Settings()
    library = ScenarioLibrary(settings.scenarios)
    if settings.scenario is not None and library.find(settings.scenario) is None:
        raise ValueError(library.unknown(settings.scenario))
    sender = _outside(settings) if webhook is None else AsgiSender(webhook)
    archive = _archive(settings, wall)
    drive = partial(_drive, sender, archive, real)

    def make(wanted: Settings) -> Driver:
        engine = Engine(wanted.behaviour, _start(wanted, wall), wanted.clock, wanted.rate)
        archive.listen(engine)
        for scenario in library.played(wanted.scenario, for_all=wanted.scenario != settings.scenario):
            engine.submit(PutScenario(scenario))
        return drive(engine)

    sandboxes = Sandboxes(settings, make, real, archive, archive.sandboxes(drive), archive.coming)
    keep_up = partial(upkeep.keep_up, library, sandboxes)
    routee = RouteeApi(sandboxes, settings, keep_up)
    lag = Lag()
    metrics = Metrics(sandboxes, routee.notes.answered, lag, archive, settings.shard)
    parts = (sandboxes, settings, library, metrics, routee.notes, lag, keep_up, archive)
    control = Control(*parts, instance=secrets.token_hex(8), ca=ca, learnt=_learnt(settings.learnt))
    routes = [*routee.routes(), *endpoints.routes(control)]
    judge = Judge(settings)
    go_on = partial(_go_on, archive, library)
    background: Mapping[str, Work] = {
        "brings sandboxes back": partial(archive.bring, sandboxes, go_on),
        "deletes idle sandboxes": partial(_tidy, sandboxes, settings.idle),
        "measures the lag of the event loop": lag.measure,
        **archive.work,
    }
    app = Starlette(
        routes=[*routes, *(page.routes() if settings.ui else ())],
        middleware=[*kept.middleware(archive), Middleware(Guard, judge=judge, lost_way=routee.lost)],
        exception_handlers=handlers(routes, routee.lost, archive.restored),
        lifespan=partial(_lifespan, background, sandboxes, sender.close, archive, partial(go_on, sandboxes)),
    )
    app.router.redirect_slashes = False
    app.state.sandboxes, app.state.archive = sandboxes, archive
    shortcuts = Shortcuts({("POST", send.path): send.reply for send in routee.sends}, judge.plain, settings.max_body)
    app.state.shortcuts = kept.held(shortcuts, archive)
    return app


@asynccontextmanager
async def _lifespan(
    background: Mapping[str, Work],
    sandboxes: Sandboxes,
    close: Work,
    archive: "Archive | MemoryOnly",
    resume: Callable[[], None],
    _: Starlette,
) -> AsyncIterator[None]:
    """Work behind the requests while the app runs; callbacks under way may end when it stops."""
    tasks = [asyncio.create_task(supervise(f"the task that {name}", work)) for name, work in background.items()]
    resume()  # after that: who brings sandboxes back also hears of those that the first commit finds taken
    yield
    for task in tasks:
        task.cancel()
    settled = asyncio.create_task(sandboxes.close())
    await asyncio.wait([settled], timeout=GRACE)
    await close()
    archive.stop_trying()
    await settled
    await archive.close()


def _go_on(archive: "Archive | MemoryOnly", library: ScenarioLibrary, sandboxes: Iterable[Sandbox]) -> None:
    """Let sandboxes that were kept go on, with the scenario files as they are now."""
    archive.resume()
    upkeep.catch_up(library.changed(archive.since), sandboxes)


async def _tidy(sandboxes: Sandboxes, idle: float | None) -> None:
    """Forget idle sandboxes from time to time."""
    while idle is not None:
        await asyncio.sleep(min(TIDY, idle / 4))
        await sandboxes.expire()


def _start(wanted: Settings, wall: Callable[[], float]) -> int:
    return int(wall() * 1_000) if wanted.start is None else wanted.start


def _outside(settings: Settings) -> HttpSender:
    bounds = Destinations(settings.callback_allow, settings.callback_deny)
    # Nothing outside its container could reach a mock that listens on the loopback address.
    local = is_loopback(settings.host)
    return HttpSender(destinations=bounds, rewrites=Rewrites(settings.callback_rewrite), local=local)


def _archive(settings: Settings, wall: Callable[[], float]) -> "Archive | MemoryOnly":
    if settings.data is not None and settings.store is not None:
        raise ValueError("--data and --store are two places, and all is kept in one: choose one of them")
    if settings.data is None and settings.store is None:
        return MemoryOnly()
    from mockserver.keeping.archive import Archive  # with what it needs, it takes longer than the rest of a start

    return Archive(settings, wall)


def _learnt(file: Path | None) -> "Learnt":
    if file is None:
        return {}
    from mockserver.wire.control.learnt import read_file  # with what it needs, it takes longer than the rest of a start

    return read_file(file)


def _drive(
    sender: HttpSender | AsgiSender, archive: "Archive | MemoryOnly", real: Callable[[], float], engine: Engine
) -> Driver:
    """Drive an engine. Each of its callbacks leaves a line in the log."""
    dialect = engine.behaviour.dialect

    def tell(url: str, answer: Answer) -> None:
        logs.callback(url, answer, taken=is_taken(answer.status, dialect))

    post = _telling(archive.holding(sender.post), tell)
    at_once = _telling_at_once(archive.holding_at_once(sender.post_at_once), tell)
    return Driver(engine, post, services.payload, real, at_once)


Tell = Callable[[str, Answer], None]
"""Called with the URL of a callback and its answer."""


def _telling(post: Post, tell: Tell) -> Post:
    """`post`, which tells each answer too."""

    async def telling(url: str, body: bytes) -> Answer:
        answer = await post(url, body)
        tell(url, answer)
        return answer

    return telling


def _telling_at_once(post: PostAtOnce, tell: Tell) -> PostAtOnce:
    """The same for one that posts at once."""

    def telling(url: str, body: bytes, answered: Callable[[Answer], None]) -> BreakOff | None:
        def told(answer: Answer) -> None:
            tell(url, answer)
            answered(answer)

        return post(url, body, told)

    return telling
