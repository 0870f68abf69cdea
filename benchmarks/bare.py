"""The limit: an ASGI app that reads the body and answers a constant, on the uvicorn that the mock is served by."""

import sys
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import uvicorn

Event = MutableMapping[str, Any]
App = Callable[[Event, Callable[[], Awaitable[Event]], Callable[[Event], Awaitable[None]]], Awaitable[None]]


def make(size: int, status: int = 200) -> App:
    """An app whose every answer is a JSON string of so many bytes in all."""
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
    """uvicorn with the settings that the mock gave it when the first figures were taken; they stay as they are."""
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
    """A server that says where it is reached, in the words of the mock."""

    async def startup(self, sockets: Any = None) -> None:
        """Start to serve, then say so."""
        await super().startup(sockets)
        port = self.servers[0].sockets[0].getsockname()[1]
        print(f"ROUTEE_MOCK_URL=http://127.0.0.1:{port}", flush=True)


if __name__ == "__main__":
    bare = configure(make(*map(int, sys.argv[1:])))
    bare.port = 0
    Server(bare).run()
