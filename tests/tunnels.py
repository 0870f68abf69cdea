"""A tunnel for tests: an HTTP proxy (CONNECT) that leads every name to one port of this machine.

It stands for the name service and port 443 of a container's network, which a test without privileges has not.
Whoever comes through it speaks TLS with the name it asked for, so that certificates are verified as ever.
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Tunnel(ThreadingHTTPServer):
    """Leads to `port` of this machine; `asked` holds what was asked for, as host:port."""

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.to = port
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Tunnel

    def do_CONNECT(self) -> None:
        self.server.asked.append(self.path)
        self.close_connection = True
        with socket.create_connection(("127.0.0.1", self.server.to)) as there:
            self.send_response(200)
            self.end_headers()
            back = threading.Thread(target=_carry, args=(there, self.connection))
            back.start()
            _carry(self.connection, there)
            back.join()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


def _carry(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
    for each in (source, target):
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)


@contextmanager
def tunnelling(port: int) -> Iterator[Tunnel]:
    """A tunnel to a port, while the block lasts."""
    with Tunnel(port) as tunnel:
        thread = threading.Thread(target=tunnel.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield tunnel
        finally:
            tunnel.shutdown()
            thread.join()
