"""Stories to take snapshots of, and engines that are brought back from them."""

from mockserver.core.behaviour import Behaviour, Limits
from mockserver.core.channels import Channel
from mockserver.core.clock import LAST
from mockserver.core.commands import Answer, HoldStep, IssueToken, NoteRequest, PutScenario, RecordAnswer, SendFlow
from mockserver.core.engine import Engine
from mockserver.core.step import Callback, Step, Strategy
from mockserver.loader import ScenarioLibrary
from mockserver.wire.state import lines

START = 1_893_499_200_000
LIBRARY = ScenarioLibrary().shipped
WORLD = (
    Step(Channel.VIBER, "+15555550100", frozenset({"UNDELIVERED", "EXPIRED"}), 60_000, price=450),
    Step(
        Channel.SMS, "+15555550100", frozenset({"Undelivered", "Failed"}), 600_000, parts=2, asked='{"ü": 1}'.encode()
    ),
    Step(Channel.VOICE, "+15555550100", frozenset()),
)


def again(engine: Engine) -> Engine:
    """The engine that the state of another makes; it has the same state."""
    start = engine.log.start
    other = Engine(start.behaviour, start.start, start.mode, start.rate)
    written = list(lines.write(engine))
    lines.read(written, other)
    assert list(lines.write(other)) == written
    return other


def send(steps: tuple[Step, ...] = WORLD, url: str = "http://127.0.0.1/hook") -> SendFlow:
    return SendFlow("app", steps, Callback(Strategy.ON_STEP, url), b'{"a": [1]}')


def happen(engine: Engine, status: int, until: int = LAST) -> bool:
    """Let the next event happen, and answer its callbacks."""
    effect = engine.poll(until)
    for delivery in () if effect is None else effect.deliveries:
        engine.submit(RecordAnswer(delivery.number, delivery.attempt, Answer(status, None, 1.0)))
    return effect is not None


def busy(limits: Limits | None = None) -> Engine:
    """An engine with some of everything in it."""
    engine = Engine(Behaviour(limits=limits or Limits()), START)
    for name in ("everyday-traffic", "duplicate-and-reordered-webhooks", "busy-then-no-answer-then-sms"):
        engine.submit(PutScenario(LIBRARY[name]))
    engine.submit(IssueToken("app", ()))
    engine.submit(NoteRequest("GET", "/failover", 401, error="no token"))
    for number in range(12):
        flow = engine.submit(send()).flow
        if flow is not None and number == 5:
            engine.submit(HoldStep(flow.id, 1))
    for number in range(60):
        happen(engine, 500 if number % 3 else 200)
    engine.submit(send())
    return engine
