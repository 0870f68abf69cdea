"""The sockets of the server."""

import socket

import pytest

from mockserver.server import address, bind


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
