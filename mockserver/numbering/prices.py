"""What a message costs. Made up, but of a plausible size and order (choice); in ten-thousandths of a euro."""

from collections.abc import Mapping

ANYWHERE = ""

SMS: Mapping[str, int] = {
    "GR": 450, "CY": 380, "DE": 720, "FR": 610, "IT": 590, "ES": 560, "GB": 340, "US": 75, ANYWHERE: 550,
}  # fmt: skip
"""Per part."""

VIBER_TEXT: Mapping[str, int] = {"GR": 160, "CY": 160, "BG": 110, "RS": 120, "UA": 90, ANYWHERE: 180}
"""A message of text alone, which is cheaper (doc)."""

VIBER_PROMOTIONAL: Mapping[str, int] = {"GR": 290, "CY": 290, "BG": 220, "RS": 240, "UA": 200, ANYWHERE: 340}
"""A message with an image, a button, a file or a video."""

VOICE: Mapping[str, int] = {"GR": 300, "CY": 280, "DE": 250, "GB": 220, "US": 140, ANYWHERE: 400}
"""Per started minute of a call."""


def price(table: Mapping[str, int], country: str | None) -> int:
    """The price in a country, None where it is not known."""
    return table.get(country or ANYWHERE, table[ANYWHERE])
