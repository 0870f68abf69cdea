"""Long answers, written in pieces: however much there is to say, others are served in between.

A piece is what stands for one entry, flow or callback. A chunk is as many of them as are made in one go; after it,
everybody else has a turn. What is looked at and left out is an empty piece: it takes time, and counts.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import orjson
from starlette.responses import Response, StreamingResponse

T = TypeVar("T")

PIECES, BYTES = 500, 262_144
"""A chunk has so many pieces at the most, and ends when it has so many bytes (choice): a few milliseconds' work."""

JSON = "application/json"

Chunk = tuple[bytes, bool]
"""Some pieces, and whether there may be more."""

Take = Callable[[Iterator[bytes]], Awaitable[Chunk]]


def told(items: Iterable[T | None], tell: Callable[[T], Any]) -> Iterator[bytes]:
    """Each item as JSON, an empty piece for None."""
    for item in items:
        yield b"" if item is None else orjson.dumps(tell(item))


def members(fields: Mapping[str, Any]) -> Iterator[bytes]:
    """A JSON object; a field that is an iterator of pieces becomes an array of them."""
    before = b"{"
    for name, value in fields.items():
        yield before + orjson.dumps(name) + b":"
        if isinstance(value, Iterator):
            yield from _array(value)
        else:
            yield orjson.dumps(value)
        before = b","
    yield b"}"


def _array(pieces: Iterator[bytes]) -> Iterator[bytes]:
    before = b"["
    for piece in pieces:
        if piece:
            yield before + piece
            before = b","
        else:
            yield piece
    yield b"]" if before == b"," else b"[]"


async def _taken(pieces: Iterator[bytes]) -> Chunk:
    return _chunk(pieces)


async def beside(pieces: Iterator[bytes]) -> Chunk:
    """A chunk that is waited for on a thread."""
    return await asyncio.to_thread(_chunk, pieces)


async def reply(pieces: Iterable[bytes], media_type: str = JSON, take: Take = _taken) -> Response:
    """The answer that these pieces make: in one if they fit a chunk, otherwise as a stream. take: takes a chunk."""
    rest = iter(pieces)
    first, more = await take(rest)
    if not more:
        return Response(first, media_type=media_type)
    return StreamingResponse(_stream(first, rest, take), media_type=media_type)


async def _stream(chunk: bytes, rest: Iterator[bytes], take: Take) -> AsyncIterator[bytes]:
    more = True
    while True:
        if chunk:
            yield chunk
        if not more:
            return
        await asyncio.sleep(0)
        chunk, more = await take(rest)


def _chunk(pieces: Iterator[bytes]) -> Chunk:
    """The next chunk, and whether there may be another."""
    taken: list[bytes] = []
    size = 0
    for piece in pieces:
        taken.append(piece)
        size += len(piece)
        if len(taken) >= PIECES or size >= BYTES:
            return b"".join(taken), True
    return b"".join(taken), False


async def unhurried(items: Iterable[T], each: int) -> AsyncIterator[T]:
    """The same items; after every so many of them others are served."""
    for number, item in enumerate(items, start=1):
        yield item
        if number % each == 0:
            await asyncio.sleep(0)


async def parts(items: Sequence[T], size: int) -> AsyncIterator[Sequence[T]]:
    """The same items, so many at a time; between them others are served."""
    for begin in range(0, len(items), size):
        if begin:
            await asyncio.sleep(0)
        yield items[begin : begin + size]
