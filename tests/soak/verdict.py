"""What a soak came to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

MIB = 2**20

SLACK = 24 * MIB
"""Bytes that memory may grow by once every bound is reached: the allocator's own, not the mock's."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The account. flows: how many were sent. faults: how many of each sort. full: bytes of memory when every bound was
    reached, and most afterwards; 0 for a run too short for it. seconds: real ones."""

    flows: int
    posts: int
    taken: int
    faults: Mapping[str, int]
    examples: Sequence[str]
    full: int
    most: int
    seconds: float

    @property
    def passed(self) -> bool:
        """Whether everything is as it should be."""
        return not self.faults and not self.grown

    @property
    def grown(self) -> bool:
        """Whether memory was not flat."""
        return bool(self.full) and self.most - self.full > SLACK

    def __str__(self) -> str:
        """In lines."""
        sorts = ("lost", "doubled", "out of order", "unknown", "not final")
        flat = f"{self.full / MIB:.0f} MiB when its bounds were reached, {self.most / MIB:.0f} MiB at most afterwards"
        memory = flat if self.full else f"{self.most / MIB:.0f} MiB at most; too few flows to reach its bounds"
        lines = [
            f"flows         {self.flows:,} in {self.seconds:.0f} s",
            f"callbacks     {self.taken:,} taken of {self.posts:,} posts; the others were answered badly, as planned",
            *(f"{sort:13} {self.faults.get(sort, 0):,}" for sort in sorts),
            f"memory        {memory}{', which is not flat' if self.grown else ''}",
            *(f"    {example}" for example in self.examples),
            "passed" if self.passed else "FAILED",
        ]
        return "\n".join(lines)
