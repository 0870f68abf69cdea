"""Only what a channel could tell can be built; delays are drawn within their bounds."""

from collections.abc import Iterator

import pytest

from mockserver.core.channels import RULES, Channel
from mockserver.core.outcome import IllegalTimeline, Moment, Outcome, draw


@pytest.mark.parametrize(
    ("channel", "moments", "words"),
    [
        (Channel.SMS, (), "empty; it begins with Queued"),
        (Channel.SMS, (Moment("Sent"),), "entry 1: 'Sent' cannot come here; legal: Queued"),
        (Channel.SMS, (Moment("Queued"), Moment("Delivered"), Moment("Sent")), "entry 3: 'Sent' .* legal: nothing"),
        (Channel.VIBER, (Moment("QUEUED"), Moment("SEEN"), Moment("SEEN")), "entry 3"),
        (Channel.VIBER, (Moment("QUEUED"), Moment("DELIVERED"), Moment("FAILED")), "legal: SEEN, EXPIRED"),
        (
            Channel.SMS,
            (Moment("Queued"), Moment("Failed", reason="Opted Out")),
            "unknown reason 'Opted Out'; known: Sent",
        ),
        (Channel.VOICE, (Moment("Queued"), Moment("Busy", reason="Sent")), "known: none on this channel"),
        (Channel.SMS, (Moment("Queued"), Moment("Sent", 5, 4)), "not from 5 to 4"),
        (
            Channel.SMS,
            (Moment("Queued"), Moment("Delivered", broken=True)),
            "entry 2: a server error is heard as Failed",
        ),
        (Channel.SMS, (Moment("Queued", broken=True),), "entry 1: a server error is heard as Failed"),
        (Channel.SMS, (Moment("Queued"), Moment("Sent", -1, 4)), "not from -1 to 4"),
        (Channel.SMS, (Moment("Queued", 1, 1),), "its delay is 0"),
        (Channel.SMS, (Moment("Queued", late=True),), "its delay is 0"),
    ],
)
def test_an_impossible_timeline_cannot_be_built(channel: Channel, moments: tuple[Moment, ...], words: str) -> None:
    with pytest.raises(IllegalTimeline, match=words):
        Outcome(channel, "impossible", moments)


def test_delays_add_up_and_late_moments_come_after_the_ttl() -> None:
    moments = (
        Moment("Queued"),
        Moment("Sent", 10, 20, "Sent"),
        Moment("Undelivered", 5, 5),
        Moment("Delivered", 7, 7, late=True),
    )
    outcome = Outcome(Channel.SMS, "a while", moments)
    assert draw(outcome, 1_000, lambda _, high, __: high) == [0, 20, 25, 1_007]
    assert draw(outcome, None, lambda low, _, __: low) == [0, 10, 15, 22]
    assert draw(outcome, 3, lambda low, _, __: low) == [0, 10, 15, 22]


@pytest.mark.parametrize("channel", list(Channel))
def test_whatever_the_tables_allow_can_be_built(channel: Channel) -> None:
    rules = RULES[channel]
    for status, followers in rules.moves.items():
        way = next(path for path in ways(channel) if path[-1] == status)
        for follower in followers:
            Outcome(channel, "possible", tuple(Moment(each) for each in (*way, follower)))
        for other in set(rules.statuses) - followers:
            with pytest.raises(IllegalTimeline):
                Outcome(channel, "impossible", tuple(Moment(each) for each in (*way, other)))


def ways(channel: Channel) -> Iterator[tuple[str, ...]]:
    """Every row of statuses the channel can tell."""
    frontier: list[tuple[str, ...]] = [(RULES[channel].first,)]
    while frontier:
        yield from frontier
        frontier = [(*way, status) for way in frontier for status in sorted(RULES[channel].moves[way[-1]])]


# rule statuses.delays
def test_each_delay_is_drawn_between_its_own_bounds_and_by_its_own_place() -> None:
    asked = []

    def between(low: int, high: int, position: int) -> int:
        asked.append((low, high, position))
        return high

    moments = (Moment("Queued"), Moment("Sent", 1, 2), Moment("Delivered", 3, 4))
    draw(Outcome(Channel.SMS, "a while", moments), 1_000, between)
    assert asked == [(1, 2, 1), (3, 4, 2)], "where there is nothing to choose, nothing is drawn"
