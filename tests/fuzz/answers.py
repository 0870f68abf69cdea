"""What comes back on a connection, read strictly, and what is wrong with it."""

import json
import re
from asyncio import StreamReader
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mockserver.wire import errors

LINE = re.compile(rb"HTTP/1\.1 (\d{3}) [ -~]*\r\n")

HEADER = re.compile(rb"([!#-'*+.0-9A-Z^-z|~-]+): ([\t -~\x80-\xff]*)\r\n")

WITHOUT_BODY = (204, 304)

PLAYED = (errors.broken_off().body, *(errors.faulted(status).body for status in range(500, 600)))
"""The errors of a server that only a scenario plays."""

NO_ROOM = re.compile("There is no room: |The mock is busy: ")
"""How the errors of a server that is full or late begin."""

BUSY = (b"busy", b'{"error":"busy"}')
"""Bodies of errors that the scenarios of `strategies` have."""

UNMET = (409, b"text/plain")
"""What a verification that fails is answered with, where `fail` asks for it: in sentences."""

STREAM = b"text/event-stream"


class Broken(Exception):
    """What came is no answer of HTTP/1.1."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. closes: it says that the connection is closed after it. endless: its body is a stream, not read."""

    status: int
    headers: Mapping[bytes, bytes]
    body: bytes
    endless: bool = False

    @property
    def closes(self) -> bool:
        """Whether it says that the connection is closed after it."""
        return self.headers.get(b"connection", b"").lower() == b"close"


async def read_answer(reader: StreamReader, method: str) -> Answer | None:
    """The next final answer to a request with this method; None where the connection ends. Raises Broken."""
    while True:
        line = await reader.readline()
        if not line:
            return None
        if not (begun := LINE.fullmatch(line)):
            raise Broken(f"an answer begins with {line[:100]!r}")
        headers = await _headers(reader)
        status = int(begun[1])
        if status >= 200:
            break
    if STREAM in headers.get(b"content-type", b"") and status == 200:
        return Answer(status, headers, b"", endless=method != "HEAD")
    bare = method == "HEAD" or status in WITHOUT_BODY
    return Answer(status, headers, b"" if bare else await _body(reader, headers))


async def _headers(reader: StreamReader) -> dict[bytes, bytes]:
    headers: dict[bytes, bytes] = {}
    while (line := await reader.readline()) != b"\r\n":
        if not (said := HEADER.fullmatch(line)):
            raise Broken(f"an answer has the header line {line[:100]!r}")
        headers[said[1].lower()] = said[2]
    return headers


async def _body(reader: StreamReader, headers: Mapping[bytes, bytes]) -> bytes:
    if headers.get(b"transfer-encoding") == b"chunked":
        pieces = []
        while size := int(await reader.readline(), 16):
            pieces.append(await reader.readexactly(size))
            await reader.readexactly(2)
        await reader.readexactly(2)
        return b"".join(pieces)
    if b"content-length" not in headers:
        raise Broken("an answer does not say how long it is")
    return await reader.readexactly(int(headers[b"content-length"]))


def faults(answer: Answer, *, wild: bool) -> Iterator[str]:
    """What is wrong with an answer. wild: scenarios may make the server fail."""
    kind = answer.headers.get(b"content-type", b"").partition(b";")[0]
    if wild and answer.body in BUSY:
        return
    if (answer.status, kind) == UNMET and answer.body.startswith(b"expected "):
        return
    if kind == b"application/json" or answer.status >= 400:
        try:
            said = json.loads(answer.body) if answer.body else {}
        except ValueError:
            yield f"{answer.status} with a body that is no JSON: {answer.body[:200]!r}"
            return
        if answer.status >= 400 and kind != b"application/json":
            yield f"{answer.status} as {kind!r}"
        if answer.status >= 400 and answer.body and not {"code", "error", "detail"} & said.keys():
            yield f"{answer.status} without a code: {answer.body[:200]!r}"
        if answer.status >= 500 and not _deliberate(said, wild=wild):
            yield f"{answer.status}: {answer.body[:200]!r}"


def _deliberate(said: Mapping[str, object], *, wild: bool) -> bool:
    return bool(NO_ROOM.match(str(said.get("developerMessage", "")))) or (wild and said in PLAYED)
