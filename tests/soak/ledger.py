"""The account of every callback: what came, and what should have come."""

from collections import Counter
from collections.abc import Sequence

from tests.soak.kinds import Kind
from tests.soak.mischief import Mischief

SHOWN = 20
"""Examples of faults that are kept."""


class Ledger:
    """What came, by the number of its flow. faults: how many of each sort. examples: the first of them, in words."""

    def __init__(self, kinds: Sequence[Kind], mischief: Mischief) -> None:
        self._kinds = kinds
        self._mischief = mischief
        self._posts: dict[int, bytearray] = {}
        self._sent: dict[int, tuple[int, int]] = {}
        self.posts = self.taken = 0
        self.faults: Counter[str] = Counter()
        self.examples: list[str] = []

    def enter(self, number: int, kind: int, most: int, says: str) -> str | None:
        """A post came. Returns how to answer it: well (None), or in one of the bad ways.

        number: of its flow. kind: the place of the flow's kind. most: attempts that may fail. says: its summary.
        """
        told = self._kinds[kind].says
        if says not in told:
            self._add("unknown", f"flow {number} said {says!r}, and its kind never does")
            return None
        callback = told.index(says)
        posts = self._posts.setdefault(number, bytearray(len(told)))
        self._sent[number] = (kind, most)
        if not posts[callback] and callback != len(told) - posts.count(0):
            self._add("out of order", f"flow {number} said {says!r} (callback {callback}) after {list(posts)}")
        posts[callback] += 1
        self.posts += 1
        attempt, failures = posts[callback], self._mischief.failures(number, callback, most)
        if attempt > self._mischief.posts(number, callback, most):
            self._add("doubled", f"flow {number} said {says!r} (callback {callback}) for the {attempt}th time")
        if attempt <= failures:
            return self._mischief.way(number, callback, attempt)
        self.taken += 1
        return None

    def missing(self, flows: int) -> Counter[str]:
        """What has not come of so many flows, numbered from 0: lost callbacks, and flows that are not final."""
        lacking: Counter[str] = Counter()
        for number in range(flows):
            kind, most = self._sent.get(number, (0, 0))
            posts = self._posts.get(number, bytearray(len(self._kinds[kind].says)))
            planned = [self._mischief.posts(number, callback, most) for callback in range(len(posts))]
            lost = sum(max(0, wanted - came) for wanted, came in zip(planned, posts, strict=True))
            if lost:
                lacking["lost"] += lost
                lacking["not final"] += 1
                self._example(f"flow {number}: its callbacks were posted {list(posts)} times, planned were {planned}")
        return lacking

    def _add(self, sort: str, example: str) -> None:
        self.faults[sort] += 1
        self._example(example)

    def _example(self, example: str) -> None:
        if len(self.examples) < SHOWN:
            self.examples.append(example)
