"""The way to a receiver: to the first of its addresses that takes a connection, and on to TLS where it is asked for."""

import asyncio
import socket
import ssl
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from typing import TypeVar

from mockserver.delivery.resolver import Address, AddressBook
from mockserver.delivery.targets import Origin

HEAD_START = 0.25
"""Real seconds an address has to itself before the next one is tried beside it (choice)."""

FAREWELL = 0.5
"""Real seconds a receiver has to answer the end of TLS."""

Spoken = TypeVar("Spoken", bound=asyncio.Protocol)


class NoTls(OSError):
    """A receiver was reached, but not by TLS; the cause says why."""


class Dialer:
    """Connects to receivers. The certificate of none is verified (choice): it is somebody's test server."""

    def __init__(self, addresses: AddressBook) -> None:
        self._addresses = addresses
        self._context: ssl.SSLContext | None = None

    async def dial(self, origin: Origin, made: Callable[[socket.socket], Spoken]) -> Spoken:
        """A protocol made for a socket, connected. Raises OSError: gaierror, Forbidden and NoTls among them."""
        sock = await reach(await self._addresses.find(origin.host, origin.port))
        spoken = made(sock)
        loop = asyncio.get_running_loop()
        try:
            if origin.tls:
                await loop.create_connection(
                    lambda: spoken,
                    sock=sock,
                    ssl=self._unverified(),
                    server_hostname=origin.host.partition("%")[0].rstrip("."),
                    ssl_shutdown_timeout=FAREWELL,
                )
            else:
                await loop.create_connection(lambda: spoken, sock=sock)
        except BaseException as error:
            sock.close()
            if origin.tls and isinstance(error, OSError):
                raise NoTls from error
            raise
        return spoken

    def _unverified(self) -> ssl.SSLContext:
        if self._context is None:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            self._context.check_hostname = False
            self._context.verify_mode = ssl.CERT_NONE
            self._context.set_alpn_protocols(["http/1.1"])
        return self._context


async def connect(address: Address) -> socket.socket:
    """A socket connected to this address. Raises OSError."""
    sock = socket.socket(address.family, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        await asyncio.get_running_loop().sock_connect(sock, address.sockaddr)
    except BaseException:
        sock.close()
        raise
    return sock


async def reach(
    addresses: Sequence[Address], connect: Callable[[Address], Coroutine[None, None, socket.socket]] = connect
) -> socket.socket:
    """A socket connected to the first address that takes it, in their order. Raises OSError when none does."""
    if len(addresses) == 1:
        return await connect(addresses[0])
    waiting, failed = deque(addresses), list[BaseException]()
    trying: set[asyncio.Task[socket.socket]] = set()
    try:
        while waiting or trying:
            if waiting:
                trying.add(asyncio.create_task(connect(waiting.popleft())))
            done, trying = await asyncio.wait(
                trying, timeout=HEAD_START if waiting else None, return_when=asyncio.FIRST_COMPLETED
            )
            reached = [each.result() for each in done if each.exception() is None]
            for spare in reached[1:]:
                spare.close()
            if reached:
                return reached[0]
            failed += filter(None, (each.exception() for each in done))
    finally:
        for each in trying:
            if not each.cancel() and each.exception() is None:
                each.result().close()
    failed.append(OSError("it has no address"))
    raise next((error for error in failed if isinstance(error, ConnectionRefusedError)), failed[0])
