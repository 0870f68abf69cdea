"""The callbacks of a sandbox that are under way, in lanes.

There is one lane for each flow. In a lane, the next callback is posted when the one before it has its answer or has
failed. Callbacks of different flows run side by side. During a move of the clock, their answers are recorded in the
order of the posts, so a test sees the same whichever webhook answers first.

A callback that can be posted at once, over a connection that is kept, needs no task of its own: its answer is recorded
in the turn of the event loop in which it comes.

A send holds the lane of its flow until its reply is on its way to the client, so the reply always comes first. A future
for the release is made only when something waits for it: most replies are sent before anything is due.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from functools import partial

from mockserver.core.commands import Answer
from mockserver.core.deliveries import Delivery
from mockserver.sandbox.handlers import Handlers

log = logging.getLogger("mockserver")

Post = Callable[[str, bytes], Awaitable[Answer]]
BreakOff = Callable[[], object]
PostAtOnce = Callable[[str, bytes, Callable[[Answer], None]], BreakOff | None]
"""Posts in the turn in which it is called, and calls back with the answer later; returns what breaks that off.

None if it has posted nothing, because something must be waited for first.
"""
Render = Callable[[Delivery], bytes]


def never_at_once(_url: str, _body: bytes, _answered: Callable[[Answer], None]) -> None:
    """Post nothing at once."""


class _Callback:
    """A callback in its lane. break_off: once it is posted. in_turn: whether earlier answers are recorded first."""

    __slots__ = ("answer", "break_off", "delivery", "in_turn")

    def __init__(self, delivery: Delivery, *, in_turn: bool) -> None:
        self.delivery = delivery
        self.in_turn = in_turn
        self.answer: Answer | None = None
        self.break_off: BreakOff | None = None


class Lanes:
    """The lanes of one sandbox. post: delivers a callback, and never raises. record: called with its answer.

    at_once: delivers it without a task, where that can be.
    """

    def __init__(
        self,
        post: Post,
        render: Render,
        record: Callable[[Delivery, Answer], None],
        at_once: PostAtOnce = never_at_once,
    ) -> None:
        self.handlers = Handlers()
        self._post = post
        self._at_once = at_once
        self._render = render
        self._record = record
        self._lanes: dict[str, deque[_Callback]] = {}
        self._under_way: dict[_Callback, None] = {}
        self._held: dict[str, asyncio.Future[None] | None] = {}
        self._waiting: list[asyncio.Future[None]] = []

    def __bool__(self) -> bool:
        return bool(self._lanes or self._held)

    def __contains__(self, flow: str) -> bool:
        return flow in self._lanes or flow in self._held

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
            flow, callback = delivery.flow.id, _Callback(delivery, in_turn=in_turn)
            self._under_way[callback] = None
            lane = self._lanes.get(flow)
            if lane is not None:
                lane.append(callback)
                continue
            self._lanes[flow] = deque((callback,))
            if flow in self._held:
                self._released(flow).add_done_callback(partial(self._begin_released, callback))
            else:
                self._begin(callback)

    async def wait(self) -> None:
        """Wait until nothing is under way any longer, and each lane now held is released."""
        if self._lanes:
            ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(ended)
            await ended
        for each in tuple(map(self._released, self._held)):
            await asyncio.wait([each])

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
        dropped = tuple(self._under_way)
        self._under_way.clear()
        self._lanes.clear()
        for callback in dropped:
            if callback.break_off is not None:
                callback.break_off()
        for flow in tuple(self._held):
            self.release(flow)
        self._tell()

    def _released(self, flow: str) -> asyncio.Future[None]:
        """A future that is done when a held lane is released."""
        awaited = self._held[flow] = self._held[flow] or asyncio.get_running_loop().create_future()
        return awaited

    # The life of a callback

    def _begin_released(self, callback: _Callback, _: asyncio.Future[None]) -> None:
        self._begin(callback)

    def _begin(self, callback: _Callback) -> None:
        """Post a callback, the first in its lane."""
        if callback not in self._under_way:  # it was dropped meanwhile
            return
        delivery = callback.delivery
        try:
            body = self._render(delivery)
            callback.break_off = self._at_once(delivery.url, body, partial(self._answered, callback))
            if callback.break_off is not None:
                self.handlers.open(delivery)
                return
        except Exception as error:
            self._failed(callback, error)
            return
        task = asyncio.create_task(self._carry(delivery, body))
        callback.break_off = task.cancel
        task.add_done_callback(partial(self._carried, callback))

    async def _carry(self, delivery: Delivery, body: bytes) -> Answer:
        self.handlers.begin(delivery)
        return await self._post(delivery.url, body)

    def _carried(self, callback: _Callback, task: asyncio.Task[Answer]) -> None:
        if task.cancelled():
            self._leave(callback)
        elif error := task.exception():
            self._failed(callback, error)
        else:
            self._answered(callback, task.result())

    def _answered(self, callback: _Callback, answer: Answer) -> None:
        if callback not in self._under_way:  # it was dropped
            return
        self.handlers.end(callback.delivery, answer)
        callback.answer = answer
        if not callback.in_turn:
            self._finish(callback, answer)
        self._take_turns()

    def _take_turns(self) -> None:
        """Record the answers whose turn it is."""
        while self._under_way:
            callback = next(iter(self._under_way))
            if callback.answer is None:
                return
            self._finish(callback, callback.answer)

    def _finish(self, callback: _Callback, answer: Answer) -> None:
        try:
            self._record(callback.delivery, answer)
        except Exception as error:
            self._failed(callback, error)
        else:
            self._leave(callback)

    def _failed(self, callback: _Callback, error: BaseException) -> None:
        log.error("a callback has met a fault of the mock itself, and the next goes on", exc_info=error)
        self._leave(callback)
        self._take_turns()

    def _leave(self, callback: _Callback) -> None:
        """A callback has ended: the next in its lane is posted."""
        if callback not in self._under_way:  # it was dropped
            return
        del self._under_way[callback]
        flow = callback.delivery.flow.id
        lane = self._lanes[flow]
        lane.popleft()
        if lane:
            self._begin(lane[0])
            return
        del self._lanes[flow]
        if not self._lanes:
            self._tell()

    def _tell(self) -> None:
        """Nothing is under way: wake whoever waits for that."""
        waiting, self._waiting = self._waiting, []
        for each in waiting:
            if not each.done():
                each.set_result(None)
