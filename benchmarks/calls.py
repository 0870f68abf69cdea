"""How many Python and C functions are called to answer a request, and which: by cProfile, the same on every machine.

`python -m benchmarks.calls` prints the table for a three-step send.
"""

import cProfile
import gc
import pstats
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import inside, traffic
from benchmarks.inside import Inside
from benchmarks.traffic import DIFFERENT

OURS = str(Path(__file__).parent)

MOST = 40
"""How many functions a list shows."""

ORDERS: dict[str, Callable[["Called"], float]] = {
    "By time in itself:": lambda each: each.itself,
    "By calls:": lambda each: each.calls,
    "By time in all:": lambda each: each.whole,
}

Function = tuple[str, int, str]


@dataclass(frozen=True, slots=True)
class Called:
    """One function: how often it is called in a request, and the microseconds in itself and in all, while profiled."""

    name: str
    calls: float
    itself: float
    whole: float

    def __str__(self) -> str:
        return f"{self.calls:8.2f} {self.itself:8.2f} {self.whole:8.2f}  {self.name}"


def count(server: Inside, requests: Sequence[bytes], times: int = 50, warm: int = DIFFERENT) -> list[Called]:
    """What is called in a request, a mean over so many after others to warm up, without what the benchmark calls."""
    server.ask_many(requests, warm)
    profile = cProfile.Profile()
    gc.collect()
    gc.disable()  # it would be counted where it happens to run, and others hang functions on it
    profile.enable()
    try:
        server.ask_many(requests, times)
    finally:
        profile.disable()
        gc.enable()
    stats: Any = pstats.Stats(profile)
    return list(_called(stats.stats, times))


def total(called: Sequence[Called]) -> float:
    """All calls of a request."""
    return sum(each.calls for each in called)


def _called(stats: dict[Function, Any], times: int) -> Iterator[Called]:
    for function, (_, calls, itself, whole, callers) in stats.items():
        # A Python function that we seem to call is called by the loop that we run, but for those of this package.
        own = sum(edge[0] for caller, edge in callers.items() if _is_ours(caller)) if function[0] == "~" else 0
        if calls > own and not _is_ours(function):
            yield Called(_name(function), (calls - own) / times, itself / times * 1e6, whole / times * 1e6)


def _is_ours(function: Function) -> bool:
    return function[0].startswith(OURS)


def _name(function: Function) -> str:
    file, line, name = function
    place = file.rpartition("site-packages/")[2].rpartition("/mockserver/")
    return name if file == "~" else f"{'mockserver/' if place[1] else ''}{place[2]}:{line} {name}"


def report(called: Sequence[Called]) -> str:
    """The functions that are called most, and those that take longest."""
    lines = [f"{total(called):.0f} calls in a request. Columns: calls, microseconds in itself, in all, function."]
    for title, key in ORDERS.items():
        lines += ["", title, *map(str, sorted(called, key=key, reverse=True)[:MOST])]
    return "\n".join(lines)


def of_a_send(batches: int = 1) -> list[Called]:
    """What a three-step send calls in the mock; each function as it was in the batch that disturbed it least."""
    with inside.opened(inside.mock()) as server:
        sends = traffic.sends(traffic.bearer(server.ask))
        called = [each for _ in range(batches) for each in count(server, sends)]
    return list({each.name: each for each in sorted(called, key=lambda each: -each.itself)}.values())


if __name__ == "__main__":
    print(report(of_a_send(batches=40)))
