"""The receiver of callbacks: it takes some, and misbehaves to others, always at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from random import Random

ANSWERS = (
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 204 No Content\r\n\r\n",
    b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nok",
    b"HTTP/1.1 200 OK\r\n\r\nuntil the end \x00\x1b[2J\xff",
    b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 500 \x07\x1b[31mred\r\nContent-Length: 9\r\n\r\nTraceback",
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 99999999999\r\n\r\n",
    b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 30 + b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nshort",
    b"HTTP/1.1 999 What\r\n\r\n",
    b"HTTP/1.1 200 OK\r\n" + b"X-Many: a\r\n" * 3_000 + b"Content-Length: 0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * 90_000 + b"\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/2.0 200\r\n\r\n",
    b"\x00\x01 good evening \xff\r\n\r\n",
    b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
    b"",
)
"""What a callback is answered. The connection is closed after it, but after the first two."""

KEPT = ANSWERS[:2]


@asynccontextmanager
async def hook(seed: int) -> AsyncIterator[int]:
    """The port of the receiver, for as long as the block lasts."""
    random = Random(seed)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            kept = True
            # What does not begin with POST is TLS, and would wait for an answer for as long as the mock has patience.
            while kept and await reader.readexactly(4) == b"POST":
                head = await reader.readuntil(b"\r\n\r\n")
                length = head.lower().partition(b"content-length: ")[2].partition(b"\r")[0]
                await reader.readexactly(int(length or 0))
                answer = random.choice((*KEPT * 10, *ANSWERS))
                writer.write(answer)
                await writer.drain()
                kept = answer in KEPT
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]
