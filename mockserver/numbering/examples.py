"""Numbers that lead to nobody, for samples, tests and demonstrations.

Two kinds, both valid to `phonenumbers`: ranges that regulators keep for film and fiction, and the one mobile number per
country that the library of the world's numbering plans gives as its example.
"""

from functools import lru_cache

import phonenumbers

SET_ASIDE = (("+120255501", 2, range(100)), ("+121255501", 2, range(100)), ("+467017406", 2, range(5, 100)))
"""Ranges kept for fiction, as (beginning, digits that follow, which): 555-01XX in the United States, 070-174 06XX in
Sweden."""


@lru_cache(maxsize=1)
def example_numbers() -> tuple[str, ...]:
    """Numbers in E.164, plus included, that belong to nobody; always the same ones in the same order."""
    kept = [f"{head}{number:0{digits}}" for head, digits, numbers in SET_ASIDE for number in numbers]
    return (*kept, *sorted({number for number in map(_mobile, phonenumbers.SUPPORTED_REGIONS) if number}))


def _mobile(region: str) -> str:
    found = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
    return "" if found is None else phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)
