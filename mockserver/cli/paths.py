"""Plays every path of a flow with the user's webhook or whole application, in virtual time.

A path is a row of outcomes, one for each step that the flow reaches (`testing.paths`). Everything goes over HTTP,
through the client of the control API.
"""

import logging
import os
import signal
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice

import httpx2

from mockserver.client import Callback, Flow, MockError, Sandbox, Server
from mockserver.core.catalogue import ENDS
from mockserver.core.channels import Channel
from mockserver.core.commands import Mode
from mockserver.server import running
from mockserver.settings import Settings
from mockserver.testing.paths import choices_of, scenario_of, walk
from mockserver.wire import Json

LIMIT = 1_000_000
"""The most events of one path."""

PATIENCE = 60.0
"""Real seconds that the command of --send may take."""

LONGEST = 2_000
"""Characters of a command's output that are shown when it fails."""

SUCCESSES: Json = {channel.lower(): ends[0] for channel, ends in ENDS.items()}


class SweepError(ValueError):
    """The sweep cannot go on. The text says why."""


@dataclass(frozen=True, slots=True)
class Path:
    """One path: the outcomes of its steps, how the flow ended, and how the callbacks were answered.

    answers: how many attempts got each answer ("200", "500", "no answer"). lost: how many callbacks were never
    delivered.
    """

    outcomes: tuple[str, ...]
    status: str
    code: str | None
    termination: str | None
    callbacks: int
    answers: tuple[tuple[str, int], ...]
    lost: int
    error: str | None

    def document(self) -> Json:
        """As JSON."""
        return {
            "outcomes": list(self.outcomes),
            "status": self.status,
            "statusCode": self.code,
            "terminationChannel": self.termination,
            "callbacks": self.callbacks,
            "answers": dict(self.answers),
            "lost": self.lost,
            "error": self.error,
        }


def sweep(body: Json, url: str, *, every: bool = False, most: int | None = None) -> Iterator[Path]:
    """Play every path of a flow, one after the other; no more than `most`.

    body: of POST /failover. Its callbacks go to `url`, with its own strategy or else OnStep. every: try every outcome
    that has a name, not only one for each way a step can end. Raises SweepError if the flow is refused, if no webhook
    answers at `url`, or if it answers 404 to the whole first path.
    """
    callback = body.get("callback")
    strategy = callback.get("strategy") if isinstance(callback, dict) else None
    sent = body | {"callback": {"strategy": strategy or "OnStep", "url": url}}
    with _server(Mode.INSTANT) as server:
        with server.create_sandbox(clock="manual") as sandbox:
            channels = _send(sandbox, sent).channels

        def play(outcomes: tuple[str, ...]) -> Path:
            with server.create_sandbox(clock="instant") as sandbox:
                sandbox.play(scenario_of(channels, outcomes))
                flow = _send(sandbox, sent)
                return _played(sandbox, flow, outcomes)

        for number, path in enumerate(islice(walk(_choices(channels, every=every), play), most)):
            if number == 0 and dict(path.answers).keys() == {"404"}:
                raise SweepError(
                    f"{url} answered 404 to every callback. If your application must know the trackingId, let it send"
                    " the flow itself: --send."
                )
            yield path


def sweep_application(
    command: str, *, port: int = 0, every: bool = False, most: int | None = None, patience: float = PATIENCE
) -> Iterator[Path]:
    """The same for an application that sends the flow itself, once for each path.

    command: for the shell. It makes the application send one flow, and ends. Its environment has the application's
    settings, ROUTEE_API_URL and so on. All paths are in one sandbox: the application may keep its token, and no
    trackingId comes twice. port: of the mock, for an application that runs already. patience: real seconds that the
    command may take. Raises SweepError if it fails, or does not send one flow that asks for callbacks.
    """
    with _server(Mode.MANUAL, port) as server:
        application = Application(server.sandbox(), command, patience)
        # Nobody knows its channels yet, so in the first flow every message succeeds; that is the first path.
        first = [application.send({"name": "path", "when": {"to": "*"}} | SUCCESSES)]
        channels = first[0].channels

        def play(outcomes: tuple[str, ...]) -> Path:
            flow = first.pop() if first else application.send(scenario_of(channels, outcomes))
            path = _played(application.sandbox, flow, outcomes)
            if not path.callbacks:
                raise SweepError(f"the flow that `{command}` sends asks for no callback: there is nothing to sweep")
            return path

        yield from islice(walk(_choices(channels, every=every), play), most)


class Application:
    """An application that sends a flow when a command is run. patience: real seconds that the command may take."""

    def __init__(self, sandbox: Sandbox, command: str, patience: float) -> None:
        self.sandbox = sandbox
        self._command = command
        self._patience = patience
        self._last = 0

    def send(self, scenario: Json) -> Flow:
        """Let it send a flow with this scenario. Raises SweepError unless it sends exactly one."""
        self.sandbox.play(scenario)
        self._run()
        lines = self.sandbox.link.ask("GET", "/_mock/flows", params={"after": self._last})["flows"]
        if len(lines) != 1:
            raise SweepError(f"`{self._command}` sent {len(lines) or 'no'} flows, not one{self._why()}")
        self._last = lines[0]["flow"]
        return Flow.model_validate(lines[0])

    def _run(self) -> None:
        environment = os.environ | self.sandbox.env()
        with (
            tempfile.TemporaryFile("w+") as said,
            subprocess.Popen(  # noqa: S602 -- the user's own command
                self._command, shell=True, env=environment, stdout=said, stderr=said, start_new_session=True
            ) as running,
        ):
            try:
                status = running.wait(self._patience)
            except subprocess.TimeoutExpired:
                raise SweepError(
                    f"`{self._command}` did not end within {self._patience:g} s. It must send a flow and end: callbacks"
                    " are posted after that."
                ) from None
            finally:
                if running.poll() is None:  # it is not in the group of the terminal, so ctrl-c does not end it
                    os.killpg(running.pid, signal.SIGKILL)
            said.seek(0)
            if status:
                raise SweepError(f"`{self._command}` ended with {status}:\n{said.read()[-LONGEST:]}".rstrip(":\n"))

    def _why(self) -> str:
        """In words: the last refused requests, or that no request came."""
        requests = self.sandbox.requests
        if not requests:
            return (
                f"; nothing reached the mock at {self.sandbox.url}, which is ROUTEE_API_URL (--port makes it another)"
            )
        refused = [
            f"\n{each.method} {each.path} answered {each.status}: {each.error}" for each in requests if each.error
        ]
        return "".join([":" * bool(refused), *refused[-3:]])


@contextmanager
def _server(clock: Mode, port: int = 0) -> Iterator[Server]:
    """A mock, and a client for it without a timeout: many retries to a slow webhook take long.

    The table shows what is lost. So the log does not.
    """
    log = logging.getLogger("mockserver")
    log.addHandler(silence := logging.NullHandler())
    propagates, log.propagate = log.propagate, False
    try:
        with running(Settings(port=port, clock=clock, idle=None)) as reached, httpx2.Client(timeout=None) as http:
            yield Server(reached.url, http=http)
    finally:
        log.removeHandler(silence)
        log.propagate = propagates


def _choices(channels: Iterable[str], *, every: bool) -> list[tuple[str, ...]]:
    return [choices_of(Channel(channel), every=every) for channel in channels]


def _send(sandbox: Sandbox, body: Json) -> Flow:
    try:
        return sandbox.send(body)
    except MockError as error:
        raise SweepError(f"the flow is refused: {error}") from None


def _played(sandbox: Sandbox, flow: Flow, outcomes: tuple[str, ...]) -> Path:
    """Let everything happen to a flow, and return its path."""
    sandbox.clock.until_idle(limit=LIMIT)
    flow = sandbox.flow(flow)
    asked: Json = {"trackingId": flow.tracking_id, "limit": 1_000}
    kept = sandbox.link.ask("GET", f"/_mock/sandboxes/{sandbox.id}/callbacks", params=asked)["callbacks"]
    return _told(outcomes[: len(flow.statuses)], flow, [Callback.model_validate(each) for each in kept])


def _told(outcomes: tuple[str, ...], flow: Flow, callbacks: list[Callback]) -> Path:
    attempts = [attempt for callback in callbacks for attempt in callback.attempts]
    answers = Counter("no answer" if each.status is None else str(each.status) for each in attempts)
    errors = [each.error for each in attempts if each.error]
    if attempts and answers.keys() == {"no answer"}:
        raise SweepError(f"no callback was answered. {errors[0]}")
    return Path(
        outcomes=outcomes,
        status=flow.status,
        code=flow.status_code,
        termination=flow.termination_channel,
        callbacks=len(callbacks),
        answers=tuple(sorted(answers.items())),
        lost=sum(not callback.delivered for callback in callbacks),
        error=errors[0] if errors else None,
    )
