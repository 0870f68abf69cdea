"""What a restart takes: a full sandbox from its snapshot; bare replays the log of the same flows."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import cycle
from typing import Any

from benchmarks import inside, traffic
from benchmarks.case import Case, Figures, Measure
from benchmarks.contenders import Contender, Kind
from benchmarks.messages import body, post

FLOWS = 10_000

OUTCOMES = 4
"""How many outcomes each channel has, equally often; magic numbers decide."""

APART = 10
"""Virtual milliseconds between two sends."""


class _Everything:
    """Keeps the entries of a log."""

    def __init__(self) -> None:
        self.entries: list[Any] = []

    def submitted(self, command: Any, *, silent: bool) -> None:
        self.entries.append(command)

    def happened(self) -> None:
        self.entries.append(1)


@contextmanager
def restoring(contender: Contender, flows: int = FLOWS) -> Iterator[Measure]:
    """Bring so many flows back, which were called back on every step; all that is kept is in memory already."""
    from mockserver.wire.control.kept import Revival

    head, packed, entries = _lived(flows)
    state = Revival(head)
    state.feed(packed, entries)
    kept = state.state()
    back: Callable[[Revival], None] = (
        (lambda revival: revival.restore(kept, entries))
        if contender.kind is Kind.MOCK
        else (lambda revival: revival.feed(packed, entries))
    )

    def measure() -> Figures:
        revival = Revival(head)
        began = time.process_time_ns()
        back(revival)
        return {"CPU ms": (time.process_time_ns() - began) / 1e6}

    yield measure


def _lived(flows: int) -> tuple[Any, bytes, int]:
    """How a sandbox began, its log, packed, and the length of its journal at the end."""
    from mockserver.core.commands import Answer, MoveClock, NoteRequest, RecordAnswer, SendFlow
    from mockserver.core.values import replace
    from mockserver.wire.control import replay
    from mockserver.wire.control.kept import pack

    app = inside.app()
    engine = app.state.sandboxes.default.driver.engine
    heard = engine.log.tap = _Everything()
    with inside.opened(inside.served(app)) as server:
        sent = traffic.flow(2, 0, "+30690{:07}", "http://127.0.0.1/hook")
        answer = server.ask(post("/failover", sent, traffic.bearer(server.ask)))
    asked = engine.flows[json.loads(body(answer))["trackingId"]]
    steps = cycle([tuple(replace(step, to=f"+30690000000{fate}") for step in asked.steps) for fate in range(OUTCOMES)])
    for _ in range(flows - 1):
        until = engine.clock.now + APART
        while (effect := engine.poll(until)) is not None:
            for delivery in effect.deliveries:
                engine.submit(RecordAnswer(delivery.number, delivery.attempt, Answer(200, None, 1.0)))
        engine.submit(MoveClock(until))
        engine.submit(SendFlow(asked.application, next(steps), asked.callback))
        engine.submit(NoteRequest("POST", "/failover", 200, asked.application))
    return replay.head(engine.log.start, "1"), pack(heard.entries), len(engine.journal)


def cases() -> Iterator[Case]:
    """A full sandbox."""
    yield Case(f"restore, {FLOWS:,} flows (bare: replayed)", partial(restoring), apart=True)
