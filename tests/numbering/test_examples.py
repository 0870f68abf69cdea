"""Numbers for samples: valid, and nobody's."""

import phonenumbers
import pytest

from mockserver.numbering.examples import SET_ASIDE, example_numbers
from mockserver.numbering.numbers import read_number


def test_every_number_is_valid_and_stands_there_once() -> None:
    numbers = example_numbers()
    assert len(set(numbers)) == len(numbers)
    assert all(phonenumbers.is_valid_number(phonenumbers.parse(number)) for number in numbers)
    assert {read_number(number).e164 for number in numbers} == set(numbers)
    assert len({read_number(number).country for number in numbers}) > 200


def test_a_number_is_set_aside_for_fiction_or_the_example_of_its_country() -> None:
    kept = tuple(head for head, _, _ in SET_ASIDE)
    mobile = phonenumbers.PhoneNumberType.MOBILE
    examples = [phonenumbers.example_number_for_type(region, mobile) for region in phonenumbers.SUPPORTED_REGIONS]
    for number in example_numbers():
        assert number.startswith(kept) or phonenumbers.parse(number) in examples


@pytest.mark.parametrize("number", ["+12025550100", "+12125550199", "+46701740605", "+46701740699", "+306912345678"])
def test_numbers_at_the_ends_of_their_ranges(number: str) -> None:
    assert number in example_numbers()


@pytest.mark.parametrize("number", ["+12025550099", "+12025550200", "+46701740604", "+46701740700"])
def test_numbers_beyond_the_ends_of_their_ranges(number: str) -> None:
    assert number not in example_numbers()
