"""The law of snapshots: whenever one is taken, an engine that is brought back from it goes on as if none had been."""

from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import rule

from mockserver.core.behaviour import Behaviour, Limits
from mockserver.core.commands import (
    Command,
    DropScenario,
    IssueToken,
    Mode,
    MoveClock,
    NoteRequest,
    PushInbound,
    PushReport,
    PutScenario,
    RevokeTokens,
    SetBalance,
    SetClock,
)
from mockserver.core.engine import Engine
from mockserver.strategies.scenarios import scenarios
from mockserver.wire.scenario.language import IllegalScenario
from mockserver.wire.state import lines
from mockserver.wire.state.scenarios import read
from tests.core.test_machine import Machine
from tests.wire.state.stories import LIBRARY, START, again, busy, happen, send


@st.composite
def named(draw: st.DrawFn) -> tuple[str, Any]:
    """A scenario as users write them. Said as one strategy, it is too long to be shown."""
    return draw(st.sampled_from("abcd")), draw(scenarios())


class SnapshotMachine(Machine):
    """Every story, with snapshots anywhere in it: the engine that is brought back is what the oracle says."""

    PLAYS = True

    @rule(scenario=named())
    def put_a_scenario(self, scenario: Any) -> None:
        try:
            self._submit(PutScenario(read(*scenario)))
        except IllegalScenario:
            pass

    @rule()
    def bring_it_back(self) -> None:
        start = self.pair.engine.log.start
        other = Engine(self.behaviour, start.start, start.mode, start.rate)
        written = list(lines.write(self.pair.engine))
        lines.read(written, other)
        assert list(lines.write(other)) == written
        self.pair.engine = other


SnapshotMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None, derandomize=True)
TestSnapshotMachine = SnapshotMachine.TestCase


@pytest.mark.parametrize("name", LIBRARY)
def test_every_scenario_of_the_library_plays_on_after_a_snapshot_at_any_event(name: str) -> None:
    plain = Engine(Behaviour(balance=40_000), START)
    for command in (PutScenario(LIBRARY[name]), IssueToken("app", ()), send(), send()):
        plain.submit(command)
    sealed = again(plain)
    while plain.pending:
        assert happen(plain, 200 if len(plain.journal) % 3 else 500)
        assert happen(sealed, 200 if len(sealed.journal) % 3 else 500)
        sealed = again(sealed)
    assert sealed.journal.after(0) == plain.journal.after(0)
    assert list(sealed.deliveries) == list(plain.deliveries)
    assert list(lines.write(sealed)) == list(lines.write(plain))


NARROW = (Limits(3, 30, 2_000), Limits(2, 1_000, 500), Limits(50, 12, 60_000), Limits(4, 200_000, 64 * 1_048_576))


@settings(max_examples=80, deadline=None, derandomize=True)
@given(
    limits=st.sampled_from(NARROW),
    what=st.lists(st.tuples(st.integers(0, 11), st.integers(0, 99)), min_size=5, max_size=80),
)
def test_a_sandbox_that_is_full_goes_on_after_a_snapshot_as_without(
    limits: Limits, what: list[tuple[int, int]]
) -> None:
    plain, sealed = (Engine(Behaviour(balance=90_000, limits=limits), START) for _ in range(2))
    for kind, number in what:
        for engine in (plain, sealed):
            do(engine, kind, number)
        if number % 2:
            sealed = again(sealed)
    for engine in (plain, sealed):
        while happen(engine, 200):
            pass
    assert list(lines.write(sealed)) == list(lines.write(plain))
    for flow in plain.flows:
        assert sealed.journal.of_flow(flow) == plain.journal.of_flow(flow)
        assert sealed.planned(flow) == plain.planned(flow)


def do(engine: Engine, kind: int, number: int) -> None:
    flows = list(engine.flows.values())
    flow = flows[number % len(flows)] if flows else None
    commands: list[Command] = [
        send(),
        send(url=f"http://127.0.0.1/{number}"),
        IssueToken(f"app{number % 3}", ()),
        RevokeTokens(None if number % 2 else "app1", number % 3 == 0),
        PutScenario(LIBRARY[list(LIBRARY)[number % len(LIBRARY)]]),
        DropScenario(None),
        SetBalance(number * 100),
        SetClock(Mode.MANUAL, float(number + 1)),
        NoteRequest("POST", "/failover", 400, error="x" * number),
        MoveClock(engine.clock.now + number),
    ]
    if kind < len(commands):
        engine.submit(commands[kind])
    elif flow is not None and number % 4 == 0:
        engine.submit(PushReport(flow.id, 0, "DELIVERED"))
    elif flow is not None and number % 4 == 1:
        engine.submit(PushInbound(flow.id, 0, "http://127.0.0.1/in", "y" * number))
    else:
        for _ in range(number % 7):
            happen(engine, 200 if number % 3 else 500)


def test_a_state_is_lines_of_json_that_name_their_part() -> None:
    written = [orjson.loads(line) for line in lines.write(busy())]
    assert {line["of"] for line in written} == {kind.__struct_config__.tag for kind in lines.READ.__args__}
    flow = next(line["flow"] for line in written if line["of"] == "flow")
    assert flow["steps"][1]["asked"] == '{"ü": 1}'
    assert written[-1]["of"] == "schedule"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda whole: whole[:-1], "its state is not whole"),
        (lambda whole: whole[1:], "its state is not whole"),
        (lambda whole: [b'{"of": "state", "format": 9}'], "its state is of format 9, and this release reads format 1"),
        (lambda whole: [], "its state is not whole"),
        (lambda whole: [b"{"], "its state cannot be read: DecodeError"),
        (lambda whole: [b'{"of": "weather"}'], "its state cannot be read: ValidationError: Invalid value 'weather'"),
        (lambda whole: [line for line in whole if b'"of":"flow"' not in line], "its state cannot be read: KeyError"),
    ],
)
def test_a_state_that_is_not_whole_is_told(change: Any, says: str) -> None:
    with pytest.raises(lines.BadState, match=says):
        lines.read(change(list(lines.write(busy()))), Engine(Behaviour(), START))
