"""Which callbacks were posted again, and when: held against the retry plan, and what counts as taken."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mockserver.core import deliveries
from mockserver.core.dialect import Dialect
from mockserver.learning.observations import Observation
from mockserver.learning.sightings import Attempt, Recorded
from mockserver.recordings.values import Place

TOGETHER = 1_000
"""Attempts with the same body that are no further apart than so many milliseconds are copies, and no retries."""

PATIENCE, SHARE = 5_000, 0.1
"""How much later or earlier than planned a retry can come: so many milliseconds, or this share of the wait."""

MOST_GAPS = 1_000
"""Different waits before one attempt that are counted; of more, those that were seen least are forgotten."""


@dataclass(frozen=True, slots=True)
class Try:
    """One attempt: its number, what was answered, and how long it took until the next; None: there is none.

    waited: how long the recording goes on after it.
    """

    number: int
    status: int | None
    gap: int | None
    waited: int
    attempt: Attempt


Open = tuple[int, int, int]
"""A failed attempt without a retry: its number, what was answered, and the wait that was planned, in milliseconds."""


class Retries:
    """Gathers the attempts of all flows, since what they mean is clear only when all are known."""

    def __init__(self) -> None:
        self._tries: Counter[tuple[int, int | None, bool]] = Counter()
        self._gaps: dict[int, Counter[int]] = {}
        self._open: Counter[Open] = Counter()
        self._places: dict[Open, Place] = {}

    def observe(self, flow: Recorded, dialect: Dialect, latest: int | None) -> Iterator[Observation]:
        """What is seen of the attempts for one flow. latest: the instant of the last record so far."""
        for each in _tries(flow, latest):
            yield from self._one(each, dialect)

    def _one(self, each: Try, dialect: Dialect) -> Iterator[Observation]:
        plan, taken = dialect.retry_plan, is_taken(each.status, dialect)
        planned = plan[each.number - 1] * 1_000 if each.number <= len(plan) else None
        place = each.attempt.place
        if each.gap is not None:
            self._tries[each.number, each.status, True] += 1
            seconds = round(each.gap / 1_000)
            self._wait(each.number, seconds)
            if taken:
                yield self._taken(each, dialect, again=True)
                return
            near = planned is not None and abs(each.gap - planned) <= max(PATIENCE, SHARE * planned)
            expected = "no retry" if planned is None else f"{planned // 1_000} s"
            yield Observation(
                "callbacks.retries", f"before attempt {each.number + 1}", near, expected, f"{seconds} s", None, place
            )
            if near and each.status is not None and each.status >= 200:
                yield Observation("callbacks.taken", f"answered {each.status}", True, place=place)
        elif each.waited > (planned or 0) + max(PATIENCE, SHARE * (planned or 0)) and each.status is not None:
            self._tries[each.number, each.status, False] += 1
            if taken:
                yield self._taken(each, dialect, again=False)
            elif planned is None:
                yield Observation("callbacks.retries", f"after attempt {each.number}", True, place=place)
            else:
                key = (each.number, each.status, planned)
                self._open[key] += 1
                self._places.setdefault(key, place)

    def _wait(self, number: int, seconds: int) -> None:
        gaps = self._gaps.setdefault(number, Counter())
        gaps[seconds] += 1
        if len(gaps) > MOST_GAPS:
            self._gaps[number] = Counter(dict(gaps.most_common(MOST_GAPS // 2)))

    def finish(self) -> Iterator[Observation]:
        """What is seen of the attempts that have no retry and should have one: that is clear only at the end."""
        yield from (self._none(*each, self._places[each]) for each in self._open.elements())

    def _taken(self, each: Try, dialect: Dialect, *, again: bool) -> Observation:
        rule = "callbacks.ok" if each.status == 200 else "callbacks.taken"
        told = ("taken", "posted again") if again else ("taken", "taken")
        value = "200" if again and rule == "callbacks.taken" and dialect.taken_answers != "200" else None
        return Observation(rule, f"answered {each.status}", not again, *told, value, each.attempt.place)

    def _none(self, number: int, status: int, planned: int, place: Place) -> Observation:
        """A failed attempt that has no retry. With an answer, it can be that any answer counts as taken."""
        rule = "callbacks.taken" if status and self._only_unanswered else "callbacks.retries"
        value = "any" if rule == "callbacks.taken" else None
        told = "no answer" if status == 0 else f"answered {status}"
        expected = f"a retry after {planned // 1_000} s"
        return Observation(rule, f"attempt {number}, {told}", False, expected, "none", value, place)

    @property
    def _only_unanswered(self) -> bool:
        """Whether what had no answer was posted again, and what had a bad one never was."""
        retried = {bool(status) for (_, status, again) in self._tries if again and not (status and 200 <= status < 300)}
        return retried == {False}

    def plan(self, dialect: Dialect) -> tuple[int, ...]:
        """The retry plan as it was observed, in seconds, as far as it was; from there on that of a dialect."""
        given_up = {number for number, status, again in self._tries if not again and not is_taken(status, dialect)}
        if not self._gaps:
            return () if given_up else dialect.retry_plan
        last, seen = max(self._gaps), tuple(self._gaps[number].most_common(1)[0][0] for number in sorted(self._gaps))
        if len(seen) < last:  # none was seen of some number before it
            return dialect.retry_plan
        snapped = tuple(_snapped(gap, dialect.retry_plan, at) for at, gap in enumerate(seen))
        return snapped if last + 1 in given_up else snapped + dialect.retry_plan[last:]


def _snapped(gap: int, plan: tuple[int, ...], at: int) -> int:
    """A wait as the plan has it, if it is that one give or take what an answer takes."""
    return plan[at] if at < len(plan) and abs(gap - plan[at]) <= max(PATIENCE / 1_000, SHARE * plan[at]) else gap


def is_taken(status: int | None, dialect: Dialect) -> bool:
    """Whether an answer with this status counts as taken. One that is not known counts as 200; 0: there was none."""
    return status is None or (status > 0 and deliveries.is_taken(status, dialect))


def _tries(flow: Recorded, latest: int | None) -> Iterator[Try]:
    by_body: dict[bytes, list[Attempt]] = {}
    for each in sorted((each for each in flow.attempts if each.at is not None), key=lambda each: each.at or 0):
        same = by_body.setdefault(each.body, [])
        if not same or (each.at or 0) - (same[-1].at or 0) > TOGETHER:
            same.append(each)
    for attempts in by_body.values():
        yield from _numbered(attempts, latest or 0)


def _numbered(attempts: Sequence[Attempt], latest: int) -> Iterator[Try]:
    for number, attempt in enumerate(attempts, start=1):
        at = attempt.at or 0
        gap = None if number == len(attempts) else (attempts[number].at or 0) - at
        # A webhook's log seldom says what it answered; that it was posted again says that it failed.
        status = attempt.status if attempt.status is not None or gap is None else 0
        yield Try(number, status, gap, latest - at, attempt)
