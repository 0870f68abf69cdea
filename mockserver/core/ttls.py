"""The ttls that run: each is on the schedule until it runs out, or its step ends."""

from mockserver.core.flow import Flow
from mockserver.core.parts import Parts
from mockserver.core.schedule import TTL_RANK, Ticket, TtlDue


class Ttls:
    """Starts and stops the ttls of steps. A part of the engine; nothing else uses it."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._tickets: dict[tuple[str, int], Ticket] = {}

    def start(self, flow: Flow, index: int) -> None:
        """Let the ttl of step `index` of a flow run from now on, if it has one."""
        ttl = flow.steps[index].ttl
        if ttl is not None:
            due = TtlDue(flow.id, index)
            self._tickets[flow.id, index] = self._parts.schedule.push(self._parts.clock.now + ttl, due, TTL_RANK)

    def stop(self, flow: str, index: int) -> None:
        """Stop the ttl of step `index` of a flow, if it runs."""
        if (flow, index) in self._tickets:
            self._parts.schedule.cancel(self._tickets.pop((flow, index)))
            self._tidy()

    def ran_out(self, flow: str, index: int) -> None:
        """The ttl of step `index` of a flow has come from the schedule."""
        del self._tickets[flow, index]
        self._tidy()

    def _tidy(self) -> None:
        """Let go of the room for all those that ran at once: an emptied table keeps it."""
        if not self._tickets:
            self._tickets.clear()
