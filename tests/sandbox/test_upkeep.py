"""Scenario files that change while sandboxes play them."""

import time
from collections.abc import Mapping, Sequence

import pytest

from mockserver.core.commands import Answer, Mode, PutScenario
from mockserver.core.engine import Engine
from mockserver.core.scenario import Scenario
from mockserver.sandbox.driver import Driver
from mockserver.sandbox.registry import Sandboxes
from mockserver.sandbox.upkeep import keep_up
from mockserver.settings import Settings

FIRST, SECOND, BETTER = Scenario("first"), Scenario("second"), Scenario("first", why="better")


class Files:
    """Files that have other scenarios when they are read again."""

    def __init__(self, before: Sequence[Scenario], after: Sequence[Scenario]) -> None:
        self.own: Mapping[str, Scenario] = {each.name: each for each in before}
        self.after = {each.name: each for each in after}
        self.problems: list[str] = []

    def refresh(self) -> bool:
        changed, self.own = self.own != self.after, self.after
        return changed


@pytest.fixture
def sandboxes() -> Sandboxes:
    async def post(_: str, __: bytes) -> Answer:
        raise AssertionError("nothing is posted here")

    def make(settings: Settings) -> Driver:
        return Driver(Engine(settings.behaviour, 0, Mode.MANUAL), post, lambda _: b"", time.monotonic)

    made = Sandboxes(Settings(), make)
    made.create("other", Settings(), None)
    return made


def play(sandboxes: Sandboxes, *scenarios: Scenario) -> None:
    for sandbox in sandboxes:
        for scenario in scenarios:
            sandbox.driver.submit(PutScenario(scenario))


def playing(sandboxes: Sandboxes) -> list[list[Scenario]]:
    return [sorted(sandbox.driver.engine.scenarios, key=lambda each: each.name) for sandbox in sandboxes]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([], [FIRST, SECOND]),
        ([FIRST], [FIRST, SECOND]),
        ([FIRST, SECOND], [SECOND]),
        ([FIRST, SECOND], [BETTER, SECOND]),
        ([FIRST], []),
    ],
    ids=["both are new", "one is new", "one is gone", "one has changed", "none is left"],
)
def test_every_sandbox_plays_what_the_files_say_now(
    sandboxes: Sandboxes, before: list[Scenario], after: list[Scenario]
) -> None:
    play(sandboxes, *before)
    keep_up(Files(before, after), sandboxes)
    assert playing(sandboxes) == [after, after]


def test_a_scenario_put_by_hand_outlives_the_file_it_replaced(sandboxes: Sandboxes) -> None:
    play(sandboxes, BETTER)
    keep_up(Files([FIRST], []), sandboxes)
    assert playing(sandboxes) == [[BETTER], [BETTER]]


def test_a_sandbox_that_dropped_a_scenario_plays_it_again_only_when_its_file_changes(sandboxes: Sandboxes) -> None:
    keep_up(Files([FIRST, SECOND], [BETTER, SECOND]), sandboxes)
    assert playing(sandboxes) == [[BETTER], [BETTER]]


def test_files_that_have_not_changed_change_nothing(sandboxes: Sandboxes) -> None:
    keep_up(Files([FIRST], [FIRST]), sandboxes)
    assert [len(sandbox.driver.engine.journal) for sandbox in sandboxes] == [0, 0]


def test_what_is_wrong_in_a_file_is_logged_when_something_has_changed(
    sandboxes: Sandboxes, caplog: pytest.LogCaptureFixture
) -> None:
    files = Files([], [FIRST])
    files.problems = ["b.yaml:1: sms: no such outcome"]
    keep_up(files, sandboxes)
    keep_up(files, sandboxes)
    assert caplog.messages == files.problems
