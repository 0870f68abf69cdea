"""Instants and durations as text."""

import re

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.core.clock import LAST
from mockserver.wire.instants import read_duration, read_instant, stamp, stamp_seconds

UNSPEAKABLE = [orjson.loads(b"[" * 1_015 + b"]" * 1_015), [10**5_000]]
"""What Python itself cannot write out: too deep, too many digits."""


# rule document.instants
@pytest.mark.parametrize(
    ("instant", "text", "seconds"),
    [
        (0, "1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"),
        (1_893_499_200_440, "2030-01-01T12:00:00.44Z", "2030-01-01T12:00:00Z"),
        (1_893_499_259_001, "2030-01-01T12:00:59.001Z", "2030-01-01T12:00:59Z"),
        (1_893_499_200_100, "2030-01-01T12:00:00.1Z", "2030-01-01T12:00:00Z"),
        (LAST, "9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59Z"),
        (LAST + 1, "9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59Z"),
        (10**18, "9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59Z"),
    ],
)
def test_stamps(instant: int, text: str, seconds: str) -> None:
    assert (stamp(instant), stamp_seconds(instant)) == (text, seconds)


@given(st.integers(0, LAST))
def test_a_stamp_is_read_back(instant: int) -> None:
    assert read_instant(stamp(instant)) == instant
    assert read_instant(stamp_seconds(instant)) == instant // 1_000 * 1_000


# rule tracking.zones
@pytest.mark.parametrize(
    ("text", "stamped"),
    [
        ("2025-05-05T15:00Z", "2025-05-05T15:00:00Z"),
        ("2025-05-05T15:00", "2025-05-05T15:00:00Z"),
        ("2025-05-05T15:00:01.5+02:00", "2025-05-05T13:00:01.5Z"),
        ("2025-05-05", "2025-05-05T00:00:00Z"),
        ("2025-05-05t15:00:00z", "2025-05-05T15:00:00Z"),
        (" 2025-05-05T15:00Z ", "2025-05-05T15:00:00Z"),
        ("2025-05-05T15:00:00.0019Z", "2025-05-05T15:00:00.001Z"),
        ("1969-12-31T23:00-02:00", "1970-01-01T01:00:00Z"),
    ],
)
def test_instants_as_people_write_them(text: str, stamped: str) -> None:
    assert stamp(read_instant(text)) == stamped


@pytest.mark.parametrize("value", ["", "soon", "2025-13-01", 5, None, *UNSPEAKABLE])
def test_bad_instants(value: object) -> None:
    with pytest.raises(ValueError, match=r"^.{1,70} is not an instant such as 2030-01-31T12:00:00Z$"):
        read_instant(value)


@pytest.mark.parametrize(
    "text", ["1969-12-31T23:59Z", "1970-01-01T00:00+02:00", "0001-01-01T00:00+14:00", "9999-12-31T23:59:59-10:00"]
)
def test_instants_off_the_calendar(text: str) -> None:
    with pytest.raises(ValueError, match=r" lies outside the years 1970 to 9999$"):
        read_instant(text)


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
     float("-inf"), "9" * 100, *UNSPEAKABLE],
)  # fmt: skip
def test_bad_durations(value: object) -> None:
    with pytest.raises(ValueError, match=r'^.{1,70} is not a duration such as 600 \(seconds\), "10m"'):
        read_duration(value)


@pytest.mark.parametrize("value", [float("inf"), 1e300, LAST, 10**400, "9" * 59, "99999999d", "P9999999D"])
def test_durations_past_the_calendar(value: object) -> None:
    with pytest.raises(ValueError, match=r"^.{1,70} reaches past the year 9999$"):
        read_duration(value)


def test_a_number_too_long_to_write_out() -> None:
    with pytest.raises(ValueError, match=r"^this reaches past the year 9999$"):
        read_duration(10**5_000)


@given(st.integers(0, 999), st.integers(0, 23), st.integers(0, 59), st.integers(0, 59), st.integers(0, 999))
def test_one_duration_in_its_several_spellings(days: int, hours: int, minutes: int, secs: int, rest: int) -> None:
    milliseconds = (((days * 24 + hours) * 60 + minutes) * 60 + secs) * 1_000 + rest
    assert read_duration(f"{days}d{hours}h{minutes}m{secs}s{rest}ms") == milliseconds
    assert read_duration(f"P{days}DT{hours}H{minutes}M{secs}.{rest:03}S") == milliseconds
    assert read_duration(milliseconds / 1_000) == milliseconds


@given(st.text() | st.floats() | st.integers() | st.none() | st.booleans())
def test_anything_is_a_duration_or_a_value_error(value: object) -> None:
    for read in (read_duration, read_instant):
        try:
            assert 0 <= read(value) <= LAST
        except ValueError:
            pass


@pytest.mark.parametrize(
    ("value", "said"), [(None, "null"), (True, "true"), (False, "false"), ([], "[]"), ("x", "'x'")]
)
def test_what_is_no_duration_is_named_as_json_has_it(value: object, said: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(said)} is not a duration"):
        read_duration(value)
    with pytest.raises(ValueError, match=f"^{re.escape(said)} is not an instant"):
        read_instant(value)
