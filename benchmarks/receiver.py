"""The cheapest webhook receiver: it answers 200 to everything, with the number of its requests."""

import asyncio

import uvloop


def end(data: bytes) -> int:
    """Where the request at the beginning of `data` ends; beyond its end if more must come."""
    head = data.find(b"\r\n\r\n") + 4
    if head < 4:
        return len(data) + 1
    at = data[:head].lower().find(b"\r\ncontent-length:")
    return head if at < 0 else head + int(data[at + 17 : data.index(b"\r", at + 17)])


class Receiver(asyncio.Protocol):
    """One connection."""

    received = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to read."""
        self._transport, self._data = transport, b""

    def data_received(self, data: bytes) -> None:
        """Answer every request that is complete."""
        data = self._data + data
        while data and (length := end(data)) <= len(data):
            data = data[length:]
            Receiver.received += 1
            count = str(Receiver.received).encode()
            self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(count), count))  # type: ignore[attr-defined]
        self._data = data


async def serve() -> None:
    """Serve until the process is ended."""
    server = await asyncio.get_running_loop().create_server(Receiver, "127.0.0.1", 0)
    print(f"ROUTEE_MOCK_URL=http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve())
