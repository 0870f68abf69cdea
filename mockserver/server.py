"""The server: sockets, TLS, signals, and a life cycle others can rely on."""

import asyncio
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import uvicorn
from starlette.applications import Starlette

from mockserver import logs
from mockserver.app import create_app
from mockserver.http.protocol import Protocol
from mockserver.sandboxes import Sandboxes
from mockserver.settings import Settings
from mockserver.tls import Identity, identify, own_name, write_ca

PATIENCE = 0.4
"""Real seconds that requests under way have to be answered when the mock stops."""


class CannotListen(OSError):
    """A port that cannot be had; the text says which, and what to do."""


def bind(host: str, port: int, option: str = "--port") -> socket.socket:
    """A listening socket; port 0 lets the system choose. Raises CannotListen, which names the option of the port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2_048)
    except OSError as error:
        raise CannotListen(
            f"cannot listen on {host} port {port}: {error.strerror or error}."
            f" Choose another with {option}; {option} 0 takes any that is free."
        ) from None


def address(listening: socket.socket, scheme: str = "http") -> str:
    """The URL a listening socket is reached at."""
    host, port = listening.getsockname()[:2]
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


@dataclass(frozen=True, slots=True)
class Running:
    """Where a server is reached, over TLS too if it speaks that, and where its authority's certificate was written."""

    url: str
    tls_url: str | None = None
    ca: Path | None = None


@dataclass(frozen=True, slots=True)
class Door:
    """A listening socket for TLS, and what is shown to whoever comes."""

    listening: socket.socket
    identity: Identity


class Server(uvicorn.Server):
    """uvicorn on uvloop and httptools, without an access log; serves TLS at `door` too, and tells when it is ready."""

    def __init__(self, app: Starlette, ready: Callable[[], None], door: Door | None = None) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=Protocol,
                ws="none",
                access_log=False,
                log_level="error",
                server_header=False,
                timeout_graceful_shutdown=PATIENCE,  # type: ignore[arg-type]
            )
        )
        self._sandboxes: Sandboxes = app.state.sandboxes
        self._ready = ready
        self._door = door

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to serve, then say so."""
        await super().startup(sockets)
        if self._door is not None:
            self.servers.append(await self._open(self._door))
        self._ready()

    async def _open(self, door: Door) -> asyncio.Server:
        """Serve at the door what is served without TLS, by the same app and within the same life span."""
        make = partial(Protocol, self.config, self.server_state, self.lifespan.state)
        loop = asyncio.get_running_loop()
        return await loop.create_server(make, sock=door.listening, ssl=door.identity.context)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop to serve. Whoever waits for news is dismissed first: their connections would not close otherwise."""
        logs.tell(logs.INFO, "stopping", "stopping")
        self._sandboxes.dismiss()
        await super().shutdown(sockets)


@contextmanager
def _opened(settings: Settings) -> Iterator[tuple[socket.socket, Door | None, Running]]:
    """The sockets of a server, listening but not answered yet. Raises CannotListen and TlsError."""
    with ExitStack() as opened:
        plain = opened.enter_context(bind(settings.host, settings.port))
        tls = settings.tls
        if tls is None:
            yield plain, None, Running(address(plain))
            return
        secure = opened.enter_context(bind(settings.host, tls.port, "--tls-port"))
        identity = identify((*tls.names, *own_name(settings.host)))
        written = None if tls.ca is None else write_ca(identity.ca, tls.ca)
        yield plain, Door(secure, identity), Running(address(plain), address(secure, "https"), written)


def serve(settings: Settings, ready: Callable[[Running], None]) -> None:
    """Serve until interrupted; `ready` is told where once it answers.

    Raises CannotListen when a port is taken, ValueError when the settings ask for what cannot be had.
    """
    with _opened(settings) as (plain, door, reached):
        server = Server(_app(settings, door), lambda: ready(reached), door)
        if settings.stop_on_eof:
            threading.Thread(target=_stop_on_eof, args=(server,), name="routee-mock-eof", daemon=True).start()
        server.run([plain])


def _stop_on_eof(server: Server) -> None:
    # The descriptor and not sys.stdin: a daemon thread that holds the latter's lock makes Python abort when it ends.
    while os.read(0, 1_024):
        pass
    server.should_exit = True


@contextmanager
def running(settings: Settings) -> Iterator[Running]:
    """A server on its own thread and event loop, for as long as the block lasts."""
    up = threading.Event()
    with _opened(settings) as (plain, door, reached):
        server = Server(_app(settings, door), up.set, door)
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


def _app(settings: Settings, door: Door | None) -> Starlette:
    return create_app(settings, ca=None if door is None else door.identity.ca)
