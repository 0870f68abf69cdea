"""The resolver of the outgoing HTTP client: it returns only the addresses that callbacks may go to.

The client connects to the addresses that were checked here. It does not look the name up again, so the name cannot
lead to an unchecked address (DNS rebinding).
"""

import asyncio
import socket
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from mockserver.delivery.destinations import Destinations

FRESH = 10.0
"""Real seconds for which the addresses of a host are known before it is looked up again."""

KNOWN = 1_000
"""Hosts whose addresses are remembered, at the most."""

FLAGS = 0 if sys.platform == "win32" else socket.AI_ADDRCONFIG
"""Addresses of a kind that this machine has none of are not asked for. On Windows that would hide localhost."""


class Address(NamedTuple):
    """An address of a host, as sockets take it."""

    family: int
    sockaddr: tuple[Any, ...]

    @property
    def host(self) -> str:
        """The address alone, such as 127.0.0.1."""
        return str(self.sockaddr[0])


Lookup = Callable[[str, int], Awaitable[Sequence[Address]]]
"""Looks up a host and a port: its addresses, best first. Raises OSError."""


async def look_up(host: str, port: int) -> list[Address]:
    """Ask the system for the addresses of a host; one that is an address itself is not asked for. Raises OSError."""
    with suppress(socket.gaierror):
        numeric = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
        return _addresses(socket.getaddrinfo(host.encode(), port, type=socket.SOCK_STREAM, flags=numeric))
    loop = asyncio.get_running_loop()
    return _addresses(await loop.getaddrinfo(host.encode(), port, type=socket.SOCK_STREAM, flags=FLAGS))


def _addresses(infos: Sequence[tuple[Any, ...]]) -> list[Address]:
    return [Address(family, sockaddr) for family, _, _, _, sockaddr in infos]


class Resolver:
    """Asks a name service, and keeps what `destinations` admits."""

    def __init__(self, destinations: Destinations, lookup: Lookup = look_up) -> None:
        self._destinations = destinations
        self._lookup = lookup

    async def resolve(self, host: str, port: int) -> list[Address]:
        """The addresses of a host. Raises Forbidden when callbacks may go to none of them."""
        found = await self._lookup(host, port)
        admitted = self._destinations.admit(host, port, [each.host for each in found])
        return [each for each in found if each.host in admitted]


class AddressBook:
    """The addresses of hosts, remembered for a while; whoever asks for one that is being looked up waits with it."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._known: dict[tuple[str, int], tuple[float, asyncio.Task[list[Address]]]] = {}

    async def find(self, host: str, port: int) -> list[Address]:
        """The addresses of a host that callbacks may go to, best first. Raises OSError, Forbidden among them."""
        loop = asyncio.get_running_loop()
        until, asking = self._known.get((host, port), (0.0, None))
        if asking is None or until < loop.time() or _is_vain(asking):
            if len(self._known) >= KNOWN:
                self._known.clear()
            asking = loop.create_task(self._resolver.resolve(host, port))
            asking.add_done_callback(_is_vain)  # nobody may be left who waits for it
            self._known[host, port] = loop.time() + FRESH, asking
        return asking.result() if asking.done() else await asyncio.shield(asking)


def _is_vain(asking: "asyncio.Task[list[Address]]") -> bool:
    """Whether a lookup has come to nothing."""
    return asking.done() and (asking.cancelled() or asking.exception() is not None)
