"""The limits of a send: how long, how many, how much (doc, unless marked choice)."""

import re

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
MOST_SENDER_ID = 255

MOST_REPEATS = 2_147_483_647
"""How often a verb can be repeated: any number that fits in 32 bits (choice)."""

MOST_VERBS = 100
"""What happens in a call, one after another (choice)."""

MOST_TRIGGERS = 100
"""Entries of `failoverOnStatuses` (choice); there are fewer statuses."""
