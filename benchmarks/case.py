"""A case: something that is measured of each contender, once in each round."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from benchmarks.contenders import Contender, Kind

Figures = dict[str, float]
"""The figures of a measurement, by name and unit."""

Measure = Callable[[], Figures]

NOISE = ("server busy", "server waited", "load busy")
"""The figures that say how far the others can be trusted: shares of the time."""


@dataclass(frozen=True, slots=True)
class Case:
    """A case. open: makes a contender ready, and says how it is measured once.

    kinds: what takes part. apart: it is measured inside a process of its own, which has the contender's packages.
    rounds: at the most so many, for what is slow or always the same.
    """

    name: str
    open: Callable[[Contender], AbstractContextManager[Measure]]
    kinds: frozenset[Kind] = frozenset({Kind.MOCK, Kind.BARE})
    apart: bool = False
    rounds: int = 1_000
