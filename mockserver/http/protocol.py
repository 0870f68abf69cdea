"""uvicorn's HTTP protocol, but that what cannot be read as HTTP is answered in Routee's shape too."""

import struct
from contextlib import suppress
from socket import SO_LINGER, SOL_SOCKET

import orjson
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from mockserver.http.replies import RESET
from mockserver.wire.errors import malformed

UNREADABLE = "This is not HTTP/1.1 as it can be read here: its method is unknown, or its head or body is malformed."


AT_ONCE = struct.pack("ii", 1, 0)
"""To linger for no time when closing: what is said then is a reset."""


class Protocol(HttpToolsProtocol):
    """HTTP/1.1 by httptools."""

    def on_message_begin(self) -> None:
        """Begin a request; it is given a way to break its connection off."""
        super().on_message_begin()
        self.scope["extensions"] = {RESET: {"reset": self._reset}}

    def _reset(self) -> None:
        """Break the connection off with a TCP reset, as a failing network would."""
        with suppress(OSError, AttributeError):
            self.transport.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, AT_ONCE)
        self.transport.abort()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002
        """Answer what could not be read, and close; what uvicorn would say in `msg` is said better."""
        body = orjson.dumps(malformed(UNREADABLE).body)
        head = (
            "HTTP/1.1 400 Bad Request\r\nconnection: close\r\n"
            f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()
