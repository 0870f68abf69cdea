"""The sweep: every path of a flow against one's own webhook, each in a sandbox of its own, in virtual time.

A path is a row of outcomes, one for each step that is reached. Steps are only varied where they are reached: what
follows a success is nobody's fate. All of it goes over HTTP, as a client of the control API would do it.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice

import httpx2

from mockserver.core.catalogue import ENDS, OUTCOMES
from mockserver.core.channels import Channel
from mockserver.core.commands import Mode
from mockserver.server import running
from mockserver.settings import Settings
from mockserver.wire import Json

MOST = 1_000
"""Paths of one sweep, unless more are asked for."""


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
    termination: str
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


def sweep(body: Json, url: str, *, every: bool = False, most: int = MOST) -> Iterator[Path]:
    """Every path of a flow, `most` of them, one after the other.

    body: of POST /failover; its callback goes to `url`, by the strategy it names, else OnStep. every: every outcome
    that has a name, not one for each end. Raises SweepError when the flow is refused, or nobody answers at `url`.
    """
    callback = body.get("callback")
    strategy = callback.get("strategy") if isinstance(callback, dict) else None
    sent = body | {"callback": {"strategy": strategy or "OnStep", "url": url}}
    with _client() as client:
        names = _names(client, sent, every=every)
        yield from islice(_paths(client, sent, names), most)


@contextmanager
def _client() -> Iterator[httpx2.Client]:
    settings = Settings(port=0, clock=Mode.INSTANT, idle=None)
    with running(settings) as server, httpx2.Client(base_url=server.url, timeout=None) as client:
        yield client


def _names(client: httpx2.Client, sent: Json, *, every: bool) -> list[tuple[str, tuple[str, ...]]]:
    """Of each step, in running order, its channel and the outcomes to try."""
    with _sandbox(client, {"clock": "manual"}) as (_, token):
        reply = client.post("/failover", json=sent, headers=token)
    if reply.status_code != 200:
        wrong = reply.json().get("properties", {})
        said = "".join(f"\n  {place}: {text}" for place, text in wrong.items())
        raise SweepError(f"the flow is refused: {reply.json().get('developerMessage')}{said}")
    channels = [Channel(step["type"]) for step in reply.json()["flow"]]
    return [(channel.lower(), tuple(OUTCOMES[channel]) if every else ENDS[channel]) for channel in channels]


def _paths(client: httpx2.Client, sent: Json, names: list[tuple[str, tuple[str, ...]]]) -> Iterator[Path]:
    """Every path, as an odometer counts: the last step that was reached turns to its next outcome."""
    channels, turned = [channel for channel, _ in names], [0] * len(names)
    while True:
        chosen = tuple(outcomes[turn] for (_, outcomes), turn in zip(names, turned, strict=True))
        path = _play(client, sent, channels, chosen)
        yield path
        reached = len(path.outcomes)
        left = [place for place in range(reached) if turned[place] + 1 < len(names[place][1])]
        if not left:
            return
        turned = [*turned[: left[-1]], turned[left[-1]] + 1, *[0] * (len(names) - left[-1] - 1)]


def _play(client: httpx2.Client, sent: Json, channels: list[str], outcomes: tuple[str, ...]) -> Path:
    """Play one path in a sandbox of its own."""
    steps = [{channel: outcome} for channel, outcome in zip(channels, outcomes, strict=True)]
    with _sandbox(client, {"clock": "instant"}) as (control, token):
        scenario = client.post(f"{control}/scenarios", json={"name": "path", "steps": steps, "when": {"to": "*"}})
        scenario.raise_for_status()
        flow = client.post("/failover", json=sent, headers=token).raise_for_status().json()["trackingId"]
        client.post(f"{control}/clock/advance", json={"until": "idle", "limit": 1_000_000}).raise_for_status()
        whole = client.get(f"{control}/flows/{flow}").raise_for_status().json()
        callbacks = client.get(f"{control}/callbacks").raise_for_status().json()["callbacks"]
    reached = sum(entry["kind"] == "step" for entry in whole["journal"])
    return _told(outcomes[:reached], whole["document"], callbacks)


def _told(outcomes: tuple[str, ...], document: Json, callbacks: list[Json]) -> Path:
    attempts = [attempt for callback in callbacks for attempt in callback["attempts"]]
    answers = Counter("no answer" if each["status"] is None else str(each["status"]) for each in attempts)
    errors = [each["error"] for each in attempts if each["error"]]
    if attempts and answers.keys() == {"no answer"}:
        raise SweepError(f"no callback was answered. {errors[0]}")
    return Path(
        outcomes=outcomes,
        status=document["status"],
        code=document["statusCode"],
        termination=document["terminationChannel"],
        callbacks=len(callbacks),
        answers=tuple(sorted(answers.items())),
        lost=sum(callback["state"] != "delivered" for callback in callbacks),
        error=errors[0] if errors else None,
    )


@contextmanager
def _sandbox(client: httpx2.Client, wanted: Json) -> Iterator[tuple[str, Json]]:
    """A sandbox: the path of its control API, and the headers of a client that is logged in."""
    made = client.post("/_mock/sandboxes", json=wanted).raise_for_status().json()
    control = f"/_mock/sandboxes/{made['id']}"
    credentials = (made["applicationId"], made["applicationSecret"])
    login = client.post("/oauth/token", auth=credentials, data={"grant_type": "client_credentials"}).raise_for_status()
    yield control, {"authorization": f"Bearer {login.json()['access_token']}"}
    client.delete(control).raise_for_status()
