"""Every path of a flow against one's own webhook, each in a sandbox of its own, in virtual time.

A path is a row of outcomes, one for each step that is reached. Steps are only varied where they are reached: what
follows a success is nobody's fate. All of it goes over HTTP, by the client of the control API.
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
"""Events of one path, at the most."""


class SweepError(ValueError):
    """A sweep that cannot be made; the text says why."""


@dataclass(frozen=True, slots=True)
class Path:
    """One path: the outcomes of its steps, what the flow came to, and what became of the callbacks.

    answers: how many attempts met which answer ("200", "500", "no answer"); lost: callbacks never answered well.
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
    """Every path of a flow, or `most` of them, one after the other.

    body: of POST /failover; its callback goes to `url`, by the strategy it names, else OnStep. every: every outcome
    that has a name, not one for each end. Raises SweepError when the flow is refused, or nobody answers at `url`.
    """
    callback = body.get("callback")
    strategy = callback.get("strategy") if isinstance(callback, dict) else None
    sent = body | {"callback": {"strategy": strategy or "OnStep", "url": url}}
    with _server() as server:
        names = _names(server, sent, every=every)
        yield from islice(_paths(server, sent, names), most)


@contextmanager
def _server() -> Iterator[Server]:
    """A mock that is asked without haste: many retries to a slow webhook take their time."""
    settings = Settings(port=0, clock=Mode.INSTANT, idle=None)
    with running(settings) as reached, httpx2.Client(timeout=None) as http:
        yield Server(reached.url, http=http)


def _names(server: Server, sent: Json, *, every: bool) -> list[tuple[str, tuple[str, ...]]]:
    """Of each step, in running order, its channel and the outcomes to try."""
    with server.create_sandbox(clock="manual") as sandbox:
        try:
            flow = sandbox.send(sent)
        except MockError as error:
            raise SweepError(f"the flow is refused: {error}") from None
    channels = [Channel(name) for name in flow.channels]
    return [(channel.lower(), tuple(OUTCOMES[channel]) if every else ENDS[channel]) for channel in channels]


def _paths(server: Server, sent: Json, names: list[tuple[str, tuple[str, ...]]]) -> Iterator[Path]:
    """Every path, as an odometer counts: the last step that was reached turns to its next outcome."""
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
