"""Writes the flows in a recording as scenarios, and as tests of them."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import click

from mockserver.core.dialect import Dialect
from mockserver.learning.sightings import Recorded
from mockserver.learning.stories import Story, tell
from mockserver.learning.texts import head_text, scenario_text, test_text
from mockserver.recordings.masking import Mask
from mockserver.wire import Json

SHOWN = 10
"""How many scenarios are named on the screen."""

MOST_KINDS = 20_000
"""How many kinds of stories are told apart."""


class Stories:
    """Gathers flows, one of each kind, and writes their stories.

    where: a directory; None to gather none. most: how many.
    """

    def __init__(self, where: Path | None, most: int) -> None:
        self._where, self._most = where, most
        self._kinds: Counter[bytes] = Counter()
        self._flows: dict[bytes, Recorded] = {}
        self._written: list[tuple[str, int]] = []
        self._problems: list[tuple[str, str]] = []
        self._silent = 0

    def take(self, flow: Recorded) -> None:
        """Keep a flow, unless one like it is known."""
        if self._where is None or not flow.sightings:
            return
        kind = flow.kind_of
        if kind not in self._kinds and len(self._kinds) >= MOST_KINDS:
            return
        self._kinds[kind] += 1
        if len(self._flows) < self._most:
            self._flows.setdefault(kind, flow)

    def write(self, mask: Mask, dialect: Dialect, *, timed: bool = True) -> None:
        """Write a scenario of each, and a file of tests. Raises ClickException.

        dialect: in which they are played. timed: whether the instants of the recorder say when callbacks were posted.
        """
        told = sorted(self._flows, key=lambda kind: -self._kinds[kind])
        stories = [
            (kind, story) for kind in told if (story := tell(self._flows[kind], dialect, timed=timed)) is not None
        ]
        self._silent = len(told) - len(stories)
        self._problems = [
            (mask.sentence(story.name), mask.sentence(story.problem)) for _, story in stories if story.problem
        ]
        playable = [(self._kinds[kind], story) for kind, story in stories if not story.problem]
        try:
            self._save(playable, mask, dialect)
        except OSError as error:
            raise click.ClickException(f"{self._where} cannot be written: {error.strerror}") from None

    def _save(self, playable: list[tuple[int, Story]], mask: Mask, dialect: Dialect) -> None:
        assert self._where is not None  # noqa: S101 -- whoever writes has said where
        scenarios = self._where / "scenarios"
        scenarios.mkdir(parents=True, exist_ok=True)
        names, tests = Counter[str](), [head_text(dialect)]
        for count, story in playable:
            masked = replace(story, body=mask.json(story.body))
            names[story.name] += 1
            name = story.name if names[story.name] == 1 else f"{story.name}-{names[story.name]}"
            text = scenario_text(masked, name, f"As recorded, {_times(count)}.")
            (scenarios / f"{name}.yaml").write_text(text, encoding="utf-8")
            tests.append(test_text(masked, name))
            self._written.append((name, count))
        if self._written:
            (self._where / "test_learnt.py").write_text("\n\n".join(tests), encoding="utf-8")

    def document(self) -> list[Json]:
        """The stories, as JSON."""
        written = [{"scenario": name, "flows": count} for name, count in self._written]
        return written + [{"story": name, "problem": problem} for name, problem in self._problems]

    def said(self) -> Iterator[str]:
        """What was written, in lines."""
        if self._where is None:
            return
        yield ""
        count = len(self._written)
        many = f"{count} scenarios, and tests of them, are" if count != 1 else "1 scenario, and a test of it, is"
        yield f"{many} in {self._where}:" if count else f"No scenario was written to {self._where}."
        if not self._kinds:
            yield "  it takes callbacks of a flow, or answers to its tracking, and the recording has neither"
        yield from (f"  {name}  ({_times(flows)})" for name, flows in self._written[:SHOWN])
        if count > SHOWN:
            yield f"  ... and {count - SHOWN} more"
        if len(self._kinds) > len(self._flows):
            many = f"{len(self._kinds):,}{' or more' if len(self._kinds) == MOST_KINDS else ''}"
            yield f"  ... of {many} kinds of stories: --most writes more"
        if self._silent:
            yield "  not written: flows that were seen only before their first message: nothing was heard of them yet"
        yield from (f"  not written: {name}: {problem}" for name, problem in self._problems[:SHOWN])


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"
