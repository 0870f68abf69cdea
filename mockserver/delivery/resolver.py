"""The resolver of the outgoing HTTP client: of the addresses of a host, those that callbacks may go to.

The addresses judged here are the ones connected to. A name that is looked up again cannot turn into an address
that was never judged (DNS rebinding).
"""

import socket

from aiohttp.abc import AbstractResolver, ResolveResult

from mockserver.delivery.destinations import Destinations


class Resolver(AbstractResolver):
    """Asks another resolver, and keeps what `destinations` admits."""

    def __init__(self, destinations: Destinations, asked: AbstractResolver) -> None:
        self._destinations = destinations
        self._asked = asked

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses of a host. Raises Forbidden when callbacks may go to none of them."""
        found = await self._asked.resolve(host, port, family)
        admitted = self._destinations.admit(host, port, [each["host"] for each in found])
        return [each for each in found if each["host"] in admitted]

    async def close(self) -> None:
        """Close the resolver that is asked."""
        await self._asked.close()
