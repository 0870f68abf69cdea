"""The webhook: it enters every callback in the ledger, answers as the mischief has it, and tells when asked.

`python -m tests.soak.receiver SEED SHARE` prints its URL. POST /NUMBER/KIND/MOST is a callback of that flow;
GET /FLOWS tells what came, and what did not of so many flows.
"""

import asyncio
import json
import socket
import struct
import sys
from collections.abc import Mapping
from contextlib import suppress

from tests.soak.kinds import kinds, summary
from tests.soak.ledger import Ledger
from tests.soak.mischief import Mischief

GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

BAD: Mapping[str, bytes] = {
    "500": b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 5\r\n\r\nsorry",
    "503": b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\n\r\n",
    "404": b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
    "302": b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n",
    "garbage": b"\x00\x01 good evening\r\n\r\n",
    "close": b"",
    "reset": b"",
}
"""The bad answers. The connection stays open only after those that are HTTP."""


async def receive(ledger: Ledger, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Serve one connection."""
    with suppress(OSError, asyncio.IncompleteReadError):
        going = True
        while going:
            head = await reader.readuntil(b"\r\n\r\n")
            method, path, _ = head.split(b" ", 2)
            length = head.lower().partition(b"content-length: ")[2].partition(b"\r")[0]
            body = await reader.readexactly(int(length or 0))
            if method == b"GET":
                told = json.dumps(_told(ledger, int(path[1:]))).encode()
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(told), told))
            else:
                number, kind, most = map(int, path[1:].split(b"/"))
                going = _answer(writer, ledger.enter(number, kind, most, summary(json.loads(body))))
            await writer.drain()
    writer.close()


def _answer(writer: asyncio.StreamWriter, way: str | None) -> bool:
    """Answer a callback. Returns whether the connection goes on."""
    answer = GOOD if way is None else BAD[way]
    if way == "reset":
        connection = writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()
    writer.write(answer)
    return answer.startswith(b"HTTP")


def _told(ledger: Ledger, flows: int) -> Mapping[str, object]:
    missing = ledger.missing(flows)
    faults = dict(ledger.faults + missing)
    return {"posts": ledger.posts, "taken": ledger.taken, "faults": faults, "examples": ledger.examples}


async def serve(seed: int, share: int) -> None:
    """Serve until the standard input ends."""
    ledger = Ledger(kinds(seed), Mischief(seed, share))

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await receive(ledger, reader, writer)

    async with await asyncio.start_server(connected, "127.0.0.1", 0, backlog=512) as server:
        print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2])))
