"""Sends, answers, faults and moves of the clock in any order: the journal is what the oracle says, whole."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from mockserver.core.behaviour import Behaviour
from mockserver.core.channels import Channel
from mockserver.core.commands import MoveClock, RecordAnswer, SendFlow
from mockserver.core.deliveries import Delivery
from mockserver.core.engine import Engine
from mockserver.core.flow import Step, Strategy
from mockserver.core.journal import StatusChanged
from mockserver.core.scenario import Choice, Outcome
from tests.core.oracle import Oracle
from tests.core.worlds import FOREVER, GOOD, OUTCOMES, POOR, START, callback, plan, same, step, triggers


@st.composite
def variants(draw: st.DrawFn) -> tuple[Step, Outcome]:
    channel = draw(st.sampled_from(Channel))
    chosen = draw(st.frozensets(st.sampled_from(triggers(channel))))
    seen = channel is Channel.VIBER and draw(st.booleans())
    return step(channel, chosen, expire_on_delivery=seen), draw(st.sampled_from(OUTCOMES[channel]))


class Machine(RuleBasedStateMachine):
    """One engine and one oracle, given the same commands."""

    def __init__(self) -> None:
        super().__init__()
        self.fates: list[Outcome] = []
        source = lambda _: Choice(self.fates.pop(0), "the machine says so")  # noqa: E731
        self.engine = Engine(Behaviour(sources=(source,)), START)
        self.oracle = Oracle(START)
        self.waiting: list[Delivery] = []
        self.coming: dict[str, list[Outcome]] = {}

    @rule(
        world=st.lists(variants(), min_size=1, max_size=4),
        strategy=st.sampled_from([None, *Strategy]),
    )
    def send(self, world: list[tuple[Step, Outcome]], strategy: Strategy | None) -> None:
        self.fates = [world[0][1]]
        flow = self.engine.submit(SendFlow("app", tuple(asked for asked, _ in world), callback(strategy))).flow
        assert flow is not None
        self.coming[flow.id] = [outcome for _, outcome in world]
        self.oracle.send([plan(asked, outcome) for asked, outcome in world], strategy)

    @precondition(lambda self: self.engine.peek() is not None)
    @rule(count=st.integers(1, 6))
    def let_happen(self, count: int) -> None:
        for _ in range(count):
            self._one(FOREVER)

    @rule(by=st.sampled_from([0, 1, 999, 5_000, 30_000, 600_000, 86_400_000]))
    def advance(self, by: int) -> None:
        target = self.engine.clock.now + by
        while self._one(target):
            pass
        self.engine.submit(MoveClock(target))
        self.oracle.move(target)
        assert self.engine.clock.now == target

    @rule(to=st.integers(0, 10_000_000))
    def move_as_far_as_it_goes(self, to: int) -> None:
        before = self.engine.clock.now
        self.engine.submit(MoveClock(before + to))
        self.oracle.move(before + to)

    @precondition(lambda self: self.waiting)
    @rule(good=st.booleans(), which=st.integers(0))
    def answer(self, good: bool, which: int) -> None:
        delivery = self.waiting.pop(which % len(self.waiting))
        self.engine.submit(RecordAnswer(delivery.number, delivery.attempt, GOOD if good else POOR))
        self.oracle.answer(delivery.number, good=good)

    def _one(self, until: int) -> bool:
        due = self.engine.peek()
        if due is not None:
            flow = self.engine.flows[due[1]]
            self.fates = self.coming[flow.id][len(flow.messages) :][:1]
        effect = self.engine.poll(until)
        assert self.oracle.poll(until) == (effect is not None)
        if effect is not None:
            self.waiting.extend(effect.deliveries)
        return effect is not None

    @invariant()
    def the_journal_is_what_the_oracle_says(self) -> None:
        same(self.engine, self.oracle)

    @invariant()
    def every_change_of_a_status_has_its_callback(self) -> None:
        changes = [e.fact.flow for e in self.engine.journal.after(0) if isinstance(e.fact, StatusChanged)]
        calls = [delivery.flow.id for delivery in self.engine.deliveries]
        for flow in self.engine.flows.values():
            expected = {
                None: 0,
                Strategy.ON_STEP: changes.count(flow.id),
                Strategy.ON_COMPLETION: int(flow.final),
            }[None if flow.callback is None else flow.callback.strategy]
            assert calls.count(flow.id) == expected


Machine.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None, derandomize=True)
TestMachine = Machine.TestCase
