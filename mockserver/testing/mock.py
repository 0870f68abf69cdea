"""The mock in a test: `with RouteeMock() as routee:` for any test framework. The pytest fixtures use it too."""

import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack
from functools import cached_property
from inspect import CO_ASYNC_GENERATOR, CO_COROUTINE
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Self, Unpack

from mockserver.client import AsyncSandbox, AsyncServer, Sandbox, Server
from mockserver.client.asynchronous.link import AsyncLink
from mockserver.client.environment import URL
from mockserver.client.spelling import check_keywords
from mockserver.client.words import MockSettings, SandboxSettings
from mockserver.testing import process
from mockserver.testing.receiver import LOCAL, Receiver, first

DEFAULTS: SandboxSettings = {"clock": "manual", "token_life": "unlimited"}
"""A sandbox in a test: nothing happens by itself, and no token expires when a day passes."""

TOLERATED = (401, 429)
"""Refusals that do not mean a mistake in the request: an expired token, and too many requests."""

RUNNERS = ("_pytest.", "unittest.")

ASYNCHRONOUS = (
    "`{name}` is asynchronous, and the plain `routee` would stop its event loop: no callback could be answered. Use the"
    " fixture `async_routee`, or `async with RouteeMock() as routee`, and await what you ask of it"
)

__tracebackhide__ = True
"""pytest shows the line of the test, not a line of this file."""


class Receivers:
    """The webhook receiver of a test, which starts when it is first used. host: where the mock finds it."""

    def __init__(self, host: str = LOCAL) -> None:
        self._host = host
        self._open = ExitStack()

    @cached_property
    def receiver(self) -> Receiver:
        """The webhook receiver."""
        receiver = Receiver(self._host)
        self._open.callback(receiver.close)
        return receiver

    @property
    def used(self) -> bool:
        """Whether the test has used it."""
        return "receiver" in vars(self)

    def take(self) -> list[BaseException]:
        """Return what the handlers have raised, and forget it."""
        return self.receiver.take_failures() if self.used else []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the receiver if it was started. Raises what a handler raised, unless there is another error."""
        self._open.close()
        if kind is None and (raised := first(self.take())) is not None:
            raise raised


class Routee(Sandbox):
    """A sandbox of your own, with a webhook receiver. scenarios: a directory where `play` looks first."""

    def __init__(self, sandbox: Sandbox, receivers: Receivers | None = None, scenarios: Path | None = None) -> None:
        super().__init__(sandbox.link.after(_refuse_coroutines), sandbox.info)
        self.receivers = receivers or Receivers()
        self.directory = scenarios

    @property
    def receiver(self) -> Receiver:
        """A real webhook receiver on this machine. It keeps every request, and answers as the test says."""
        return self.receivers.receiver

    def play(self, scenario: Mapping[str, Any] | str | Path, *, name: str | None = None, default: bool = False) -> str:
        """Play a scenario, as a Sandbox does; its name is looked for in your own directory first."""
        return super().play(_file(scenario, self.directory), name=name, default=default)

    def unnoticed_problems(self) -> list[str]:
        """Problems that a test may not have noticed: requests refused as wrong, and callbacks not delivered."""
        refused = [
            f"refused: {each.method} {each.path} answered {each.status}: {each.error}"
            + "".join(f"\n  {place}: {text}" for place, text in each.wrong.items())
            for each in self.requests
            if 400 <= each.status < 500 and each.status not in TOLERATED and each.error != "Insufficient Balance"
        ]
        lost = [
            f"not delivered: callback {each.number} to {each.url} is {each.state}: {each.attempts[-1].error}"
            for each in self.callbacks
            if each.attempts and each.state in ("waiting to retry", "given up")
        ]
        return refused + lost


class AsyncRoutee(AsyncSandbox):
    """The same as Routee, for asynchronous tests."""

    def __init__(
        self, sandbox: AsyncSandbox, receivers: Receivers | None = None, scenarios: Path | None = None
    ) -> None:
        super().__init__(sandbox.link, sandbox.info)
        self.receivers = receivers or Receivers()
        self.directory = scenarios

    @classmethod
    def beside(cls, routee: Routee, token: str | None = None) -> Self:
        """The sandbox and receiver of a Routee, with methods to await."""
        link = AsyncLink(routee.url, token)
        made = cls(AsyncSandbox(link, routee.info), routee.receivers, routee.directory)
        made.begun = routee.begun
        return made

    @property
    def receiver(self) -> Receiver:
        """A real webhook receiver on this machine. It keeps every request, and answers as the test says."""
        return self.receivers.receiver

    async def play(
        self, scenario: Mapping[str, Any] | str | Path, *, name: str | None = None, default: bool = False
    ) -> str:
        """Play a scenario, as an AsyncSandbox does; its name is looked for in your own directory first."""
        return await super().play(_file(scenario, self.directory), name=name, default=default)


class RouteeMock:
    """A sandbox while a block lasts: `with RouteeMock() as routee:`, or `async with` for an AsyncRoutee.

    url: a running mock. By default it is ROUTEE_MOCK_URL, or else a mock in a process of its own, which starts when it
    is first needed and stops with the program. receiver_host: the host by which the mock reaches this machine. wanted:
    the settings of the sandbox (see `Server.create_sandbox`); by default its clock is manual and its tokens never
    expire. scenario: one or several to play, by name or as a Path. Raises NotStarted, Unreachable, and MockError if the
    sandbox cannot be made.
    """

    def __init__(self, url: str | None = None, *, receiver_host: str = LOCAL, **wanted: Unpack[MockSettings]) -> None:
        self._url = url
        self._receiver_host = receiver_host
        check_keywords("RouteeMock", wanted, ("url", "receiver_host", *MockSettings.__annotations__))
        self._scenarios = each_of(wanted.get("scenario"))
        own: Any = {name: value for name, value in wanted.items() if name != "scenario"}
        self._wanted: SandboxSettings = DEFAULTS | own
        self._open = ExitStack()

    def __enter__(self) -> Routee:
        _refuse_coroutines()
        with ExitStack() as opened:
            server = opened.enter_context(Server(self._where()))
            sandbox = opened.enter_context(server.create_sandbox(**self._wanted))
            routee = Routee(sandbox, self._receivers(opened))
            for scenario in self._scenarios:
                routee.play(scenario)
            self._open = opened.pop_all()
        return routee

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.__exit__(kind, error, trace)

    async def __aenter__(self) -> AsyncRoutee:
        async with AsyncExitStack() as opened:
            server = await opened.enter_async_context(AsyncServer(self._where()))
            sandbox = await opened.enter_async_context(await server.create_sandbox(**self._wanted))
            routee = AsyncRoutee(sandbox, self._receivers(opened))
            for scenario in self._scenarios:
                await routee.play(scenario)
            self._async_open = opened.pop_all()
        return routee

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._async_open.__aexit__(kind, error, trace)

    def _where(self) -> str:
        return self._url or os.environ.get(URL) or process.shared()

    def _receivers(self, opened: ExitStack | AsyncExitStack) -> Receivers:
        return opened.enter_context(Receivers(self._receiver_host))


def _unopened(mock: object, name: str) -> Any:
    """Say, for a name that a RouteeMock does not have, that its sandbox may have it."""
    if hasattr(Routee, name) and not name.startswith("_"):
        raise AttributeError(f"RouteeMock has no {name}, but its sandbox has: `with RouteeMock() as routee:` gives it")
    return object.__getattribute__(mock, name)


setattr(RouteeMock, "__getattr__", _unopened)  # noqa: B010 -- type checkers would take every name then


def _refuse_coroutines() -> None:
    """Raise RuntimeError if a coroutine is what calls. The frames tell, and not a running loop: a test of Playwright's
    plain interface has one and may wait. Below a test runner nothing counts: a notebook may have started it."""
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 -- the way to the caller
    while frame is not None and not frame.f_globals.get("__name__", "").startswith(RUNNERS):
        if frame.f_code.co_flags & (CO_COROUTINE | CO_ASYNC_GENERATOR):
            raise RuntimeError(ASYNCHRONOUS.format(name=frame.f_code.co_name))
        frame = frame.f_back


def each_of(scenarios: str | Path | Sequence[str | Path] | None) -> Sequence[str | Path]:
    """The given scenarios, as a list: none, one or several."""
    if scenarios is None:
        return ()
    return [scenarios] if isinstance(scenarios, str | Path) else scenarios


def _file(scenario: Mapping[str, Any] | str | Path, directory: Path | None) -> Mapping[str, Any] | str | Path:
    """The file in the directory with this name; if there is none, the scenario as it was given."""
    if directory is None or not isinstance(scenario, str) or ":" in scenario:
        return scenario
    return next((file for end in (".yaml", ".yml") if (file := directory / f"{scenario}{end}").is_file()), scenario)
