"""Sends, tokens, answers, faults and moves of the clock in any order: the engine is what the oracle says, whole."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import product
from typing import TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.strategies import SearchStrategy

from mockserver.core.behaviour import Behaviour
from mockserver.core.catalogue import MAGIC
from mockserver.core.channels import RULES, Channel
from mockserver.core.commands import (
    Answer,
    Command,
    DropScenario,
    HoldStep,
    IssueToken,
    MeetRequest,
    Mode,
    MoveClock,
    PushInbound,
    PushReport,
    PutScenario,
    RecordAnswer,
    RevokeTokens,
    SendFlow,
    SetBalance,
    SetClock,
)
from mockserver.core.deliveries import Delivery
from mockserver.core.dialect import DEFAULT, Dialect
from mockserver.core.engine import Engine
from mockserver.core.facts import ClockMoved, ReportIgnored, StatusChanged
from mockserver.core.faults import NONE, ApiAnswer, ApiFault, CallbackFaults, Endpoint, Which
from mockserver.core.flow import Flow
from mockserver.core.matcher import Pattern, When, stars
from mockserver.core.outcome import Choice, Outcome
from mockserver.core.scenario import Part, Scenario, WeightedOutcome
from mockserver.core.step import FlowKind, Step, Strategy
from mockserver.core.values import replace
from tests.core.test_dialect import CORE
from tests.core.worlds import FOREVER, OUTCOMES, START, Pair, callback, subsets, triggers
from tests.dialects import ALTERED

FIRST = {"QUEUED", "Queued"}
ENDS = {
    *("DELIVERED", "SEEN", "UNDELIVERED", "EXPIRED", "FAILED", "UNSENT", "Delivered", "Undelivered", "Failed"),
    *("Unsent", "Completed", "Busy", "NoAnswer", "Terminated"),
}
ANSWERS = (
    Answer(200, None, 1.0),
    Answer(204, None, 1.0),
    Answer(302, "answered 302", 1.0),
    Answer(500, "answered 500", 1.0, "oops"),
    Answer(None, "no answer within 2 s", 2_000.0),
)
T = TypeVar("T")

RECIPIENTS = ("+15555550100", "+15555550101")
SILENT: tuple[None, ...] = (None,) * 8
LEAPS = (0, 1, 999, 5_000, 30_000, 600_000, 3_600_000, 86_400_000)


# What can be told one from the other is listed, the plainest first: one choice is drawn faster than ten.


EVENTS = "http://127.0.0.1/events"
"""Where some calls say who has answered them."""


def one_of(things: Iterable[T]) -> SearchStrategy[T]:
    """As `sampled_from`, which would say every one of them when it is asked what it is."""
    every = tuple(things)
    return st.integers(0, len(every) - 1).map(lambda index: every[index])


def steps(channel: Channel) -> Iterator[Step]:
    ttls = (None,) if channel is Channel.VOICE else (1_000, 60_000, 600_000)
    seen = (False, True) if channel is Channel.VIBER else (False,)
    parts = (1, 2, 3) if channel is Channel.SMS else (1,)
    for chosen, to in product(subsets(triggers(channel)), RECIPIENTS):
        for ttl, expires, count, price in product(ttls, seen, parts, (0, 100, 450)):
            url = EVENTS if channel is Channel.VOICE and price else ""
            yield Step(channel, to, chosen, ttl, expires, count, price, event_url=url)


def variants(channel: Channel) -> SearchStrategy[tuple[Step, Outcome | None]]:
    outcomes = (*MAGIC[channel], *OUTCOMES[channel], *SILENT)
    return st.tuples(one_of(steps(channel)), one_of(outcomes))


def parts(channel: Channel) -> SearchStrategy[Part]:
    outcomes = (*MAGIC[channel], *OUTCOMES[channel])
    weighted = one_of(WeightedOutcome(*each) for each in product(outcomes, (1, 2, 3), (None, "Vodafone")))
    turn = st.lists(weighted, min_size=1, max_size=3).map(tuple)
    turns = st.lists(turn, min_size=1, max_size=3).map(tuple)
    return st.builds(Part, st.just(channel), turns, st.sampled_from([None, None, 1, 2]))


PASSWORDS = st.one_of(
    [
        st.tuples(
            st.builds(
                replace,
                one_of(each for each in steps(channel) if not each.expire_on_delivery),
                failover_after_delivered=st.sampled_from([False, True] if channel is Channel.VIBER else [False]),
            ),
            one_of((*MAGIC[channel], *OUTCOMES[channel], *SILENT)),
        )
        for channel in (Channel.VIBER, Channel.SMS)
    ]
)
VARIANTS = st.one_of([variants(channel) for channel in Channel])
PARTS = st.one_of([parts(channel) for channel in Channel])
WHENS = one_of(
    When(to=to, label=label, channel=channel, step=step)
    for to, label, channel, step in product(
        (None, None, *map(stars, (*RECIPIENTS, "+1*")), Pattern("/0$/", lambda said: said.endswith("0"))),
        (None, None, stars("1*"), stars("*2")),
        (None, *Channel),
        (None, None, 1, 2),
    )
)
WHICH = one_of(
    Which(percent, numbers, last)
    for percent, numbers, last in product((0, 0, 50, 100), subsets([1, 2, 3]), (False, True))
)
CALLBACK_FAULTS = st.builds(
    CallbackFaults,
    delay=st.sampled_from([(0, 0), (0, 0), (1_000, 1_000), (0, 60_000)]),
    dropped=st.just(NONE) | WHICH,
    duplicated=st.just(NONE) | WHICH,
    reordered=st.just(NONE) | WHICH,
    timeouts=st.sampled_from([0, 0, 1, 2]),
)
SCENARIOS = st.builds(
    Scenario,
    name=st.sampled_from("abcd"),
    parts=st.lists(PARTS, max_size=3).map(tuple),
    when=st.none() | WHENS,
    priority=st.sampled_from([0, 0, 0, -1, 5]),
    uses=st.sampled_from([None, None, 1, 2]),
    callbacks=st.none() | CALLBACK_FAULTS,
    api=st.sampled_from(
        [None, None, None, *map(ApiFault, (503, *ApiAnswer)), ApiFault(None, 500), ApiFault(ApiAnswer.LOST, 5)]
        + [ApiFault(429, 1, b"{}", 30, frozenset(some)) for some in subsets(list(Endpoint)) if some]
    ),
    source=st.just(b"{}"),
)


class Machine(RuleBasedStateMachine):
    """One engine and one oracle, given the same commands; and at the end a second engine, given them again."""

    PLAYS = False
    DIALECTS: tuple[Dialect, ...] = (DEFAULT,)

    def __init__(self) -> None:
        super().__init__()
        self.chosen: dict[Step, Outcome | None] = {}
        self.names: dict[str, str] = {}
        self.waiting: list[Delivery] = []
        self.done: list[Command | int] = []
        self.before = START

    @initialize(
        seed=st.integers(0, 3),
        balance=st.sampled_from([None, None, 0, 1_000, 5_000]),
        refuse=st.booleans(),
        life=st.sampled_from([None, 5_000, 3_600_000]),
        lot=st.integers(0, 59),
    )
    def set_up(self, seed: int, balance: int | None, refuse: bool, life: int | None, lot: int) -> None:
        dialect = self.DIALECTS[lot % len(self.DIALECTS)]
        self.behaviour = Behaviour(seed, life, balance, refuse, dialect, (self.source,))
        self.pair = Pair.behaving(self.behaviour)

    def source(self, asked: Step) -> Choice | None:
        outcome = self.chosen[asked]
        return None if outcome is None else Choice(outcome, "the machine says so")

    # Commands

    @rule(
        world=st.lists(VARIANTS, min_size=1, max_size=4),
        strategy=st.sampled_from([None, *Strategy]),
        application=st.sampled_from(["app", "other"]),
    )
    def send(self, world: list[tuple[Step, Outcome | None]], strategy: Strategy | None, application: str) -> None:
        self._submit(SendFlow(application, self._steps(world), callback(strategy), b"{}"))

    @rule(
        world=st.lists(PASSWORDS, min_size=1, max_size=3),
        last=PASSWORDS,
        strategy=st.sampled_from([None, Strategy.ON_STEP]),
    )
    def send_a_password(
        self, world: list[tuple[Step, Outcome | None]], last: tuple[Step, Outcome | None], strategy: Strategy | None
    ) -> None:
        end = (replace(last[0], failover_after_delivered=False), last[1])
        self._submit(SendFlow("app", self._steps([*world, end]), callback(strategy), kind=FlowKind.OTP))

    def _steps(self, world: list[tuple[Step, Outcome | None]]) -> tuple[Step, ...]:
        steps = []
        for asked, outcome in world:
            steps.append(replace(asked, label=str(len(self.chosen))))
            self.chosen[steps[-1]] = outcome
        return tuple(steps)

    @rule(application=st.sampled_from(["app", "other"]), scopes=st.sampled_from([(), ("sms",), ("failover", "sms")]))
    def ask_for_a_token(self, application: str, scopes: tuple[str, ...]) -> None:
        command = IssueToken(application, scopes)
        self.done.append(command)
        token = self.pair.submit(command).token
        assert token is not None
        [*_, expected] = [t for t in self.pair.oracle.tokens if (t.application, t.scopes) == (application, scopes)]
        assert replace(token, value=expected.value) == expected
        assert self.names.setdefault(token.value, expected.value) == expected.value
        assert len(set(self.names.values())) == len(self.names)
        assert self.pair.engine.tokens.find(token.value) == token

    @precondition(lambda self: self.PLAYS)
    @rule(scenario=SCENARIOS)
    def put_a_scenario(self, scenario: Scenario) -> None:
        self._submit(PutScenario(scenario))
        assert scenario in list(self.pair.engine.scenarios)

    @precondition(lambda self: self.PLAYS)
    @rule(name=st.none() | st.sampled_from("abcd"))
    def drop_a_scenario(self, name: str | None) -> None:
        self._submit(DropScenario(name))

    @precondition(lambda self: self.pair.oracle.stories)
    @rule(which=st.integers(0), step=st.integers(0), status=st.integers(0), reason=st.sampled_from([None, "Roaming"]))
    def push_a_report(self, which: int, step: int, status: int, reason: str | None) -> None:
        flow = self._flows()[which % len(self._flows())]
        index = step % len(flow.messages)
        statuses = RULES[flow.steps[index].channel].statuses
        self._submit(PushReport(flow.id, index, statuses[status % len(statuses)], reason))

    @precondition(lambda self: self.pair.oracle.stories)
    @rule(which=st.integers(0), pushes=st.lists(st.tuples(st.integers(0), st.integers(0)), min_size=2, max_size=4))
    def push_several_reports(self, which: int, pushes: list[tuple[int, int]]) -> None:
        """Also to a step that only the one before makes begin."""
        flow = self._flows()[which % len(self._flows())]
        running, reports = flow.running, []
        for step, status in pushes:
            index = max(0, running - step % 2)
            channel = flow.steps[index].channel
            said = RULES[channel].statuses[status % len(RULES[channel].statuses)]
            reports.append(PushReport(flow.id, index, said))
            triggered = index == running and said in flow.steps[index].triggers and index + 1 < len(flow.steps)
            running += triggered and said in RULES[channel].moves[flow.messages[-1].status or RULES[channel].first]
            if running >= len(flow.messages):
                break
        self._submit(replace(reports[0], then=tuple(reports[1:])))

    @precondition(lambda self: self.pair.oracle.stories)
    @rule(which=st.integers(0), step=st.integers(0))
    def hold_a_step(self, which: int, step: int) -> None:
        flow = self._flows()[which % len(self._flows())]
        self._submit(HoldStep(flow.id, step % len(flow.steps)))
        left = [due for _, due in self.pair.engine.planned(flow.id) if due.step == step % len(flow.steps)]
        assert all(due.status == RULES[flow.steps[due.step].channel].first for due in left)

    @precondition(lambda self: self.pair.oracle.stories)
    @rule(which=st.integers(0), step=st.integers(0))
    def answer_a_message(self, which: int, step: int) -> None:
        flow = self._flows()[which % len(self._flows())]
        self._submit(PushInbound(flow.id, step % len(flow.messages), "http://127.0.0.1/in", "thanks"))

    @rule(flow=st.just("nowhere"))
    def push_at_nobody(self, flow: str) -> None:
        self._submit(PushInbound(flow, 0, "http://127.0.0.1/in", "thanks"))

    @rule(endpoint=st.sampled_from(Endpoint), which=st.none() | st.integers(0))
    def meet_a_request(self, endpoint: Endpoint, which: int | None) -> None:
        flows = self._flows()
        known = "nowhere" if which is None or not flows else flows[which % len(flows)].id
        self._submit(MeetRequest(endpoint, None if which is None else known))

    @rule(application=st.sampled_from([None, "app", "other"]), expire=st.booleans())
    def revoke_tokens(self, application: str | None, expire: bool) -> None:
        self._submit(RevokeTokens(application, expire))

    @rule(balance=st.sampled_from([None, 0, 500, 10_000]))
    def set_the_balance(self, balance: int | None) -> None:
        self._submit(SetBalance(balance))

    @rule(mode=st.none() | st.sampled_from(Mode), rate=st.none() | st.sampled_from([0.5, 1.0, 60.0]))
    def set_the_clock(self, mode: Mode | None, rate: float | None) -> None:
        self._submit(SetClock(mode, rate))

    @rule(by=st.sampled_from(LEAPS) | st.integers(0, 10_000_000))
    def move_as_far_as_it_goes(self, by: int) -> None:
        target = self.pair.engine.clock.now + by
        due = self.pair.engine.peek()
        self._submit(MoveClock(target))
        assert self.pair.engine.clock.now == (target if due is None else min(target, due[0]))

    @precondition(lambda self: self.waiting)
    @rule(answer=st.sampled_from(ANSWERS), which=st.integers(0))
    def answer(self, answer: Answer, which: int) -> None:
        delivery = self.waiting.pop(which % len(self.waiting))
        self._submit(RecordAnswer(delivery.number, delivery.attempt, answer))

    # Time

    @rule(count=st.integers(1, 6))
    def let_happen(self, count: int) -> None:
        for _ in range(count):
            self._poll(FOREVER)

    @rule(by=st.sampled_from(LEAPS))
    def advance(self, by: int) -> None:
        target = self.pair.engine.clock.now + by
        while self._poll(target):
            pass
        self._submit(MoveClock(target))
        assert self.pair.engine.clock.now == target

    @rule(answer=st.sampled_from(ANSWERS))
    def advance_until_idle(self, answer: Answer) -> None:
        while self.waiting or self._poll(FOREVER):
            while self.waiting:
                self.answer(answer, 0)
        assert self.pair.engine.pending == 0
        assert all(flow.final or self._overtaken(flow) for flow in self._flows())

    def _overtaken(self, flow: Flow) -> bool:
        """Whether the running message is held, or was pushed where the rest of its timeline cannot follow."""
        if any(isinstance(each, HoldStep) and (each.flow, each.step) == (flow.id, flow.running) for each in self.done):
            return True
        entries = self.pair.engine.journal.after(0)
        ignored = {(e.fact.flow, e.fact.step) for e in entries if isinstance(e.fact, ReportIgnored)}
        every = (push for each in self.done if isinstance(each, PushReport) for push in (each, *each.then))
        pushed = {(each.flow, each.step) for each in every}
        return (flow.id, flow.running) in ignored & pushed

    def _submit(self, command: Command) -> None:
        self.done.append(command)
        self.pair.submit(command)

    def _poll(self, until: int) -> bool:
        self.done.append(until)
        effect = self.pair.poll(until)
        if effect is not None:
            self.waiting.extend(effect.deliveries)
        return effect is not None

    def _flows(self) -> list[Flow]:
        return list(self.pair.engine.flows.values())

    # What always holds

    @invariant()
    def the_engine_is_what_the_oracle_says(self) -> None:
        self.pair.check()

    @invariant()
    def the_clock_never_goes_back_and_the_journal_tells_it_in_order(self) -> None:
        entries = self.pair.engine.journal.after(0)
        assert [entry.number for entry in entries] == list(range(1, len(entries) + 1))
        instants = [START, *(entry.at for entry in entries), self.pair.engine.clock.now]
        assert instants == sorted(instants)
        assert all(entry.fact.since < entry.at for entry in entries if isinstance(entry.fact, ClockMoved))
        assert self.before <= self.pair.engine.clock.now
        self.before = self.pair.engine.clock.now

    @invariant()
    def one_step_runs_at_a_time(self) -> None:
        for flow in self._flows():
            left = [message.status in ENDS for message in flow.messages[:-1]]
            assert all(left)
            assert flow.final == (flow.termination is not None)
            assert (flow.code is not None) == (flow.status == "Failed")
            assert flow.termination in (None, flow.steps[flow.running].channel)

    @invariant()
    def every_change_of_a_status_has_its_callback(self) -> None:
        facts = [entry.fact for entry in self.pair.engine.journal.after(0)]
        told = [fact for fact in facts if isinstance(fact, StatusChanged) and not self.untold(fact)]
        changes = Counter(fact.flow for fact in told)
        calls = Counter(each.flow.id for each in self.pair.engine.deliveries if each.tells_flow and not each.copy_of)
        for flow in self._flows():
            strategy = None if flow.callback is None else flow.callback.strategy
            in_reply = flow.kind is FlowKind.OTP and changes[flow.id] > 0
            every = changes[flow.id] - in_reply
            expected = {None: 0, Strategy.ON_STEP: every, Strategy.ON_COMPLETION: int(flow.final)}
            assert calls[flow.id] == expected[strategy]

    def untold(self, changed: StatusChanged) -> bool:
        """Whether the dialect has no callback for a change."""
        otp = self.pair.engine.flows[changed.flow].kind is FlowKind.OTP
        return self.behaviour.dialect.first_callback == "after-queued" and changed.status in FIRST and not otp

    @invariant()
    def what_is_tried_of_a_callback_is_what_its_scenario_lets_through(self) -> None:
        for delivery in self.pair.engine.deliveries:
            if "dropped" in delivery.faults:
                assert (delivery.attempts, delivery.next) == ((), None)

    def teardown(self) -> None:
        """The same seed and commands give the same journal."""
        if not self.done:
            return
        again = Engine(self.behaviour, START)
        for command in self.done:
            again.poll(command) if isinstance(command, int) else again.submit(command)
        assert again.journal.after(0) == self.pair.engine.journal.after(0)


class ScenarioMachine(Machine):
    """The same with scenarios put and dropped in between, and the faults they play."""

    PLAYS = True


class DialectMachine(ScenarioMachine):
    """The same under every alternative that the core knows."""

    DIALECTS = tuple(dialect for (field, _), dialect in ALTERED.items() if field in CORE)


Machine.TestCase.settings = settings(max_examples=300, stateful_step_count=40, deadline=None, derandomize=True)
ScenarioMachine.TestCase.settings = Machine.TestCase.settings
DialectMachine.TestCase.settings = settings(Machine.TestCase.settings, max_examples=150)
TestMachine = Machine.TestCase
TestScenarioMachine = ScenarioMachine.TestCase
TestDialectMachine = DialectMachine.TestCase
