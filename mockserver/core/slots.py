"""Slots: each name belongs to one of 4,096, and so does what is found by it.

A proxy in front of several servers sends each slot to one of them. It finds the slot of an application or a sandbox as
it is found here, and that of a token in its first three digits: it needs to know nothing else.
"""

from zlib import crc32

SLOTS = 0x1000

ENDINGS = 10_000
"""Endings that `beside` can try. Since crc32 is linear, they reach the same number of slots after every stem: all."""


def slot(name: str) -> int:
    """The slot of an application or a sandbox, by its id: from 0 up to SLOTS."""
    return crc32(name.encode()) % SLOTS


def marked(token: str, application: str) -> str:
    """A token whose first three digits are the slot of its application."""
    return f"{slot(application):03x}{token[3:]}"


def beside(stem: str, name: str) -> str:
    """`stem` with four more digits, the first ones with which it has the same slot as `name`: some 3,000 tries."""
    wanted, start = slot(name), crc32(stem.encode())
    ends = (b"%04d" % number for number in range(ENDINGS))
    return stem + next(end for end in ends if crc32(end, start) % SLOTS == wanted).decode()
