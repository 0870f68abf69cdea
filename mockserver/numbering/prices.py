"""What a message costs, by country. Made up, but of a plausible size (choice); in ten-thousandths of a euro."""

from collections.abc import Mapping

ANYWHERE = ""
"""The price where no other is said."""


def price(table: Mapping[str, int], country: str | None) -> int:
    """The price in a country, None where it is not known."""
    return table.get(country or ANYWHERE, table[ANYWHERE])
