"""uvicorn's HTTP protocol, but that what cannot be read as HTTP is answered in Routee's shape too."""

import orjson
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from mockserver.wire.errors import malformed

UNREADABLE = "This is not HTTP/1.1 as it can be read here: its method is unknown, or its head or body is malformed."


class Protocol(HttpToolsProtocol):
    """HTTP/1.1 by httptools."""

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002
        """Answer what could not be read, and close; what uvicorn would say in `msg` is said better."""
        body = orjson.dumps(malformed(UNREADABLE).body)
        head = (
            "HTTP/1.1 400 Bad Request\r\nconnection: close\r\n"
            f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()
