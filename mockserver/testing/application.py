"""An application as a webhook: WSGI or ASGI, called in this process for each request that reaches the receiver.

A WSGI application runs on the thread of the connection. An ASGI application runs in the event loop in which it was
given, so that it shares with the test what belongs to a loop; if none was running, it gets a loop of its own.
"""

import asyncio
import inspect
import os
import sys
import sysconfig
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from io import BytesIO
from pathlib import Path
from threading import Thread
from typing import Any, Protocol, TypeVar
from urllib.parse import unquote_to_bytes, urlsplit

__tracebackhide__ = True

SIGNALS = {
    "flask.signals": "got_request_exception",
    "quart.signals": "got_request_exception",
    "django.core.signals": "got_request_exception",
}
"""The signals by which frameworks tell of an exception that they answer with a 500."""

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding"}
"""Headers about a connection: the application has another one, so they are not passed on."""

PARTING = 5.0
"""Real seconds that an application may take to shut down."""

LIBRARIES = ("site-packages", "dist-packages", sysconfig.get_path("stdlib"), f"{Path(__file__).parents[1]}{os.sep}")
"""Where libraries are: their code is not under test."""

Headers = dict[str, str | list[str]]
Answered = tuple[bytes, int, Headers]
Message = MutableMapping[str, Any]
Fail = Callable[[BaseException], None]

T = TypeVar("T")

_heard: ContextVar[list[BaseException] | None] = ContextVar("routee_heard", default=None)


class Asked(Protocol):
    """A request."""

    @property
    def method(self) -> str: ...  # noqa: D102 -- as its name says
    @property
    def path(self) -> str: ...  # noqa: D102
    @property
    def headers(self) -> Mapping[str, str]: ...  # noqa: D102
    @property
    def body(self) -> bytes: ...  # noqa: D102


class Wsgi:
    """Calls a WSGI application. url: where it is reached. fail: is told what its framework caught and answered."""

    def __init__(self, app: Any, url: str, fail: Fail) -> None:
        self.app, self._fail, self._place = app, fail, urlsplit(url)

    def __call__(self, asked: Asked) -> Answered:
        """The application's answer to a request. Raises what the application raises."""
        said: list[Any] = []
        body: list[bytes] = []

        def start(status: str, headers: list[tuple[str, str]], _: Any = None) -> Callable[[bytes], None]:
            said[:] = [int(status[:3]), _headers(headers)]
            return body.append

        with _unhandled(self._fail):
            parts = self.app(self._environ(asked), start)
            try:
                body.extend(parts)
            finally:
                getattr(parts, "close", lambda: None)()
        return b"".join(body), *said

    def _environ(self, asked: Asked) -> dict[str, Any]:
        path, _, query = asked.path.partition("?")
        headers = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in asked.headers.items()}
        return headers | {
            "REQUEST_METHOD": asked.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "CONTENT_TYPE": asked.headers.get("content-type", ""),
            "CONTENT_LENGTH": str(len(asked.body)),
            "SERVER_NAME": self._place.hostname,
            "SERVER_PORT": str(self._place.port),
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(asked.body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }

    def close(self) -> None:
        """Do nothing: nothing is left open."""


class Asgi:
    """Calls an ASGI application, in the running event loop or else in one of its own. The arguments are Wsgi's."""

    def __init__(self, app: Any, url: str, fail: Fail) -> None:
        self.app, self._fail, self._place = app, fail, urlsplit(url)
        self._state: dict[str, Any] = {}
        self._thread: Thread | None = None
        try:
            self._loop = asyncio.get_running_loop()
            self._begin()
        except RuntimeError:
            self._loop = asyncio.new_event_loop()
            self._thread = Thread(target=self._loop.run_forever, name="routee-receiver-app", daemon=True)
            self._thread.start()
            self._loop.call_soon_threadsafe(self._begin)

    def __call__(self, asked: Asked) -> Answered:
        """The application's answer to a request. Raises what the application raises."""
        if not self._loop.is_running():
            raise RuntimeError(
                "the event loop in which receiver.app() was called has stopped: call it within the test, or in a"
                " fixture that runs in the same loop; where pytest-asyncio is in mode auto, a test marked `anyio` has"
                " another loop than its fixtures"
            )
        return self._wait(self._answer(asked))

    def close(self) -> None:
        """Shut the application down. In the loop of the test, it does so when that loop runs on."""
        if self._loop.is_running():
            self._loop.call_soon_threadsafe(self._stop.set)
        if self._thread is not None:
            self._wait(asyncio.wait([self._life], timeout=PARTING))
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()

    def _wait(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    def _begin(self) -> None:
        self._started, self._stop = asyncio.Event(), asyncio.Event()
        self._life = self._loop.create_task(self._live())

    async def _live(self) -> None:
        """The lifespan of the application, if it has one."""
        failed = False

        async def receive() -> Message:
            if self._started.is_set() or asked:
                await self._stop.wait()
                return {"type": "lifespan.shutdown"}
            asked.append(True)
            return {"type": "lifespan.startup"}

        async def send(message: Message) -> None:
            nonlocal failed
            failed = failed or message["type"].endswith(".failed")
            self._started.set()

        asked: list[bool] = []
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": self._state}
        try:
            await self.app(scope, receive, send)
        except Exception as error:  # one that knows no lifespan raises too, before it says anything
            if failed or self._started.is_set():
                self._fail(error)
        finally:
            self._started.set()

    async def _answer(self, asked: Asked) -> Answered:
        await self._started.wait()
        whole, over = bytearray(), asyncio.Event()
        said: list[Any] = []
        news = iter([{"type": "http.request", "body": asked.body, "more_body": False}])

        async def receive() -> Message:
            if (message := next(news, None)) is not None:
                return message
            await over.wait()
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                pairs = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in message["headers"]]
                said[:] = [message["status"], _headers(pairs)]
            elif message["type"] == "http.response.body":
                whole.extend(message.get("body", b""))
                if not message.get("more_body", False):
                    over.set()

        with _unhandled(self._fail):
            try:
                await self.app(self._scope(asked), receive, send)
            except Exception as error:
                if not over.is_set():
                    raise
                self._fail(error)  # it has answered for itself, and says why
        return bytes(whole), *said

    def _scope(self, asked: Asked) -> dict[str, Any]:
        path, _, query = asked.path.partition("?")
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": asked.method,
            "scheme": "http",
            "path": unquote_to_bytes(path).decode("utf-8", "replace"),
            "raw_path": path.encode("latin-1"),
            "query_string": query.encode("latin-1"),
            "root_path": "",
            "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in asked.headers.items()],
            "client": ("127.0.0.1", 0),
            "server": (self._place.hostname, self._place.port),
            "state": dict(self._state),
        }


def serve(app: Any, url: str, fail: Fail) -> Wsgi | Asgi:
    """What answers with an application. The arguments are Wsgi's. Raises TypeError for what is no application."""
    for module, name in SIGNALS.items():
        if module in sys.modules:
            with suppress(RuntimeError):  # an old Flask has no signals unless blinker is installed
                getattr(sys.modules[module], name).connect(_hear)
    for kind, arguments in () if inspect.isclass(app) else ((Wsgi, 2), (Asgi, 3)):
        with suppress(TypeError, ValueError):
            inspect.signature(app).bind(*range(arguments))
            return kind(app, url, fail)
    hint = "; call the function that makes it" if callable(app) else ""
    raise TypeError(f"{app!r} is neither a WSGI nor an ASGI application{hint}")


def own_trace(error: BaseException) -> BaseException:
    """The same error, with a traceback that begins in the first code that is not a library's, if there is any."""
    trace = error.__traceback__
    while trace is not None and any(place in trace.tb_frame.f_code.co_filename for place in LIBRARIES):
        trace = trace.tb_next
    return error if trace is None else error.with_traceback(trace)


def _hear(_: Any = None, **__: Any) -> None:
    """Note what a framework has caught, if it was called from here."""
    heard, error = _heard.get(), sys.exception()
    if heard is not None and error is not None:
        heard.append(error)


@contextmanager
def _unhandled(fail: Fail) -> Iterator[None]:
    """Report every exception that a framework catches within the block, except one that it raises too."""
    heard: list[BaseException] = []
    token, raised = _heard.set(heard), None
    try:
        yield
    except Exception as error:
        raised = error
        raise
    finally:
        _heard.reset(token)
        for each in heard:
            if each is not raised:
                fail(each)


def _headers(pairs: Iterable[tuple[str, str]]) -> Headers:
    """Headers by their names in lower case; of one that comes more than once, a list."""
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        if name.lower() not in HOP_BY_HOP:
            found.setdefault(name.lower(), []).append(value)
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}
