"""The server: sockets, TLS, signals, start and stop."""

import asyncio
import ctypes
import gc
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from mockserver import logs
from mockserver.app import create_app
from mockserver.http.repeats import RepeatProtocol
from mockserver.http.replies import CONNECTION, Json
from mockserver.http.tls_port import TlsPort
from mockserver.http.turns import Turn
from mockserver.sandbox.registry import Sandbox, Sandboxes
from mockserver.settings import REACHED, Settings, Tls
from mockserver.tls import TlsListener, identify, own_name, write_ca
from mockserver.wire import errors
from mockserver.wire.errors import Refusal

COLLECTOR = (5_000, 3, 5_000)
"""Thresholds of Python's garbage collector: it checks new objects often, and old ones almost never. A server with
100,000 flows has millions of objects, and checking them all takes half a second."""

M_MMAP_THRESHOLD, LARGE = -3, 131_072
"""The parameter of glibc's mallopt for the bytes from which on a table has a place of its own, and what it begins with.
"""

SHARD = "Mock-Shard"
"""The header of answers that names the server, where it is one of several."""

PATIENCE = 0.4
"""Real seconds that requests under way have to finish when the mock stops."""


class CannotListen(OSError):
    """The server cannot listen on a port. The text says which port, and what to do."""


def bind(host: str, port: int, option: str = "--port") -> socket.socket:
    """Open a listening socket; port 0 lets the system choose. Raises CannotListen, which names `option`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2_048)
    except OSError as error:
        why = str(error.strerror or error).partition(" (while attempting")[0]  # Python repeats the address
        raise CannotListen(
            f"cannot listen on {host} port {port}: {why}."
            f" Choose another with {option}; {option} 0 takes any that is free."
        ) from None


def address(listening: socket.socket, scheme: str = "http", port: int | None = None) -> str:
    """The URL of a socket, or of another port beside it. If it listens on every address, it works from this machine."""
    host, own = listening.getsockname()[:2]
    port = port or own
    host = REACHED.get(host, host)
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


@dataclass(frozen=True, slots=True)
class Addresses:
    """The URLs of a server. tls_url: None without TLS. ca: the file that has its authority's certificate, if any."""

    url: str
    tls_url: str | None = None
    ca: Path | None = None


@contextmanager
def secured(host: str, tls: Tls) -> Iterator[TlsListener]:
    """Open the socket for TLS, and make its certificate; nothing answers yet. Raises CannotListen and TlsError."""
    with bind(host, tls.port, "--tls-port") as listening:
        yield TlsListener(listening, identify((*tls.names, *own_name(host))))


def written_ca(door: TlsListener, tls: Tls) -> Path | None:
    """Write the authority's certificate where it is wanted. Return the file; None: nowhere. Raises TlsError."""
    return None if tls.ca is None else write_ca(door.identity.ca, tls.ca)


def turned_away(client: socket.socket, port: int) -> Refusal:
    """What a client of plain HTTP is told on the port for HTTPS. port: where plain HTTP is spoken."""
    return errors.plain_http(address(client, "https"), address(client, port=port))


class ShutdownReply:
    """ASGI middleware: when the server stops and cancels a request, the client gets an answer that says so."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on. Only the server cancels it, and only when it stops."""
        try:
            await self._app(scope, receive, send)
        except asyncio.CancelledError:
            if scope["type"] != "http" or scope["extensions"][CONNECTION]["cycle"].response_started:
                raise
            refusal = errors.stopping()
            await Json(refusal.body, refusal.status)(scope, receive, send)


class Server(uvicorn.Server):
    """uvicorn on httptools, and on uvloop if that is installed, without an access log.

    ready: called when the server takes requests. door: where it serves TLS too. at_once: ends the process with an exit
    code when a second signal comes. shard: its name among several; answers have it.
    """

    collects = False
    """Whether it collects garbage as it ticks. Only for a process that is a server and nothing else."""

    def __init__(
        self,
        app: Starlette,
        ready: Callable[[], None],
        door: TlsListener | None = None,
        at_once: Callable[[int], None] = os._exit,
        shard: str | None = None,
    ) -> None:
        super().__init__(
            uvicorn.Config(
                ShutdownReply(app),
                http=partial(RepeatProtocol, shortcuts=app.state.shortcuts, heads={}, turn=Turn()),  # type: ignore[arg-type]  # called as a class is
                ws="none",
                access_log=False,
                log_config=None,
                log_level="error",
                server_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=1,
                headers=[] if shard is None else [(SHARD, shard)],
            )
        )
        self._sandboxes: Sandboxes = app.state.sandboxes
        app.state.archive.failed = self._give_up
        self._ready = ready
        self._door = door
        self._tls_port: TlsPort | None = None
        self._at_once = at_once
        self.failed: Exception | None = None
        self.interrupted = False

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start serving, then call `ready`."""
        await super().startup(sockets)
        if self._door is not None and sockets:
            self._tls_port = self._beside(sockets[0], self._door)
            self._tls_port.open()
        try:
            self._ready()
        except Exception as error:  # told to the caller once the server has come down in good order
            self.failed = error
            asyncio.get_running_loop().call_soon(self.hang_up)

    def _beside(self, plain: socket.socket, door: TlsListener) -> TlsPort:
        """The port where the same app is served over TLS too, with the same lifespan."""
        protocol: Any = self.config.http_protocol_class
        make = partial(protocol, self.config, self.server_state, self.lifespan.state)
        refuse = partial(turned_away, port=plain.getsockname()[1])
        return TlsPort(door.listening, door.identity.context, make, refuse)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop serving. First end every request that waits for news: its connection would not close otherwise."""
        logs.tell(logs.INFO, "stopping", "stopping")
        self._sandboxes.dismiss()
        if self._tls_port is not None:
            await self._tls_port.close()
        asyncio.get_running_loop().call_later(PATIENCE, self._cut_short)
        await super().shutdown(sockets)

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second, collect what became garbage at once: by their number alone, a hundred thousand gather."""
        if self.collects:
            gc.collect(0)
        return await super().on_tick(counter)

    def _cut_short(self) -> None:
        for task in self.server_state.tasks:
            asyncio.get_running_loop().call_soon(task.cancel)  # once it has begun: before that it could answer nobody

    def _give_up(self, error: Exception) -> None:
        """Stop: a sandbox cannot be brought back."""
        self.failed = error
        self.should_exit = True

    def hang_up(self, *_: object) -> None:
        """Stop: the terminal is gone, or the server cannot say that it is ready."""
        self.should_exit = True

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop at the first signal; end the process at once at the second."""
        if self.should_exit:
            self._at_once(128 + sig)
        self.interrupted = sig == signal.SIGINT
        super().handle_exit(sig, frame)


@contextmanager
def _opened(settings: Settings) -> Iterator[tuple[socket.socket, TlsListener | None, Addresses]]:
    """Open the sockets of a server; nothing answers on them yet. Raises CannotListen and TlsError."""
    with ExitStack() as opened:
        plain = opened.enter_context(bind(settings.host, settings.port))
        tls = settings.tls
        if tls is None:
            yield plain, None, Addresses(address(plain))
            return
        door = opened.enter_context(secured(settings.host, tls))
        written = written_ca(door, tls)
        yield plain, door, Addresses(address(plain), address(door.listening, "https"), written)


def serve(
    settings: Settings,
    ready: Callable[[Addresses, Sandbox | None], None],
    at_once: Callable[[int], None] = os._exit,
) -> None:
    """Serve until a signal stops it.

    ready: called when the server takes requests, with the URLs and the default sandbox; with None while that one is not
    back, or if another server has it. at_once: ends the process with an exit code when a second signal comes. Raises
    CannotListen if a port is taken, ValueError if the settings cannot be met, and KeyboardInterrupt after SIGINT.
    """
    with _opened(settings) as (plain, door, reached):
        app = _app(settings, door)
        server = Server(app, lambda: ready(reached, app.state.sandboxes.here), door, at_once, settings.shard)
        if settings.stop_on_eof:
            threading.Thread(target=_stop_on_eof, args=(server,), name="routee-mock-eof", daemon=True).start()
        if signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:  # and not under nohup
            signal.signal(signal.SIGHUP, server.hang_up)
        _calm_collector()
        _keep_large_apart()
        server.collects = True
        server.run([plain])
        if server.failed is not None:
            raise server.failed
        if server.interrupted:  # whether whoever started this process had it ignore the signal or not
            raise KeyboardInterrupt


def _calm_collector() -> None:
    """Make the garbage collector run less often. Only for a process that is a server and nothing else."""
    gc.freeze()
    gc.set_threshold(*COLLECTOR)
    gc.enable()


def _keep_large_apart() -> None:
    """Have glibc give tables that grow a place of their own, and give it back when they have grown out of it.

    By itself it learns from the first large table to keep room for the next, and what is kept for good comes to lie
    between. Any other library is left as it is.
    """
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, LARGE)


def _stop_on_eof(server: Server) -> None:
    # This reads the descriptor, not sys.stdin: Python aborts at exit if a daemon thread holds the lock of sys.stdin.
    while os.read(0, 1_024):
        pass
    server.should_exit = True


@contextmanager
def running(settings: Settings) -> Iterator[Addresses]:
    """Run a server on a thread and event loop of its own while the block lasts."""
    up = threading.Event()
    with _opened(settings) as (plain, door, reached):
        server = Server(_app(settings, door), up.set, door, shard=settings.shard)
        thread = threading.Thread(target=server.run, args=([plain],), name="routee-mock", daemon=True)
        thread.start()
        try:
            while not up.wait(0.05):
                if not thread.is_alive():
                    raise RuntimeError("the server did not start; its log says why")
            yield reached
        finally:
            server.should_exit = True
            thread.join()


def _app(settings: Settings, door: TlsListener | None) -> Starlette:
    return create_app(settings, ca=None if door is None else door.identity.ca)
