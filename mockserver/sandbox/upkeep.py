"""Scenario files while a server runs: what changes in them changes in the sandboxes that play them."""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from mockserver.core.commands import DropScenario, PutScenario
from mockserver.core.scenario import Scenario
from mockserver.sandbox.registry import Sandbox

log = logging.getLogger("mockserver")


class ScenarioFiles(Protocol):
    """The user's own scenario files, read again when they have changed; a `ScenarioLibrary` keeps such."""

    @property
    def own(self) -> Mapping[str, Scenario]:
        """The scenarios in them, by name."""

    @property
    def problems(self) -> Sequence[object]:
        """What is wrong in those that could not be read; each says it as text."""

    def refresh(self) -> bool:
        """Look at the files again; whether anything has changed."""


def keep_up(files: ScenarioFiles, sandboxes: Iterable[Sandbox]) -> None:
    """Look at the files again; what has changed there changes in every sandbox that plays it."""
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


def _changes(
    before: Mapping[str, Scenario], after: Mapping[str, Scenario], playing: Mapping[str, Scenario]
) -> Iterator[DropScenario | PutScenario]:
    """What a sandbox does that plays these. What was put by hand outlives the file it took the place of."""
    for name, scenario in before.items():
        if name not in after and playing.get(name) == scenario:
            yield DropScenario(name)
    for name, scenario in after.items():
        if before.get(name) != scenario:
            yield PutScenario(scenario)
