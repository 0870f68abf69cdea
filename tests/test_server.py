"""The sockets of the server."""

import asyncio
import socket

import pytest

from mockserver.app import create_app
from mockserver.server import Server, address, bind
from tests.http.loops import LOOPS, name_of, starting_on


@pytest.mark.parametrize(("host", "url"), [("127.0.0.1", "http://127.0.0.1:"), ("::1", "http://[::1]:")])
def test_the_address_of_a_socket(host: str, url: str) -> None:
    if host == "::1" and not socket.has_ipv6:
        pytest.skip("no IPv6 here")
    try:
        listening = bind(host, 0)
    except OSError:
        pytest.skip(f"{host} cannot be listened on here")
    with listening:
        assert address(listening) == f"{url}{listening.getsockname()[1]}"


@pytest.mark.parametrize("loop", LOOPS)
def test_it_runs_on_uvloop_where_that_is_installed(loop: str) -> None:
    found: list[str] = []

    def ready() -> None:
        found.append(name_of(asyncio.get_running_loop()))
        server.hang_up()

    server = Server(create_app(), ready)
    with starting_on(loop), bind("127.0.0.1", 0) as listening:
        server.run([listening])
    assert found == [loop]
