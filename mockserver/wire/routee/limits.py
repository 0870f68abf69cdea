"""The limits of a send: how long, how many, how much (doc, unless marked choice)."""

import re
from collections.abc import Iterable

from mockserver.core.step import Step
from mockserver.numbering import parts

E164 = r"\+?[1-9][0-9]{6,14}"

SENDER = re.compile(r"\+?[0-9]{1,16}|(?=.*[A-Za-z])[A-Za-z0-9 ._&-]{1,11}")
"""A number of at most 16 digits, or a name of at most 11 letters and digits."""

MOST_STEPS = 100
"""The most steps of one flow (choice)."""

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
"""How often a verb can be repeated: any number that fits in 32 bits (choice)."""

MOST_VERBS = 100
"""What happens in a call, one after another (choice)."""

MOST_TRIGGERS = 100
"""Entries of `failoverOnStatuses` (choice); there are fewer statuses."""

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
    bytes_ = 0
    for step in steps:
        bytes_ += step.parts * (len(step.asked) + _ENTRY)
    return bytes_
