"""The values of the core: they never change once they are made.

They are msgspec structs: these are written in C, so they are made and copied five times as fast as dataclasses, and a
busy sandbox makes tens of thousands of values a second.
"""

from typing import dataclass_transform

from msgspec import Struct, field
from msgspec.structs import replace as replace  # noqa: PLC0414 -- exported from here


# No value leads back to itself, so the collector need not look at any: counting references is enough.
@dataclass_transform(frozen_default=True, field_specifiers=(field,))
class Value(Struct, frozen=True, gc=False):
    """The base of all values."""
