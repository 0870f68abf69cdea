"""The price of a message, by country. Made up, but plausible (choice); in ten-thousandths of a euro."""

from collections.abc import Mapping

ANYWHERE = ""
"""The key of the price for every country that has no price of its own."""


def price(table: Mapping[str, int], country: str | None) -> int:
    """The price in a country; None for a country that is not known."""
    return table.get(country or ANYWHERE, table[ANYWHERE])
