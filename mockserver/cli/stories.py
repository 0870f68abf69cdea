"""The stories of the flows in a recording, as files: scenarios, and tests of them."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import click

from mockserver.learning.sightings import Recorded
from mockserver.learning.stories import Story, tell
from mockserver.learning.texts import HEAD, scenario_text, test_text
from mockserver.recordings.masking import Mask
from mockserver.wire import Json


class Stories:
    """Gathers stories, one of each kind, and writes them. where: a directory; None to gather none. most: how many."""

    def __init__(self, where: Path | None, most: int) -> None:
        self._where, self._most = where, most
        self._kinds: Counter[str] = Counter()
        self._stories: dict[str, Story] = {}
        self._written: list[tuple[str, int]] = []

    def take(self, flow: Recorded) -> None:
        """Tell the story of a flow, unless one like it is known."""
        if self._where is None:
            return
        kind = flow.kind_of
        self._kinds[kind] += 1
        if kind not in self._stories and len(self._stories) < self._most and (story := tell(flow)) is not None:
            self._stories[kind] = story

    def write(self, mask: Mask) -> None:
        """Write a scenario of each, and a file of tests. Raises ClickException."""
        assert self._where is not None  # noqa: S101 -- whoever writes has said where
        names, tests = Counter[str](), [HEAD]
        try:
            (self._where / "scenarios").mkdir(parents=True, exist_ok=True)
            for kind, story in self._playable():
                masked = replace(story, body=mask.json(story.body))
                names[story.name] += 1
                name = story.name if names[story.name] == 1 else f"{story.name}-{names[story.name]}"
                why = f"As recorded, {_times(self._kinds[kind])}."
                file = self._where / "scenarios" / f"{name}.yaml"
                file.write_text(scenario_text(masked, name, why), encoding="utf-8")
                tests.append(test_text(masked, name))
                self._written.append((name, self._kinds[kind]))
            (self._where / "test_learnt.py").write_text("\n\n".join(tests), encoding="utf-8")
        except OSError as error:
            raise click.ClickException(f"{self._where} cannot be written: {error.strerror}") from None

    def _playable(self) -> Iterator[tuple[str, Story]]:
        told = sorted(self._stories.items(), key=lambda each: -self._kinds[each[0]])
        return ((kind, story) for kind, story in told if not story.problem)

    def document(self) -> list[Json]:
        """The stories, as JSON."""
        written = [{"scenario": name, "flows": count} for name, count in self._written]
        return written + [
            {"problem": each.problem, "heard": each.name} for each in self._stories.values() if each.problem
        ]

    def said(self) -> Iterator[str]:
        """What was written, in lines."""
        if self._where is None:
            return
        yield ""
        scenarios = (
            "1 scenario, and a test of it, is"
            if len(self._written) == 1
            else f"{len(self._written)} scenarios, and tests of them, are"
        )
        yield f"{scenarios} in {self._where}:"
        yield from (f"  {name}  ({_times(count)})" for name, count in self._written[:10])
        if len(self._written) > 10:
            yield f"  ... and {len(self._written) - 10} more"
        for each in self._stories.values():
            if each.problem:
                yield f"  not written: {each.name}: {each.problem}"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"
