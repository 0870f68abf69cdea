"""A story as two texts: a scenario file, and a pytest test that plays it."""

from collections.abc import Iterator
from typing import Any

from mockserver.core.dialect import Dialect
from mockserver.core.step import FlowKind, Strategy
from mockserver.learning.stories import Story, play
from mockserver.wire.code.formats import switches, under
from mockserver.wire.code.literals import WIDTH, python, quoted, yaml


def head_text(dialect: Dialect) -> str:
    """The beginning of a file of tests. dialect: in which they run."""
    otherwise = switches(dialect)
    mark = f"\npytestmark = pytest.mark.routee(dialect={python(otherwise)})\n" if otherwise else ""
    third = "import pytest\n\n" if otherwise else ""
    return (
        '"""What really happened, as it was recorded; written by `routee-mock learn`."""\n\n'
        f"from pathlib import Path\n\n{third}"
        f'SCENARIOS = Path(__file__).parent / "scenarios"\n{mark}'
    )


def scenario_text(story: Story, name: str, why: str) -> str:
    """The scenario of a story, as YAML. name: its name. why: what it is about, in a sentence."""
    told = story.scenario | {"name": name, "why": why}
    keys = ("name", "why", *(key for key in told if key not in ("name", "why")))
    lines = (line for key in keys for line in _entry(key, told[key]))
    return "".join(f"{line}\n" for line in (*under(story.dialect), *lines))


def _entry(key: str, said: Any) -> Iterator[str]:
    if not isinstance(said, list):
        yield f"{key}: {yaml(said)}"
        return
    yield f"{key}:"
    yield from (f"  - {yaml(each)}" for each in said)


def test_text(story: Story, name: str) -> str:
    """A test that plays the scenario in `scenarios/NAME.yaml`, and expects what was recorded."""
    return "\n".join(_lines(story, name)) + "\n"


def _lines(story: Story, name: str) -> Iterator[str]:
    yield f"def test_{name.replace('-', '_')}(routee):"
    yield f"    routee.play(SCENARIOS / {quoted(f'{name}.yaml')})"
    if story.answers:
        yield f"    routee.receiver.answers({', '.join(map(str, story.answers))})"
    flow = story.body["flow"] if story.body.keys() == {"flow"} else story.body
    rows = [python(flow, 8)]
    if story.strategy is not None:
        rows.append("callback=routee.receiver.url")
    if story.strategy == Strategy.ON_COMPLETION:
        rows.append(f"strategy={quoted(story.strategy)}")
    if story.kind is FlowKind.TRANSACTIONAL:
        rows.append("transactional=True")
    yield from _call("flow = routee.send", rows)
    yield "    routee.clock.until_idle()"
    heard = python([f"{channel} {status}" for _, channel, status in story.heard], 8)
    yield from _call("routee.expect.flow", ["flow", f"status={quoted(story.status)}", f"exactly={heard}"])
    if story.strategy is not None:
        yield f"    assert len(routee.receiver.requests) == {len(play(story).attempts)}"


def _call(start: str, rows: list[str]) -> Iterator[str]:
    line = f"    {start}({', '.join(rows)})"
    if len(line) <= WIDTH and "\n" not in line:
        yield line
        return
    yield f"    {start}("
    yield from (f"        {row}," for row in rows)
    yield "    )"
