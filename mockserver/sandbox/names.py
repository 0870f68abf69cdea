"""What a sandbox can be called, and what is made from its id: its application, its secret and its seed."""

import re
from dataclasses import replace
from hashlib import blake2b

from mockserver.core.slots import beside
from mockserver.settings import Settings

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")

NAMES = "1 to 64 letters, digits, dots, dashes and underscores, the first a letter or digit"
"""What NAME matches, in words."""


def seeded(settings: Settings, id_: str, seed: int | None) -> Settings:
    """The settings with this seed. If it is None, the seed is made from the server's seed and the sandbox's id."""
    own = int(digest(str(settings.behaviour.seed), id_)[:8], 16) if seed is None else seed
    return replace(settings, behaviour=replace(settings.behaviour, seed=own))


def application_of(id_: str) -> str:
    """The application id of a sandbox, of the same slot: a proxy finds both in one place."""
    return beside(digest("application", id_)[:20], id_)


def digest(*words: str) -> str:
    """24 hexadecimal digits, always the same for the same words."""
    return blake2b("/".join(words).encode(), digest_size=12).hexdigest()
