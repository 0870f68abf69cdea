"""The flows of one sandbox, so many and no more: those that ended first make room for new ones."""

from collections import deque

from mockserver.core.behaviour import Limits
from mockserver.core.commands import SendFlow
from mockserver.core.flow import Flow


class Store:
    """Flows by id, in the order they were accepted. accepted, forgotten: how many there have ever been.

    payload: the bytes of what was sent that are kept, as often as a document repeats them: for each part of a step.
    """

    def __init__(self, limits: Limits) -> None:
        self.flows: dict[str, Flow] = {}
        self.accepted = 0
        self.forgotten = 0
        self.payload = 0
        self._limits = limits
        self._size = 0
        self._ended: deque[str] = deque()
        self._to_forget: list[Flow] = []

    def accept(self, flow: Flow) -> None:
        """Keep a new flow, for which room was made."""
        self.accepted += 1
        self.payload += self._size
        self.flows[flow.id] = flow

    def change(self, flow: Flow, *, ended: bool) -> None:
        """Keep a flow as it is now; ended: it has just come to its end."""
        self.flows[flow.id] = flow
        if ended:
            self._ended.append(flow.id)

    def make_room(self, send: SendFlow) -> str | None:
        """Forget flows that have ended until there is room for a send; in words why there is none."""
        self._size = _size(send)
        while (full := self._full()) and self._ended:
            flow = self.flows.pop(self._ended.popleft())
            self.forgotten += 1
            self.payload -= _size(flow)
            self._to_forget.append(flow)
        return full

    @property
    def has_forgotten(self) -> bool:
        """Whether flows were forgotten since `take_forgotten` was last asked."""
        return bool(self._to_forget)

    def take_forgotten(self) -> list[Flow]:
        """The flows that were forgotten since this was last asked."""
        gone, self._to_forget = self._to_forget, []
        return gone

    def _full(self) -> str | None:
        if len(self.flows) >= self._limits.flows:
            return f"{len(self.flows)} flows are kept and none of them has ended"
        if self.payload + self._size > self._limits.payload:
            return f"{self.payload} bytes of flows are kept that have not ended, and {self._limits.payload} is the most"
        return None


def _size(sent: Flow | SendFlow) -> int:
    return sum([step.parts * len(step.asked) for step in sent.steps]) + len(sent.restrictions or b"")
