"""What a seed says stays what it says."""

import re

from hypothesis import given
from hypothesis import strategies as st

from mockserver.core.chance import Chance


def test_a_seed_means_the_same_for_ever() -> None:
    assert Chance(0).uuid("flow", 1) == "677e6a17-d64b-406f-b682-efabc26efb86"
    assert [Chance(seed).between(0, 999, "delay", 1) for seed in range(4)] == [533, 903, 33, 100]
    assert [Chance(7).uuid(*key) for key in (("token", 1), ("message", 1, 0), ("part", 1, 0, 2))] == [
        "cb08dfb9-06cd-4f27-b072-357a78d4b301",
        "21875b2a-4ad6-4229-a8e7-5afdd6118767",
        "5dccd094-09cf-488b-9c8c-acbe30082e2f",
    ]


@given(st.integers(), st.lists(st.text() | st.integers()))
def test_an_id_is_a_version_4_uuid(seed: int, key: list[str | int]) -> None:
    text = Chance(seed).uuid(*key)
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", text)


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers())
def test_a_draw_stays_within_its_bounds(low: int, more: int, seed: int) -> None:
    assert low <= Chance(seed).between(low, low + more, "x") <= low + more


def test_both_bounds_are_drawn_and_keys_do_not_run_together() -> None:
    assert {Chance(0).between(1, 3, n) for n in range(100)} == {1, 2, 3}
    assert Chance(0).uuid("a", 12) != Chance(0).uuid("a", 1, 2)
    assert Chance(0).uuid("1") != Chance(0).uuid(1)
