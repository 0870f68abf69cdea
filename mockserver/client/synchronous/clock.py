# Made from ../asynchronous/clock.py by `python -m tools.plain_client`: change that one.
"""The virtual clock of a sandbox."""

from datetime import datetime, timedelta
from typing import Any

from mockserver.client import fields
from mockserver.client.fields import without_none
from mockserver.client.problems import Call, Misuse
from mockserver.client.spelling import spelled
from mockserver.client.synchronous.link import Link
from mockserver.client.values import Due, Flow, Move, Time, id_of
from mockserver.client.words import ClockMode

__tracebackhide__ = True
"""pytest shows the line of the test, not a line of this file."""


@spelled
class Clock:
    """Moves and reads the clock. A move returns when everything has happened and every callback has its answer."""

    def __init__(self, link: Link, path: str) -> None:
        self._link = link
        self._path = path

    def read(self) -> Time:
        """The instant, the mode and rate, and how much is due."""
        return Time.model_validate(self._link.ask("GET", f"{self._path}/clock"))

    @property
    def now(self) -> datetime:
        """The virtual instant."""
        return (self.read()).now

    def due(self) -> list[Due]:
        """What happens next, earliest first: the first ten things. `read` has their number."""
        return [Due.model_validate(each) for each in (self._link.ask("GET", f"{self._path}/due"))["due"]]

    def set(self, mode: ClockMode | None = None, *, rate: float | None = None) -> Time:
        """Change how time moves: "realtime" (with `rate` virtual seconds per real second), "manual" or "instant"."""
        chosen = without_none({"mode": mode, "rate": rate})
        if not chosen:
            raise TypeError('clock.set() needs a mode ("realtime", "manual" or "instant"), a rate=, or both')
        asked = self._link.ask("PUT", f"{self._path}/clock", chosen, call=Call("clock.set"))
        return Time.model_validate(asked)

    def advance(
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
        """Move time by a duration: `advance(minutes=10)`, `advance("1h30m")` or `advance(timedelta(days=1))`.

        limit: the most events (10,000 by default). Raises Misuse if there are more, and for a negative duration.
        """
        span = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds, milliseconds=milliseconds)
        if isinstance(by, str):
            if span:
                raise TypeError('give the duration either as text or as numbers: advance("10m") or advance(minutes=10)')
            return self._move("advance", {"by": by}, limit)
        if not isinstance(by, timedelta | None):
            raise TypeError(f"advance({by!r}) has no unit: say advance(minutes={by!r}), or seconds=, hours=, days=")
        return self._move("advance", {"by": ((by or timedelta()) + span) / timedelta(seconds=1)}, limit)

    def to(self, instant: datetime | str, *, limit: int | None = None) -> Move:
        """Move time to an instant; without a zone it is UTC. Raises Misuse if the instant is past."""
        return self._move("to", {"to": fields.instant(instant)}, limit)

    def next(self) -> Move:
        """Move time to the next event, and let it happen."""
        return self._move("next", {"until": "next"}, None)

    def until_idle(self, *, limit: int | None = None) -> Move:
        """Move time until nothing more is due, retries of callbacks included."""
        return self._move("until_idle", {"until": "idle"}, limit)

    def until_final(self, flow: Flow | str, *, limit: int | None = None) -> Move:
        """Move time until a flow has ended."""
        return self._move("until_final", {"until": {"final": id_of(flow)}}, limit)

    def just_before_ttl(self, flow: Flow | str) -> Move:
        """Move to a millisecond before the ttl of the running step ends. Raises Misuse if it has no ttl."""
        return self._move("just_before_ttl", {"until": {"ttl": id_of(flow), "edge": "before"}}, None)

    def just_after_ttl(self, flow: Flow | str) -> Move:
        """Move to a millisecond after the ttl of the running step ends. Raises Misuse if it has no ttl."""
        return self._move("just_after_ttl", {"until": {"ttl": id_of(flow), "edge": "after"}}, None)

    def _move(self, name: str, move: dict[str, Any], limit: int | None) -> Move:
        wanted = move if limit is None else move | {"limit": limit}
        call = Call(f"clock.{name}", {"to": "instant", "until": "flow"})
        moved = Move.model_validate(self._link.ask("POST", f"{self._path}/clock/advance", wanted, call=call))
        if moved.stopped == "limit":
            raise Misuse(
                f"the clock stopped at {moved.to.isoformat()} after {moved.events} events, with more to come: give a"
                " larger limit=, or find out what makes so many events"
            )
        return moved
