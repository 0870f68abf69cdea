"""Every path of a flow, with the user's own webhook, each in a sandbox of its own and in virtual time.

A path is a row of outcomes, one for each step that the flow reaches. Only the outcomes of reached steps vary: after a
success, the later steps never begin. Everything goes over HTTP, through the client of the control API.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice

import httpx2

from mockserver.client import Callback, Flow, MockError, Server
from mockserver.core.catalogue import ENDS, OUTCOMES
from mockserver.core.channels import Channel
from mockserver.core.commands import Mode
from mockserver.server import running
from mockserver.settings import Settings
from mockserver.wire import Json

LIMIT = 1_000_000
"""The most events of one path."""


class SweepError(ValueError):
    """The sweep is not possible. The text says why."""


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
    that has a name, not only one for each way a step can end. Raises SweepError if the flow is refused, or if no
    webhook answers at `url`.
    """
    callback = body.get("callback")
    strategy = callback.get("strategy") if isinstance(callback, dict) else None
    sent = body | {"callback": {"strategy": strategy or "OnStep", "url": url}}
    with _server() as server:
        names = _names(server, sent, every=every)
        yield from islice(_paths(server, sent, names), most)


@contextmanager
def _server() -> Iterator[Server]:
    """A mock, and a client for it without a timeout: many retries to a slow webhook take long."""
    settings = Settings(port=0, clock=Mode.INSTANT, idle=None)
    with running(settings) as reached, httpx2.Client(timeout=None) as http:
        yield Server(reached.url, http=http)


def _names(server: Server, sent: Json, *, every: bool) -> list[tuple[str, tuple[str, ...]]]:
    """The channel of each step, in running order, and the outcomes to try."""
    with server.create_sandbox(clock="manual") as sandbox:
        try:
            flow = sandbox.send(sent)
        except MockError as error:
            raise SweepError(f"the flow is refused: {error}") from None
    channels = [Channel(name) for name in flow.channels]
    return [(channel.lower(), tuple(OUTCOMES[channel]) if every else ENDS[channel]) for channel in channels]


def _paths(server: Server, sent: Json, names: list[tuple[str, tuple[str, ...]]]) -> Iterator[Path]:
    """Every path, in the way an odometer counts: the last step that was reached gets its next outcome."""
    channels, turned = [channel for channel, _ in names], [0] * len(names)
    while True:
        chosen = tuple(outcomes[turn] for (_, outcomes), turn in zip(names, turned, strict=True))
        path = _play(server, sent, channels, chosen)
        yield path
        reached = len(path.outcomes)
        left = [place for place in range(reached) if turned[place] + 1 < len(names[place][1])]
        if not left:
            return
        turned = [*turned[: left[-1]], turned[left[-1]] + 1, *[0] * (len(names) - left[-1] - 1)]


def _play(server: Server, sent: Json, channels: list[str], outcomes: tuple[str, ...]) -> Path:
    """Play one path in a sandbox of its own."""
    with server.create_sandbox(clock="instant") as sandbox:
        sandbox.when().steps(*({channel: outcome} for channel, outcome in zip(channels, outcomes, strict=True)))
        flow = sandbox.send(sent)
        sandbox.clock.until_idle(limit=LIMIT)
        flow, callbacks = sandbox.flow(flow), sandbox.callbacks
    return _told(outcomes[: len(flow.heard)], flow, callbacks)


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
