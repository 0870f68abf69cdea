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

LONGEST, MOST = 2_592_000, 100
"""Seconds of a wait, and waits, of which a plan can have no more."""

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


Open = tuple[int, int, int, bool | None]
"""A failed attempt without a retry: its number, what was answered, the wait that was planned, in milliseconds; and
whether its own flow shows that any answer counts, None if it shows nothing of that."""

UNDECIDED = (
    'Where nothing was posted again after a bad answer, two dialects fit: taken-answers = "any", and a retry-plan that'
    " is empty or ends there. A recording decides in which the webhook of that account gives no answer at all, as when"
    " it is down: if that callback is posted again, it is the first, and otherwise the second."
)
"""What is said where a recording cannot tell why nothing was posted again."""


class Retries:
    """Gathers the attempts of all flows, since what they mean is clear only when all are known."""

    def __init__(self) -> None:
        self._tries: Counter[tuple[int, int | None, bool]] = Counter()
        self._gaps: dict[int, Counter[int]] = {}
        self._open: Counter[Open] = Counter()
        self._places: dict[Open, Place] = {}
        self._shown: set[bool] = set()
        self.undecided = False

    def observe(self, flow: Recorded, dialect: Dialect, latest: int | None) -> Iterator[Observation]:
        """What is seen of the attempts for one flow. latest: the instant of the last record so far."""
        tries = [*_tries(flow, latest)]
        any_counts = _any_counts(tries, dialect)
        if any_counts is not None:
            self._shown.add(any_counts)
        if _is_refused_again(tries, dialect):
            any_counts = False
        for each in tries:
            yield from self._one(each, dialect, any_counts)

    def _one(self, each: Try, dialect: Dialect, any_counts: bool | None) -> Iterator[Observation]:
        planned, taken = _planned(each, dialect), is_taken(each.status, dialect)
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
        elif _is_over(each, planned) and each.status is not None:
            self._tries[each.number, each.status, False] += 1
            if taken:
                yield self._taken(each, dialect, again=False)
            elif planned is None:
                yield Observation("callbacks.retries", f"after attempt {each.number}", True, place=place)
            else:
                key = (each.number, each.status, planned, any_counts)
                self._open[key] += 1
                self._places.setdefault(key, place)

    def _wait(self, number: int, seconds: int) -> None:
        if seconds > LONGEST or number > MOST:
            return
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

    def _none(self, number: int, status: int, planned: int, any_counts: bool | None, place: Place) -> Observation:
        """A failed attempt that has no retry. With an answer, it can be that any answer counts as taken.

        Several accounts can be in one recording. So what its own flow shows of that goes before what others show, which
        goes before what all attempts together look like.
        """
        shown = self._shown if any_counts is None else {any_counts}
        counts = shown == {True} or (any_counts is None and self._only_unanswered)
        rule = "callbacks.taken" if status and counts else "callbacks.retries"
        self.undecided |= bool(status) and not counts and len(shown) != 1
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
        return snapped if last + 1 in given_up else (snapped + dialect.retry_plan[last:])[:MOST]


def _snapped(gap: int, plan: tuple[int, ...], at: int) -> int:
    """A wait as the plan has it, if it is that one give or take what an answer takes."""
    return plan[at] if at < len(plan) and abs(gap - plan[at]) <= max(PATIENCE / 1_000, SHARE * plan[at]) else gap


def is_taken(status: int | None, dialect: Dialect) -> bool:
    """Whether an answer with this status counts as taken. One that is not known counts as 200; 0: there was none."""
    return status is None or (status > 0 and deliveries.is_taken(status, dialect))


def _planned(each: Try, dialect: Dialect) -> int | None:
    """The wait that is planned after an attempt, in milliseconds; None if it is the last."""
    plan = dialect.retry_plan
    return plan[each.number - 1] * 1_000 if each.number <= len(plan) else None


def _is_over(each: Try, planned: int | None) -> bool:
    """Whether an attempt without a next one would have had it by now."""
    return each.gap is None and each.waited > (planned or 0) + max(PATIENCE, SHARE * (planned or 0))


def _is_refused_again(tries: Sequence[Try], dialect: Dialect) -> bool:
    """Whether something was posted again after a bad answer: then not every answer counts as taken."""
    return any(each.gap is not None and each.attempt.status and not is_taken(each.status, dialect) for each in tries)


def _any_counts(tries: Sequence[Try], dialect: Dialect) -> bool | None:
    """Whether one flow shows that any answer counts as taken: if so, what got none is posted again all the same.

    None if it shows nothing of that.
    """
    if _is_refused_again(tries, dialect):
        return None
    unanswered = [each for each in tries if each.attempt.status == 0]
    if any(each.gap is not None for each in unanswered):
        return True
    return False if any(_is_over(each, _planned(each, dialect)) for each in unanswered) else None


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
