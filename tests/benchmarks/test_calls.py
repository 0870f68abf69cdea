"""What a send may cost, where that can be counted. Nothing here is timed."""

from benchmarks.calls import of_a_send, report, total

BUDGET = 256
"""Calls of a send of three steps through the whole stack: what they are (244), and 5 % more; at first there were 1,520.

Whoever makes a send cheaper lowers it.
"""


def test_a_send_of_three_steps_stays_within_its_budget_of_calls() -> None:
    called = of_a_send()
    assert total(called) <= BUDGET, report(called)


def test_what_the_benchmark_itself_calls_is_not_counted() -> None:
    called = of_a_send()
    assert not [each.name for each in called if "benchmarks" in each.name]
    assert {each.name.rpartition(" ")[2]: each.calls for each in called}["read_send"] == 1
