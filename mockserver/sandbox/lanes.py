"""The callbacks of a sandbox that are under way, in lanes.

There is one lane for each flow. In a lane, the next callback is posted when the one before it has its answer or has
failed. Callbacks of different flows run side by side. During a move of the clock, their answers are recorded in the
order of the posts, so a test sees the same whichever webhook answers first.

A send holds the lane of its flow until its reply is on its way to the client, so the reply always comes first. A future
for the release is made only when something waits for it: most replies are sent before anything is due.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial

from mockserver.core.commands import Answer
from mockserver.core.deliveries import Delivery
from mockserver.sandbox.handlers import Handlers

log = logging.getLogger("mockserver")

Post = Callable[[str, bytes], Awaitable[Answer]]
Render = Callable[[Delivery], bytes]


class Lanes:
    """The lanes of one sandbox. post: delivers a callback, and never raises. record: called with its answer."""

    def __init__(self, post: Post, render: Render, record: Callable[[Delivery, Answer], None]) -> None:
        self.handlers = Handlers()
        self._post = post
        self._render = render
        self._record = record
        self._tails: dict[str, asyncio.Task[None]] = {}
        self._held: dict[str, asyncio.Future[None] | None] = {}
        self._last: asyncio.Task[None] | None = None
        self._under_way: set[asyncio.Task[None]] = set()

    def __bool__(self) -> bool:
        return bool(self._tails or self._held)

    def __contains__(self, flow: str) -> bool:
        return flow in self._tails or flow in self._held

    def hold(self, flow: str) -> None:
        """Post no callback of a flow until `release`."""
        self._held[flow] = None

    def release(self, flow: str) -> None:
        """Post the callbacks of a flow from now on. Does nothing if the flow is not held."""
        if awaited := self._held.pop(flow, None):
            awaited.set_result(None)

    def enter(self, deliveries: tuple[Delivery, ...], *, in_turn: bool) -> None:
        """Post each callback in the lane of its flow. in_turn: record its answer after those of all earlier posts."""
        for delivery in deliveries:
            flow, turn = delivery.flow.id, self._last if in_turn else None
            self._last = asyncio.create_task(self._carry(delivery, self._tail(flow), turn))
            self._tails[flow] = self._last
            self._under_way.add(self._last)
            self._last.add_done_callback(partial(self._leave, flow))

    async def wait(self) -> None:
        """Wait until each callback now under way has its answer, and each lane now held is released."""
        for each in (*self._tails.values(), *map(self._released, tuple(self._held))):
            await _end_of(each)

    async def settle(self) -> None:
        """Wait until nothing is under way."""
        while self:
            await self.wait()

    async def close(self) -> None:
        """Release every lane, and wait until nothing is under way; but not for a handler that asks for this itself."""
        for flow in tuple(self._held):
            self.release(flow)
        if not self.handlers.within():
            await self.settle()

    def drop(self) -> None:
        """Break off every callback under way. Nothing is recorded of them."""
        for task in self._under_way:
            task.cancel()
        for flow in tuple(self._held):
            self.release(flow)

    def _tail(self, flow: str) -> asyncio.Future[None] | None:
        """What the next callback of a flow must wait for."""
        return self._tails.get(flow) or (self._released(flow) if flow in self._held else None)

    def _released(self, flow: str) -> asyncio.Future[None]:
        """A future that is done when a held lane is released."""
        awaited = self._held[flow] = self._held[flow] or asyncio.get_running_loop().create_future()
        return awaited

    async def _carry(
        self, delivery: Delivery, before: asyncio.Future[None] | None, turn: asyncio.Future[None] | None
    ) -> None:
        if before is not None:
            await _end_of(before)
        self.handlers.begin(delivery)
        answer = await self._post(delivery.url, self._render(delivery))
        self.handlers.end(delivery, answer)
        if turn is not None:
            await _end_of(turn)
        self._record(delivery, answer)

    def _leave(self, flow: str, tail: asyncio.Task[None]) -> None:
        self._under_way.discard(tail)
        if self._tails.get(flow) is tail:
            del self._tails[flow]
        if not tail.cancelled() and (error := tail.exception()):
            log.error("a callback has met a fault of the mock itself, and the next goes on", exc_info=error)


async def _end_of(other: asyncio.Future[None]) -> None:
    """Wait until something has ended, however it did, and whoever waited for it before has been told.

    `asyncio.wait` for one costs as much as a whole post.
    """
    ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    other.add_done_callback(partial(_end, ended))
    await ended


def _end(ended: asyncio.Future[None], _: asyncio.Future[None]) -> None:
    if not ended.done():
        ended.set_result(None)
