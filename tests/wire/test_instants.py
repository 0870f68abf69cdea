"""Instants and durations as text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.core.clock import LAST
from mockserver.wire.instants import read_duration, read_instant, stamp, stamp_seconds


@pytest.mark.parametrize(
    ("instant", "text", "seconds"),
    [
        (0, "1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"),
        (1_893_499_200_440, "2030-01-01T12:00:00.44Z", "2030-01-01T12:00:00Z"),
        (1_893_499_259_001, "2030-01-01T12:00:59.001Z", "2030-01-01T12:00:59Z"),
        (1_893_499_200_100, "2030-01-01T12:00:00.1Z", "2030-01-01T12:00:00Z"),
        (LAST, "9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59Z"),
    ],
)
def test_stamps(instant: int, text: str, seconds: str) -> None:
    assert (stamp(instant), stamp_seconds(instant)) == (text, seconds)


@given(st.integers(0, LAST))
def test_a_stamp_is_read_back(instant: int) -> None:
    assert read_instant(stamp(instant)) == instant
    assert read_instant(stamp_seconds(instant)) == instant // 1_000 * 1_000


@pytest.mark.parametrize(
    ("text", "stamped"),
    [
        ("2025-05-05T15:00Z", "2025-05-05T15:00:00Z"),
        ("2025-05-05T15:00", "2025-05-05T15:00:00Z"),
        ("2025-05-05T15:00:01.5+02:00", "2025-05-05T13:00:01.5Z"),
        ("2025-05-05", "2025-05-05T00:00:00Z"),
    ],
)
def test_instants_as_people_write_them(text: str, stamped: str) -> None:
    assert stamp(read_instant(text)) == stamped


@pytest.mark.parametrize("value", ["", "soon", "2025-13-01", "1969-12-31T23:59Z", "9999-12-31T23:59:59-10:00", 5, None])
def test_what_is_no_instant(value: object) -> None:
    with pytest.raises(ValueError, match=r"2030-01-31T12:00:00Z|outside the years"):
        read_instant(value)


@pytest.mark.parametrize(
    ("value", "milliseconds"),
    [
        (0, 0),
        (600, 600_000),
        (1.5, 1_500),
        ("90", 90_000),
        ("10m", 600_000),
        ("1h30m", 5_400_000),
        ("250ms", 250),
        ("2d", 172_800_000),
        (" 5s ", 5_000),
        ("PT10M", 600_000),
        ("P1DT2H", 93_600_000),
        ("PT0.5S", 500),
    ],
)
def test_durations(value: object, milliseconds: int) -> None:
    assert read_duration(value) == milliseconds


@pytest.mark.parametrize(
    "value",
    ["", "P", "PT", "P1DT", "-5s", -1, -0.5, True, None, [], "1e5", "10 m", "P1Y", "m", "٣m", float("nan"),
     float("inf"), 10**400, "9" * 59, "9" * 100, "99999999d"],
)  # fmt: skip
def test_what_is_no_duration(value: object) -> None:
    with pytest.raises(ValueError, match=r"is not a duration such as|past the year 9999|too large|limit"):
        read_duration(value)


@given(st.text() | st.floats() | st.integers() | st.none() | st.booleans())
def test_anything_is_a_duration_or_a_value_error(value: object) -> None:
    for read in (read_duration, read_instant):
        try:
            assert 0 <= read(value) <= LAST
        except ValueError:
            pass
