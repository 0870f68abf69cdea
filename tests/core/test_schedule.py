"""The schedule is a sorted list, told again."""

from hypothesis import given
from hypothesis import strategies as st

from mockserver.core.schedule import STRETCH, CallbackDue, Schedule, StatusDue, Ticket, TtlDue, instant_of

SECOND = 1 << STRETCH

DUE = st.integers(0, 2) | st.integers(SECOND - 1, SECOND + 1) | st.integers(5 * SECOND, 5 * SECOND + 1)
PUSH = st.tuples(st.just("push"), DUE, st.integers(0, 1))
POP = st.tuples(st.just("pop"), DUE, st.just(0))
CANCEL = st.tuples(st.just("cancel"), st.integers(0, 9), st.just(0))


@given(st.lists(PUSH | POP | CANCEL))
def test_whatever_is_pushed_popped_and_cancelled_it_is_a_sorted_list(actions: list[tuple[str, int, int]]) -> None:
    schedule: Schedule[int] = Schedule()
    model: list[tuple[int, int, int, Ticket]] = []  # due, rank, arrival, ticket
    for arrival, (action, number, rank) in enumerate(actions):
        if action == "push":
            model.append((number, rank, arrival, schedule.push(number, arrival, rank)))
            model.sort()
        elif action == "cancel" and model:
            schedule.cancel(model.pop(number % len(model))[3])
        elif action == "pop":
            due = [(model[0][0], model[0][2])] if model and model[0][0] <= number else []
            assert schedule.pop(number) == (due[0] if due else None)
            del model[: len(due)]
        assert len(schedule) == len(model)
        assert schedule.first(3) == [(each[0], each[2]) for each in model[:3]]
        assert schedule.peek() == ((model[0][0], model[0][2]) if model else None)
        assert len(schedule) == len(model)


def test_a_cancelled_entry_takes_no_other_with_it() -> None:
    schedule: Schedule[str] = Schedule()
    tickets = [schedule.push(1, name) for name in "abc"]
    schedule.cancel(tickets[1])
    assert [schedule.pop(1), schedule.pop(1), schedule.pop(1)] == [(1, "a"), (1, "c"), None]


def test_what_is_due_names_its_flow() -> None:
    assert {due.flow for due in (StatusDue("f", 0, "Sent", None), TtlDue("f", 0), CallbackDue("f", 1))} == {"f"}


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 1), st.booleans())), st.integers(0, 12))
def test_the_first_are_those_that_will_be_popped_first(pushes: list[tuple[int, int, bool]], most: int) -> None:
    schedule, tickets = Schedule[int](), []
    for number, (due, rank, cancelled) in enumerate(pushes):
        ticket = schedule.push(due, number, rank)
        tickets.append(ticket)
        assert (schedule.find(ticket), instant_of(ticket)) == (number, due)
        if cancelled:
            schedule.cancel(ticket)
            assert schedule.find(ticket) is None
    first = schedule.first(most)
    popped = [schedule.pop(10) for _ in range(len(schedule))]
    assert first == popped[:most]
    assert all(schedule.find(ticket) is None for ticket in tickets)
