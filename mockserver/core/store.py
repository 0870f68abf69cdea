"""The flows of one sandbox, up to its limits: the flows that ended first make room for new ones."""

from collections import Counter, deque

from mockserver.core.behaviour import Limits
from mockserver.core.commands import PushInbound, SendFlow
from mockserver.core.flow import Flow, FlowStatus
from mockserver.core.step import SERVICES


class Store:
    """Flows by id, in the order they were accepted.

    accepted, forgotten: how many there have ever been. payload: the bytes of sends that are kept, counted as often as a
    document repeats them: once for each part of a step; and of the answers of their recipients. of_application: how
    many flows are kept of each application, by the application and the name of the service. ended: how many are kept
    with each status at the end.
    """

    def __init__(self, limits: Limits) -> None:
        self.flows: dict[str, Flow] = {}
        self.of_application: Counter[tuple[str, str]] = Counter()
        self.ended: Counter[FlowStatus] = Counter()
        self.accepted = 0
        self.forgotten = 0
        self.payload = 0
        self._limits = limits
        self._size = 0
        self._ended: deque[str] = deque()
        self._to_forget: list[Flow] = []
        self._answers: Counter[str] = Counter()

    def accept(self, flow: Flow) -> None:
        """Keep a new flow; `make_room` must have made room for it."""
        self.accepted += 1
        self.payload += self._size
        self.of_application[flow.application, SERVICES[flow.kind].name] += 1
        self.flows[flow.id] = flow

    def change(self, flow: Flow, *, ended: bool) -> None:
        """Keep a flow as it is now. ended: it has just ended."""
        self.flows[flow.id] = flow
        if ended:
            self._ended.append(flow.id)
            self.ended[flow.status] += 1

    def make_room(self, send: SendFlow) -> str | None:
        """Forget ended flows until there is room for a send. Returns None; or in words, why there is still no room."""
        self._size = _size(send)
        while (full := self._full()) and self._ended:
            flow = self.flows.pop(self._ended.popleft())
            self.forgotten += 1
            self.ended[flow.status] -= 1
            self.payload -= _size(flow) + self._answers.pop(flow.id, 0)
            whose = flow.application, SERVICES[flow.kind].name
            self.of_application[whose] -= 1
            if not self.of_application[whose]:
                del self.of_application[whose]
            self._to_forget.append(flow)
        return full

    def has_room(self, answer: PushInbound) -> bool:
        """Whether there is room for the answer of a recipient."""
        return self.payload + _length(answer) <= self._limits.payload

    def keep(self, answer: PushInbound) -> None:
        """Count the bytes of an answer, which is kept with its flow."""
        self._answers[answer.flow] += _length(answer)
        self.payload += _length(answer)

    @property
    def has_forgotten(self) -> bool:
        """Whether flows were forgotten since the last call of `take_forgotten`."""
        return bool(self._to_forget)

    def take_forgotten(self) -> list[Flow]:
        """The flows that were forgotten since the last call."""
        gone, self._to_forget = self._to_forget, []
        return gone

    def _full(self) -> str | None:
        if len(self.flows) >= self._limits.flows:
            return f"{len(self.flows)} flows are kept and none of them has ended"
        if self.payload + self._size > self._limits.payload:
            return f"{self.payload} bytes of flows are kept that have not ended, and {self._limits.payload} is the most"
        return None


def _size(sent: Flow | SendFlow) -> int:
    size = len(sent.restrictions or b"")
    for step in sent.steps:
        size += step.parts * len(step.asked)
    return size


def _length(answer: PushInbound) -> int:
    return len(answer.message) + len(answer.url) + len(answer.media or "") + len(answer.filename or "")
