"""The port for TLS of a pass-through. Whoever speaks plain HTTP there is told so in words, as by the mock.

A client begins TLS with a byte that is no letter, and HTTP with the name of a method.
"""

import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from socketserver import ThreadingTCPServer
from typing import Any

from mockserver.recordings.trust import fault
from mockserver.tls import HANDSHAKE, TlsListener

FAREWELL = 5.0
"""Real seconds that a client has to hear the end of a connection."""

PIECE = 65_536


@dataclass(frozen=True, slots=True)
class Door:
    """Where clients come in over TLS, in addition to plain HTTP.

    refuse: what a client of plain HTTP is answered, by its socket and the port where plain HTTP is spoken.
    """

    listener: TlsListener
    refuse: Callable[[socket.socket, int], bytes]


class TlsPort(ThreadingTCPServer):
    """Takes clients from a listening socket, each on a thread of its own.

    plain: the port of plain HTTP. handle: gets a connection, and the address of the client. missed: gets a sentence for
    each client with which no connection came about.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(
        self, door: Door, plain: int, handle: Callable[[ssl.SSLSocket, Any], object], missed: Callable[[str], None]
    ) -> None:
        super().__init__(("127.0.0.1", 0), handle, bind_and_activate=False)  # type: ignore[arg-type]  # see finish_request
        self.socket.close()
        self.socket = door.listener.listening
        self._door, self._plain, self._handle, self._missed = door, plain, handle, missed

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Begin TLS with a client, or tell it what to do instead."""
        request.settimeout(HANDSHAKE)
        first = request.recv(1, socket.MSG_PEEK)
        if first.isalpha():
            self._turn_away(request)
        elif first:
            self._greet(request, client_address)

    def _greet(self, client: socket.socket, address: Any) -> None:
        try:
            connection = self._door.listener.identity.context.wrap_socket(client, server_side=True)
        except OSError as error:
            self._missed(_said(error))
            return
        with connection, suppress(OSError):
            connection.settimeout(None)
            self._handle(connection, address)
            connection.settimeout(FAREWELL)
            connection.unwrap()  # without this word of farewell, an answer without a length looks cut off

    def _turn_away(self, client: socket.socket) -> None:
        """Refuse, and hear the client out: a socket that is closed with something unread takes the answer back."""
        self._missed("plain HTTP on the port for HTTPS was refused")
        client.sendall(self._door.refuse(client, self._plain))
        client.shutdown(socket.SHUT_WR)
        while client.recv(PIECE):
            pass

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print nothing: a client may go away at any time."""


def _said(error: OSError) -> str:
    """Why no connection came about with a client."""
    reason = getattr(error, "reason", None) or ""
    distrusts = "CERTIFICATE" in reason or "UNKNOWN_CA" in reason
    hint = "; it must trust the certificate that --tls-ca writes" if distrusts else ""
    return fault(error, "a client") + hint
