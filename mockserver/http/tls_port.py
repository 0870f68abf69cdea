"""The port for TLS. Whoever speaks plain HTTP there is told so in words.

A client begins TLS with a byte that is no letter, and HTTP with the name of a method. That byte is looked at and not
read, so that the handshake finds it in its place.
"""

import asyncio
import socket
from collections.abc import Callable, Coroutine
from contextlib import ExitStack, suppress
from ssl import SSLContext
from typing import Any

from mockserver import logs
from mockserver.http.protocol import written
from mockserver.sandbox.supervision import supervise
from mockserver.tls import HANDSHAKE
from mockserver.wire.errors import Refusal

PIECE = 65_536


class TlsPort:
    """Takes clients from a listening socket, from `open` to `close`, which closes the socket too.

    make: makes the protocol for a client. refuse: what a client of plain HTTP is told, by its socket. patience: as
    `HANDSHAKE`.
    """

    patience = HANDSHAKE

    def __init__(
        self,
        listening: socket.socket,
        context: SSLContext,
        make: Callable[[], asyncio.Protocol],
        refuse: Callable[[socket.socket], Refusal],
    ) -> None:
        self._listening = listening
        self._context = context
        self._make = make
        self._refuse = refuse
        self._tasks: set[asyncio.Task[None]] = set()

    def open(self) -> None:
        """Begin to take clients."""
        self._listening.setblocking(False)
        self._begin(supervise("the port for TLS", self._accept))

    async def close(self) -> None:
        """Take no more clients, and leave those whose handshake is not done."""
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks)
        self._listening.close()

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            with suppress(ConnectionAbortedError):
                client, _ = await loop.sock_accept(self._listening)
                self._begin(self._greet(client))

    async def _greet(self, client: socket.socket) -> None:
        """Begin TLS with a client, or tell it what to do instead."""
        with suppress(OSError), ExitStack() as ours:
            ours.enter_context(client)
            async with asyncio.timeout(self.patience):
                if (await _first_byte(client)).isalpha():
                    await self._turn_away(client)
                else:
                    ours.pop_all()
                    loop = asyncio.get_running_loop()
                    await loop.connect_accepted_socket(self._make, client, ssl=self._context)

    async def _turn_away(self, client: socket.socket) -> None:
        """Refuse, and hear the client out: a socket that is closed with something unread takes the answer back."""
        refusal = self._refuse(client)
        logs.tell(logs.WARNING, "refused", f"plain HTTP on the port for HTTPS refused with {refusal.status}")
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(client, written(refusal))
        client.shutdown(socket.SHUT_WR)
        while await loop.sock_recv(client, PIECE):
            pass


async def _first_byte(client: socket.socket) -> bytes:
    """The first byte that a client sends, which stays unread; empty when the client has nothing to say."""
    loop, come = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(client, come.set)
    try:
        await come.wait()
    finally:
        loop.remove_reader(client)
    return client.recv(1, socket.MSG_PEEK)
