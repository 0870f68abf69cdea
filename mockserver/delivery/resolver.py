"""The resolver of the outgoing HTTP client: it returns only the addresses that callbacks may go to.

The client connects to the addresses that were checked here. It does not look the name up again, so the name cannot
lead to an unchecked address (DNS rebinding).
"""

import socket

from aiohttp.abc import AbstractResolver, ResolveResult

from mockserver.delivery.destinations import Destinations


class Resolver(AbstractResolver):
    """Asks another resolver, and keeps the addresses that `destinations` admits."""

    def __init__(self, destinations: Destinations, asked: AbstractResolver) -> None:
        self._destinations = destinations
        self._asked = asked

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses of a host. Raises Forbidden if callbacks may go to none of them."""
        found = await self._asked.resolve(host, port, family)
        admitted = self._destinations.admit(host, port, [each["host"] for each in found])
        return [each for each in found if each["host"] in admitted]

    async def close(self) -> None:
        """Close the other resolver."""
        await self._asked.close()
