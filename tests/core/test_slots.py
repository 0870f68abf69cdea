"""Names belong to slots, and what is made for a name belongs to the same one."""

from uuid import UUID
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.core import slots
from mockserver.core.chance import Chance
from mockserver.core.tokens import Tokens

WORST = 7_778
"""The most endings that are ever tried."""


@pytest.mark.parametrize(
    ("name", "expected"),
    [("default", 0x0DF), ("mine", 0x393), ("5f9138288b71de3617a87cd3", 0x0D5), ("köln:é", 0x301), ("", 0)],
)
def test_the_slot_of_a_name_is_the_same_for_ever(name: str, expected: int) -> None:
    assert slots.slot(name) == expected


@given(st.text(), st.integers(0, 2**64))
def test_a_token_begins_with_the_slot_of_its_application_and_is_still_a_uuid(application: str, seed: int) -> None:
    token = Tokens().issue(application, (), None, Chance(seed)).value
    assert int(token[:3], 16) == slots.slot(application)
    assert (str(UUID(token)), UUID(token).version) == (token, 4)
    assert token[3:] == Chance(seed).uuid("token", application, 1)[3:]


@given(st.text(), st.text())
def test_what_is_named_beside_another_has_its_slot(stem: str, name: str) -> None:
    beside = slots.beside(stem, name)
    assert slots.slot(beside) == slots.slot(name)
    assert (beside[:-4], beside[-4:].isdigit()) == (stem, True)


@pytest.mark.parametrize("stem", ["", "köln", "x" * 64])
def test_an_ending_is_found_for_every_slot_after_a_bounded_search(stem: str) -> None:
    start = crc32(stem.encode())
    reached = [crc32(b"%04d" % number, start) % slots.SLOTS for number in range(WORST)]
    assert len(set(reached)) == slots.SLOTS


def test_the_search_stops_at_the_first_ending_that_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []

    def counted(data: bytes, start: int = 0) -> int:
        tried.append(data)
        return crc32(data, start)

    monkeypatch.setattr(slots, "crc32", counted)
    ending = int(slots.beside("abc", "mine")[-4:])
    assert len(tried) == ending + 1 + 2  # after the slot of the name, and what comes of the stem
