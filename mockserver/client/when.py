"""Writing a scenario in a test: `when(to="+3069*").viber("expired").sms("delivered")`."""

import sys
import warnings
from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from mockserver.client.fields import Json, without_none
from mockserver.client.problems import Call, WhenCall
from mockserver.client.spelling import spelled
from mockserver.client.words import (
    ApiAnswer,
    Callbacks,
    Endpoint,
    SmsSaid,
    StepOutcome,
    ViberSaid,
    VoiceSaid,
)

__tracebackhide__ = True
"""pytest shows the line of the test, not a line of this file."""


@dataclass(frozen=True)
class Scene:
    """A scenario that is being written, word by word."""

    says: Json = field(default_factory=dict)

    @classmethod
    def of(cls, name: str, like: Mapping[str, Any], priority: int | None, uses: int | None) -> Self:
        """A scenario without outcomes yet. like: which messages it is for; if empty, for all."""
        when = without_none(like) or {"to": "*"}
        return cls({"name": name, "when": when} | without_none({"priority": priority, "uses": uses}))

    def and_(self, key: str, value: Any) -> "Scene":
        """A copy with one more key."""
        return Scene(self.says | {key: value})


@dataclass
class Beginning:
    """A scenario that was begun. call: as it was written. place: its file and line. silent: it has no outcome yet."""

    call: str
    place: str
    silent: bool = True


class Begun:
    """The scenarios of a sandbox that were begun and may have no outcome yet: those would do nothing."""

    def __init__(self) -> None:
        self._all: list[Beginning] = []

    def begin(self, like: Mapping[str, Any]) -> Beginning:
        """Remember one. like: which messages it is for."""
        given = ", ".join(f"{'from_' if name == 'from' else name}={value!r}" for name, value in like.items())
        self._all.append(begun := Beginning(f"when({given})", _caller()))
        return begun

    def take(self) -> str | None:
        """What is wrong with the first one without an outcome, in a sentence; and forget them all."""
        silent = [each for each in self._all if each.silent]
        self._all.clear()
        if not silent:
            return None
        return f'{silent[0].call} says nothing ({silent[0].place}): add an outcome, such as .viber("expired")'

    def check(self) -> None:
        """Raise TypeError for one without an outcome, once."""
        if self._all and (wrong := self.take()) is not None:
            raise TypeError(wrong)


def _caller() -> str:
    """The file and line of the test: of the nearest frame that pytest would show."""
    frame = sys._getframe(1)  # noqa: SLF001 -- the traceback has it only when it is too late
    while "__tracebackhide__" in frame.f_globals and frame.f_back is not None:
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"


@spelled
class _Telling:
    """The words of a scenario. Each method adds one."""

    def __init__(self, scene: Scene, beginning: Beginning) -> None:
        self._scene = scene
        self._beginning = beginning

    def viber(self, *outcomes: ViberSaid, after: str | None = None, reason: str | None = None) -> Self:
        """The outcome of a Viber message. If there are several, each message to a number gets the next one.

        after: when its last status comes, "4s" or "4s to 9s".
        """
        return self._says("viber", self._outcome(outcomes, {"after": after, "reason": reason}))

    def sms(
        self, *outcomes: SmsSaid, after: str | None = None, reason: str | None = None, operator: str | None = None
    ) -> Self:
        """The outcome of an Sms, as for `viber`. operator: the network that carries it."""
        return self._says("sms", self._outcome(outcomes, {"after": after, "reason": reason, "operator": operator}))

    def voice(self, *outcomes: VoiceSaid, after: str | None = None, reason: str | None = None) -> Self:
        """The outcome of a call, as for `viber`."""
        return self._says("voice", self._outcome(outcomes, {"after": after, "reason": reason}))

    def steps(self, *steps: StepOutcome) -> Self:
        """The outcome of the first step, the second, and so on: `steps({"voice": "busy"}, {"sms": "failed"})`."""
        return self._says("steps", list(steps))

    def callbacks(
        self,
        *,
        delay: str | None = None,
        drop: Callbacks | None = None,
        duplicate: Callbacks | None = None,
        reorder: Callbacks | None = None,
        timeouts: int | None = None,
    ) -> Self:
        """What goes wrong with callbacks: with all (True), a share ("30%"), some by number ([1, 3]), or "last"."""
        wrong = {"delay": delay, "drop": drop, "duplicate": duplicate, "reorder": reorder, "timeouts": timeouts}
        return self._says("callbacks", without_none(wrong))

    def api(
        self,
        answer: int | ApiAnswer | None = None,
        *,
        endpoint: Endpoint | Sequence[Endpoint] | None = None,
        body: Any = None,
        retry_after: float | str | None = None,
        delay: float | str | None = None,
    ) -> Self:
        """What goes wrong with sends: a status from 400 to 599, "reset", "lost" or "insufficient balance".

        endpoint: with other requests: "token", "tracking", "search", "balance", "send", or several of them. body: of an
        error, in place of Routee's: a text, or JSON. retry_after: the header, in seconds. delay: real time that the
        answer is late, in seconds or as "500ms".
        """
        several = endpoint if endpoint is None or isinstance(endpoint, str) else list(endpoint)
        wrong = {"answer": answer, "endpoint": several, "body": body, "retryAfter": retry_after, "delay": delay}
        return self._says("api", without_none(wrong))

    def _says(self, key: str, value: Any) -> Self:
        self._beginning.silent = False
        if not value:
            raise TypeError(f"when().{key}() needs to know what: give it an argument")
        self._scene = self._scene.and_(key, value)
        return self

    def _outcome(self, outcomes: Sequence[Any], details: Mapping[str, Any]) -> Any:
        """The outcomes of a channel: one, or a sequence; with details if there are any. Raises TypeError."""
        self._beginning.silent = False
        if not outcomes:
            raise TypeError('which outcome? For example .sms("failed"), or in turn: .sms("failed", "delivered")')
        detailed = [_detailed(each, without_none(details)) for each in outcomes]
        return detailed[0] if len(detailed) == 1 else {"sequence": detailed}


class When(_Telling):
    """A scenario that is played from its first word on. Each further word replaces it by a longer one."""

    def __init__(self, scene: Scene, play: Callable[[dict[str, Any], Call], str], beginning: Beginning) -> None:
        super().__init__(scene, beginning)
        self._play = play

    def _says(self, key: str, value: Any) -> Self:
        super()._says(key, value)
        self._play(self._scene.says, WhenCall("when"))
        return self


class AsyncWhen(_Telling):
    """A scenario that is played when it is awaited."""

    def __init__(
        self, scene: Scene, play: Callable[[dict[str, Any], Call], Awaitable[str]], beginning: Beginning
    ) -> None:
        super().__init__(scene, beginning)
        self._play = play
        self._played = False

    def __await__(self) -> Generator[Any, None, str]:
        """Play it. Return its name."""
        self._played = True
        return self._play(self._scene.says, WhenCall("when")).__await__()

    def __del__(self) -> None:
        if not self._played and not self._beginning.silent:
            warnings.warn("a scenario was written but never played: await it", RuntimeWarning, stacklevel=2)


def _detailed(said: Any, details: Json) -> Any:
    if not details:
        return said
    if not isinstance(said, str):
        raise TypeError("after=, reason= and operator= go with an outcome by its name")
    return {"outcome": said} | details
