"""Whether a value is as it is asked for, and in words how it is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.wire.verify.matchers import (
    Heard,
    breaks_off,
    distance,
    exactly,
    fits,
    fits_in_any_case,
    fits_number,
    holds_not,
    in_order,
    is_not,
    strays,
)


def test_what_is_not_given_fits_nothing_but_nothing() -> None:
    assert fits("", "")
    assert not fits("*", "")
    assert not fits("", "a")
    assert fits_in_any_case("viber *", "Viber QUEUED")
    assert fits_number("306900*", "+306900000000")
    assert fits_number("+306900*", "+306900000000")


def test_a_text_that_differs_is_quoted_where_it_does() -> None:
    assert is_not("b", "a") == "is 'a', not 'b'"
    assert is_not("b", "") == "is none, not 'b'"
    long = "x" * 500
    assert is_not(f"{long}b{long}", f"{long}a{long}") == (
        f"is '...{'x' * 20}a{'x' * 39}...', not '...{'x' * 20}b{'x' * 39}...'"
    )
    assert holds_not("b", "a") == "is 'a', without 'b'"
    assert holds_not("b", "") == "is none, not 'b'"


def test_the_more_two_texts_are_alike_the_nearer_they_are() -> None:
    near = ["+306900000300", "+306900000301", "+306900000401", "+15555550100", "nonsense"]
    assert sorted(near, key=lambda said: distance("+306900000300", said)) == near
    assert distance("a", "a") == distance("", "") == 0
    assert distance("a", "b") == distance("a", "") == 1


@given(st.text(max_size=9), st.text(max_size=9))
def test_a_distance_lies_between_nought_and_one(one: str, other: str) -> None:
    assert 0 <= distance(one, other) == distance(other, one) <= 1


VIBER_THEN_SMS = Heard(("Viber QUEUED", "Viber EXPIRED", "Sms Queued", "Sms Sent"), ended=False)


@pytest.mark.parametrize(
    ("wanted", "heard", "words"),
    [
        (["Viber EXPIRED", "Sms Delivered"], VIBER_THEN_SMS, "after Viber EXPIRED came Sms Queued, Sms Sent; Sms Delivered has not come yet"),
        (["Sms Sent", "Sms Delivered"], VIBER_THEN_SMS._replace(ended=True), "after Sms Sent came nothing; Sms Delivered never came"),
        (["Sms Sent", "Viber EXPIRED"], VIBER_THEN_SMS, "after Sms Sent came nothing; Viber EXPIRED came before that"),
        (["Voice Queued"], Heard(("Sms Queued",), ended=True), "Sms Queued came; Voice Queued never came"),
        (["Sms Queued"], Heard((), ended=False), "nothing was heard; Sms Queued has not come yet"),
    ],
)  # fmt: skip
def test_where_the_order_broke(wanted: list[str], heard: Heard, words: str) -> None:
    assert not in_order(wanted, heard)
    assert breaks_off(wanted, heard) == f"breaks off: {words}"


@pytest.mark.parametrize(
    ("wanted", "heard", "words"),
    [
        (["Sms Queued", "Sms Delivered"], Heard(("Sms Queued", "Sms Sent"), ended=True), "after Sms Queued came Sms Sent, not Sms Delivered"),
        (["Sms Queued", "Sms Sent"], Heard(("Sms Queued",), ended=False), "after Sms Queued came nothing; Sms Sent has not come yet"),
        (["Sms Queued"], Heard((), ended=False), "nothing was heard; Sms Queued has not come yet"),
        (["Sms Queued"], Heard(("Sms Queued", "Sms Sent", "Sms Failed"), ended=True), "after Sms Queued came Sms Sent, Sms Failed, and nothing was expected"),
        ([], Heard(("Sms Queued",), ended=True), "first came Sms Queued, and nothing was expected"),
        (["Viber QUEUED"], Heard(("Sms Queued",), ended=True), "first came Sms Queued, not Viber QUEUED"),
    ],
)  # fmt: skip
def test_where_what_was_heard_strays(wanted: list[str], heard: Heard, words: str) -> None:
    assert not exactly(wanted, heard)
    assert strays(wanted, heard) == f"differs: {words}"


@pytest.mark.parametrize("wanted", [["viber queued", "SMS SENT"], ["* QUEUED", "*"], ["Viber *"] * 2, ["*"] * 4])
def test_an_order_with_anything_in_between(wanted: list[str]) -> None:
    assert in_order(wanted, VIBER_THEN_SMS)
    assert exactly(wanted, VIBER_THEN_SMS) == (len(wanted) == 4)
