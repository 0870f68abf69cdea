"""What a callback's answer counts as."""

import pytest

from mockserver.core.commands import Answer


@pytest.mark.parametrize(
    ("status", "ok"),
    [(100, False), (199, False), (200, True), (204, True), (299, True), (300, False), (500, False)],
)
def test_any_2xx_is_an_answer_and_nothing_else_is(status: int, ok: bool) -> None:
    assert Answer(status, None, 1.0).ok is ok


def test_no_answer_is_no_answer() -> None:
    assert not Answer(None, "no answer within 2 s", 2_000.0).ok
