"""A recording of any length is read in the same memory: what is kept has bounds, and what goes beyond them is said."""

import io
import json
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from mockserver.cli.stories import Stories
from mockserver.learning import learner as learning
from mockserver.learning import report, retries, sightings
from mockserver.learning.learner import Learner
from mockserver.recordings.lines import line
from mockserver.recordings.masking import Mask
from mockserver.recordings.readers import read
from mockserver.recordings.values import Callback, Exchange
from tests.http.mocks import sms, viber
from tests.learning.test_har import chromium
from tests.learning.test_learner import drift
from tests.learning.worlds import HOOK, World

BODY = {
    "flow": [viber(message={"text": "Dear Maria, it is here."}), sms()],
    "callback": {"strategy": "OnStep", "url": HOOK},
}


def template(form: str) -> tuple[str, list[bytes]]:
    """What is recorded of one flow whose first callback is refused, in one of three forms; and the id of the flow."""
    world = World(queue=[500])
    flow = world.send(BODY)
    world.run()
    world.track(flow)
    assert flow is not None
    return flow.id, [*_rows(world, form)]


def _rows(world: World, form: str) -> Iterator[bytes]:
    for each in world.records:
        assert isinstance(each, Exchange | Callback)
        if form == "lines":
            yield line(each)
        elif form == "har":
            if isinstance(each, Callback):
                each = Exchange("POST", HOOK, 200, each.place, each.at, each.headers, each.body)
            yield json.dumps(chromium(each)).encode() + b",\n"
        elif isinstance(each, Callback):
            yield b"2030-01-01T12:00:00Z got " + each.body + b"\n"


SLACK = 1 << 20
"""Bytes by which the memory differs from time to time: what is in caches, and what is not collected yet."""


class Copies(io.RawIOBase):
    """A file in which one flow happens again and again, each time with ids of its own. It is nowhere as a whole."""

    def __init__(self, form: str, count: int) -> None:
        super().__init__()
        self._pieces, self._left = self._made(form, count), b""

    def _made(self, form: str, count: int) -> Iterator[bytes]:
        known, rows = template(form)
        yield b'{"log": {"entries": [' if form == "har" else b""
        for number in range(count):
            for row in rows:
                yield row.replace(known.encode(), f"{number:08x}{known[8:]}".encode())
        yield b"null]}}" if form == "har" else b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        self._left = self._left or next((each for each in self._pieces if each), b"")
        count = min(len(buffer), len(self._left))
        buffer[:count], self._left = self._left[:count], self._left[count:]
        return count


def buffered(file: io.RawIOBase) -> io.BufferedReader:
    return io.BufferedReader(cast("io.FileIO", file))


def learnt(form: str, count: int, tmp_path: Path) -> tuple[Learner, int]:
    """What is learnt of so many flows, and the most bytes that it took; the masked lines are written nowhere."""
    stories, mask = Stories(tmp_path, 5), Mask(b"key")
    learner = Learner(over=stories.take)
    with buffered(Copies(form, count)) as file:
        tracemalloc.start()
        for each in read(file, "copies"):
            learner.take(each)
            if isinstance(each, Exchange | Callback):
                line(mask.record(each))
        learner.finish()
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return learner, peak


@pytest.mark.parametrize("form", ["lines", "har", "log"])
def test_six_times_as_much_is_learnt_in_the_same_memory(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learning, "MOST_FLOWS", 20)
    monkeypatch.setattr(learning, "REMEMBERED", 20)
    monkeypatch.setattr("mockserver.recordings.permutation._known", _plain)
    count = 60
    learnt(form, 2 * count, tmp_path)  # fills what is remembered for the whole process
    (short, little), (long, much) = (learnt(form, many, tmp_path) for many in (count, 6 * count))
    assert (short.counts.flows, long.counts.flows) == (count, 6 * count)
    assert drift(short) == drift(long)
    for rule, tally in short.findings.tallies.items():
        assert long.findings.tallies[rule].confirmed >= tally.confirmed
    assert much - little < SLACK, f"{5 * count} flows more, of some kilobytes each"


def _plain(text: str, key: bytes) -> str:
    return text[::-1]


def test_what_is_kept_of_flows_is_bounded_by_its_size_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning, "MOST_BYTES", 50_000)
    ended: list[int] = []
    learner = Learner(over=lambda flow: ended.append(flow.size))
    with buffered(Copies("lines", 40)) as file:
        for each in read(file, "copies"):
            learner.take(each)
            assert sum(flow.size for flow in learner._flows.values()) <= 50_000 + max(ended, default=50_000)
    before = len(ended)
    learner.finish()
    assert 0 < before < len(ended) == 40
    assert learner.counts.returned == 0


def test_a_flow_that_comes_back_after_many_others_is_counted_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning, "MOST_FLOWS", 3)
    monkeypatch.setattr(report, "MOST_FLOWS", 3)
    with buffered(Copies("lines", 6)) as file:
        records = [*read(file, "copies")]
    last = records[len(records) // 6 - 1]
    learner = Learner()
    for each in [*records, last]:
        learner.take(each)
    learner.finish()
    assert (learner.counts.flows, learner.counts.returned) == (6, 1)
    said = [*report.text(learner, Mask(b"key"))]
    assert said[1] == "1 flow was heard of again after 3 others: what came then is looked at by itself."
    assert report.document(learner, Mask(b"key"))["read"]["returned"] == 1


def test_a_flow_of_too_many_documents_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sightings, "MOST", 1)
    monkeypatch.setattr(report, "MOST", 1)
    learner = Learner()
    with buffered(Copies("lines", 1)) as file:
        for each in read(file, "copies"):
            learner.take(each)
    learner.finish()
    beyond = learner.counts.beyond
    assert beyond > 1
    said = f"{beyond} documents of flows were not compared with those before: more than 1 of one flow are not kept."
    assert said in [*report.text(learner, Mask(b"key"))]


def test_the_waits_that_were_seen_least_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "MOST_GAPS", 10)
    found = retries.Retries()
    for wait in [*range(100), *[30] * 5, *range(100, 200)]:
        found._wait(1, wait)
    assert len(found._gaps[1]) <= 10
    assert found._gaps[1].most_common(1)[0][0] == 30
