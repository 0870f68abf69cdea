"""The table: medians, ranges, and ratios within each round."""

from benchmarks.rounds import Row
from benchmarks.table import noise, short, table


def rows(**figures: list[float]) -> list[Row]:
    return [
        Row("send", contender, number, {"CPU µs": value})
        for contender, values in figures.items()
        for number, value in enumerate(values)
    ]


def test_a_ratio_is_taken_within_its_round_and_not_between_medians() -> None:
    text = table(rows(bare=[10, 40, 20], mock=[100, 80, 100]))
    assert text.splitlines() == [
        "| case | figure | mock | bare: its figure, mock ÷ bare |",
        "| --- | --- | ---: | ---: |",
        "| send | CPU µs | 100 (80 to 100) | 20 → **5 (2 to 10)** |",
    ]


def test_who_was_not_measured_leaves_its_cell_empty() -> None:
    other = [Row("import", "mock", 0, {"CPU ms": 12.34}), Row("import", "peer", 0, {"s": 1.0})]
    lines = table([*rows(bare=[10], mock=[100]), *other]).splitlines()
    assert lines[-2:] == ["| import | CPU ms | 12.3 |  |  |", "| import | s |  |  | 1 |"]


def test_a_round_that_one_of_them_lacks_has_no_ratio() -> None:
    assert table(rows(bare=[10, 10], mock=[20])).endswith("| send | CPU µs | 20 | 10 → **2** |")


def test_numbers_have_three_figures() -> None:
    assert [short(value) for value in (0, 0.09412, 1.0, 12.34, 123.4, 1234567.8)] == [
        "0",
        "0.0941",
        "1",
        "12.3",
        "123",
        "1,234,568",
    ]


def test_noise_is_told_of_bare_over_sockets_and_stands_in_no_line() -> None:
    seen = Row("send", "bare", 0, {"p50 ms": 1.0, "server busy": 0.9, "server waited": 0.05, "load busy": 0.5})
    assert "at work 90% of the time and waited 5% of it" in noise([seen])
    assert "busy" not in table([seen])
    assert noise(rows(bare=[1])) == ""
