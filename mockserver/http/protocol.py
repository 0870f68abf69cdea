"""uvicorn's HTTP protocol, with two differences. A request that is not valid HTTP gets an answer in Routee's shape. And
a request that offers to change the protocol (`Upgrade: h2c`, as Java's HttpClient sends it) is answered as if it had
made no offer.

For httptools, a request with such an offer ends with its head, and its body belongs to the other protocol. So the head
is parsed a second time without the offer, and then the body as usual.
"""

import struct
from contextlib import suppress
from socket import SO_LINGER, SOL_SOCKET

import orjson
from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from mockserver.http.replies import CONNECTION
from mockserver.wire.errors import malformed

UNREADABLE = "This is not HTTP/1.1 as it can be read here: its method is unknown, or its head or body is malformed."


AT_ONCE = struct.pack("ii", 1, 0)
"""A linger time of zero: closing the socket then sends a reset."""


class Protocol(HttpToolsProtocol):
    """HTTP/1.1 with httptools, and no other protocol."""

    _offer = False
    """Whether the last head offers another protocol. CONNECT does not, though the parser treats it the same."""

    def data_received(self, data: bytes) -> None:
        """Read new data: a part of a request, or several requests."""
        self._unset_keepalive_if_required()
        while data:
            data = self._read(data)

    def _read(self, data: bytes) -> bytes:
        """Parse a piece. Return what must be parsed next, if anything."""
        try:
            self.parser.feed_data(data)
        except HttpParserError as error:
            self.send_400_response(str(error))
        except HttpParserUpgrade as offer:
            if self._offer:
                again = self._head_without_offer()
                self.parser = HttpRequestParser(self)  # after "close", the old one reads no more
                self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
                return again + data[offer.args[0] :]
        return b""

    def on_headers_complete(self) -> None:
        """Begin to answer, unless this head must be parsed again."""
        self._offer = self.parser.should_upgrade() and self.parser.get_method() != b"CONNECT"
        if not self._offer:
            super().on_headers_complete()
            self.scope["extensions"] = {CONNECTION: {"reset": self._reset, "cycle": self.cycle}}

    def on_message_complete(self) -> None:
        """End the request, unless its head must be parsed again."""
        if not self._offer:
            super().on_message_complete()

    def _head_without_offer(self) -> bytes:
        first = b"%s %s HTTP/%s" % (self.parser.get_method(), self.url, self.parser.get_http_version().encode())
        lines = (b"%s: %s" % header for header in self.headers if header[0] != b"upgrade")
        return b"\r\n".join((first, *lines, b"", b""))

    def shutdown(self) -> None:
        """Close with the server. Over TLS, do not wait for the client to close too: an idle one never does."""
        super().shutdown()
        if self.scheme == "https" and self.transport.is_closing():
            self.transport.abort()

    def _reset(self) -> None:
        """Break the connection with a TCP reset, as a failing network does."""
        with suppress(OSError, AttributeError):
            self.transport.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, AT_ONCE)
        self.transport.abort()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002
        """Answer a request that is not valid HTTP, and close. The answer has clearer words than uvicorn's `msg`."""
        body = orjson.dumps(malformed(UNREADABLE).body)
        head = (
            "HTTP/1.1 400 Bad Request\r\nconnection: close\r\n"
            f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()
