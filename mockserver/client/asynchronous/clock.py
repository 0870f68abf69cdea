"""The virtual clock of a sandbox."""

from datetime import UTC, datetime, timedelta
from typing import Any

from mockserver.client.asynchronous.link import AsyncLink
from mockserver.client.fields import without_none
from mockserver.client.problems import MockError
from mockserver.client.values import Flow, Move, Time, id_of, path_of

MILLISECOND = timedelta(milliseconds=1)

__tracebackhide__ = True
"""pytest shows the line of the test that asked, and not ours."""


class AsyncClock:
    """Moves and reads the clock. Every move answers when all of it has happened and every callback was answered."""

    def __init__(self, link: AsyncLink, path: str) -> None:
        self._link = link
        self._path = path

    async def read(self) -> Time:
        """The instant, how the clock moves, and how much is due."""
        return Time.model_validate(await self._link.ask("GET", f"{self._path}/clock"))

    @property
    async def now(self) -> datetime:
        """The virtual instant."""
        return (await self.read()).now

    async def set(self, mode: str | None = None, *, rate: float | None = None) -> Time:
        """Let time move otherwise: "realtime" (at `rate` virtual seconds in a real one), "manual" or "instant"."""
        chosen = without_none({"mode": mode, "rate": rate})
        return Time.model_validate(await self._link.ask("PUT", f"{self._path}/clock", chosen))

    async def advance(
        self,
        by: timedelta | str | None = None,
        *,
        days: float = 0,
        hours: float = 0,
        minutes: float = 0,
        seconds: float = 0,
        milliseconds: float = 0,
        limit: int | None = None,
    ) -> Move:
        """Let so much time pass: `advance(minutes=10)`, `advance("1h30m")` or `advance(timedelta(days=1))`.

        limit: events after which it is given up (10,000 unless given). Raises MockError when that many were not
        enough, and for time that runs backwards.
        """
        span = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds, milliseconds=milliseconds)
        if isinstance(by, str):
            if span:
                raise TypeError('say how far either as text or as numbers: advance("10m") or advance(minutes=10)')
            return await self._move({"by": by}, limit)
        return await self._move({"by": ((by or timedelta()) + span) / timedelta(seconds=1)}, limit)

    async def to(self, instant: datetime | str, *, limit: int | None = None) -> Move:
        """Let time pass until this instant; one without a zone is UTC. Raises MockError when it is past."""
        if isinstance(instant, datetime):
            aware = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
            instant = aware.astimezone(UTC).isoformat()
        return await self._move({"to": instant}, limit)

    async def next(self) -> Move:
        """Let the next thing happen that is due."""
        return await self._move({"until": "next"}, None)

    async def until_idle(self, *, limit: int | None = None) -> Move:
        """Let everything happen that is due, retries of callbacks included."""
        return await self._move({"until": "idle"}, limit)

    async def until_final(self, flow: Flow | str, *, limit: int | None = None) -> Move:
        """Let time pass until this flow has ended."""
        return await self._move({"until": {"final": id_of(flow)}}, limit)

    async def just_before_ttl(self, flow: Flow | str) -> Move:
        """Stand a millisecond before the ttl of the flow's running step ends. Raises MockError when it has none."""
        return await self.to(await self._ttl_ends(flow) - MILLISECOND)

    async def just_after_ttl(self, flow: Flow | str) -> Move:
        """Stand a millisecond after the ttl of the flow's running step ends. Raises MockError when it has none."""
        return await self.to(await self._ttl_ends(flow) + MILLISECOND)

    async def _ttl_ends(self, flow: Flow | str) -> datetime:
        read = Flow.model_validate(await self._link.ask("GET", f"{self._path}/flows/{path_of(flow)}"))
        if read.ttl_ends is None:
            why = f"it is {read.status}" if read.final else "its running step has none, or has ended"
            raise MockError(f"no ttl of the flow {read.tracking_id} is running: {why}")
        return read.ttl_ends

    async def _move(self, move: dict[str, Any], limit: int | None) -> Move:
        wanted = move if limit is None else move | {"limit": limit}
        moved = Move.model_validate(await self._link.ask("POST", f"{self._path}/clock/advance", wanted))
        if moved.stopped == "limit":
            raise MockError(
                f"the clock stopped at {moved.to.isoformat()} after {moved.events} events, with more to come: give a"
                " larger limit=, or look for what keeps calling back"
            )
        return moved
