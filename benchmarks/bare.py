"""The limit: an ASGI app that reads the body and answers a constant, on the same uvicorn as the mock."""

import sys
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import uvicorn

Event = MutableMapping[str, Any]
App = Callable[[Event, Callable[[], Awaitable[Event]], Callable[[Event], Awaitable[None]]], Awaitable[None]]


def make(size: int, status: int = 200) -> App:
    """An app that answers everything with a JSON string of `size` bytes."""
    constant = b'"%s"' % (b"x" * (size - 2))
    length = str(len(constant)).encode()
    start = {
        "type": "http.response.start",
        "status": status,
        "headers": [(b"content-length", length), (b"content-type", b"application/json")],
    }
    answer = {"type": "http.response.body", "body": constant}

    async def app(
        scope: Event, receive: Callable[[], Awaitable[Event]], send: Callable[[Event], Awaitable[None]]
    ) -> None:
        if scope["type"] != "http":
            return
        while (await receive()).get("more_body"):
            pass
        await send(start)
        await send(answer)

    return app


def configure(app: App) -> uvicorn.Config:
    """uvicorn with the settings of the mock when the first figures were taken. Do not change them."""
    return uvicorn.Config(
        app,
        http="httptools",
        loop="uvloop",
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        log_level="error",
        server_header=False,
    )


class Server(uvicorn.Server):
    """A server that prints its URL in the same first line as the mock."""

    async def startup(self, sockets: Any = None) -> None:
        """Start serving, then print the line."""
        await super().startup(sockets)
        port = self.servers[0].sockets[0].getsockname()[1]
        print(f"ROUTEE_MOCK_URL=http://127.0.0.1:{port}", flush=True)


if __name__ == "__main__":
    bare = configure(make(*map(int, sys.argv[1:])))
    bare.port = 0
    Server(bare).run()
