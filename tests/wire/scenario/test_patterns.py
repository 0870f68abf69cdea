"""Patterns as a scenario writes them."""

import pytest

from mockserver.wire.scenario.language import Written, nothing, read_scenario
from mockserver.wire.scenario.patterns import LARGEST, SEARCHED, read_pattern
from mockserver.wire.scenario.texts import BadScenario, read_text


@pytest.mark.parametrize(
    ("pattern", "said", "fits"),
    [
        ("a*c", "abbbc", True),
        ("/b+/", "abbc", True),
        ("/^b+/", "abbc", False),
        ("/^[0-9]+$/", "300", True),
        ("/", "/", True),
        ("//", "anything", True),
        ("/a*", "/abc", True),
        ("/A/", "a", False),
        ("/(?i)ΚΩΔΙΚ/", "Ο κωδικός", True),
        (r"/^\w+ \w+$/", "Ο κωδικός", True),
        (r"/\bκωδικός\b/", "Ο κωδικός:", True),
        (r"/\d{4}/", "code ٠١٢٣", True),
        ("/a.c/", "a\nc", False),
        ("/(?s)a.c/", "a\nc", True),
        ("/(?m)^b$/", "a\nb\nc", True),
        ("/(?P<day>mon|tues)day/", "tuesday", True),
        (r"/\u20ac\x31/", "€1", True),
        (r"/[\[\]\-.\/]/", "-", True),
    ],
)
def test_a_pattern(pattern: str, said: str, fits: bool) -> None:
    assert read_pattern(pattern).fits(said) is fits


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("(", "unclosed group, at character 1: '('"),
        ("a(?=b)c", "look-around, including look-ahead and look-behind, is not supported, at character 2: '(?=b)c'"),
        ("(?<!a)b", "look-around, including look-ahead and look-behind, is not supported, at character 1: '(?<!a)b'"),
        (r"(é)\1", r"backreferences are not supported, at character 4: '\\1'"),
        ("a**+?{", "unclosed counted repetition, at character 6: '{'"),
        ("[z-a]", "invalid character class range, the start must be <= the end, at character 2: 'z-a]'"),
        ("a\n(", "unclosed group"),
        ("(" * 400 + ")" * 400, "exceed the maximum number of nested parentheses/brackets (250)"),
    ],
)
def test_what_the_engine_refuses_is_told_with_its_place(expression: str, why: str) -> None:
    with pytest.raises(ValueError, match="is no regular expression that can be used here: ") as error:
        read_pattern(f"/{expression}/")
    assert why in str(error.value)


@pytest.mark.parametrize("expression", ["(a+)+$", "(a*)*b", "(a|aa)+$", "(.*)(.*)(.*)(.*)(.*)b", "(a?){200}a{50}b"])
def test_no_expression_goes_back(expression: str) -> None:
    assert read_pattern(f"/{expression}/").fits("a" * 300_000) is expression.endswith("+$")


def test_an_expression_is_looked_for_at_the_beginning_of_a_text() -> None:
    b = read_pattern("/b/")
    assert b.fits("a" * (SEARCHED - 1) + "b")
    assert not b.fits("a" * SEARCHED + "b")


@pytest.mark.parametrize(
    ("expression", "places"),
    [
        (f"a{{{LARGEST}}}", LARGEST),
        (f"[ab]{{{LARGEST}}}", LARGEST),
        (f"[]a{{}}]{{,9}}{{{LARGEST - 6}}}"[:0] + f"x{{1,{LARGEST}}}", LARGEST),
        (f"x{{1,{LARGEST}}}", LARGEST),
        (f"(?:ab|c[^d]){{{LARGEST // 5}}}", LARGEST),
        (r"\w{30}", LARGEST),
        (r"[\w\p{Greek}]{15}", LARGEST),
        (f"(a{{10}}){{{LARGEST // 10}}}", LARGEST),
        ("x" * LARGEST, LARGEST),
    ],
)
def test_an_expression_has_so_many_places_at_the_most(expression: str, places: int) -> None:
    assert read_pattern(f"/{expression}/").written == f"/{expression}/"
    with pytest.raises(ValueError, match=f"at the most.*; it has {places + 1}$"):
        read_pattern(f"/{expression}a/")


def test_a_count_beyond_counting_is_no_trouble() -> None:
    with pytest.raises(ValueError, match="it has more than can be counted"):
        read_pattern("/" + "(" * 100 + "a" + "){999}" * 100 + "/")
    with pytest.raises(ValueError, match="it has more than can be counted"):
        read_pattern("/a{" + "9" * 990 + "}/")


def test_the_file_the_line_and_the_key_are_told() -> None:
    with pytest.raises(BadScenario) as error:
        read_text("sms: failed\nwhen:\n  to: '+30*'\n  text: '/a(?=b)/'\n", "a.yaml", "a", nothing)
    assert str(error.value) == (
        "a.yaml:4: when.text: is no regular expression that can be used here: look-around, including look-ahead and"
        " look-behind, is not supported, at character 2: '(?=b)'"
    )


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (306900000000, "+306900000000"),
        ("30690*", "+30690*"),
        ("+306900000000", "+306900000000"),
        ("300@pbx.example.com", "300@pbx.example.com"),
        ("3*@pbx.example.com", "3*@pbx.example.com"),
        ("*", "*"),
    ],
)
def test_a_number_gets_its_plus_and_a_sip_address_does_not(written: object, read: str) -> None:
    told = {"when": {"to": written}, "sms": "delivered"}
    assert str(getattr(read_scenario(Written("s", told), nothing).when, "to", None)) == read
