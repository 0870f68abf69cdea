"""What a scenario asks of a step: patterns with stars, and differences in words."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.core.channels import Channel
from mockserver.core.matcher import Pattern, When, is_like, stars
from mockserver.core.values import replace
from tests.core.worlds import SMS, VIBER

CODE = Pattern("/code/", lambda said: "code" in said)
"""A matcher of another kind, as the core is handed it."""


@pytest.mark.parametrize(
    ("pattern", "said", "fits"),
    [
        ("abc", "abc", True),
        ("abc", "abcd", False),
        ("abc", "xabc", False),
        ("abc", "ABC", False),
        ("a*c", "abbbc", True),
        ("a*c", "a\nc", True),
        ("a*", "a", True),
        ("a*a", "a", False),
        ("a*b*", "ab", True),
        ("a*b*b", "ab", False),
        ("a*b*b*c", "abc", False),
        ("a*b*c*", "acb", False),
        ("a.c", "abc", False),
        ("*", "", True),
        ("**", "a", True),
        ("", "", True),
        ("", "a", False),
    ],
)
def test_a_pattern_of_stars(pattern: str, said: str, fits: bool) -> None:
    assert is_like(pattern, said) is fits
    assert (When(text=stars(pattern)).differences(replace(SMS, text=said), 0) == ()) is fits


@given(st.text("ab*", max_size=8), st.text("ab\n", max_size=12))
def test_a_star_stands_for_anything(pattern: str, text: str) -> None:
    expression = ".*".join(map(re.escape, pattern.split("*")))
    assert is_like(pattern, text) == bool(re.fullmatch(expression, text, re.DOTALL))


@pytest.mark.parametrize(
    "pattern", ["*a*a*a*a*a*a*a*a*b", "*a" * 500 + "b", "*" + "a*" * 499, "*" * 1_000 + "b", "*" + "a" * 998 + "b"]
)
def test_many_stars_and_a_long_text_do_not_take_for_ever(pattern: str) -> None:
    assert is_like(pattern, "a" * 300_000) is not pattern.endswith("b")


def test_every_difference_is_put_in_words() -> None:
    when = When(stars("+1*"), stars("Parcels"), stars("a"), CODE, Channel.VIBER, 2)
    assert str(when) == "to: +1*, from: Parcels, label: a, text: /code/, channel: Viber, step: 2"
    assert str(When()) == "anything"
    step = replace(SMS, to="+30", sender="Me", label="b", text="x" * 70)
    assert when.differences(step, 0) == (
        "to is '+30', not '+1*'",
        "from is 'Me', not 'Parcels'",
        "label is 'b', not 'a'",
        f"text is '{'x' * 60}...', not '/code/'",
        "channel is Sms, not Viber",
        "step is 1, not 2",
    )
    fitting = replace(VIBER, sender="Parcels", label="a", text="your code")
    assert when.differences(fitting, 1) == ()


def test_patterns_that_are_written_alike_are_equal() -> None:
    assert stars("a*") == stars("a*") != stars("a")
    assert hash(When(to=stars("a*"))) == hash(When(to=stars("a*")))
