"""Scenario files while a server runs: a change in a file also changes the sandboxes that play it."""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from mockserver.core.commands import DropScenario, PutScenario
from mockserver.core.scenario import Scenario
from mockserver.sandbox.registry import Sandbox

log = logging.getLogger("mockserver")


class ScenarioFiles(Protocol):
    """The user's own scenario files, as a `ScenarioLibrary` has them."""

    @property
    def own(self) -> Mapping[str, Scenario]:
        """The scenarios in them, by name."""

    @property
    def problems(self) -> Sequence[object]:
        """The mistakes in files that could not be read; `str` of each has the words."""

    def refresh(self) -> bool:
        """Read the files again. Return whether anything has changed."""


def keep_up(files: ScenarioFiles, sandboxes: Iterable[Sandbox]) -> None:
    """Read the files again if they have changed, and change every sandbox that plays them."""
    before = files.own
    if not files.refresh():
        return
    after = files.own
    for problem in files.problems:
        log.warning("%s", problem)
    for sandbox in sandboxes:
        playing = {each.name: each for each in sandbox.driver.engine.scenarios}
        for command in _changes(before, after, playing):
            sandbox.driver.submit(command)


def catch_up(changed: Iterable[Scenario], sandboxes: Iterable[Sandbox]) -> None:
    """Change sandboxes that were brought back. changed: the scenarios whose files changed while the server was down."""
    for scenario in changed:
        for sandbox in sandboxes:
            playing = {each.name: each for each in sandbox.driver.engine.scenarios}
            if playing.get(scenario.name) != scenario:
                sandbox.driver.submit(PutScenario(scenario))


def _changes(
    before: Mapping[str, Scenario], after: Mapping[str, Scenario], playing: Mapping[str, Scenario]
) -> Iterator[DropScenario | PutScenario]:
    """The commands for a sandbox that plays `playing`. A scenario put by hand stays when the file it replaced goes."""
    for name, scenario in before.items():
        if name not in after and playing.get(name) == scenario:
            yield DropScenario(name)
    for name, scenario in after.items():
        if before.get(name) != scenario:
            yield PutScenario(scenario)
