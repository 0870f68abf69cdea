"""Numbers that belong to nobody, for samples, tests and demonstrations.

There are two kinds, and `phonenumbers` accepts both: ranges that regulators keep for film and fiction, and the example
of a mobile number that `phonenumbers` has for each country.
"""

from functools import lru_cache

import phonenumbers

SET_ASIDE = (("+120255501", 2, range(100)), ("+121255501", 2, range(100)), ("+467017406", 2, range(5, 100)))
"""Ranges kept for fiction, as (beginning, how many digits follow, which numbers they make): 555-01XX in the United
States, 070-174 06XX in Sweden."""


@lru_cache(maxsize=1)
def example_numbers() -> tuple[str, ...]:
    """Numbers that belong to nobody, in E.164 with a plus; always the same ones in the same order."""
    kept = [f"{head}{number:0{digits}}" for head, digits, numbers in SET_ASIDE for number in numbers]
    return (*kept, *sorted({number for number in map(_mobile, phonenumbers.SUPPORTED_REGIONS) if number}))


def _mobile(region: str) -> str:
    found = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
    return "" if found is None else phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)
