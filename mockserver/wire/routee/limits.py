"""How long, how many, how much: the numbers of a send, for whatever reads one (doc, unless it says choice)."""

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
MOST_SENDER_ID = 255

MOST_REPEATS = 2_147_483_647
"""How often a verb is repeated: what fits 32 bits (choice)."""

MOST_VERBS = 100
"""What happens in a call, one after another (choice)."""

MOST_TRIGGERS = 100
"""Entries of `failoverOnStatuses` (choice); there are fewer statuses."""
