"""How long, how many, how much: the numbers of a send, for whatever reads one (doc, unless it says choice)."""

from collections.abc import Iterable

from mockserver.core.step import Step
from mockserver.numbering import parts

E164 = r"\+?[1-9][0-9]{6,14}"

MOST_STEPS = 100
"""Steps of one flow (choice)."""

MOST_ORDER = 1_000_000

MOST_TTL = 1_440
"""Minutes."""

MOST_LABEL = 350
MOST_TEXT = 1_000
MOST_CAPTION = 30
MOST_URL = 1_000
MOST_CALLBACK_URL = 2_000
"""Of the webhook, and of where answers to a Viber message are posted (choice)."""
MOST_SENDER_ID = 255

MOST_REPEATS = 2_147_483_647
"""How often a verb is repeated: what fits 32 bits (choice)."""

MOST_PARTS = parts.MOST
"""Parts of one Sms: what a phone network takes (choice)."""

MOST_BODY = MOST_PARTS * parts.GSM.part
"""Characters of an Sms: what its parts hold at the very most, whatever transcoding would leave out (choice)."""

MOST_DOCUMENT = 16 * 1_048_576
"""Bytes of a flow document, about: room for the longest Sms there is, whose every part repeats it (choice)."""

_ENTRY = 600
"""Bytes of an entry in the flow document beside what was asked, about."""


def weight(steps: Iterable[Step]) -> int:
    """Bytes of the document of a flow with these steps, about: each part of an Sms has all of it."""
    return sum([step.parts * (len(step.asked) + _ENTRY) for step in steps])
